# SPDX-License-Identifier: GPL-2.0-or-later
"""The correspondent against a mobile node that is not ours (ro_thin.py): one half of it speaks for
its home address, on the home link, the other stands on a foreign link. RFC 6275 5.2 and 9."""
import contextlib
import glob
import time

import pytest

from .internet import CORRESPONDENT, foreign_prefix
from .net import wait_until
from .ro_thin import BA, BE, COT, HOT, MH, Wire, authenticator, key, mh_bytes, mh_type, option

HOA = "2001:db8:0:1::200"
COA, COA2 = foreign_prefix(1) + "5", foreign_prefix(1) + "6"
CN_CONF = "NodeConfig CN;\nDebugLevel 2;\n"


class Mobile:
    def __init__(self, internet):
        self.net, node = internet, internet.mn
        node.sysctl("net/ipv6/conf/eth0/accept_ra", 0)
        node.ip("address flush dev eth0 scope global", "route flush default",
                "route flush root 2001:db8::/32")
        internet.move(1)
        node.ip("address add %s/64 dev eth0 nodad" % COA, "address add %s/64 dev eth0 nodad" % COA2,
                "route replace default via %s1" % foreign_prefix(1))
        internet.hh.ip("address add %s/64 dev eth0 nodad" % HOA)
        self.away, self.home = Wire(node), Wire(internet.hh)
        self.s = self.away.s
        node.wait_until_reaches(CORRESPONDENT, source=COA)
        internet.hh.wait_until_reaches(CORRESPONDENT, source=HOA)

    def close(self):
        self.away.close()
        self.home.close()

    def hoti(self, cookie=b"homecook", hoa=HOA):
        return self.s.IPv6(src=hoa, dst=CORRESPONDENT) / self.s.MIP6MH_HoTI(
            reserved=b"\0\0", cookie=cookie)

    def coti(self, cookie=b"carecook", coa=COA):
        return self.s.IPv6(src=coa, dst=CORRESPONDENT) / self.s.MIP6MH_CoTI(
            reserved=b"\0\0", cookie=cookie)

    def test(self, coa=COA):
        """Both tests; their answers are judged and kept."""
        self.home.flush()
        self.away.flush()
        self.home.send(self.hoti())
        self.away.send(self.coti(coa=coa))
        self.hot = self.home.message(HOT).lastlayer()
        self.cot = self.away.message(COT).lastlayer()
        assert (self.hot.cookie, self.cot.cookie) == (b"homecook", b"carecook")

    def update(self, seq, lifetime_s=400, coa=COA, nonces=None, flags="A", hao=HOA, more=()):
        s = self.s
        home, careof = nonces or (self.hot.index, self.cot.index)
        p = s.IPv6(src=coa, dst=CORRESPONDENT)
        if hao:
            p /= s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=hao)])
        return p / s.MIP6MH_BU(seq=seq, mhtime=lifetime_s // 4, flags=flags, options=[
            s.MIP6OptNonceIndices(olen=4, hni=home, coni=careof)] + list(more))

    def kbm(self):
        return key(self.hot.token, self.cot.token)

    def sign(self, packet, kbm=None, coa=COA):
        return self.away.signed(packet, kbm or self.kbm(), coa, CORRESPONDENT)

    def exchange(self, packet, status, kbm=None, coa=COA):
        """A signed update and its acknowledgement, judged field by field."""
        s = self.s
        self.away.send(self.sign(packet, kbm, coa))
        answer = self.away.message(BA)
        assert answer is not None, "no acknowledgement"
        ack = answer.lastlayer()
        assert ack.status == status
        # 9.5.4: to where the update came from, by a type 2 routing header
        assert (answer.src, answer.dst) == (CORRESPONDENT, packet.src)
        route = answer[s.IPv6ExtHdrRouting]
        assert (route.type, route.segleft, route.addresses) == (2, 1, [HOA])
        data = option(answer, s.MIP6OptBindingAuthData)
        if status in (136, 137, 138):
            assert data is None
        else:	# 9.5.4, 6.2.7: signed, with the same key
            raw = mh_bytes(answer)
            assert raw[-14:-12] == b"\x05\x0c"
            assert raw[-12:] == authenticator(kbm or self.kbm(), coa, CORRESPONDENT, raw)
        return ack

    def is_silent(self, packet, within_s=1.0):
        self.away.flush()
        self.away.send(packet)
        return self.away.receive(lambda p: p.src == CORRESPONDENT, within_s) is None


def bindings(net):
    return [b for b in net.cn.ctl("bindings")["bindings"] if b["state"] == "active"]


def counter(net, name):
    return {c["name"]: c["value"] for c in net.cn.ctl("counters all")["counters"]}[name]


@pytest.fixture
def mobile(internet):
    daemon = internet.cn.start_daemon(CN_CONF, "-f")
    daemon.wait_for_log("serves as CN")
    m = Mobile(internet)
    yield m
    m.close()
    assert daemon.stop() == 0
    assert "proto hao" not in internet.cn.sh("ip xfrm state")


def test_a_binding_from_begin_to_end(mobile):
    """RFC 6275 5.2.5, 5.2.6, 9.3.2, 9.5.2, 9.5.3: bound, data both ways with their headers, bound to
    another care-of address, deleted from home without a routing header."""
    net, s = mobile.net, mobile.s
    mobile.test()
    assert not bindings(net)
    assert mobile.exchange(mobile.update(7), 0).mhtime == 100
    b, = bindings(net)
    assert (b["home_address"], b["care_of_address"], b["sequence"]) == (HOA, COA, 7)
    # data: an echo request with the option, its answer by the routing header
    mobile.away.send(s.IPv6(src=COA, dst=CORRESPONDENT) /
                     s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=HOA)]) / s.ICMPv6EchoRequest(id=5))
    answer = mobile.away.receive(lambda p: s.ICMPv6EchoReply in p)
    assert answer is not None and (answer.src, answer.dst) == (CORRESPONDENT, COA)
    route = answer[s.IPv6ExtHdrRouting]
    assert (route.type, route.segleft, route.addresses, route.reserved) == (2, 1, [HOA], 0)
    # an alternate care-of address: tests and authenticator are about that one (5.2.6, 9.5.1)
    mobile.test(COA2)
    alternate = mobile.update(8, more=[s.MIP6OptAltCoA(acoa=COA2)])
    assert mobile.is_silent(mobile.sign(alternate.copy(), coa=COA))
    assert mobile.exchange(alternate, 0, coa=COA2).seq == 8
    assert [b["care_of_address"] for b in bindings(net)] == [COA2]
    # home: no option, signed with the home address, answered without a routing header
    delete = mobile.update(9, 0, coa=HOA, hao=None, nonces=(mobile.hot.index, 0))
    mobile.home.send(mobile.sign(delete, key(mobile.hot.token), HOA))
    answer = mobile.home.message(BA)
    assert answer is not None and s.IPv6ExtHdrRouting not in answer
    assert (answer.dst, answer.lastlayer().status, answer.lastlayer().mhtime) == (HOA, 0, 0)
    raw = mh_bytes(answer)
    assert raw[-12:] == authenticator(key(mobile.hot.token), HOA, CORRESPONDENT, raw)
    assert not bindings(net)
    found = net.capture.packets("mip6.mhtype == 6", node="cn", interface="eth0")
    assert [p.number("mip6.ba.status") for p in found] == [0, 0, 0]


def test_what_is_wrong_gets_the_status_that_says_so(mobile):
    """RFC 6275 9.5.1, 9.5.4: 135 to 138, 131, 129; a deletion needs no care-of nonce."""
    net = mobile.net
    mobile.test()
    home, careof = mobile.hot.index, mobile.cot.index
    unknown = (home + 1000) & 0xffff
    assert mobile.exchange(mobile.update(1, nonces=(unknown, careof)), 136).mhtime == 0
    mobile.exchange(mobile.update(1, nonces=(home, unknown)), 137)
    mobile.exchange(mobile.update(1, nonces=(unknown, unknown)), 138)
    assert not bindings(net)
    mobile.exchange(mobile.update(100), 0)
    for old in (100, 99, 100 + 32768):
        assert mobile.exchange(mobile.update(old & 0xffff), 135).seq == 100
    mobile.exchange(mobile.update(100 + 32767), 0)
    # without the A bit: acceptance is not told, refusal is
    assert mobile.is_silent(mobile.sign(mobile.update(32900, flags="")))
    assert mobile.exchange(mobile.update(32899, flags=""), 135).seq == 32900
    # a deletion from afar: the care-of nonce is not looked at
    mobile.exchange(mobile.update(32901, 0, nonces=(home, unknown)), 0,
                    kbm=key(mobile.hot.token), coa=HOA)
    assert not bindings(net)
    # 5.2.8, 9.5.3: what was good before is no good again
    assert mobile.exchange(mobile.update(32900), 135).seq == 32901
    assert counter(net, "bu_bad_nonce") == 3


def test_forgeries_are_met_with_silence(mobile):
    """RFC 6275 9.4.1, 9.4.2, 9.5.1: wrong key, swapped tokens, tokens of another address, no option,
    an option that is not the last, tests with a Home Address option."""
    net, s = mobile.net, mobile.s
    mobile.test()
    good = mobile.update(5)
    for kbm in (bytes(20), key(mobile.cot.token, mobile.hot.token),
                key(mobile.hot.token, mobile.hot.token), key(mobile.hot.token)):
        assert mobile.is_silent(mobile.sign(good.copy(), kbm), 0.5)
    assert counter(net, "bu_bad_auth") == 4
    # the right key, somebody else's addresses
    assert mobile.is_silent(mobile.sign(mobile.update(5, coa=COA2), coa=COA2), 0.5)
    assert mobile.is_silent(mobile.sign(mobile.update(5, hao=HOA[:-3] + "201")), 0.5)
    # a bit of the message changed after signing
    signed = bytearray(bytes(mobile.sign(good.copy())))
    signed[64 + 10] ^= 0x80	# the lifetime
    total = s.in6_chksum(MH, s.IPv6(src=HOA, dst=CORRESPONDENT, nh=MH),
                         bytes(signed[64:68]) + b"\0\0" + bytes(signed[70:]))
    signed[68:70] = total.to_bytes(2, "big")
    assert mobile.is_silent(bytes(signed), 0.5)
    # options missing
    assert mobile.is_silent(good.copy(), 0.5)
    bare = mobile.update(5)
    bare.lastlayer().options = []
    assert mobile.is_silent(mobile.sign(bare), 0.5)
    # the authenticator is followed by padding
    padded = mobile.sign(good.copy())
    raw = bytearray(bytes(padded)) + bytes([1, 6, 0, 0, 0, 0, 0, 0])
    raw[4:6] = (len(raw) - 40).to_bytes(2, "big")
    raw[65] += 1
    raw[68:70] = b"\0\0"
    raw[68:70] = s.in6_chksum(MH, s.IPv6(src=HOA, dst=CORRESPONDENT, nh=MH),
                              bytes(raw[64:])).to_bytes(2, "big")
    assert mobile.is_silent(bytes(raw), 0.5)
    for init in (s.MIP6MH_HoTI, s.MIP6MH_CoTI):
        assert mobile.is_silent(s.IPv6(src=COA, dst=CORRESPONDENT) /
                                s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=HOA)]) /
                                init(reserved=b"\0\0", cookie=b"12345678"), 0.5)
    assert not bindings(net)
    mobile.exchange(good, 0)


def test_the_kernels_part(mobile):
    """RFC 6275 8.2: a routing header for somebody who is no mobile node is silently discarded; 9.3.2:
    Neighbour Discovery goes without a routing header, though there is a binding; 6.4: what came with
    an option is not answered by turning it around."""
    net, s = mobile.net, mobile.s
    assert mobile.is_silent(s.IPv6(src=COA, dst=CORRESPONDENT) /
                            s.IPv6ExtHdrRouting(type=2, segleft=1, addresses=[CORRESPONDENT]) /
                            s.ICMPv6EchoRequest())
    mobile.test()
    mobile.exchange(mobile.update(1), 0)
    net.cn.ip("neigh replace %s lladdr 02:00:00:00:99:99 dev eth0 nud probe" % HOA)
    asked = net.capture.wait_for("icmpv6.nd.ns.target_address == " + HOA, node="cn",
                                 interface="eth0")
    assert asked[0]["ipv6.dst"] == HOA and "ipv6.routing.type" not in asked[0]
    net.cn.ip("neigh del %s dev eth0" % HOA)


def spoofed_data(mobile, hoa=HOA):
    s = mobile.s
    return (s.IPv6(src=COA, dst=CORRESPONDENT) / s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=hoa)]) /
            s.ICMPv6EchoRequest())


def test_nothing_is_reflected_or_amplified(mobile):
    """RFC 6275 9.3.3, 15.4: for each packet in at most one out, to the source in its IPv6 header and
    nowhere else; a test's answer is as long as the question and a token, an error no longer than what
    it must hold; errors are limited in number."""
    s, net = mobile.s, mobile.net
    mobile.test()
    questions = {
        "HoTI": mobile.hoti(hoa=COA), "CoTI": mobile.coti(),
        "BU": mobile.sign(mobile.update(1, nonces=(1, 2))),
        "BU forged": mobile.sign(mobile.update(1), bytes(20)),
        "BU home": mobile.sign(mobile.update(1, flags="AH")),
        "option": spoofed_data(mobile),
        "unknown type": s.IPv6(src=COA, dst=CORRESPONDENT) / s.MIP6MH_Generic(
            mhtype=99, msg=b"\0" * 18),
        "BA": s.IPv6(src=COA, dst=CORRESPONDENT) / s.MIP6MH_BA(),
        "BE": s.IPv6(src=COA, dst=CORRESPONDENT) / s.MIP6MH_BE(),
    }
    for name, question in questions.items():
        mobile.away.flush()
        mobile.home.flush()
        mobile.away.send(question)
        answers = [p for p in mobile.away.packets(0.6) if p.src == CORRESPONDENT]
        assert len(answers) <= 1, name
        if answers:
            # a Home Test has a token more than what asks for it (6.1.3, 6.1.5); a Binding
            # Error an address (6.1.9), to a question that may be as short as this
            room = {HOT: 8, COT: 8, BE: 16}.get(mh_type(answers[0]), 0)
            assert len(bytes(answers[0])) <= len(bytes(question)) + room, name
            assert answers[0].dst == COA, name
        assert mobile.home.receive(lambda p: p.src == CORRESPONDENT, 0.05) is None, name
        assert bool(answers) == (name not in ("BU forged", "BA", "BE")), name
    # 9.3.3: errors at a limited rate
    before = counter(net, "out_be")
    packets = [bytes(spoofed_data(mobile, "2001:db8:0:1::%x" % (0x300 + i))) for i in range(200)]
    begin = time.monotonic()
    for p in packets:
        mobile.away.send(p)
    wait_until(lambda: counter(net, "hao_unverified") >= 150, "the reports")
    seconds = time.monotonic() - begin
    assert counter(net, "out_be") - before <= 10 + 10 * (seconds + 1)
    assert counter(net, "be_limited") > 0
    errors = net.capture.packets("mip6.mhtype == 7 && ipv6.src == " + CORRESPONDENT, node="cn",
                                 interface="eth0")
    assert {p.number("mip6.be.status") for p in errors} == {1, 2}
    assert {p["mip6.be.haddr"] for p in errors if p.number("mip6.be.status") == 2} == {"::"}
    assert not bindings(net)


def memory_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def daemon_pid():
    """The correspondent's; it runs alone in this guest."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        with contextlib.suppress(OSError), open(path) as f:
            if f.read().strip() == "mip6d":
                return int(path.split("/")[2])
    raise AssertionError("no daemon")


@pytest.mark.limit(180)
def test_floods_of_tests_leave_nothing_behind(mobile):
    """RFC 6275 5.2.5: no state before a valid update: neither memory, nor bindings, nor timers grow
    with 20 000 Test Inits from as many addresses; and a node's own test is answered meanwhile."""
    net = mobile.net
    pid = daemon_pid()
    mobile.test()
    before, status = memory_kb(pid), net.cn.ctl("status")
    timers = len(net.cn.ctl("timers")["timers"])
    # The last word of the address and a word of the cookie change the checksum in opposite ways.
    for question in (mobile.hoti(hoa=foreign_prefix(1) + "ffff", cookie=bytes(8)),
                     mobile.coti(coa=foreign_prefix(1) + "ffff", cookie=bytes(8))):
        raw = bytearray(bytes(question))
        for i in range(10000):
            word = 0x1000 + i
            raw[22:24] = word.to_bytes(2, "big")
            raw[-2:] = (0xffff - word).to_bytes(2, "big")
            mobile.away.out.sendto(raw, (CORRESPONDENT, 0))
    mobile.away.flush()
    mobile.test()
    heard = counter(net, "in_hoti") + counter(net, "in_coti")
    assert heard > 10000, "only %d came" % heard
    after = net.cn.ctl("status")
    for name in ("correspondent_bindings", "remembered_sequence_numbers"):
        assert after[name] == status[name] == 0
    assert len(net.cn.ctl("timers")["timers"]) <= timers + 1
    assert memory_kb(pid) - before <= 256, "%d kB more" % (memory_kb(pid) - before)
    mobile.exchange(mobile.update(1), 0)
