# SPDX-License-Identifier: GPL-2.0-or-later
"""The mobile node against a correspondent that is not ours (ro_thin.py), by way of a home agent
that is. RFC 6275 5.2, 11.3.5, 11.3.6, 11.6, 11.7."""
import os
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, foreign_prefix
from .net import PATIENCE_S, wait_until
from .ro_thin import BA, BU, COTI, HOTI, MH, Wire, authenticator, key, mh_bytes, mh_type, option
from .test_mobility import HA_CONF
from .test_ro import RO_CONF, rotest

CONF = RO_CONF + "UseCnBuAck enabled;\n"


class Correspondent:
    def __init__(self, internet):
        self.net = internet
        self.wire = Wire(internet.cn)
        self.s = self.wire.s
        self.home_token, self.careof_token = os.urandom(8), os.urandom(8)
        self.home_index, self.careof_index = 21, 42
        self.stream = None

    def close(self):
        if self.stream:
            self.stream.stop()
        self.wire.close()

    def traffic(self):
        """Pings from the mobile node, all the while."""
        self.stream = self.net.mn.start("ping", ["ping", "-i", "0.1", "-I", HOME_ADDRESS,
                                                 CORRESPONDENT])

    def questions(self):
        """Both Test Inits, in any order. Returns them by type."""
        found = {}
        for p in self.wire.packets(PATIENCE_S):
            if mh_type(p) in (HOTI, COTI):
                found[mh_type(p)] = p
            if len(found) == 2:
                return found
        raise AssertionError("only %s came" % list(found))

    def send(self, dst, message):
        self.wire.send(self.s.IPv6(src=CORRESPONDENT, dst=dst) / message)

    def hot(self, question, cookie=None, token=None):
        self.send(question.src, self.s.MIP6MH_HoT(
            index=self.home_index, token=token or self.home_token,
            cookie=cookie or question.lastlayer().cookie))

    def cot(self, question, cookie=None, token=None):
        self.send(question.src, self.s.MIP6MH_CoT(
            index=self.careof_index, token=token or self.careof_token,
            cookie=cookie or question.lastlayer().cookie))

    def kbm(self):
        return key(self.home_token, self.careof_token)

    def update(self):
        """The next Binding Update, judged field by field. None: there was none."""
        s = self.s
        p = self.wire.message(BU)
        if p is None:
            return None
        message = p.lastlayer()
        # 11.7.2: from the care-of address, with the home address in the option; no H bit
        self.coa = p.src
        assert p[s.HAO].hoa == HOME_ADDRESS and "H" not in str(message.flags)
        assert 0 < message.mhtime * 4 <= 420
        nonces = option(p, s.MIP6OptNonceIndices)
        assert (nonces.hni, nonces.coni) == (self.home_index, self.careof_index)
        raw = mh_bytes(p)
        assert raw[-14:-12] == b"\x05\x0c"	# the last option, nothing behind it
        assert raw[-12:] == authenticator(self.kbm(), p.src, CORRESPONDENT, raw)
        # 6.1.1: over the home address
        ends = s.IPv6(src=HOME_ADDRESS, dst=CORRESPONDENT, nh=MH)
        assert message.cksum == s.in6_chksum(MH, ends, raw[:4] + b"\0\0" + raw[6:])
        return message

    def acknowledge(self, seq, status=0, lifetime_s=400, kbm=None):
        s = self.s
        packet = (s.IPv6(src=CORRESPONDENT, dst=self.coa) /
                  s.IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME_ADDRESS]) /
                  s.MIP6MH_BA(status=status, seq=seq, mhtime=lifetime_s // 4))
        if status not in (136, 137, 138):
            packet = self.wire.signed(packet, kbm or self.kbm(), self.coa, CORRESPONDENT)
        self.wire.send(packet)

    def bind(self):
        """The whole exchange. Returns its update."""
        q = self.questions()
        # 11.6.1: the one by the home agent, the other directly
        assert q[HOTI].src == HOME_ADDRESS
        assert q[COTI].src.startswith(foreign_prefix(1)[:-1])
        self.hot(q[HOTI])
        self.cot(q[COTI])
        update = self.update()
        self.acknowledge(update.seq)
        return update

    def data(self, direct, within_s=PATIENCE_S):
        """An echo request that comes directly, or by the home agent."""
        s = self.s
        return self.wire.receive(lambda p: s.ICMPv6EchoRequest in p and (s.HAO in p) == direct,
                                 within_s)

    def is_silent(self, within_s=1.0):
        return self.wire.receive(lambda p: mh_type(p) is not None, within_s) is None


@pytest.fixture
def correspondent(internet):
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    daemon = internet.mn.start_daemon(CONF, "-f")
    daemon.wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches("2001:db8:0:1::2", source=HOME_ADDRESS)
    peer = Correspondent(internet)
    peer.traffic()
    yield peer
    peer.close()
    assert daemon.stop() == 0
    assert "proto hao" not in internet.mn.sh("ip xfrm state")


def test_the_whole_exchange(correspondent):
    """RFC 6275 5.2.5, 5.2.6, 11.6.1, 11.6.2, 11.7.2, 11.3.1: tests, update, data with the option;
    cookies differ; forged answers are ignored."""
    c = correspondent
    q = c.questions()
    assert q[HOTI].lastlayer().cookie != q[COTI].lastlayer().cookie
    c.hot(q[HOTI], cookie=b"notthis1")
    c.cot(q[COTI], cookie=b"notthis2")
    assert c.wire.message(BU, 0.5) is None
    # ... and each transmission has cookies of its own (11.8)
    again = c.questions()
    for kind in (HOTI, COTI):
        assert again[kind].lastlayer().cookie != q[kind].lastlayer().cookie
    c.cot(again[COTI])
    c.hot(again[HOTI])
    first = c.update()
    assert "A" in str(first.flags)
    # an acknowledgement that is not signed right is none; the update is repeated
    c.acknowledge(first.seq, kbm=bytes(20))
    second = c.update()
    assert second.seq == (first.seq + 1) & 0xffff
    assert c.data(direct=False) is not None
    c.acknowledge(second.seq)
    p = c.data(direct=True)
    assert p is not None and p.src == c.coa and p[c.s.HAO].hoa == HOME_ADDRESS
    wait_until(lambda: rotest(c.net.mn, CORRESPONDENT)["acknowledged"])
    c.wire.flush()
    assert c.data(direct=False, within_s=0.5) is None


def test_every_refusal_has_its_consequence(correspondent):
    """RFC 6275 11.7.3, 5.2.7: 137 repeats the care-of test alone, 136 the home test, 138 both; 135
    goes on from the number that is given; 129 ends it."""
    c = correspondent
    q = c.questions()
    c.hot(q[HOTI])
    c.cot(q[COTI])
    update = c.update()
    c.careof_index, c.careof_token = 43, os.urandom(8)
    c.acknowledge(update.seq, 137, 0)
    p = c.wire.receive(lambda p: mh_type(p) in (HOTI, COTI))
    assert mh_type(p) == COTI
    c.cot(p)
    update = c.update()
    c.home_index, c.home_token = 22, os.urandom(8)
    c.acknowledge(update.seq, 136, 0)
    p = c.wire.receive(lambda p: mh_type(p) in (HOTI, COTI))
    assert mh_type(p) == HOTI
    c.hot(p)
    update = c.update()
    c.acknowledge((update.seq + 3000) & 0xffff, 135, 0)
    repaired = c.update()
    assert repaired.seq == (update.seq + 3001) & 0xffff
    c.acknowledge(repaired.seq, 129, 0)
    wait_until(lambda: rotest(c.net.mn, CORRESPONDENT)["state"] == "quiet")
    assert "prohibited" in rotest(c.net.mn, CORRESPONDENT)["why"].lower()
    c.wire.flush()
    assert c.is_silent()
    assert c.data(direct=False) is not None


def test_errors_and_refresh_requests(correspondent):
    """RFC 6275 11.3.6, 11.7.4: status 1 leads back to the tunnel and to a new binding with a greater
    number; a request to refresh to a new binding at once; status 2 about a test to the end."""
    c, s = correspondent, correspondent.s
    first = c.bind()
    assert c.data(direct=True) is not None
    c.send(c.coa, s.MIP6MH_BE(status=2))		# nothing was asked: ignored
    c.send(c.coa, s.MIP6MH_BE(status=1, ha="2001:db8:0:1::77"))
    assert c.is_silent()
    c.wire.flush()
    c.send(c.coa, s.MIP6MH_BE(status=1, ha=HOME_ADDRESS))
    q = c.questions()
    assert c.data(direct=False) is not None
    c.hot(q[HOTI])
    c.cot(q[COTI])
    second = c.update()
    assert 0 < (second.seq - first.seq) & 0xffff < 32768
    c.acknowledge(second.seq)
    assert c.data(direct=True) is not None
    time.sleep(5)
    c.wire.flush()
    c.wire.send(s.IPv6(src=CORRESPONDENT, dst=c.coa) /
                s.IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME_ADDRESS]) / s.MIP6MH_BRR())
    third = c.bind()
    assert 0 < (third.seq - second.seq) & 0xffff < 32768
    assert c.data(direct=True) is not None
    time.sleep(5)
    c.wire.flush()
    c.send(c.coa, s.MIP6MH_BE(status=1, ha=HOME_ADDRESS))
    c.questions()
    c.send(c.coa, s.MIP6MH_BE(status=2))
    wait_until(lambda: rotest(c.net.mn, CORRESPONDENT)["state"] == "quiet")
    assert c.is_silent()


def daemon_log(net):
    return next(p for p in net.mn.processes if p.name == "mip6d").log_text()


def quoted(p):
    """The packet as an error quotes it."""
    return bytes(p)[:1232]


def test_icmp_errors_are_judged(correspondent):
    """RFC 6275 11.3.5, RFC 4443 3.1, 3.4: type, code and pointer. A closed port ends nothing, nor does
    an option that is said to be unknown; no route to the peer ends the direct path; an unknown header
    ends the attempt, with the pointer at it only."""
    c, s, net = correspondent, correspondent.s, correspondent.net
    c.bind()
    packet = c.data(direct=True)
    assert packet is not None
    c.send(c.coa, s.ICMPv6DestUnreach(code=4) / quoted(packet))
    c.send(c.coa, s.ICMPv6ParamProblem(code=2, ptr=46) / quoted(packet))
    time.sleep(0.5)
    c.wire.flush()
    assert c.data(direct=True) is not None
    assert "Home Address option" in daemon_log(net)
    c.send(c.coa, s.ICMPv6DestUnreach(code=0) / quoted(packet))
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["state"] == "quiet")
    assert "does not reach" in rotest(net.mn, CORRESPONDENT)["why"]
    c.wire.flush()
    assert c.data(direct=False) is not None


def test_an_unknown_header_is_pointed_at(correspondent):
    """RFC 6275 11.3.5, 11.6.2: Parameter Problem code 1 with the pointer at the Mobility Header."""
    c, s, net = correspondent, correspondent.s, correspondent.net
    q = c.questions()
    for code, pointer in ((0, 6), (1, 7), (1, 40), (1, 3000)):
        c.send(q[COTI].src, s.ICMPv6ParamProblem(code=code, ptr=pointer) / quoted(q[COTI]))
    time.sleep(0.3)
    assert rotest(net.mn, CORRESPONDENT)["state"] == "testing"
    c.send(q[COTI].src, s.ICMPv6ParamProblem(code=1, ptr=6) / quoted(q[COTI]))
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["state"] == "quiet")
    assert "does not know" in rotest(net.mn, CORRESPONDENT)["why"]


def test_routing_headers(correspondent):
    """RFC 6275 6.4: the reserved field is ignored when it comes, and zero when sent (see
    test_ro_mobile.py); a routing header is not turned around for an answer."""
    c, s = correspondent, correspondent.s
    c.bind()
    assert c.data(direct=True) is not None
    c.wire.flush()
    c.wire.send(s.IPv6(src=CORRESPONDENT, dst=c.coa) /
                s.IPv6ExtHdrRouting(type=2, segleft=1, reserved=0xdeadbeef,
                                    addresses=[HOME_ADDRESS]) / s.ICMPv6EchoRequest(id=77))
    answer = c.wire.receive(lambda p: s.ICMPv6EchoReply in p and p[s.ICMPv6EchoReply].id == 77)
    assert answer is not None, "not taken"
    assert s.IPv6ExtHdrRouting not in answer
    assert answer.src == c.coa and answer[s.HAO].hoa == HOME_ADDRESS
