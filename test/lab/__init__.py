# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: real packets through a real kernel that has Mobile IPv6, on any machine.

`scripts/lab` boots a guest (User Mode Linux: a kernel that is an ordinary program and
needs no privileges) in about two seconds and runs something in it as root. The guest sees
the host's files, read-only, under the same paths, so it runs what was just built.

	scripts/lab test [PATTERN]	the tests, or those whose file or name matches
	scripts/lab exec COMMAND...	one command in a bare guest
	scripts/lab --help		the rest

How to write a test
-------------------
Put functions `test_*` into a file test/lab/test_ROOM_SUBJECT.py. It is plain pytest. Every file gets a
guest of its own (they run in parallel), and its tests run in it one after the other, as
root, with modules loaded. Do not touch the kernel when the module is imported: that
happens on the host, too. Two fixtures give a network; both clear everything away afterwards:

	def test_encapsulates_both_ways(lab):
	    '''RFC 6275 10.4.5'''
	    ha, mn = lab.node("ha", router=True), lab.node("mn")
	    lab.link("wire", ha, mn, delay_ms=5)		# an interface eth0 on each
	    ha.ip("address add 2001:db8::1/64 dev eth0 nodad")
	    mn.ip("address add 2001:db8::2/64 dev eth0 nodad")
	    with lab.sniff((mn, "eth0")) as capture:		# pcap in the results folder
	        mip6d = ha.start("mip6d", [...])		# log in the results folder
	        mip6d.wait_for_log("ready")
	        ha.sh("ping -c 1 2001:db8::2")			# must succeed; returns its output
	        wait_until(lambda: ha.ip_json("-6 route show table 200"), within_s=2)
	    assert capture.packets("icmpv6.type == 128")[0]["ipv6.src"] == "2001:db8::1"

	def test_moves(internet):
	    internet.move(2, how="silent")			# see internet.py for the map

- Nodes: node.sh, node.run (whatever the status), node.ip (several commands at once), node.ip_json,
  node.tc_json, node.addresses, node.sysctl, node.socket, node.start -> Process (log_text,
  wait_for_log, kill, stop, wait). `with node:` puts the thread into the namespace.
- Interfaces: node.plug("eth1", link); node.interfaces["eth0"].unplug(), .plug(link), .move_silently(link).
- Captures: capture.packets(display filter) decodes with tshark (on the host, quickly);
  a packet gives fields by Wireshark's names: p["ipv6.src"], p.all("ipv6.src"), p.number("mip6.bu.seqnr"),
  p.time. capture.wait_for(filter, within_s) waits. capture.scapy() gives scapy's view (slow to import).
- Streams: s = lab.stream(mn, address, cn, address, interval_ms=5); s.mark(); ...; s.report():
  lost, duplicated, reordered, outage_ms both ways (see stream.py).
- A program built by the build tree: net.BUILD + "/src/mip6d". A test written in C is run by
  node.sh([net.BUILD + "/test/lab/os_probe", ...]); add it to check_PROGRAMS in test/lab/local.mk.
- A test has 60 s; @pytest.mark.limit(180) changes that. A module has 600 s (LAB_BOUND_S) and 512 MB
  (LAB_MEMORY). What hangs is killed from the host.
- `results` is the folder of one test: pcaps, logs, NODE.timeline.json. The end of each log is
  printed when the test fails.

What to know of User Mode Linux: a command costs 50 to 100 ms, so give `ip` several at once and do
in Python what Python can do; a Python process costs 400 ms. Timers have a grain of 10 ms in the
kernel's neighbour discovery. A program built with the address sanitizer does not start (its address
space is too small); in qemu it does. Let time limits be generous and judge latency by the times in the packets.

The files: host.py starts guests; guest.py is the first program in one; net.py has nodes and links; internet.py
the internetwork; capture.py with sniff.c, stream.py with stream.c; conftest.py carries pytest over; main.py
is the command.
"""
