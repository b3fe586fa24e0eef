# SPDX-License-Identifier: GPL-2.0-or-later
"""Multicast through the tunnel (RFC 6275 10.4.2, 10.4.3, 11.3.4): a thin node made of scapy against
our home agent, and our node in whole; packets are judged by tshark."""
import contextlib
import signal
import socket
import struct
import time

import pytest

from .internet import HOME_ADDRESS, HOME_AGENT, HOME_HOST, foreign_prefix
from .net import PATIENCE_S, wait_until
from .test_mn import AT_HOME, HA_CONF, MN_CONF, Roaming
from .test_thin import COA, COA2, HOA, Thin

GROUP, OTHER, PORT = "ff0e::4d49:5036", "ff0e::4d49:5037", 6275
LOCAL = "fe80::200"	# of the thin node, in its tunnel
QUICK = HA_CONF + "HaMulticastQueryInterval 4;\n"


OPEN = []	# sockets of a test: while they are there, so is the namespace that they are of


def close_sockets():
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(autouse=True)
def sockets_are_closed(internet):
    yield
    close_sockets()


def packed(address):
    return socket.inet_pton(socket.AF_INET6, address)


def open_socket(node):
    OPEN.append(node.socket(socket.AF_INET6, socket.SOCK_DGRAM))
    return OPEN[-1]


class Listener:
    """An application that has joined groups on an interface."""

    def __init__(self, node, interface, *groups):
        self.socket = open_socket(node)
        with node:
            self.ifindex = socket.if_nametoindex(interface) if interface else 0
        self.socket.bind(("::", PORT))
        self.socket.settimeout(0.3)
        for group in groups:
            self.join(group)

    def membership(self, option, group):
        self.socket.setsockopt(socket.IPPROTO_IPV6, option,
                               packed(group) + struct.pack("@I", self.ifindex))

    def join(self, group):
        self.membership(socket.IPV6_JOIN_GROUP, group)

    def leave(self, group):
        self.membership(socket.IPV6_LEAVE_GROUP, group)

    def heard(self):
        """All that has come since the last time."""
        texts = []
        with contextlib.suppress(TimeoutError):
            while True:
                texts.append(self.socket.recv(2048).decode())
        return texts

    def hears(self, speaker, text, group=GROUP):
        """Until it hears the speaker, who says the text every now and then."""
        def once():
            speaker.say(text, group)
            return text in self.heard()
        wait_until(once, "%s is heard" % text)


class Speaker:
    """An application that sends to groups, from an address, or by an interface."""

    def __init__(self, node, source=None, interface=None, hops=9):
        self.socket = open_socket(node)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        if interface:
            with node:
                index = socket.if_nametoindex(interface)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        if source:
            self.socket.bind((source, 0))

    def say(self, text, group=GROUP):
        self.socket.sendto(text.encode(), (group, PORT))


def counters(node):
    return {c["name"]: c["value"] for c in node.ctl("counters all")["counters"]}


def joined(node, interface):
    """The groups that a node's kernel is in."""
    return [line.split()[1] for line in node.sh("ip -6 maddr show dev " + interface).splitlines()
            if line.split()[0] == "inet6"]


# ---- a thin node

class ThinListener(Thin):
    """Says MLD through its tunnel as it likes."""

    def mld(self, message, src=LOCAL, dst="ff02::16", coa=COA, hlim=1, alert=True):
        s = self.scapy
        inner = s.IPv6(src=src, dst=dst, hlim=hlim)
        if alert:
            inner /= s.IPv6ExtHdrHopByHop(options=[s.RouterAlert()])
        self.send(s.IPv6(src=coa, dst=HOME_AGENT) / inner / message)

    def report(self, kind, group, sources=(), **how):
        s = self.scapy
        self.mld(s.ICMPv6MLReport2(records=[s.ICMPv6MLDMultAddrRec(
            rtype=kind, dst=group, sources=list(sources))]), **how)

    def tunnelled(self, wanted, within_s=PATIENCE_S):
        """The first packet out of the tunnel that is wanted, as bytes of the inner one."""
        p = self.receive(lambda p: p.nh == 41 and wanted(p.payload), within_s)
        return p and p.payload

    def gets(self, text, within_s=PATIENCE_S):
        return self.tunnelled(lambda p: text.encode() in bytes(p), within_s)


@pytest.fixture
def thin(internet):
    ha = internet.ha.start_daemon(QUICK, "-f")
    ha.wait_for_log("serves as HA")
    node = ThinListener(internet)
    assert node.exchange(node.update(7)).status == 0
    yield node
    node.close()
    close_sockets()
    assert ha.stop() == 0
    wait_until(lambda: GROUP not in joined(internet.ha, "home"))


def test_queries(thin):
    """RFC 6275 10.4.3, RFC 3810 5.1: periodically, through the tunnel, as Wireshark reads it."""
    queries = thin.net.capture.wait_for("icmpv6.type == 130 && ipv6.nxt == 41", count=3,
                                        node="mn", interface="eth0")
    for q in queries:
        assert q.all("ipv6.src") == [HOME_AGENT, "fe80::1"]
        assert q.all("ipv6.dst") == [COA, "ff02::1"]
        assert q.all("ipv6.hlim")[1] == "1" and q["ipv6.opt.router_alert"] == "0"
        assert q["icmpv6.checksum.status"] in ("1", "Good")
        assert q["icmpv6.mld.multicast_address"] == "::"
        assert q.number("icmpv6.mld.flag.qrv") == 2 and q.number("icmpv6.mld.qqi") == 4
    gaps = [b.time - a.time for a, b in zip(queries, queries[1:])]
    assert 0.5 < gaps[0] < gaps[1] - 1	# a second, then four


@pytest.mark.parametrize("version", [1, 2])
def test_reports(thin, version):
    """RFC 6275 10.4.2, 10.4.3; RFC 2710, RFC 3810: a node of either version joins and leaves."""
    s, ha = thin.scapy, thin.net.ha
    speaker = Speaker(thin.net.hh, HOME_HOST, "eth0")
    if version == 1:
        thin.mld(s.ICMPv6MLReport(mladdr=GROUP), dst=GROUP)
    else:
        thin.report(4, GROUP)
    wait_until(lambda: GROUP in joined(ha, "home"))
    groups, = [g for g in ha.ctl("groups")["groups"] if g["group"] == GROUP]
    assert (groups["link"], groups["listeners"]) == ("home", 1)
    listener, = ha.ctl("groups " + GROUP)["listeners"]
    assert (listener["home_address"], listener["care_of_address"]) == (HOA, COA)
    speaker.say("for those who listen")
    inner = thin.gets("for those who listen")
    assert inner and (inner.src, inner.dst, inner.hlim) == (HOME_HOST, GROUP, 8)
    # as it was but for its hop limit, the checksum of UDP too
    said = thin.net.capture.packets("udp.dstport == %d" % PORT, node="hh", interface="eth0")[0]
    assert said["udp.checksum"] == "0x%04x" % inner.payload.chksum
    before = counters(ha)
    if version == 1:
        thin.mld(s.ICMPv6MLDone(mladdr=GROUP), dst="ff02::2")
    else:
        thin.report(3, GROUP)
    wait_until(lambda: counters(ha)["in_mld_report"] > before["in_mld_report"])
    assert not ha.ctl("groups")["groups"]	# at once, not when it would have been forgotten
    wait_until(lambda: GROUP not in joined(ha, "home"))
    speaker.say("for nobody")
    assert not thin.gets("for nobody", 2)


def test_smaller_scopes(thin):
    """RFC 6275 10.4.2: nothing of them goes through the tunnel."""
    small = ["ff02::4d49", "ff05::4d49", "ff08::4d49"]
    for group in small + [GROUP]:
        thin.report(4, group)
    wait_until(lambda: GROUP in joined(thin.net.ha, "home"))
    assert not [g for g in joined(thin.net.ha, "home") if g in small]
    speaker = Speaker(thin.net.hh, HOME_HOST, "eth0")
    for group in small:
        speaker.say("small", group)
    assert not thin.gets("small", 2)
    assert counters(thin.net.ha)["mcast_scope"] == 2


def test_a_silent_listener_is_forgotten(thin):
    """RFC 3810 9.4: twice the interval and a second."""
    thin.report(4, GROUP)
    wait_until(lambda: GROUP in joined(thin.net.ha, "home"))
    asked = counters(thin.net.ha)["out_mld_query"]
    wait_until(lambda: GROUP not in joined(thin.net.ha, "home"))
    assert 2 <= counters(thin.net.ha)["out_mld_query"] - asked <= 4


def test_what_a_node_says(thin):
    """RFC 6275 10.4.5, 11.3.4: from its home address, by way of its care-of address, to the home
    link; anything else goes nowhere."""
    s, net = thin.scapy, thin.net
    from scapy.layers.inet import UDP
    listener = Listener(net.hh, "eth0", GROUP, "ff05::4d49")

    def say(text, src=HOA, coa=COA, dst=GROUP, hlim=9):
        thin.send(s.IPv6(src=coa, dst=HOME_AGENT) / s.IPv6(src=src, dst=dst, hlim=hlim) /
                  UDP(sport=1, dport=PORT) / text.encode())
    say("mine")
    assert listener.heard() == ["mine"]
    assert net.capture.packets("udp.dstport == %d && ipv6.hlim == 8" % PORT, node="hh",
                               interface="eth0")
    say("from elsewhere", coa=COA2)
    say("of another", src="2001:db8:0:1::201")
    say("link-local", src=LOCAL)
    say("small", dst="ff05::4d49")
    say("tired", hlim=1)
    assert listener.heard() == []
    seen = counters(net.ha)
    assert (seen["mcast_unbound"], seen["mcast_source"], seen["mcast_scope"],
            seen["mcast_hops"]) == (2, 1, 1, 1)
    # a listener on the home agent itself, too
    here = Listener(net.ha, "home", GROUP)
    say("once more")
    assert here.heard() == ["once more"] and listener.heard() == ["once more"]


@pytest.mark.limit(180)
def test_hostile(thin):
    """Whatever comes in the place of MLD is counted, and harms nobody."""
    s, ha = thin.scapy, thin.net.ha
    whole = bytes(s.ICMPv6MLReport2(records=[s.ICMPv6MLDMultAddrRec(rtype=4, dst=OTHER)]))
    before = counters(ha)["mcast_form"]
    header = s.IPv6(src=LOCAL, dst="ff02::16", hlim=1) / \
        s.IPv6ExtHdrHopByHop(options=[s.RouterAlert()])

    def send(message, fix=True):
        message = bytearray(message)
        if fix and len(message) >= 4:
            message[2:4] = b"\0\0"
            message[2:4] = s.in6_chksum(58, s.IPv6(src=LOCAL, dst="ff02::16", nh=58),
                                        bytes(message)).to_bytes(2, "big")
        head = header.copy()
        head.plen = 8 + len(message)
        head[s.IPv6ExtHdrHopByHop].nh = 58
        thin.send(s.IPv6(src=COA, dst=HOME_AGENT, nh=41) / (bytes(head) + bytes(message)))
    cut = range(1, len(whole))
    for n in cut:
        send(whole[:n])
    send(whole[:6] + b"\xff\xff" + whole[8:])	# records
    send(whole[:10] + b"\xff\xff" + whole[12:])	# sources
    send(whole[:12] + packed("2001:db8::1"))	# no group
    send(whole, fix=False)			# a checksum of nothing
    thin.report(4, OTHER, hlim=2)
    thin.report(4, OTHER, alert=False)
    thin.report(4, OTHER, src=HOA)
    wait_until(lambda: counters(ha)["mcast_form"] >= before + len(cut) + 7)
    thin.report(4, OTHER, coa=COA2)	# by way of nobody's care-of address
    wait_until(lambda: counters(ha)["mcast_unbound"] == 1)
    assert OTHER not in joined(ha, "home")
    # more groups than are allowed
    for n in range(40):
        thin.report(4, "ff0e::1:%x" % n)
    wait_until(lambda: counters(ha)["mcast_full"] == 8)
    assert len(ha.ctl("groups")["groups"]) == 32
    assert thin.exchange(thin.update(8)).status == 0


# ---- a whole node

def numbers(listener, speaker, begin, count=10):
    """What is heard of so many packets in a row; each should be there once."""
    for n in range(begin, begin + count):
        speaker.say("n%d" % n)
        time.sleep(0.03)
    return [t for t in listener.heard() if t.startswith("n")], \
        ["n%d" % n for n in range(begin, begin + count)]


@pytest.fixture
def roaming(internet):
    whole = Roaming(internet, ha_conf=QUICK)
    yield whole
    close_sockets()
    for process in (whole.mn, whole.ha):
        if process.running():
            process.stop()


@pytest.mark.limit(180)
def test_an_application_keeps_hearing(roaming):
    """RFC 6275 8.5, 11.3.4, 10.4.2: a group that was joined at home is heard away, elsewhere, and
    at home again, each packet once; nothing is reported before the home agent asks."""
    net = roaming.net
    roaming.wait(AT_HOME, 0)
    app = Listener(net.mn, "eth0", GROUP, "ff05::4d49")
    speaker = Speaker(net.hh, HOME_HOST, "eth0")
    app.hears(speaker, "at home")
    for step, where in enumerate((1, 2, "home", 3, "home")):
        roaming.go(where)
        app.hears(speaker, "at %s" % where)
        app.heard()
        heard, said = numbers(app, speaker, 100 * step)
        assert heard == said, where
        assert (GROUP in joined(net.ha, "home")) == (where != "home")
        assert "ff05::4d49" not in joined(net.ha, "home")
    roaming.stop()
    tunnelled = net.capture.packets("ipv6.nxt == 41 && icmpv6", node="mn", interface="eth0")
    mld = [p for p in tunnelled if p["icmpv6.type"] in ("130", "131", "132", "143")]
    assert mld and mld[0]["icmpv6.type"] == "130"
    reports = [p for p in mld if p["icmpv6.type"] == "143"]
    assert reports and all(p["icmpv6.mldr.mar.multicast_address"] == GROUP for p in reports)
    for p in reports:
        # 11.3.1: tunnelled as anything else, without a Home Address option
        assert p.all("ipv6.dst") == [HOME_AGENT, "ff02::16"]
        assert p.all("ipv6.src")[1] == "fe80::100" and p.all("ipv6.hlim")[1] == "1"
        assert "ipv6.opt.mipv6.home_address" not in p
    assert not [p for p in tunnelled if p["icmpv6.type"] in ("133", "135", "136")]
    # on foreign links, as any host (11.3.4)
    local = net.capture.packets("icmpv6.type == 143 && !(ipv6.nxt == 41)", node="mn",
                                interface="eth0")
    assert local and not [p for p in local if p["ipv6.src"] == HOME_ADDRESS
                          or "ipv6.opt.mipv6.home_address" in p]


def test_an_application_speaks(roaming):
    """RFC 6275 11.3.4: with the home address through the tunnel, which it is inside of; with the
    care-of address directly; without a Home Address option both."""
    net = roaming.net
    roaming.wait(AT_HOME, 0)
    listener = Listener(net.hh, "eth0", GROUP)
    with_home, with_any = Speaker(net.mn, HOME_ADDRESS), Speaker(net.mn)
    listener.hears(with_home, "at home")
    roaming.go(1)
    listener.heard()
    heard, said = numbers(listener, with_home, 0)
    assert heard == said
    with_any.say("directly")
    care_of = net.mn.ctl("status")["care_of_address"]
    data = net.capture.wait_for("udp.dstport == %d && eth.dst == 33:33:4d:49:50:36" % PORT,
                                node="mn", interface="eth0")
    assert [p["ipv6.src"] for p in data if p.time > roaming.net.capture.packets(
        "mip6.mhtype == 6", node="mn", interface="eth0")[0].time] == [care_of]
    inside = net.capture.packets("udp.dstport == %d && ipv6.nxt == 41" % PORT, node="mn",
                                 interface="eth0")
    assert len(inside) == 10
    for p in inside:
        assert p.all("ipv6.src") == [care_of, HOME_ADDRESS]
    assert not [p for p in data + inside if "ipv6.opt.mipv6.home_address" in p]
    assert listener.heard() == []
    # who listens and speaks does not hear itself twice: once by its own kernel
    both = Listener(net.mn, "eth0", GROUP)
    wait_until(lambda: GROUP in joined(net.ha, "home"))
    heard, said = numbers(both, with_home, 50)
    assert heard == said
    roaming.stop()


@pytest.mark.limit(180)
def test_restarts(roaming):
    """Memberships end with a process; its successor asks, or is asked, at once."""
    net = roaming.net
    roaming.wait(AT_HOME, 0)
    app, speaker = Listener(net.mn, "eth0", GROUP), Speaker(net.hh, HOME_HOST, "eth0")
    roaming.go(1)
    app.hears(speaker, "before")
    roaming.ha.stop(signal.SIGKILL)
    assert GROUP not in joined(net.ha, "home")
    roaming.ha = net.ha.start_daemon(QUICK, "-f")
    app.hears(speaker, "another home agent")
    roaming.mn.stop(signal.SIGKILL)
    roaming.mn = net.mn.start_daemon(MN_CONF, "-f")
    app.hears(speaker, "another mobile node")
    assert net.mn.ctl("groups")["groups"] == [{"group": GROUP}]
    assert not net.mn.ctl("kernel diff")["objects"] and not net.ha.ctl("kernel diff")["objects"]
    roaming.stop()
    assert "proto 212" not in net.mn.sh("ip -6 route show table all")


@pytest.mark.parametrize("ha_conf, mn_conf", [(QUICK, MN_CONF + "MnMulticast foreign;\n"),
                                              (HA_CONF + "HaMulticast disabled;\n", MN_CONF)],
                         ids=["foreign", "disabled"])
def test_without(internet, ha_conf, mn_conf):
    """RFC 6275 11.3.4, 10.4.3: where one side does not want, groups are the foreign link's."""
    roaming = Roaming(internet, ha_conf, mn_conf)
    roaming.wait(AT_HOME, 0)
    app, home = Listener(internet.mn, "eth0", GROUP), Speaker(internet.hh, HOME_HOST, "eth0")
    app.hears(home, "at home")
    roaming.go(1)
    app.hears(Speaker(internet.ar1, foreign_prefix(1) + "1", "net"), "at the foreign link")
    home.say("from home")
    time.sleep(1.5)
    assert "from home" not in app.heard()
    roaming.stop()
    assert not internet.capture.packets("ipv6.nxt == 41 && icmpv6.type == 143", node="mn",
                                        interface="eth0")
