# SPDX-License-Identifier: GPL-2.0-or-later
"""What home registration does to a real kernel, with movement by hand: addresses, routes, tunnel,
and the packets, judged by tshark."""
import socket
import time

import pytest

from .mndrive import Agent, Mobile
from .net import wait_until

HA, CN, HOA = "2001:db8:1::1", "2001:db8:3::1", "2001:db8:1::100"
CONF = """NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60; SendMobPfxSols disabled;
InitialBindackTimeoutFirstReg 0.5; InitialBindackTimeoutReReg 0.5;
Interface "eth0";
MnHomeLink "eth0" { HomeAddress %s/64; HomeAgentAddress %s; }
""" % (HOA, HA)


class Net:
    """Home link 1 with the home agent, links 2 and 4 away, link 3 with a correspondent."""

    def __init__(self, lab):
        self.lab = lab
        self.links = {n: lab.link("net%d" % n) for n in (1, 2, 3, 4)}
        self.r, self.ha = lab.node("r", router=True), lab.node("ha", router=True)
        self.mn, self.cn = lab.node("mn"), lab.node("cn")
        for n, link in self.links.items():
            self.r.plug("eth%d" % n, link)
            self.r.ip("address add 2001:db8:%d::ff/64 dev eth%d nodad" % (n, n),
                      "address add fe80::f%d/64 dev eth%d nodad" % (n, n))
        for node, n in ((self.ha, 1), (self.cn, 3)):
            node.skip_dad()
            node.plug("eth0", self.links[n])
            node.ip("address add 2001:db8:%d::1/64 dev eth0 nodad" % n,
                    "route add default via 2001:db8:%d::ff" % n)
        self.mn.skip_dad()
        self.mn.plug("eth0", self.links[2])
        # Behind the home agent, while nobody answers for it on the link.
        self.r.ip("route add %s/128 via %s" % (HOA, HA))
        self.agent = Agent(self.ha, HA)
        self.mn.ip("rule add priority 1000 lookup 252")
        self.mobile = Mobile(self.mn, CONF)

    def go(self, n):
        """To link n: what movement does to the kernel, then registration is told."""
        coa = "2001:db8:%d::77" % n
        if self.mn.interfaces["eth0"].link is not self.links[n]:
            self.mn.interfaces["eth0"].unplug()
            self.mn.interfaces["eth0"].plug(self.links[n])
        self.mn.run("ip -6 address flush dev eth0 scope global")
        self.mn.ip("address add %s/64 dev eth0 nodad noprefixroute preferred_lft 0" % coa,
                   "route replace default from %s via fe80::f%d dev eth0 table 252" % (coa, n))
        state = self.mobile.at("eth0", coa, "fe80::f%d" % n, "2001:db8:%d::/64" % n)
        if n == 1:
            self.r.run("ip -6 route del %s/128" % HOA)
        else:
            self.r.ip("route replace %s/128 via %s" % (HOA, HA))
        return state

    def close(self):
        self.mobile.stop()
        self.agent.close()


@pytest.fixture
def net(lab):
    whole = Net(lab)
    yield whole
    whole.close()


def ping(node, source, target):
    return node.run("ping -c 1 -W 1 -I %s %s" % (source, target)).returncode == 0


def test_registration_and_tunnel(net):
    """RFC 6275 11.7.1, 11.3.1, 6.1.7: the Binding Update byte for byte as tshark reads it, and
    packets both ways through the tunnel."""
    with net.lab.sniff((net.mn, "eth0")) as capture:
        net.go(2)
        net.mobile.wait_for("registered")
        assert ping(net.mn, HOA, CN) and ping(net.cn, CN, HOA)
        bu = capture.wait_for("mip6.mhtype == 5")[0]
        ba = capture.wait_for("mip6.mhtype == 6")[0]
        echoes = capture.packets("icmpv6.type == 128 || icmpv6.type == 129")
    assert bu["ipv6.src"] == "2001:db8:2::77" and bu["ipv6.dst"] == HA
    assert bu["ipv6.opt.mipv6.home_address"] == HOA
    assert bu["mip6.acoa.acoa"] == "2001:db8:2::77"
    assert bu["mip6.bu.a_flag"] in ("1", "True") and bu["mip6.bu.h_flag"] in ("1", "True")
    assert bu.number("mip6.bu.lifetime") == 15
    assert ba["ipv6.routing.mipv6.home_address"] == HOA
    assert len(echoes) == 4
    for p in echoes:
        assert len(p.all("ipv6.src")) == 2 and "ipv6.opt.mipv6.home_address" not in p


def test_source_addresses(net):
    """RFC 6275 11.3.1: applications get the home address (the care-of address is deprecated: many
    kernels lack rule 4 of RFC 6724); who binds to the care-of address uses it."""
    net.go(2)
    net.mobile.wait_for("registered")
    with net.mn, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.connect((CN, 9))
        assert s.getsockname()[0] == HOA
    assert ping(net.mn, "2001:db8:2::77", CN)


def test_nothing_leaks_while_unregistered(net):
    """RFC 6275 11.3.1: without a binding the home address is not used on a foreign link."""
    net.go(2)
    net.mobile.wait_for("registered")
    with net.lab.sniff((net.mn, "eth0")) as capture:
        net.mn.ip("link set mip6mn0 down")
        net.mobile.order("nowhere")
        assert not ping(net.mn, HOA, CN)
        time.sleep(0.2)
        assert not capture.packets("ipv6.src == %s" % HOA)


def test_a_tunnel_from_elsewhere_is_refused(net):
    """RFC 6275 11.3.3: the source of the tunnelled packet MUST be the home agent."""
    net.go(2)
    net.mobile.wait_for("registered")
    assert ping(net.cn, CN, HOA)
    net.cn.ip("tunnel add fake mode ip6ip6 local %s remote 2001:db8:2::77 dev eth0"
              " encaplimit none" % CN,
              "link set fake up", "route add %s/128 dev fake" % HOA)
    with net.lab.sniff((net.mn, "eth0")) as capture:
        assert not ping(net.cn, CN, HOA)
        asked = capture.packets("icmpv6.type == 128 && ipv6.nxt == 41")
        assert asked and asked[0].all("ipv6.src")[0] == CN
        assert not capture.packets("icmpv6.type == 129")
    net.cn.ip("route del %s/128 dev fake" % HOA)
    assert ping(net.cn, CN, HOA)


def test_a_tour_keeps_a_connection(net):
    """Home, two links away in turn, home: a stream goes on, and the address is always there."""
    net.go(1)
    net.mobile.wait_for("at-home")
    assert ping(net.mn, HOA, CN) and ping(net.cn, CN, HOA)
    stream = net.lab.stream(net.mn, HOA, net.cn, CN, interval_ms=10)
    for n in (2, 4, 2, 1, 4, 1):
        net.go(n)
        net.mobile.wait_for("at-home" if n == 1 else "registered")
        time.sleep(0.5)
        assert ping(net.cn, CN, HOA), n
        where = net.mn.ip_json("address show to %s" % HOA)
        assert len(where) == 1 and where[0]["ifname"] == ("eth0" if n == 1 else "mip6mn0")
    report = stream.report()
    for way in ("out", "back"):
        assert report[way]["lost"] < report[way]["sent"] / 2, report


def test_coming_home(net):
    """RFC 6275 11.5.5: the deletion comes from the home address, and before it no solicitation
    does: who answers for the address is asked from the unspecified one, once, and is the home
    agent's link-layer address. Then the address is advertised."""
    net.go(2)
    net.mobile.wait_for("registered")
    with net.lab.sniff((net.ha, "eth0")) as capture:
        net.go(1)
        net.mobile.wait_for("at-home")
        na = capture.wait_for("icmpv6.type == 136 && ipv6.dst == ff02::1 && ipv6.src == %s"
                              % HOA)[0]
        bu = capture.packets("mip6.mhtype == 5")[0]
        early = [p for p in capture.packets("icmpv6.type == 135 && ipv6.src == %s" % HOA)
                 if p.time < bu.time]
        asked = capture.packets("icmpv6.type == 135 && icmpv6.nd.ns.target_address == %s"
                                " && ipv6.src == ::" % HOA)
        itself = [p for p in capture.packets("icmpv6.type == 135 &&"
                                             " icmpv6.nd.ns.target_address == %s" % HA)
                  if p.time < bu.time]
    assert bu["ipv6.src"] == HOA and bu.number("mip6.bu.lifetime") == 0
    assert "ipv6.opt.mipv6.home_address" not in bu
    assert not early and not itself
    assert [p.time < bu.time for p in asked] == [True]
    assert na["icmpv6.nd.na.target_address"] == HOA
    assert na["icmpv6.nd.na.flag.o"] in ("1", "True")
    assert na["icmpv6.nd.na.flag.s"] in ("0", "False")
    assert "icmpv6.opt.linkaddr" in na
    assert ping(net.mn, HOA, CN)


def test_nothing_is_left(net):
    """What it put into the kernel goes when it stops; a killed one's leavings are taken over."""
    def state():
        return [sorted(net.mn.sh(c).splitlines()) for c in
                ("ip -6 rule show", "ip -6 route show table all proto 212",
                 "ip xfrm state", "ip xfrm policy", "ip -o link show type ip6tnl")] + \
               [net.mn.ip_json("address show to %s" % HOA)]
    net.mobile.stop()
    before = state()
    net.mobile = Mobile(net.mn, CONF)
    net.go(2)
    net.mobile.wait_for("registered")
    net.mobile.kill()
    net.mobile = Mobile(net.mn, CONF)
    net.go(4)
    net.mobile.wait_for("registered")
    assert ping(net.mn, HOA, CN)
    net.mobile.stop()
    wait_until(lambda: state() == before)
