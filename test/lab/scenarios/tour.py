# SPDX-License-Identifier: GPL-2.0-or-later
"""A mobile node tours four links, and TCP, a ping and a stream of probes go on.

At each stop: what the home agent, the correspondent and the mobile node believe; at the end, what
each move cost. Packets go directly to the correspondent (route
optimization) soon after each move. On the way all three daemons are killed, one after the
other, and started again, which costs not one packet.
"""
import re
import signal
import time

from lab.internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT
from lab.net import BUILD, wait_until
from lab.transfer import Transfer

TOPOLOGY = {"ra_interval_ms": (300, 1000),
            "quality": {"core-ha": {"delay_ms": 5}, "core-cn": {"delay_ms": 5}}}
HA_CONF = """NodeConfig HA;
UseMnHaIPsec disabled;		# the lab is a friendly place
HaSendRouterAdvs disabled;	# radvd does it here
Interface "home";
"""
MN_CONF = """NodeConfig MN;
UseMnHaIPsec disabled;
CoaDad none;			# the lab's kernel has no optimistic DAD
Interface "eth0" { MnIfPreference 1; }
Interface "eth1" { MnIfPreference 2; }
MnHomeLink "eth0" {
	HomeAddress %s/64;
	HomeAgentAddress %s;
}
""" % (HOME_ADDRESS, HOME_AGENT)
CN_CONF = "NodeConfig CN;\n"
KILLED_AT = 2
STOPS = ((1, "carrier"), (2, "carrier"), (3, "silent"), ("home", "carrier"))


def span(seconds):
    return "%d s" % seconds if seconds is not None else "for ever"


def show(net):
    """What each believes, as `mip6ctl bindings` and `mip6ctl bul` have it, in less width."""
    for node in (net.ha, net.cn):
        print("\nBinding cache of %s (mip6ctl bindings):" % node.name)
        rows = node.ctl("bindings")["bindings"]
        for b in rows:
            print("  %s is at %s\n    %s binding, flags %s, sequence number %d, left: %s"
                  % (b["home_address"], b["care_of_address"], b["kind"], b["flags"], b["sequence"],
                     span(b["left"])))
        if not rows:
            print("  none")
    print("\nBinding Update List of mn (mip6ctl bul):")
    rows = [e for e in net.mn.ctl("bul")["binding_update_list"] if e["care_of_address"]]
    for e in rows:
        print("  %s knows %s\n    %s, flags %s, sequence number %d, left: %s"
              % (e["peer"], e["care_of_address"], e["kind"], e["flags"], e["sequence"],
                 span(e["left"]) if e["left"] else "nothing, it is deleted"))
    if not rows:
        print("  empty")
    print(flush=True)


def arrived(net, place):
    wanted = "at-home" if place == "home" else "registered"
    return net.mn.ctl("status")["home_addresses"][0]["state"] == wanted


def is_direct(net, place):
    """True when packets need not go by the home agent."""
    if place == "home":
        return not net.cn.ctl("bindings")["bindings"]
    return [p for p in net.mn.ctl("rr")["route_optimization"] if p["direct"]]


def kill_and_start(net, daemons, stream):
    """kill -9, a second of nothing, a new start; what the stream lost meanwhile."""
    stream.report()
    for node, conf in ((net.ha, HA_CONF), (net.cn, CN_CONF), (net.mn, MN_CONF)):
        print("%s# kill -9 $(pidof mip6d); sleep 1; mip6d -c mip6d.conf" % node, flush=True)
        daemons[node].stop(signal.SIGKILL)
        time.sleep(1)
        daemons[node] = node.start_daemon(conf, "-f")
        wait_until(lambda n=node: n.run(n.own_files([BUILD + "/src/mip6ctl", "status"])).returncode
                   == 0, "the daemon")
        time.sleep(0.5)
    wait_until(lambda: arrived(net, None), "the node where it was")
    report = stream.report()
    lost = report["out"]["lost"] + report["back"]["lost"]
    print("packets lost: %d of %d" % (lost, report["out"]["sent"] + report["back"]["sent"]))
    assert lost == 0, report


def milliseconds(seconds):
    return "-" if seconds is None else "%.0f ms" % (1000 * seconds)


def summarize(transfer, ping, costs):
    print("TCP: %d bytes went from\n  %s to %s, and came back,\n  over one connection."
          % (transfer.bytes_out, transfer.source, CORRESPONDENT))
    counted = re.search(r"(\d+) packets transmitted, (\d+) received", ping.log_text())
    print("ping, five a second all the while:\n  %s packets went, %s came back" % counted.groups())
    print("The stream of probes, one every 10 ms each way, and the handovers (times from\n"
          "the moment when the node could notice, mip6ctl handovers):\n")
    row = "%-6s %-8s %4s %8s %14s %8s %7s %8s %8s"
    print(row % ("moved", "how", "lost", "silence", "advertisement", "address", "update", "answer",
                 "done"))
    for place, how, report, h in costs:
        lost = report["out"]["lost"] + report["back"]["lost"]
        silence = max(report["out"]["outage_ms"], report["back"]["outage_ms"])
        print(row % (place if place == "home" else "net%d" % place, how, lost, "%.0f ms" % silence,
                     *(milliseconds(h[phase]) for phase in
                       ("advertisement", "address", "update", "acknowledged", "done"))))
    print("\n(Links are unplugged for 50 ms at each move. Before the first registration the\n"
          " home agent asks the home link for a second whether the address is free, RFC\n"
          " 6275 10.3.1.)")


def run(net):
    print("\nThe home agent is told this:\n\n%s\nand the mobile node this:\n\n%s\n"
          "the correspondent only what it is.\n" % (HA_CONF, MN_CONF))
    daemons = {}
    for node, conf, role in ((net.ha, HA_CONF, "HA"), (net.cn, CN_CONF, "CN"),
                             (net.mn, MN_CONF, "MN")):
        daemons[node] = node.start_daemon(conf, "-f")
        daemons[node].wait_for_log("serves as " + role)
    wait_until(lambda: arrived(net, "home"), "the node at home")
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    transfer = Transfer(net)
    ping = net.mn.start("ping", "ping -i 0.2 " + CORRESPONDENT)
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=10)
    time.sleep(0.5)
    assert stream.report()["back"]["lost"] == 0, "the stream does not flow at home"
    show(net)
    costs = []
    for place, how in STOPS:
        net.move(place, how)
        wait_until(lambda where=place: arrived(net, where), "the node at %s" % place)
        transfer.progress()
        wait_until(lambda where=place: is_direct(net, where), "the direct path")
        record = net.mn.ctl("handovers")["handovers"][0]
        costs.append((place, how, stream.report(), record))
        show(net)
        if place == KILLED_AT:
            kill_and_start(net, daemons, stream)
    transfer.finish()
    stream.stop()
    ping.kill(signal.SIGINT)
    ping.wait()
    summarize(transfer, ping, costs)
