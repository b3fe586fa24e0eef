# SPDX-License-Identifier: GPL-2.0-or-later
"""The home agent against a mobile node that is not ours: signalling made and read by scapy, data
by the kernel's own tunnel."""
import socket
import time

import pytest

from .internet import CORRESPONDENT, HOME_AGENT, foreign_prefix
from .net import PATIENCE_S, wait_until
from .test_mobility import HA_CONF

HOA, COA, COA2 = "2001:db8:0:1::200", foreign_prefix(1) + "5", foreign_prefix(1) + "6"
ETH_P_IPV6 = 0x86dd
MH, BU, BA, BE = 135, 5, 6, 7


class Thin:
    """A mobile node on the first foreign link, as thin as can be."""

    def __init__(self, internet):
        from scapy.layers import inet6	# takes seconds in the guest
        self.scapy = inet6
        self.net, self.node = internet, internet.mn
        self.node.sysctl("net/ipv6/conf/eth0/accept_ra", 0)
        self.node.ip("address flush dev eth0 scope global",
                     "route flush default", "route flush root 2001:db8::/32")
        internet.move(1)
        self.node.ip("address add %s/64 dev eth0 nodad" % COA,
                     "address add %s/64 dev eth0 nodad" % COA2,
                     "route replace default via %s1" % foreign_prefix(1))
        self.node.wait_until_reaches(HOME_AGENT, source=COA)
        self.out = self.node.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.wire = self.node.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     socket.htons(ETH_P_IPV6))
        self.wire.bind(("eth0", ETH_P_IPV6))

    def close(self):
        self.out.close()
        self.wire.close()

    def update(self, seq, lifetime_s=60, coa=COA, hoa=HOA, flags="AH"):
        s = self.scapy
        return (s.IPv6(src=coa, dst=HOME_AGENT) /
                s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=hoa)]) /
                s.MIP6MH_BU(seq=seq, mhtime=lifetime_s // 4, flags=flags,
                            options=[s.MIP6OptAltCoA(acoa=coa)]))

    def send(self, packet):
        self.out.sendto(bytes(packet), (HOME_AGENT, 0))

    def receive(self, wanted, within_s=PATIENCE_S):
        """The first packet of the home agent that is wanted, None: there was none."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            self.wire.settimeout(max(0.01, end - time.monotonic()))
            try:
                data, sender = self.wire.recvfrom(2048)
            except TimeoutError:
                return None
            if sender[2] == socket.PACKET_OUTGOING:
                continue
            packet = self.scapy.IPv6(data)
            if packet.src == HOME_AGENT and wanted(packet):
                return packet
        return None

    def exchange(self, packet):
        """Send an update; its acknowledgement, judged as far as all have to be alike."""
        s = self.scapy
        self.send(packet)
        answer = self.receive(lambda p: s.MIP6MH_BA in p)
        assert answer is not None, "no Binding Acknowledgement"
        # 6.1.8: back to where the update came from, by a type 2 routing header
        assert answer.dst == packet.src
        route = answer[s.IPv6ExtHdrRouting]
        assert (route.type, route.segleft) == (2, 1)
        assert route.addresses == [packet[s.HAO].hoa]
        sum_there = answer[s.MIP6MH_BA].cksum
        del answer[s.MIP6MH_BA].cksum
        assert s.IPv6(bytes(answer))[s.MIP6MH_BA].cksum == sum_there
        assert answer[s.MIP6MH_BA].seq == packet[s.MIP6MH_BU].seq or \
            answer[s.MIP6MH_BA].status == 135
        return answer[s.MIP6MH_BA]

    def tunnel(self, coa):
        """What a mobile node's kernel needs for data."""
        if "t0" in self.node.sh("ip -o link show"):
            self.node.ip("link del t0")
        self.node.ip("link add name t0 type ip6tnl mode ip6ip6 encaplimit none local %s "
                     "remote %s dev eth0" % (coa, HOME_AGENT),
                     "link set t0 up", "address add %s/128 dev t0 nodad" % HOA,
                     "route add %s/128 dev t0 src %s" % (CORRESPONDENT, HOA))


@pytest.fixture
def thin(internet):
    ha = internet.ha.start_daemon(HA_CONF, "-f")
    ha.wait_for_log("serves as HA")
    node = Thin(internet)
    yield node
    node.close()
    assert ha.stop() == 0
    assert HOA not in internet.ha.sh("ip -6 route show table all")


def test_registration(thin):
    """RFC 6275 10.3.1, 10.4.2, 10.4.5, 10.3.2: registered, moved, deregistered."""
    net = thin.net
    ack = thin.exchange(thin.update(7))
    assert ack.status == 0 and 0 < ack.mhtime <= 15
    thin.tunnel(COA)
    net.cn.wait_until_reaches(HOA)
    thin.node.wait_until_reaches(CORRESPONDENT, source=HOA)
    # A host of the home link finds the home agent instead of the node (10.4.1).
    net.hh.wait_until_reaches(HOA)
    assert "02:00:00:00:01:01" in net.hh.sh("ip -6 neigh show " + HOA)
    # 10.4.5: what comes out of a tunnel from elsewhere is not passed on.
    thin.tunnel(COA2)
    assert thin.node.run("ping -c 2 -W 1 -I %s %s" % (HOA, CORRESPONDENT)).returncode != 0
    ack = thin.exchange(thin.update(8, coa=COA2))
    assert ack.status == 0
    thin.node.wait_until_reaches(CORRESPONDENT, source=HOA)
    net.cn.wait_until_reaches(HOA)
    ack = thin.exchange(thin.update(9, 0, coa=COA2))
    assert (ack.status, ack.mhtime) == (0, 0)
    wait_until(lambda: not net.ha.sh("ip -6 route show " + HOA))
    assert net.cn.run("ping -c 2 -W 1 " + HOA).returncode != 0


def test_refusals(thin):
    """RFC 6275 9.5.1, 10.3.1: what is wrong gets the status that says so."""
    assert thin.exchange(thin.update(100)).status == 0
    old = thin.exchange(thin.update(100))
    assert (old.status, old.seq) == (135, 100)
    old = thin.exchange(thin.update(65000))
    assert (old.status, old.seq) == (135, 100)
    # 132: not home subnet
    assert thin.exchange(thin.update(1, hoa="2001:db8:0:99::1")).status == 132
    # 133: not home agent for this mobile node (nothing to delete)
    assert thin.exchange(thin.update(1, 0, hoa="2001:db8:0:1::201")).status == 133
    # serial numbers go round
    assert thin.exchange(thin.update(30000)).status == 0
    assert thin.exchange(thin.update(60000)).status == 0
    assert thin.exchange(thin.update(5)).status == 0


def test_damaged(thin):
    """RFC 6275 9.2: a wrong checksum is met with silence, the rest with what names it."""
    s = thin.scapy
    bad = bytearray(bytes(thin.update(1)))
    bad[40 + 24 + 4] ^= 0x5a
    thin.send(bad)
    assert thin.receive(lambda p: s.MIP6MH_BA in p, 3) is None

    # A type that nobody knows.
    unknown = s.IPv6(src=COA, dst=HOME_AGENT, nh=MH) / s.MIP6MH_Generic(mhtype=77, msg=b"\0\0")
    thin.send(unknown)
    error = thin.receive(lambda p: s.MIP6MH_BE in p)
    assert error is not None and error[s.MIP6MH_BE].status == 2

    # Too short for its type: the pointer shows the field of the length.
    short = bytearray(bytes(s.IPv6(src=COA, dst=HOME_AGENT, nh=MH, plen=8)) +
                      bytes([59, 0, BU, 0, 0, 0, 0, 1]))
    total = s.in6_chksum(MH, s.IPv6(src=COA, dst=HOME_AGENT, nh=MH), bytes(short[40:]))
    short[44:46] = total.to_bytes(2, "big")
    thin.send(short)
    error = thin.receive(lambda p: s.ICMPv6ParamProblem in p)
    assert error is not None
    assert (error[s.ICMPv6ParamProblem].code, error[s.ICMPv6ParamProblem].ptr) == (0, 41)
