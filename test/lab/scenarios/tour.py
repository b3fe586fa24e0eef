# SPDX-License-Identifier: GPL-2.0-or-later
"""A mobile node tours four links: a TCP transfer and a stream of probes go on all the while.

At each stop: what the home agent, the correspondent and the mobile node believe, as mip6ctl
tells it; at the end, what each move cost. Packets go directly to the correspondent (route
optimization) soon after each move. On the way all three daemons are killed, one after the
other, and started again, which costs not one packet.
"""
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


def ask(node, *words):
    print("\n%s# mip6ctl %s" % (node, " ".join(words)))
    print(node.sh(node.own_files([BUILD + "/src/mip6ctl"]) + list(words)), end="", flush=True)


def show(net):
    ask(net.ha, "bindings")
    ask(net.cn, "bindings")
    ask(net.mn, "bul")
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
                   == 0, 15, "the daemon")
        time.sleep(0.5)
    wait_until(lambda: arrived(net, None), 15, "the node where it was")
    report = stream.report()
    lost = report["out"]["lost"] + report["back"]["lost"]
    print("packets lost: %d of %d" % (lost, report["out"]["sent"] + report["back"]["sent"]))
    assert lost == 0, report


def run(net):
    print("\nThe home agent is told this:\n\n%s\nand the mobile node this:\n\n%s\n"
          "the correspondent only what it is.\n" % (HA_CONF, MN_CONF))
    daemons = {}
    for node, conf, role in ((net.ha, HA_CONF, "HA"), (net.cn, CN_CONF, "CN"),
                             (net.mn, MN_CONF, "MN")):
        daemons[node] = node.start_daemon(conf, "-f")
        daemons[node].wait_for_log("serves as " + role)
    wait_until(lambda: arrived(net, "home"), 15, "the node at home")
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    transfer = Transfer(net)
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=10)
    time.sleep(0.5)
    assert stream.report()["back"]["lost"] == 0, "the stream does not flow at home"
    show(net)
    costs = []
    for place, how in STOPS:
        net.move(place, how)
        wait_until(lambda where=place: arrived(net, where), 15, "the node at %s" % place)
        transfer.progress()
        wait_until(lambda where=place: is_direct(net, where), 15, "the direct path")
        costs.append((place, how, stream.report()))
        show(net)
        if place == KILLED_AT:
            kill_and_start(net, daemons, stream)
    transfer.finish()
    stream.stop()
    ask(net.mn, "handovers")
    print("\n%d bytes went from %s to %s and came back over one TCP connection.\n"
          % (transfer.bytes_out, transfer.source, CORRESPONDENT))
    print("%-8s %-18s %12s %12s" % ("moved to", "how", "probes lost", "silence"))
    for place, how, report in costs:
        lost = report["out"]["lost"] + report["back"]["lost"]
        silence = max(report["out"]["outage_ms"], report["back"]["outage_ms"])
        print("%-8s %-18s %12d %9.0f ms" % (place, how, lost, silence))
    print("(links are unplugged for 50 ms at each move; a probe leaves every 10 ms each way; before the\n"
          " first registration the home agent asks the home link for a second: RFC 6275 10.3.1)")
