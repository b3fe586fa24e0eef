# SPDX-License-Identifier: GPL-2.0-or-later
"""The data path that the port makes, judged by packets that really flow.

A home agent `ha`, a mobile node `mn` away from home, a correspondent `cn`, one router between
them all. Each of the three may have a port.
"""
import socket
import time

import pytest

from .net import wait_until
from .osdrive import Drive

HA, MN_COA, MN_COA2, CN = "2001:db8:1::1", "2001:db8:2::1", "2001:db8:2::2", "2001:db8:3::1"
HOA, HOA2 = "2001:db8:1::100", "2001:db8:1::101"
MH, BU = 135, 5
REQID_BOUND, REQID_ANY = 1, 2


class Net:
    """Three nodes around a router."""

    def __init__(self, lab):
        self.lab = lab
        self.r = lab.node("r", router=True)
        for n, name in enumerate(("ha", "mn", "cn"), 1):
            node = lab.node(name, router=name == "ha")
            node.skip_dad()
            setattr(self, name, node)
            wire = lab.link("net%d" % n)
            node.plug("eth0", wire)
            self.r.plug("eth%d" % n, wire)
            self.r.ip("address add 2001:db8:%d::ff/64 dev eth%d nodad" % (n, n))
            node.ip("address add 2001:db8:%d::1/64 dev eth0 nodad" % n,
                    "route add default via 2001:db8:%d::ff" % n)
        self.mn.ip("address add %s/64 dev eth0 nodad preferred_lft 0" % MN_COA2)

    def serve(self, port, hoa=HOA, coa=MN_COA):
        """What a home agent keeps for a binding, with the shared tunnel."""
        return [{"type": "tunnel", "name": "mip6", "external": True},
                {"type": "filter", "tunnel": "mip6", "inner_src": hoa + "/128", "outer_src": coa},
                {"type": "route", "dst": hoa + "/128", "dev": "mip6", "encap_src": HA,
                 "encap_dst": coa, "metric": 100}]

    def away(self, coa=MN_COA):
        """What a mobile node keeps while it is away, with a pair tunnel."""
        return [{"type": "tunnel", "name": "mip6mn", "local": coa, "remote": HA},
                {"type": "addr", "dev": "mip6mn", "addr": HOA, "plen": 128,
                 "flags": ["home", "nodad"]},
                {"type": "rule", "priority": 1000, "from": HOA + "/128", "table": "own"},
                {"type": "route", "table": "own", "dst": "::/0", "src": HOA + "/128",
                 "dev": "mip6mn", "metric": 10}]


@pytest.fixture
def net(lab):
    whole = Net(lab)
    whole.ports = []

    def drive(node):
        port = Drive(node)
        whole.ports.append(port)
        return port
    whole.drive = drive
    yield whole
    for port in whole.ports:
        port.close()


def ping(node, source, target, count=1):
    return node.run("ping -c %d -i 0.1 -W 1 -I %s %s" % (count, source, target)).returncode == 0


def route_home(net):
    """The home prefix lies behind the home agent; the router of net1 must know."""
    net.r.ip("route add %s/128 via %s" % (HOA, HA), "route add %s/128 via %s" % (HOA2, HA))


def test_tunnelled_both_ways(net):
    """RFC 6275 10.4.5, 11.3.1: reverse tunnelling through the shared tunnel of the home agent."""
    route_home(net)
    ha, mn = net.drive(net.ha), net.drive(net.mn)
    ha.put(*net.serve(ha))
    mn.put(*net.away())
    assert "external" in net.ha.sh("ip -d link show mip6")
    assert not net.ha.addresses("mip6"), "no link-local address: nothing of our own goes there"
    with net.lab.sniff((net.mn, "eth0")) as capture:
        assert ping(net.mn, HOA, CN, 3)
        assert ping(net.cn, CN, HOA, 3)
        packets = capture.packets("icmpv6.type == 128 || icmpv6.type == 129")
    assert len(packets) == 12
    for p in packets:
        src, dst = p.all("ipv6.src"), p.all("ipv6.dst")
        assert len(src) == 2 and "ipv6.dstopts" not in p
        assert (src[0], dst[0]) in ((HA, MN_COA), (MN_COA, HA))
        assert (src[1], dst[1]) in ((HOA, CN), (CN, HOA))
    # Nothing says it is the home agent's own packets: TTL of the inner header went down once.
    ha.delete(*reversed(net.serve(ha)))
    mn.delete(*reversed(net.away()))
    assert "mip6" not in net.ha.sh("ip link show") and "mip6" not in net.mn.sh("ip link show")


def test_spoofed_tunnel_source_is_dropped(net):
    """RFC 6275 10.4.5: the source of the outer header must be the care-of address."""
    route_home(net)
    ha, mn = net.drive(net.ha), net.drive(net.mn)
    ha.put(*net.serve(ha))
    mn.put(*net.away())
    assert ping(net.mn, HOA, CN)
    with net.lab.sniff((net.cn, "eth0")) as capture:
        # The same inner source from another outer source of the same node.
        mn.replace(*net.away(MN_COA2)[:1], was=net.away()[0])
        assert not ping(net.mn, HOA, CN)
        # Another inner source from the right outer source.
        mn.replace(*net.away()[:1], was=net.away(MN_COA2)[0])
        net.mn.ip("address add %s/128 dev mip6mn nodad" % HOA2,
                  "rule add from %s lookup 252" % HOA2,
                  "route add default from %s dev mip6mn table 252 metric 10" % HOA2)
        assert not ping(net.mn, HOA2, CN)
        assert not capture.packets("icmpv6.type == 128")
    assert ping(net.mn, HOA, CN)
    # The drops are counted, where `tc -s` shows them.
    shown = net.ha.sh("tc -s filter show dev mip6 ingress")
    assert shown.count("dropped 2") == 1, shown
    # The binding moves: the filter follows, and the old source is refused.
    ha.replace(dict(net.serve(ha)[1], outer_src=MN_COA2), net.serve(ha)[1])
    assert not ping(net.mn, HOA, CN)
    ha.replace(net.serve(ha)[1], dict(net.serve(ha)[1], outer_src=MN_COA2))
    assert ping(net.mn, HOA, CN)
    # For a while it may take both: one filter more, and one less afterwards.
    assert shown.count("enc_src_ip") == 1
    both = dict(net.serve(ha)[1], also_src=MN_COA2)
    ha.replace(both, net.serve(ha)[1])
    assert ping(net.mn, HOA, CN)
    assert net.ha.sh("tc filter show dev mip6 ingress").count("enc_src_ip") == 2
    assert sorted((o["outer_src"], o["also_src"]) for o in ha.scan() if o["type"] == "filter") in (
        [(MN_COA, MN_COA2)], [(MN_COA2, MN_COA)])
    ha.replace(dict(both, outer_src=MN_COA2, also_src=MN_COA), both)
    assert ping(net.mn, HOA, CN)
    ha.replace(net.serve(ha)[1], both)
    assert net.ha.sh("tc filter show dev mip6 ingress").count("enc_src_ip") == 1
    assert ping(net.mn, HOA, CN)
    # IPv4 has no business in there either.
    assert "protocol all" in shown


def test_replacing_loses_no_packet_of_a_stream(net):
    """A change of care-of address while traffic flows: replaced in place, in one batch."""
    route_home(net)
    ha, mn = net.drive(net.ha), net.drive(net.mn)
    first, second = net.serve(ha), net.serve(ha, coa=MN_COA2)
    # The mobile node takes packets for both and sends with an external tunnel as well.
    ha.put(*first)
    ha.put(dict(first[1], inner_src="2001:db8:1::/64", outer_src=MN_COA2))
    ha.put(dict(first[1], inner_src="2001:db8:1::/65", outer_src=MN_COA))
    out = [{"type": "tunnel", "name": "mip6mn", "external": True},
           {"type": "filter", "tunnel": "mip6mn", "inner_src": "::/0", "outer_src": HA},
           {"type": "addr", "dev": "mip6mn", "addr": HOA, "plen": 128, "flags": ["home", "nodad"]},
           {"type": "rule", "priority": 1000, "from": HOA + "/128", "table": "own"},
           {"type": "route", "table": "own", "dst": "::/0", "src": HOA + "/128", "dev": "mip6mn",
            "metric": 10, "encap_src": MN_COA, "encap_dst": HA}]
    mn.put(*out)
    stream = net.lab.stream(net.mn, HOA, net.cn, CN, interval_ms=2)
    time.sleep(0.5)
    stream.mark()
    for n in range(20):
        a, b = (first, second) if n % 2 == 0 else (second, first)
        ha.apply([dict(new, op="replace", was=old) for old, new in zip(a[1:], b[1:])])
        coa = (MN_COA2, MN_COA)[n % 2]
        mn.replace(dict(out[4], encap_src=coa), dict(out[4], encap_src=(MN_COA, MN_COA2)[n % 2]))
        time.sleep(0.1)
    report = stream.report()
    for way in ("out", "back"):
        assert report[way]["lost"] == 0 and report[way]["sent"] > 500, report


def test_pair_tunnel_is_replaced_in_place(net):
    route_home(net)
    ha, mn = net.drive(net.ha), net.drive(net.mn)
    ha.put(*net.serve(ha))
    mn.put(*net.away())
    index = net.mn.ip_json("link show mip6mn")[0]["ifindex"]
    ha.replace(net.serve(ha, coa=MN_COA2)[1], net.serve(ha)[1])
    ha.replace(net.serve(ha, coa=MN_COA2)[2], net.serve(ha)[2])
    mn.replace(net.away(MN_COA2)[0], net.away()[0])
    link = net.mn.ip_json("link show mip6mn")[0]
    assert link["ifindex"] == index and link["linkinfo"]["info_data"]["local"] == MN_COA2
    assert link["linkinfo"]["info_data"].get("ip6_tnl_f_ign_encap_limit")
    assert ping(net.mn, HOA, CN)
    # From one kind to the other it is a new device.
    mn.replace({"type": "tunnel", "name": "mip6mn", "external": True}, net.away(MN_COA2)[0])
    assert "external" in net.mn.sh("ip -d link show mip6mn")
    errors = mn.apply([{"op": "put", "type": "tunnel", "name": "eth7", "external": True},
                       {"op": "put", "type": "tunnel", "name": "mip6b", "external": True}])
    assert errors == [-22, -17], "a name that is not ours; a second shared tunnel"


# ---- Home Address option and type 2 routing header ------------------------------------

def admit():
    """Every node that takes Home Address options or routing headers: see core/hao.h."""
    return [{"make": "hao_admit"}]


def correspondent(hoa=HOA, coa=MN_COA, local=CN):
    """A binding at the correspondent: in by the option, out by the routing header."""
    return [{"make": "hao_accept", "hoa": hoa, "coa": coa, "local": local},
            {"make": "rh2_send", "hoa": hoa, "coa": coa, "local": local}]


def mobile(coa=MN_COA):
    """The mobile node's side of it."""
    return [{"type": "addr", "dev": "eth0", "addr": HOA, "plen": 128, "flags": ["home", "nodad"]},
            {"make": "rh2_accept", "hoa": HOA, "coa": coa},
            {"make": "hao_send", "hoa": HOA, "coa": coa, "peer": CN}]


def test_route_optimization(net):
    """RFC 6275 6.3, 6.4: option and routing header are inserted and removed by the kernel."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit(), *correspondent())
    with net.lab.sniff((net.mn, "eth0")) as capture:
        assert ping(net.mn, HOA, CN, 3)
        assert ping(net.cn, CN, HOA, 2)
        packets = capture.packets("icmpv6.type == 128 || icmpv6.type == 129")
    outward = [p for p in packets if p["ipv6.src"] == MN_COA]
    inward = [p for p in packets if p["ipv6.dst"] == MN_COA]
    assert len(outward) == len(inward) == 5 == len(packets) / 2
    for p in outward:
        assert p["ipv6.dst"] == CN and p["ipv6.opt.mipv6.home_address"] == HOA
        assert p["icmpv6.checksum.status"] == "1"
    for p in inward:
        assert p["ipv6.src"] == CN and p["ipv6.routing.type"] == "2"
        assert p["ipv6.routing.mipv6.home_address"] == HOA and p["ipv6.routing.segleft"] == "1"
        assert p["icmpv6.checksum.status"] == "1"
    shown = net.cn.sh("ip xfrm state")
    assert "proto hao" in shown and "proto route2" in shown and "coa " + MN_COA in shown
    shown = net.cn.sh("ip xfrm policy")
    assert shown.count("ptype sub") == 4 and shown.count("proto mobility-header") == 2
    # When it was used last. (The kernel counts whole seconds.)
    begin = cn.mark()
    policy = {"type": "policy", "dir": "out", "sub": True, "src": CN + "/128", "dst": HOA + "/128"}
    assert cn.order("last_use", object=policy) == 0
    assert cn.find("last_use", begin)[0]["idle_us"] < 5e6
    assert cn.order("last_use", object=dict(policy, src="2001:db8:9::/64")) < 0
    # Taken away in reverse, nothing is left.
    cn.delete(*reversed(admit() + correspondent()))
    mn.delete(*reversed(mobile() + admit()))
    assert net.cn.sh("ip xfrm state") == "" and net.cn.sh("ip xfrm policy") == ""
    assert cn.scan() == [] and mn.scan() == []


def test_care_of_address_is_replaced_in_a_running_stream(net):
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit(), *correspondent())
    stream = net.lab.stream(net.mn, HOA, net.cn, CN, interval_ms=2)
    time.sleep(0.5)
    stream.mark()
    coas = [MN_COA, MN_COA2]
    for n in range(10):
        new = coas[1 - n % 2]
        # For a moment the correspondent takes only the one or the other; so all in one go here
        # and there, and packets between are the network's own delay: none in this lab.
        assert not any(cn.apply([dict(o, op="replace") for o in correspondent(coa=new)]))
        assert not any(mn.apply([dict(o, op="replace") for o in mobile(new)[1:]]))
        time.sleep(0.1)
    report = stream.report()
    for way in ("out", "back"):
        # While the two ends disagree, packets are refused: that is the check at work.
        assert report[way]["lost"] < 60, report
    with net.lab.sniff((net.mn, "eth0")) as capture:
        assert ping(net.mn, HOA, CN)
        assert capture.packets("icmpv6.type == 128")[0]["ipv6.src"] == coas[0]


def test_unverified_home_address_option_is_refused_and_reported(net):
    """RFC 6275 9.3.1: a home address without a binding: dropped, and a Binding Error is due."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit())
    begin = cn.mark()
    with net.lab.sniff((net.cn, "eth0")) as capture:
        assert not ping(net.mn, HOA, CN)
        report = cn.wait("xfrm", begin=begin)
        assert report["what"] == "report" and report["proto"] == "hao"
        assert (report["src"], report["dst"], report["coaddr"]) == (HOA, CN, MN_COA)
        assert report["upper_proto"] == socket.IPPROTO_ICMPV6
        assert capture.packets("icmpv6.type == 128") and not capture.packets("icmpv6.type == 129")
    # Without the option everything goes on as ever.
    assert ping(net.mn, MN_COA, CN)
    # With a binding, but from elsewhere: the same.
    cn.put(*correspondent(coa=MN_COA2))
    begin = cn.mark()
    assert not ping(net.mn, HOA, CN)
    assert cn.wait("xfrm", begin=begin)["coaddr"] == MN_COA
    assert not any(cn.apply([dict(o, op="replace") for o in correspondent()]))
    assert ping(net.mn, HOA, CN)


def test_mobility_header_messages_come_up_with_any_option(net):
    """The kernel reads the type of such a message from a wrong place when there are two headers
    before it, so no policy can tell Binding Updates from others: all come up, and the core
    checks the option (RFC 6275 9.3.1; see core/hao.c and the unit tests of input.c)."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(mobile()[0])
    cn.put(*admit())
    lengths = {0: 1, 1: 2, 2: 2, 3: 3, 4: 3, 5: 2, 6: 2, 7: 3}
    for mh_type in range(0, 8):
        data = bytes([59, lengths[mh_type] - 1, mh_type, 0, 0, 0]) + bytes(lengths[mh_type] * 8 - 6)
        begin = cn.mark()
        assert mn.send("mh", data, local=MN_COA, local_home=HOA, peer=CN) == 0
        got = cn.wait("packet", begin=begin, proto="mh")
        assert got["path"]["peer"] == MN_COA and got["path"]["peer_home"] == HOA
        assert got["data"] == data.hex()
    assert not cn.find("xfrm")


def test_between_two_mobile_nodes_both_headers_are_used(net):
    """RFC 6275 6.3, 9.3.2, 11.3.1: each header is one role's part of the same policy."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    other = "2001:db8:9::9"

    def side(home, coa, peer, peer_coa):
        return [{"type": "addr", "dev": "eth0", "addr": home, "plen": 128, "flags": ["home", "nodad"]},
                {"make": "rh2_accept", "hoa": home, "coa": coa},
                {"make": "hao_accept", "hoa": peer, "coa": peer_coa, "local": home},
                {"make": "hao_send", "hoa": home, "coa": coa, "peer": peer},
                {"make": "rh2_send", "hoa": peer, "coa": peer_coa, "local": home}]
    ours, theirs = side(HOA, MN_COA, other, CN), side(other, CN, HOA, MN_COA)
    mn.put(*admit(), *ours)
    cn.put(*admit(), *theirs)
    with net.lab.sniff((net.cn, "eth0")) as capture:
        assert ping(net.mn, HOA, other, 2)
        packets = capture.packets("icmpv6.type == 128 || icmpv6.type == 129")
    assert len(packets) == 4
    for p in packets:
        there = p["ipv6.src"] == MN_COA
        assert p["ipv6.routing.mipv6.home_address"] == (other if there else HOA)
        assert p["ipv6.opt.mipv6.home_address"] == (HOA if there else other)
        assert p["icmpv6.checksum.status"] == "1"
        assert "ipv6.routing:ipv6.dstopts" in p["frame.protocols"]
    # One part goes, the other stays; a successor finds both parts.
    found = [o["part"] for o in mn.scan() if o["type"] == "policy" and o["dir"] == "out" and o["tmpl"]]
    assert sorted(found) == ["hao", "rh2"]
    mn.delete(ours[4])
    shown = net.mn.sh("ip xfrm policy list dir out src " + HOA)
    assert "proto hao" in shown and "route2" not in shown
    mn.delete(ours[3])
    assert "priority 2500" not in net.mn.sh("ip xfrm policy list dir out")


def test_a_node_that_admits_nothing_takes_nothing(net):
    """Without the wildcard state every option is dropped by the kernel, in silence."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    begin = cn.mark()
    bu = bytes([59, 1, BU]) + bytes(13)
    assert mn.send("mh", bu, local=MN_COA, local_home=HOA, peer=CN) == 0
    assert not ping(net.mn, HOA, CN)
    assert ping(net.mn, MN_COA, CN)
    assert not cn.find("packet", begin, proto="mh") and not cn.find("xfrm")


def test_signalling_carries_the_headers_of_its_path_only(net):
    """RFC 6275 9.4.3, 9.5.4: with a binding in place a Home Test goes without the routing
    header, a Binding Acknowledgement with one, not two."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit(), *correspondent())
    with net.lab.sniff((net.cn, "eth0")) as capture:
        hot = bytes([59, 2, 3, 0, 0, 0]) + bytes(18)
        ack = bytes([59, 1, 6, 0, 0, 0]) + bytes(10)
        hoti = bytes([59, 1, 1, 0, 0, 0]) + bytes(10)
        assert cn.send("mh", hot, local=CN, peer=HOA) == 0
        assert cn.send("mh", ack, local=CN, peer=MN_COA, peer_home=HOA) == 0
        assert mn.send("mh", hoti, local=HOA, peer=CN) == 0
        packets = capture.wait_for("mipv6", count=3)
    by_type = {p["mip6.mhtype"]: p for p in packets}
    assert by_type["3"]["ipv6.dst"] == HOA and "ipv6.routing.type" not in by_type["3"]
    assert by_type["6"]["ipv6.dst"] == MN_COA and by_type["6"].all("ipv6.routing.type") == ["2"]
    assert by_type["1"]["ipv6.src"] == HOA and "ipv6.opt.mipv6.home_address" not in by_type["1"]


def test_paths_of_messages(net):
    """RFC 6275 6.1: every combination of the two headers, both ways, with the right addresses
    and the checksum over the home addresses."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile()[:2], *admit())
    cn.put(*admit(), *correspondent())
    # Binding Acknowledgement to the home address by way of the care-of address.
    ack = bytes([59, 1, 6, 0, 0x12, 0x34]) + bytes(10)
    begin = mn.mark()
    with net.lab.sniff((net.mn, "eth0")) as capture:
        assert cn.send("mh", ack, local=CN, peer=MN_COA, peer_home=HOA) == 0
        got = mn.wait("packet", begin=begin, proto="mh")
        assert got["path"] == {"local": MN_COA, "local_home": HOA, "peer": CN, "peer_home": "::",
                               "ifindex": mn.ifindex("eth0")}
        # 62: the router took one, and so did the routing header's second leg.
        assert got["data"] == ack.hex() and got["hop_limit"] == 62 and not got["to_multicast"]
        packet = capture.packets("mipv6")[0]
        assert packet["ipv6.routing.mipv6.home_address"] == HOA and packet["ipv6.dst"] == MN_COA
    # ICMPv6 with the option: the checksum is made here, over the home address.
    mps = bytes([146, 0, 0, 0, 0x12, 0x34, 0, 0])
    begin = cn.mark()
    with net.lab.sniff((net.cn, "eth0")) as capture:
        assert mn.send("icmp6", mps, local=MN_COA, local_home=HOA, peer=CN, hop_limit=77) == 0
        got = cn.wait("packet", begin=begin, proto="icmp6")
        assert got["path"]["peer_home"] == HOA and got["path"]["peer"] == MN_COA
        assert got["hop_limit"] == 76
        packet = capture.packets("icmpv6.type == 146")[0]
        assert packet["icmpv6.checksum.status"] == "1"
        assert packet["ipv6.opt.mipv6.home_address"] == HOA
    # Both headers at once, as between two mobile nodes.
    bu = bytes([59, 1, BU, 0, 0, 0, 0, 1, 0x80, 0, 0, 4, 1, 2, 0, 0])
    cn.put({"type": "addr", "dev": "eth0", "addr": "2001:db8:9::9", "plen": 128,
            "flags": ["home", "nodad"]},
           {"type": "state", "proto": "rh2", "src": "::", "dst": "2001:db8:9::9", "coaddr": CN})
    begin = cn.mark()
    assert mn.send("mh", bu, local=MN_COA, local_home=HOA, peer=CN, peer_home="2001:db8:9::9") == 0
    got = cn.wait("packet", begin=begin, proto="mh")
    assert got["path"] == {"local": CN, "local_home": "2001:db8:9::9", "peer": MN_COA,
                           "peer_home": HOA, "ifindex": cn.ifindex("eth0")}
    # A source that is not ours is refused (RFC 4862 5.4: so is a tentative one).
    assert mn.send("mh", bu, local="2001:db8:77::1", peer=CN) == -22
    net.mn.sysctl("net/ipv6/conf/eth0/accept_dad", 1)
    net.mn.sysctl("net/ipv6/conf/all/accept_dad", 1)
    net.mn.ip("address add 2001:db8:2::7/64 dev eth0")
    assert mn.send("mh", bu, local="2001:db8:2::7", peer=CN) == -22


def test_solicitation_from_the_unspecified_address(net):
    """RFC 4861 4.1: a router solicitation before there is an address."""
    mn = net.drive(net.mn)
    eth0 = mn.ifindex("eth0")
    with net.lab.sniff((net.r, "eth2")) as capture:
        assert mn.send("icmp6", bytes([133]) + bytes(7), local="::", peer="ff02::2", ifindex=eth0,
                       hop_limit=255) == 0
        p = capture.wait_for("icmpv6.type == 133 && ipv6.src == ::")[0]
    assert p["ipv6.dst"] == "ff02::2" and p["ipv6.hlim"] == "255"
    assert p["eth.dst"] == "33:33:00:00:00:02" and p["icmpv6.checksum.status"] == "1"
    assert mn.send("icmp6", bytes([133]) + bytes(7), local="::", peer=CN, ifindex=eth0) == -22


# ---- probes ------------------------------------------------------------------------------

def test_duplicate_address_detection_for_others(lab):
    """RFC 6275 10.3.1, RFC 4862 5.4: is the home address taken?"""
    ha, host, other = lab.node("ha", router=True), lab.node("host"), lab.node("other")
    wire = lab.link("home", ha, host, other)
    ha.ip("address add 2001:db8:1::1/64 dev eth0 nodad")
    host.ip("address add 2001:db8:1::5/64 dev eth0 nodad")
    with Drive(ha) as port, Drive(other) as rival:
        eth0 = port.ifindex("eth0")
        def dad(ticket, target, who=port, **more):
            return who.order("probe", ticket=ticket, kind="dad", ifindex=who.ifindex("eth0"),
                             target=target, **dict({"count": 1, "interval_us": 500000}, **more))
        with lab.sniff((host, "eth0")) as capture:
            assert dad(1, "2001:db8:1::5") == 0
            assert port.wait("probe", ticket=1)["result"] == "answered"
            assert dad(2, "2001:db8:1::6") == 0
            assert port.wait("probe", ticket=2)["result"] == "silent"
            ns = capture.packets("icmpv6.type == 135 && icmpv6.nd.ns.target_address == 2001:db8:1::6")
        assert len(ns) == 1 and ns[0]["ipv6.src"] == "::" and ns[0]["ipv6.hlim"] == "255"
        assert ns[0]["ipv6.dst"] == "ff02::1:ff00:6" and ns[0]["icmpv6.checksum.status"] == "1"
        # Two nodes ask at the same time: both lose (5.4.3).
        assert dad(3, "2001:db8:1::7") == 0 and dad(3, "2001:db8:1::7", rival) == 0
        assert port.wait("probe", ticket=3)["result"] == "answered"
        # Address resolution by others is no claim.
        assert dad(4, "2001:db8:1::8") == 0
        host.run("ping -c 1 -W 1 2001:db8:1::8")
        assert port.wait("probe", ticket=4)["result"] == "silent"
        # The membership lasts a little longer than the probe.
        wait_until(lambda: "ff02::1:ff00:8" not in ha.ip("maddress show dev eth0"))
        # Many at once, some cancelled; several solicitations.
        for n in range(200):
            assert dad(100 + n, "2001:db8:1::1:%x" % n, interval_us=300000, count=2) == 0
        for n in range(0, 200, 2):
            port.order("cancel", ticket=100 + n)
        wait_until(lambda: len([e for e in port.find("probe") if e["ticket"] >= 100]) == 100)
        time.sleep(0.3)
        done = [e for e in port.find("probe") if e["ticket"] >= 100]
        assert len(done) == 100 and {e["result"] for e in done} == {"silent"}
        assert all(e["ticket"] % 2 for e in done)
        assert dad(5, "ff02::1") == -22
        ha.ip("link set eth0 down")
        assert dad(6, "2001:db8:1::9") < 0


def test_neighbour_unreachability_on_demand(lab):
    """RFC 4861 7.3: within tens of milliseconds, and only a solicited answer counts."""
    mn, router = lab.node("mn"), lab.node("r", router=True)
    wire = lab.link("wire", mn, router)
    router.ip("address add fe80::1/64 dev eth0 nodad")
    mn.skip_dad()
    wait_until(lambda: mn.addresses("eth0", tentative=None, scope="link"))
    with Drive(mn) as port:
        eth0 = port.ifindex("eth0")
        def nud(ticket, **more):
            return port.order("probe", ticket=ticket, kind="nud", ifindex=eth0, target="fe80::1",
                              count=3, interval_us=30000, **more)
        mn.sh("ping -c 1 fe80::1%eth0")
        with lab.sniff((router, "eth0")) as capture:
            begin = port.mark()
            assert nud(1) == 0
            answer = port.wait("probe", ticket=1)
            assert answer["result"] == "answered"
            ns = capture.packets("icmpv6.type == 135 && ipv6.dst == fe80::1")
            assert ns and "icmpv6.opt.linkaddr" in ns[0]
        other = lab.link("elsewhere")
        mn.interfaces["eth0"].move_silently(other)
        start = time.monotonic()
        assert nud(2) == 0
        assert port.wait("probe", ticket=2)["result"] == "silent"
        assert time.monotonic() - start < 3	# what three solicitations of the kernel's own take


# ---- traffic through a tunnel ---------------------------------------------------------------

def test_traffic_through_a_tunnel_is_told_once_per_pace(net):
    """RFC 6275 11.7.2: what comes through the tunnel is what route optimization is for."""
    route_home(net)
    ha, mn = net.drive(net.ha), net.drive(net.mn)
    assert mn.order("watch", name="mip6mn", pace_us=1000000) == 0	# before it exists
    ha.put(*net.serve(ha))
    mn.put(*net.away())
    stream = net.lab.stream(net.mn, HOA, net.cn, CN, interval_ms=2)
    wait_until(lambda: min(len(mn.find("traffic", outgoing=way)) for way in (False, True)) >= 3)
    told = mn.find("traffic")
    assert {(e["local"], e["peer"]) for e in told} == {(HOA, CN)}
    for outgoing in (False, True):
        one_way = [e for e in told if e["outgoing"] == outgoing]
        gaps = [b["t_us"] - a["t_us"] for a, b in zip(one_way, one_way[1:])]
        assert len(gaps) >= 2 and all(gap > 700000 for gap in gaps), gaps
    # Asked again, the next packets are told, each way.
    for pace_us in (60000000, 60000000, 1000000):
        begin = mn.mark()
        assert mn.order("watch", name="mip6mn", pace_us=pace_us) == 0
        for outgoing in (False, True):
            assert mn.wait("traffic", begin=begin, outgoing=outgoing)
    # A peer that is only heard of once among a fast transfer is told as well.
    begin = mn.mark()
    net.r.ip("route add 2001:db8:3::9/128 via 2001:db8:3::1")
    net.cn.ip("address add 2001:db8:3::9/128 dev eth0 nodad")
    assert ping(net.cn, "2001:db8:3::9", HOA)
    assert mn.wait("traffic", begin=begin, peer="2001:db8:3::9")["local"] == HOA
    stream.report()
    assert mn.order("watch", name="mip6mn", pace_us=0) == 0
    begin = mn.mark()
    assert ping(net.cn, CN, HOA)
    time.sleep(0.2)
    assert not mn.find("traffic", begin)
