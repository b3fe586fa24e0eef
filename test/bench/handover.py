# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a handover silences a stream, against what the network itself makes unavoidable.

Every link of the internetwork delays packets by 10 ms, home agent and mobile node are the daemon,
duplicate address detection of care-of addresses is off. The floor of each kind is one round trip to
the router of the new link and one to the home agent, measured in the same run. What is counted is
the silence that the correspondent hears, and the one that the mobile node hears, less the time
between leaving the former link and being plugged into the new one, in which there is no network.
"""
import statistics
import time

from lab.internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, Internet, foreign_prefix
from lab.net import wait_until

MOVES = 30
INTERVAL_MS = 2
DELAY_MS = 10
LINKS = ("home", "net1", "net2", "net3", "core-ha", "core-cn", "core-ar1", "core-ar2", "core-ar3")
HA_CONF = """NodeConfig HA; UseMnHaIPsec disabled; DebugLevel 1;
Interface "home"; HaSendRouterAdvs disabled;
"""
MN_CONF = """NodeConfig MN; UseMnHaIPsec disabled; DebugLevel 1; CoaDad none; SendMobPfxSols disabled;
MnMaxHaBindingLife 600;
Interface "eth0" { MnIfPreference 2; }
Interface "eth1" { MnIfPreference 1; }
MnHomeLink "eth0" { HomeAddress %s/64; HomeAgentAddress %s; }
""" % (HOME_ADDRESS, HOME_AGENT)
REGISTERED, AT_HOME = "-> registered", "-> at-home"


class Node:
    """The mobile node and what its log has said."""

    def __init__(self, net):
        self.net = net
        self.ha = net.ha.start_daemon(HA_CONF, "-f")
        self.ha.wait_for_log("serves as HA")
        self.process = net.mn.start_daemon(MN_CONF, "-f")
        wait_until(lambda: self.count(AT_HOME), 15)

    def count(self, text):
        return self.process.log_text().count(text)

    def go(self, where, how):
        """Returns for how long there was no link, in ms."""
        text = AT_HOME if where == "home" else REGISTERED
        before = self.count(text)
        begin = time.monotonic()
        interface = self.net.mn.interfaces["eth1" if how == "second" else "eth0"]
        if how == "silent":
            interface.move_silently(self.net.place(where))
        else:
            if interface.link:
                interface.unplug()
                time.sleep(0.05)
            interface.plug(self.net.place(where))
        away_ms = (time.monotonic() - begin) * 1000 if how != "second" else 0
        wait_until(lambda: self.count(text) > before, 20, text)
        return away_ms


def round_trip_ms(node, source, target):
    """The median of some pings."""
    text = node.sh("ping -c 7 -i 0.1 -I %s %s" % (source, target))
    return statistics.median(float(line.split("time=")[1].split()[0])
                             for line in text.splitlines() if "time=" in line)


def floor_ms(net):
    """On the first foreign link: to its router, and to the home agent."""
    coa = next(a["local"] for a in net.mn.addresses("eth0", scope="global")
               if a["local"].startswith(foreign_prefix(1)[:-1]))
    return (round_trip_ms(net.mn, coa, foreign_prefix(1) + "1") +
            round_trip_ms(net.mn, coa, HOME_AGENT))


def measure(net, node, places, how, moves):
    """The longest silence of each move, there and back, in ms, and how many probes were lost."""
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=INTERVAL_MS)
    silences, lost = {"out": [], "back": []}, {"out": [], "back": []}
    for n in range(moves):
        time.sleep(0.7)
        stream.mark()
        away_ms = node.go(places[n % len(places)], how)
        time.sleep(0.7)
        report = stream.report()
        for way, values in silences.items():
            values.append(max(0, report[way]["outage_ms"] - away_ms))
            lost[way].append(report[way]["lost"])
        if how == "second":
            before = node.count(REGISTERED)
            net.mn.interfaces["eth1"].unplug()
            wait_until(lambda seen=before: node.count(REGISTERED) > seen, 20)
    stream.stop()
    return silences, lost


def tell(bench, what, floor, silences):
    for way, values in silences.items():
        bench.value("%s: silence %s" % (what, "at the correspondent" if way == "out" else
                                        "at the mobile node"), "ms", values)
        print("    longest %.1f, median over the floor of %.1f: %.1f"
              % (max(values), floor, statistics.median(values) - floor), flush=True)


def run(bench, moves=MOVES):
    quality = {name: {"delay_ms": DELAY_MS} for name in LINKS}
    with Internet(bench.results + "/net", ra_interval_ms=(30, 70), quality=quality,
                  capture=False) as net:
        node = Node(net)
        node.go(1, "carrier")
        floor = floor_ms(net)
        bench.value("floor: round trips to router and home agent", "ms", [floor])
        tell(bench, "carrier", floor, measure(net, node, (2, 3, 1), "carrier", moves)[0])
        tell(bench, "silent", floor, measure(net, node, (2, 3, 1), "silent", moves)[0])
        # a better interface comes while the node is at net1 by the other one
        lost = measure(net, node, (2, 3), "second", moves)[1]
        bench.value("better interface: lost to the correspondent", "probes", lost["out"])
        bench.value("better interface: lost to the mobile node", "probes", lost["back"])
        node.process.stop(within_s=15)
        node.ha.stop(within_s=15)
