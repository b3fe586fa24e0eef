# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a handover silences a stream, against what the network itself makes unavoidable.

Every link of the internetwork delays packets by 10 ms, home agent and mobile node are the daemon,
duplicate address detection of care-of addresses is off. The floor is one round trip to the router
of the new link and one to the home agent, measured in the same run; of a silent move nothing tells
before the first advertisement of the new router, so its silence is told from there as well. What is
counted is the silence that each end hears, less the time between leaving the former link and
being on the new one, in which there is no network. The machine has one slow processor: how long the
stream is silent when nothing happens is measured, too. The phases are the daemon's own records
(mip6ctl handovers).
"""
import statistics
import time

from lab.internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, Internet, foreign_prefix
from lab.net import wait_until

MOVES = 30
INTERVAL_MS = 2
DELAY_MS = 10
FLIGHT_S = 0.2
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


PHASES = ("advertisement", "address", "update", "acknowledged", "done")


class Node:
    """The mobile node and what its log has said."""

    def __init__(self, net):
        self.net = net
        self.ha = net.ha.start_daemon(HA_CONF, "-f")
        self.ha.wait_for_log("serves as HA")
        self.process = net.mn.start_daemon(MN_CONF, "-f")
        wait_until(lambda: self.count(AT_HOME))

    def count(self, text):
        return self.process.log_text().count(text)

    def go(self, where, how):
        """Returns for how long there was no link, in ms."""
        text = AT_HOME if where == "home" else REGISTERED
        before = self.count(text)
        interface = self.net.mn.interfaces["eth1" if how == "second" else "eth0"]
        if how == "silent":
            interface.move_silently(self.net.place(where))
        else:
            if interface.link:
                interface.unplug()
                time.sleep(0.05)
            interface.plug(self.net.place(where))
        wait_until(lambda: self.count(text) > before, text)
        return (interface.joined_at - interface.left_at) * 1000 if how != "second" else 0

    def reload(self, ha_more, mn_more):
        """Both daemons go on with this in their files besides."""
        self.net.ha.reload_daemon(HA_CONF + ha_more)
        self.net.mn.reload_daemon(MN_CONF + mn_more)

    def phases(self, count):
        """Of the last handovers: name -> the times since the event, in ms."""
        records = self.net.mn.ctl("handovers")["handovers"][:count]
        return {name: [1000 * r[name] for r in records if r[name] is not None] for name in PHASES}


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


class Series:
    """What some moves of one kind did to the stream."""

    def __init__(self, net, node, places, how, moves):
        self.stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT,
                                 interval_ms=INTERVAL_MS)
        self.silences, self.lost = {"out": [], "back": []}, {"out": [], "back": []}
        self.quiet = []
        for n in range(moves):
            self._move(node, places[n % len(places)], how)
        self.stream.stop()
        self.phases = node.phases(moves)

    def _move(self, node, place, how):
        time.sleep(0.2)
        self.stream.mark()
        time.sleep(1)
        quiet = self.stream.report()
        self.quiet.append(max(quiet[way]["outage_ms"] for way in self.silences))
        time.sleep(FLIGHT_S)	# what was under way at the mark has arrived
        away_ms = node.go(place, how)
        time.sleep(0.7)
        report = self.stream.report()
        for way, values in self.silences.items():
            values.append(max(0, report[way]["outage_ms"] - away_ms))
            self.lost[way].append(report[way]["lost"])
        if how == "second":
            before = node.count(REGISTERED)
            node.net.mn.interfaces["eth1"].unplug()
            wait_until(lambda: node.count(REGISTERED) > before)


def tell(bench, what, floor, series):
    for way, where in (("out", "correspondent"), ("back", "mobile node")):
        values = series.silences[way]
        bench.value("%s: silence at the %s" % (what, where), "ms", values)
        print("    over the floor of %.1f: median %.1f, longest %.1f"
              % (floor, statistics.median(values) - floor, max(values) - floor), flush=True)
    bench.value("%s: silence when nothing happens" % what, "ms", series.quiet)
    print("    longest %.1f" % max(series.quiet))
    for name, values in series.phases.items():
        bench.value("%s: from the event to %s" % (what, name), "ms", values)
        print("    longest %.1f" % max(values), flush=True)


def tell_lost(bench, what, series):
    for way, where in (("out", "correspondent"), ("back", "mobile node")):
        bench.value("%s: lost to the %s" % (what, where), "probes", series.lost[way])
        print("    most %d" % max(series.lost[way]), flush=True)


def run(bench, moves=MOVES):
    quality = {name: {"delay_ms": DELAY_MS} for name in LINKS}
    with Internet(bench.results + "/net", ra_interval_ms=(30, 70), quality=quality,
                  capture=False) as net:
        node = Node(net)
        for place in (2, 3, 1):	# the routers of the core know their neighbours from now on
            node.go(place, "carrier")
        floor = floor_ms(net)
        bench.value("floor: round trips to router and home agent", "ms", [floor])
        tell(bench, "carrier", floor, Series(net, node, (2, 3, 1), "carrier", moves))
        tell(bench, "silent", floor, Series(net, node, (2, 3, 1), "silent", moves))
        # a better interface comes while the node is at net1 by the other one
        tell_lost(bench, "better interface", Series(net, node, (2, 3), "second", moves))
        node.reload("HaFormerCoaTime 0.5;", "MnFormerCoaServes enabled;")
        tell_lost(bench, "... and the former one serves", Series(net, node, (2, 3), "second", moves))
        node.process.stop()
        node.ha.stop()
