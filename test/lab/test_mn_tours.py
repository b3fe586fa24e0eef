# SPDX-License-Identifier: GPL-2.0-or-later
"""Tours of the mobile node: three foreign links in all their orders, each way of moving, one TCP
connection through all of it; then every signalling packet that it sent or heard is judged."""
import itertools

import pytest

from .internet import HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import wait_until
from .transfer import Transfer

LAB_MEMORY = "1G"
HA_CONF = """NodeConfig HA; UseMnHaIPsec disabled; DebugLevel 2;
Interface "home"; HaSendRouterAdvs disabled;
"""
MN_CONF = """NodeConfig MN; UseMnHaIPsec disabled; DebugLevel 2; DoRouteOptimizationMN disabled;
CoaDad none; MnMaxHaBindingLife 600; SendMobPfxSols disabled; InterfaceInitialInitDelay 0.2;
Interface "eth0" { MnIfPreference 1; }
Interface "eth1" { MnIfPreference 2; }
MnHomeLink "eth0" { HomeAddress %s/64; HomeAgentAddress %s; }
""" % (HOME_ADDRESS, HOME_AGENT)
WAYS = ("carrier", "silent", "make-before-break")
SIGNALLING = "mipv6 || (icmpv6.type >= 133 && icmpv6.type <= 137)"
YES = ("1", "True")


def is_foreign(address):
    return any(address.startswith(foreign_prefix(n)[:-1]) for n in (1, 2, 3))


class Judge:
    """Goes through the packets of the mobile node in order."""

    def __init__(self):
        self.seq = None		# of the last Binding Update
        self.update = None	# the last one
        self.deleted = True	# whether the home agent has confirmed that there is no binding
        self.counts = {"BU": 0, "BA": 0, "RS": 0, "NS": 0, "NA": 0}

    def judge(self, p):
        kind = p.get("icmpv6.type")
        if kind in ("133", "134", "135", "136", "137"):	# not an error that quotes one
            assert p.number("ipv6.hlim") == 255	# RFC 4861
        if kind == "133":
            self.on_rs(p)
        elif kind == "135" and p["eth.src"].startswith("02:00:00:00:64:"):
            self.on_ns(p)
        elif kind == "136" and p["eth.src"].startswith("02:00:00:00:64:"):
            self.on_na(p)
        elif p.get("mip6.mhtype") == "5":
            self.on_bu(p)
        elif p.get("mip6.mhtype") == "6":
            self.on_ba(p)

    def on_rs(self, p):
        """RFC 6275 11.5.3: a link-local source, or none, but not the home address."""
        assert p["ipv6.src"] == "::" or p["ipv6.src"].startswith("fe80:")
        assert ("icmpv6.opt.linkaddr" in p) == (p["ipv6.src"] != "::")	# RFC 4861 4.1
        self.counts["RS"] += 1

    def on_ns(self, p):
        """11.5.5: no solicitation from the home address while the home agent defends it."""
        assert p["ipv6.src"] != HOME_ADDRESS or self.deleted
        self.counts["NS"] += 1

    def on_na(self, p):
        """11.5.5: not solicited, overriding, with the link-layer address; to all nodes."""
        if p["ipv6.dst"] == "ff02::1" and p["icmpv6.nd.na.target_address"] == HOME_ADDRESS:
            assert self.deleted
            assert p["icmpv6.nd.na.flag.s"] not in YES and p["icmpv6.nd.na.flag.o"] in YES
            assert "icmpv6.opt.linkaddr" in p
            self.counts["NA"] += 1

    def on_bu(self, p):
        """6.1.7, 11.7.1, 11.5.5."""
        seq = p.number("mip6.bu.seqnr")
        assert self.seq is None or seq == (self.seq + 1) % 65536
        assert p["mip6.bu.a_flag"] in YES and p["mip6.bu.h_flag"] in YES
        assert p["ipv6.dst"] == HOME_AGENT
        assert p["mip6.acoa.acoa"] == p["ipv6.src"]
        if p.number("mip6.bu.lifetime"):
            assert is_foreign(p["ipv6.src"])
            assert p["ipv6.opt.mipv6.home_address"] == HOME_ADDRESS
        else:
            assert p["ipv6.src"] == HOME_ADDRESS
            assert "ipv6.opt.mipv6.home_address" not in p
        self.seq, self.update, self.deleted = seq, p, False
        self.counts["BU"] += 1

    def on_ba(self, p):
        """6.1.8, 9.5.4, 10.3.2."""
        assert p.number("mip6.ba.status") == 0
        assert p.number("mip6.ba.seqnr") == self.seq
        assert p["ipv6.src"] == HOME_AGENT and p["ipv6.dst"] == self.update["ipv6.src"]
        if is_foreign(p["ipv6.dst"]):
            assert p["ipv6.routing.mipv6.home_address"] == HOME_ADDRESS
        else:
            assert "ipv6.routing.mipv6.home_address" not in p
            self.deleted = True
        self.counts["BA"] += 1


def judge_all(capture, moves):
    judge = Judge()
    packets = [p for interface in ("eth0", "eth1")
               for p in capture.packets(SIGNALLING, node="mn", interface=interface)]
    for p in sorted(packets, key=lambda p: p.time):
        judge.judge(p)
    assert judge.counts["BU"] >= moves and judge.counts["BA"] >= moves, judge.counts
    assert judge.counts["RS"] and judge.counts["NS"] and judge.counts["NA"], judge.counts
    # 11.3.1: nothing with the home address in the clear to the router of a foreign link
    for interface in ("eth0", "eth1"):
        for p in capture.packets("ipv6.src == %s && eth.dst[0:4] == 02:00:00:00 && "
                                 "eth.dst[4] >= 11 && eth.dst[4] <= 13" % HOME_ADDRESS,
                                 node="mn", interface=interface):
            assert p.all("ipv6.src")[0] != HOME_ADDRESS
    return judge.counts


@pytest.mark.limit(300)
@pytest.mark.parametrize("internet", [{"ra_interval_ms": (100, 300)}], indirect=True)
def test_all_orders_and_all_ways(internet):
    """RFC 6275 11.5, 11.7.1, 11.5.5, 10.3: home, three foreign links in each of the six orders,
    home; by carrier, silently, by a second interface."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    mn = internet.mn.start_daemon(MN_CONF, "-f")
    wait_until(lambda: mn.log_text().count("-> at-home"))
    transfer = Transfer(internet)
    moves = 0
    for order in itertools.permutations((1, 2, 3)):
        for place in (*order, "home"):
            text = "-> at-home" if place == "home" else "-> registered"
            before = mn.log_text().count(text)
            internet.move(place, WAYS[moves % len(WAYS)], gap_ms=20)
            wait_until(lambda t=text,
                       b=before: mn.log_text().count(t) > b, "%s at %s" % (text, place))
            transfer.progress()
            moves += 1
    transfer.finish()
    assert mn.stop() == 0
    print(judge_all(internet.capture, moves))
