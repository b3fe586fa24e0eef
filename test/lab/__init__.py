# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: real packets through a real kernel that has Mobile IPv6, on any machine.

`scripts/lab` boots a guest (User Mode Linux: a kernel that is an ordinary program and needs no
privileges) in about two seconds and runs something in it as root. The guest sees the host's
files, read-only, under the same paths, so it runs what was just built.

	scripts/lab test [PATTERN]	the tests, or those whose file or name matches
	scripts/lab run SCENARIO	a scenario, told step by step
	scripts/lab shell		the internetwork, to look around in
	scripts/lab bench [NAME]	measurements: see test/bench/__init__.py
	scripts/lab exec COMMAND...	one command in a bare guest
	scripts/lab timeline DIR	what happened in a run: packets and events, in order; with
					--svg FILE a picture of each move, lost probes in red
	scripts/lab --help		the rest

How to write a test
-------------------
Put functions `test_*` into a file test/lab/test_SUBJECT.py; it is plain pytest. Every file gets
a guest of its own (several run at a time), and its tests run in it one after the other, as
root, with the modules loaded. Do not touch the kernel when the file is imported: that happens
on the host, too. Two fixtures give a network and clear it away afterwards:

	def test_encapsulates_both_ways(lab):
	    '''RFC 6275 10.4.5'''
	    ha, mn = lab.node("ha", router=True), lab.node("mn")
	    lab.link("wire", ha, mn, delay_ms=5)	# an interface eth0 on each
	    ha.ip("address add 2001:db8::1/64 dev eth0 nodad")
	    mn.ip("address add 2001:db8::2/64 dev eth0 nodad")
	    with lab.sniff((mn, "eth0")) as capture:	# pcap in the folder of results
	        mip6d = ha.start_daemon(CONFIGURATION)	# and its log
	        mip6d.wait_for_log("ready")
	        ha.sh("ping -c 1 2001:db8::2")		# must succeed; returns its output
	        wait_until(lambda: ha.ip_json("-6 route show table 200"))
	    assert capture.packets("icmpv6.type == 128")[0]["ipv6.src"] == "2001:db8::1"

	def test_moves(internet):
	    internet.move(2, how="silent")		# the map: internet.py

- Nodes: sh (a command that must succeed), run (whatever its status), ip (several commands of
  `ip -6` at once), ip_json, tc_json, addresses, sysctl, socket, wait_until_reaches. `with node:`
  puts the thread into the namespace.
- Programs: node.start(name, command), and node.start_daemon(configuration) for the one under
  test, return a Process: log_text, wait_for_log, running, kill, stop, wait. node.ctl("...") is
  what `mip6ctl --json` says. A program in C that a test needs goes to check_PROGRAMS in
  test/lab/local.mk; it is then net.BUILD + "/test/lab/NAME".
- Links: lab.link(name, node..., delay_ms, jitter_ms, loss_percent), link.set_quality(...). An
  interface: node.plug("eth1", link), node.interfaces["eth0"].unplug(), .plug(link),
  .move_silently(link).
- Captures: lab.sniff((node, "eth0"), ...), or lab.sniff() for all there are; the internetwork
  has one in internet.capture. capture.packets(display filter) decodes with tshark; a packet
  gives fields by Wireshark's names: p["ipv6.src"], p.all("ipv6.src"), p.get(field), field in p,
  p.number("mip6.bu.seqnr"), p.time. capture.wait_for(filter, count=N) waits.
  capture.scapy() gives scapy's packets (importing scapy takes two to four seconds).
- Streams: s = lab.stream(mn, address, cn, address, interval_ms=5); s.mark(); ...; s.report():
  lost, duplicated, reordered, outage_ms for each way (stream.py).
- A test has 120 s; @pytest.mark.limit(180) changes that. A file may say LAB_BOUND_S (600), what
  all of it may take, and LAB_MEMORY ("512M"). What hangs is killed from the host.
- The fixture `results` is the folder of one test: pcaps, logs, NODE.timeline.json. The end of
  each log is printed when the test fails.

A scenario is a file in test/lab/scenarios with a docstring, perhaps a TOPOLOGY (arguments of
Internet) and run(net), which takes steps and asserts.

What to know of User Mode Linux: a command costs 50 to 100 ms, so give `ip` several at once, and
do in Python what Python can do; starting Python costs 400 ms. The timers of the kernel's
neighbour discovery have a grain of 10 ms. Let time limits be generous, and judge latency by the
times in the packets. Solicitations sent while there is no carrier are lost, and the kernel
repeats one only a second later. A program built with the address sanitizer does not start there
(the address space is too small); in qemu it does.

The files: host.py starts guests (qemu.py and boot.c: those in qemu); guest.py is the first
program in one; net.py has nodes and links, rtnl.py makes their links; internet.py the
internetwork; capture.py and sniff.c, stream.py and stream.c; conftest.py carries pytest over,
taplines.py prints; main.py is the command, inside.py its other half in the guest;
timeline.py and drawing.py.
"""
