# SPDX-License-Identifier: GPL-2.0-or-later
"""What a home agent does on the home link for a node that is away, and for one that has just come
home: judged by the kernel of a host there, and by Wireshark."""
from .internet import HOME_AGENT
from .test_thin import COA, HOA, thin	# noqa: F401 (a fixture)

HOST_LOCAL = "fe80::200"	# the link-local address of HOA's identifier
HA_MAC, MN_MAC = "02:00:00:00:01:01", "02:00:00:00:64:00"
HA_LOCAL = "fe80::ff:fe00:101"


def is_set(packet, field):
    return packet[field] in ("1", "True")


def test_the_address_is_announced_and_defended(thin):	# noqa: F811
    """RFC 6275 10.4.1: the advertisement that overrides, field by field, and the answer to a
    solicitation; both without the R bit."""
    net = thin.net
    assert thin.exchange(thin.update(7, flags="AHL")).status == 0
    net.hh.wait_until_reaches(HOME_AGENT)
    net.hh.run("ping -c 1 -W 1 " + HOA)
    for target in (HOA, HOST_LOCAL):
        said = net.capture.wait_for("icmpv6.type == 136 && icmpv6.nd.na.target_address == %s"
                                    " && ipv6.dst == ff02::1" % target, node="hh",
                                    interface="eth0")
        p = said[0]
        assert p["ipv6.src"] == HA_LOCAL and p.number("ipv6.hlim") == 255
        assert p["icmpv6.opt.target_linkaddr"].replace(".", ":") == HA_MAC
        assert not is_set(p, "icmpv6.nd.na.flag.r") and not is_set(p, "icmpv6.nd.na.flag.s")
        assert is_set(p, "icmpv6.nd.na.flag.o")
    answers = net.capture.wait_for("icmpv6.type == 136 && icmpv6.nd.na.flag.s == 1 && "
                                   "icmpv6.nd.na.target_address == " + HOA, node="hh",
                                   interface="eth0")
    assert not is_set(answers[0], "icmpv6.nd.na.flag.r")
    assert answers[0]["icmpv6.opt.target_linkaddr"].replace(".", ":") == HA_MAC


def test_link_local_packets_are_not_tunnelled(thin):	# noqa: F811
    """RFC 6275 10.4.2: what is sent to the link-local address of a node that is away is
    discarded, and its sender told: Destination Unreachable, code 3."""
    net = thin.net
    assert thin.exchange(thin.update(7, flags="AHL")).status == 0
    net.hh.run("ping -c 2 -W 1 -I eth0 " + HOST_LOCAL)
    errors = net.capture.packets("icmpv6.type == 1", node="hh", interface="eth0")
    assert errors and errors[0].number("icmpv6.code") == 3
    assert HOST_LOCAL in errors[0].all("ipv6.dst")
    assert not net.capture.packets("ipv6.dst == " + HOST_LOCAL, node="ha", interface="core")


def test_a_refusal_reaches_a_node_at_home(thin):	# noqa: F811
    """RFC 6275 10.3.2: a refused deregistration is answered on the home link, to the link-layer
    address of the node, although its address is still defended and tunnelled."""
    s, net = thin.scapy, thin.net
    assert thin.exchange(thin.update(100)).status == 0
    net.move("home")
    # 11.5.5: it knows the home agent's link-layer address from an advertisement
    thin.node.ip("address add %s/64 dev eth0 nodad" % HOA,
                 "neigh replace %s lladdr %s dev eth0" % (HOME_AGENT, HA_MAC))
    thin.send(s.IPv6(src=HOA, dst=HOME_AGENT) / s.MIP6MH_BU(seq=99, mhtime=0, flags="AH"))
    answer = thin.receive(lambda p: s.MIP6MH_BA in p)
    assert answer is not None and answer.dst == HOA
    assert (answer[s.MIP6MH_BA].status, answer[s.MIP6MH_BA].seq) == (135, 100)
    said = net.capture.packets("mip6.mhtype == 6 && ipv6.dst == " + HOA, node="ha",
                               interface="home")
    assert said and said[0]["eth.dst"] == MN_MAC
    assert COA in net.ha.sh("ip -6 route show " + HOA)
    thin.send(s.IPv6(src=HOA, dst=HOME_AGENT) / s.MIP6MH_BU(seq=101, mhtime=0, flags="AH"))
    answer = thin.receive(lambda p: s.MIP6MH_BA in p)
    assert answer is not None and answer[s.MIP6MH_BA].status == 0
