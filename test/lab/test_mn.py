# SPDX-License-Identifier: GPL-2.0-or-later
"""Mobile node and home agent, two daemons on real kernels: a node wanders around the internetwork
and its connections never notice. Packets are judged by tshark."""
import signal
import time
import xml.etree.ElementTree

import pytest

from . import drawing, timeline
from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import wait_until
from .transfer import Transfer

LAB_MEMORY = "1G"
HA_CONF = """NodeConfig HA; UseMnHaIPsec disabled; DebugLevel 2;
Interface "home"; HaSendRouterAdvs disabled;
"""
MN_CONF = """NodeConfig MN; UseMnHaIPsec disabled; DebugLevel 2;
CoaDad none; MnMaxHaBindingLife 60;
Interface "eth0" { MnIfPreference 1; }
Interface "eth1" { MnIfPreference 2; }
MnHomeLink "eth0" { HomeAddress %s/64; HomeAgentAddress %s; }
""" % (HOME_ADDRESS, HOME_AGENT)
REGISTERED, AT_HOME = "-> registered", "-> at-home"


class Roaming:
    """The two daemons, and moves that wait for what they lead to."""

    def __init__(self, internet, ha_conf=HA_CONF, mn_conf=MN_CONF):
        self.net = internet
        self.ha = internet.ha.start_daemon(ha_conf, "-f")
        self.ha.wait_for_log("serves as HA")
        self.mn = internet.mn.start_daemon(mn_conf, "-f")

    def count(self, text):
        return self.mn.log_text().count(text)

    def wait(self, text, more_than):
        wait_until(lambda: self.count(text) > more_than, text)

    def go(self, where, how="carrier"):
        text = AT_HOME if where == "home" else REGISTERED
        before = self.count(text)
        self.net.move(where, how)
        self.wait(text, before)

    def stop(self):
        assert self.mn.stop() == 0
        assert self.ha.stop() == 0


@pytest.fixture
def roaming(internet):
    whole = Roaming(internet)
    yield whole
    for process in (whole.mn, whole.ha):
        if process.running():
            process.stop()


def test_a_transfer_survives_a_tour(roaming):
    """RFC 6275 11.5, 11.7, 10.3, 10.4: home, three foreign links, home; TCP goes on."""
    roaming.wait(AT_HOME, 0)
    transfer = Transfer(roaming.net)
    assert transfer.source == HOME_ADDRESS
    for where in (1, 2, 3, 1, "home", 2, "home"):
        roaming.go(where)
        transfer.progress()
    transfer.finish()
    roaming.stop()
    # What went to a foreign router had the care-of address outside (11.3.1).
    data = roaming.net.capture.packets("tcp && !icmpv6 && ipv6.src == %s" % HOME_ADDRESS, node="mn",
                                       interface="eth0")
    away = [p for p in data if p["eth.dst"].startswith("02:00:00:00:1")]
    assert len(away) > 100 and len(data) > len(away)
    for p in away:
        assert p.all("ipv6.src")[0].startswith("2001:db8:0:1") and len(p.all("ipv6.src")) == 2
        assert p.all("ipv6.dst")[0] == HOME_AGENT
    # 11.3.4: no multicast listener reports through the tunnel, where nobody listens
    assert not roaming.net.capture.packets("ipv6.nxt == 41 && (icmpv6.type == 143 || "
                                           "icmpv6.type == 131 || icmpv6.type == 132)",
                                           node="mn", interface="eth0")


@pytest.mark.parametrize("how", ["carrier", "silent"])
def test_a_stream_goes_on(roaming, how):
    """RFC 6275 11.5.1: with and without a word from the link."""
    roaming.wait(AT_HOME, 0)
    roaming.go(1)
    stream = roaming.net.stream(roaming.net.mn, HOME_ADDRESS, roaming.net.cn, CORRESPONDENT,
                                interval_ms=5)
    time.sleep(1)
    stream.mark()
    roaming.go(2, how)
    time.sleep(2)
    report = stream.report()
    h = roaming.net.mn.ctl("handovers")["handovers"][0]
    assert h["cause"] == ("link-up" if how == "carrier" else "new-router")
    assert 0 <= h["advertisement"] <= h["address"] <= h["update"] <= h["acknowledged"] <= h["done"]
    for way in ("first_out", "first_in"):	# the stream waits for nothing
        assert h["update"] <= h[way] <= h["done"] + 0.2, h
    print(how, report)
    for way in ("out", "back"):
        assert report[way]["lost"] < (120 if how == "carrier" else 600), report
    roaming.stop()


def test_a_move_can_be_drawn(roaming, results):
    """The picture has every lost probe of the move, and the signalling at its time."""
    roaming.wait(AT_HOME, 0)
    roaming.go(1)
    stream = roaming.net.stream(roaming.net.mn, HOME_ADDRESS, roaming.net.cn, CORRESPONDENT,
                                interval_ms=5)
    time.sleep(2)
    stream.mark()
    roaming.go(2)
    time.sleep(1)
    report = stream.report()
    stream.stop()
    roaming.stop()
    roaming.net.write_timelines()
    roaming.net.capture.sync()
    picture = drawing.draw(timeline.read(roaming.net.results, ["mn"]),
                           drawing.read_probes(roaming.net.results))
    root = xml.etree.ElementTree.fromstring(picture)
    drawn = [line for line in root.iter("{http://www.w3.org/2000/svg}line")
             if line.get("class") == "probe lost"]
    lost = report["out"]["lost"] + report["back"]["lost"]
    assert lost and len(drawn) >= lost
    update = roaming.net.capture.packets("mip6.mhtype == 5", node="mn", interface="eth0")[-2:]
    words = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Binding Update" in words and "Binding Acknowledgement" in words and update
    assert [t for t in words if t.startswith("mn: move to=net2") and "plug interface=eth0" in t]
    # every mark stands inside the picture
    for line in root.iter("{http://www.w3.org/2000/svg}line"):
        assert 0 <= float(line.get("x1")) <= float(root.get("width"))


def test_signalling_as_tshark_reads_it(roaming):
    """RFC 6275 6.1.7, 6.1.8, 11.5.5, 11.7.1."""
    roaming.wait(AT_HOME, 0)
    roaming.go(1)
    roaming.go("home")
    roaming.stop()
    updates = roaming.net.capture.packets("mip6.mhtype == 5", node="mn", interface="eth0")
    first, last = updates[0], updates[-1]
    assert first["ipv6.src"].startswith(foreign_prefix(1)[:-1]) and first["ipv6.dst"] == HOME_AGENT
    assert first["ipv6.opt.mipv6.home_address"] == HOME_ADDRESS
    assert first["mip6.acoa.acoa"] == first["ipv6.src"]
    for bu in updates:
        assert bu["mip6.bu.a_flag"] in ("1", "True") and bu["mip6.bu.h_flag"] in ("1", "True")
        assert bu["mip6.csum"] != "0x0000"
    assert last["ipv6.src"] == HOME_ADDRESS and last.number("mip6.bu.lifetime") == 0
    answers = roaming.net.capture.packets("mip6.mhtype == 6", node="mn", interface="eth0")
    assert all(ba.number("mip6.ba.status") == 0 for ba in answers)
    assert answers[0]["ipv6.routing.mipv6.home_address"] == HOME_ADDRESS
    assert "ipv6.routing.mipv6.home_address" not in answers[-1]


def test_killed_and_started_again(roaming):
    """A mobile node that was killed comes back where it is, and reaches everybody again."""
    roaming.wait(AT_HOME, 0)
    roaming.go(1)
    roaming.mn.stop(signal.SIGKILL)
    roaming.mn = roaming.net.mn.start_daemon(MN_CONF, "-f")
    before = roaming.count(REGISTERED)
    roaming.wait(REGISTERED, before)
    roaming.net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    roaming.stop()
