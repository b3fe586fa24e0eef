# SPDX-License-Identifier: GPL-2.0-or-later
"""IPsec at the home agent: its policies are those of the file, security associations are made by
hand. The mobile node is scapy, with an ESP of its own; Wireshark has the keys."""
import socket

import pytest

from .internet import CORRESPONDENT, HOME_AGENT
from .net import PATIENCE_S, wait_until
from .test_thin import COA, COA2, HOA, Thin

OTHER = "2001:db8:0:1::201"	# another home address of the set
CONF = """NodeConfig HA;
DebugLevel 2;
HaSendRouterAdvs disabled;
Interface "home";
IPsecPolicySet {
	HomeAgentAddress %s;
	HomeAddress %s/64;
	IPsecPolicy HomeRegBinding UseESP 11 12;
	IPsecPolicy MobPfxDisc UseESP 13 14;
	IPsecPolicy %%s UseESP 15 16;
}
IPsecPolicySet {
	HomeAgentAddress %s;
	HomeAddress %s/64;
	IPsecPolicy HomeRegBinding UseESP 21 22;
}
""" % (HOME_AGENT, HOA, HOME_AGENT, OTHER)
CRYPT, AUTH = b"sixteen byte key", b"twenty bytes of key!"
ECHO = b"protected, we hope"


class Keyed(Thin):
    """The thin mobile node with security associations, here and at the home agent. Each is
    (SPI, reqid, to the home agent, mode)."""

    SAS = {"bu": (0x1001, 11, True, "transport"), "ba": (0x1002, 12, False, "transport"),
           "mps": (0x1003, 13, True, "transport"), "mpa": (0x1004, 14, False, "transport"),
           "in": (0x1005, 15, True, "tunnel"), "out": (0x1006, 16, False, "tunnel"),
           "other": (0x1007, 21, True, "transport")}

    def __init__(self, internet):
        super().__init__(internet)
        from scapy.layers import ipsec
        self.sas = {}
        lines = []
        for name, (spi, reqid, to_ha, mode) in self.SAS.items():
            hoa = OTHER if name == "other" else HOA
            src, dst = (hoa, HOME_AGENT) if to_ha else (HOME_AGENT, hoa)
            lines.append("xfrm state add src %s dst %s proto esp spi %d reqid %d mode %s "
                         "auth-trunc hmac(sha1) 0x%s 96 enc cbc(aes) 0x%s"
                         % (src, dst, spi, reqid, mode, AUTH.hex(), CRYPT.hex()))
            self.sas[name] = ipsec.SecurityAssociation(
                ipsec.ESP, spi=spi, crypt_algo="AES-CBC", crypt_key=CRYPT,
                auth_algo="HMAC-SHA1-96", auth_key=AUTH)
        self.ESP = ipsec.ESP
        internet.ha.ip(*lines)

    def into_tunnel(self, inner, coa=COA):
        sa = self.sas["in"]
        sa.tunnel_header = self.scapy.IPv6(src=coa, dst=HOME_AGENT)
        return sa.encrypt(inner)

    def exchange_protected(self, update, sa="bu", within_s=PATIENCE_S):
        """The acknowledgement, out of its ESP; None: there was none."""
        self.send(self.sas[sa].encrypt(update))
        answer = self.receive(lambda p: self.ESP in p and
                              p[self.ESP].spi == self.SAS["ba"][0], within_s)
        if answer is None:
            return None
        assert answer.dst == update.src
        route = answer[self.scapy.IPv6ExtHdrRouting]
        assert (route.type, route.segleft, route.addresses) == (2, 1, [HOA])
        return self.open(answer, "ba")[self.scapy.MIP6MH_BA]

    def open(self, packet, sa):
        """What an ESP packet of the home agent holds, checked; without the headers before."""
        plain = self.scapy.IPv6(src=packet.src, dst=packet.dst, nh=50) / packet[self.ESP]
        plain = self.sas[sa].decrypt(self.scapy.IPv6(bytes(plain)), verify=True)
        return plain.payload if self.SAS[sa][3] == "tunnel" else plain

    def hear(self, sa, what, within_s=PATIENCE_S):
        """What an ESP packet of that association holds; None: none came. Until one holds
        `what`."""
        def wanted(p):
            return self.ESP in p and p[self.ESP].spi == self.SAS[sa][0] and \
                what in self.open(p, sa)
        packet = self.receive(wanted, within_s)
        return packet and self.open(packet, sa)

    def ping(self, target, identifier):
        s = self.scapy
        return (s.IPv6(src=HOA, dst=target) /
                s.ICMPv6EchoRequest(id=identifier, seq=1, data=ECHO))


def xfrm_states(ha):
    """(SPI -> (source, destination)) of ESP."""
    found, ends = {}, None
    for line in ha.sh("ip xfrm state").splitlines():
        words = line.split()
        if words[0] == "src":
            ends = (words[1], words[3])
        elif words[:2] == ["proto", "esp"]:
            found[int(words[3], 0)] = ends
    return found


def policies(ha):
    return [p for p in ha.sh("ip xfrm policy").split("\nsrc ") if "ptype main" in p]


def keys():
    options = ["-o", "esp.enable_encryption_decode:TRUE", "-o",
               "esp.enable_authentication_check:TRUE"]
    for spi, *_ in Keyed.SAS.values():
        options += ["-o", 'uat:esp_sa:"IPv6","*","*","0x%08x","AES-CBC [RFC3602]","0x%s",'
                    '"HMAC-SHA-1-96 [RFC2404]","0x%s"' % (spi, CRYPT.hex(), AUTH.hex())]
    return options


@pytest.fixture
def start(internet):
    made = []

    def begin(tunnel):
        ha = internet.ha.start_daemon(CONF % tunnel, "-f")
        ha.wait_for_log("serves as HA")
        made.append((ha, Keyed(internet)))
        return made[0]
    yield begin
    ha, node = made[0]
    node.close()
    assert ha.stop() == 0
    assert not policies(internet.ha)
    assert len(xfrm_states(internet.ha)) == len(Keyed.SAS), "states are the administrator's"


def mismatches(ha):
    """Packets that lacked the protection that a policy wants."""
    stat = dict(line.split() for line in ha.sh("cat /proc/net/xfrm_stat").splitlines())
    return int(stat["XfrmInTmplMismatch"])


def test_registrations_are_protected(start, internet):
    """RFC 6275 5.1, 10.3.1; RFC 3776 4.2: ESP in transport mode behind the Home Address option and
    behind the routing header; what comes without, or by another node's association, is refused."""
    _, node = start("TunnelHomeTesting")
    s, ha = node.scapy, internet.ha
    node.send(node.update(5))
    # A deregistration as if from home: no option, the home address as source.
    home = s.IPv6(src=HOA, dst=HOME_AGENT) / s.MIP6MH_BU(seq=6, mhtime=0, flags="AH")
    node.into_tunnel(home)
    node.send(home)
    assert node.receive(lambda p: s.MIP6MH_BA in p or node.ESP in p, 3) is None
    assert mismatches(ha) >= 1
    assert node.exchange_protected(node.update(6), sa="other", within_s=4) is None
    assert mismatches(ha) >= 2
    assert not ha.ctl("bindings")["bindings"]
    ack = node.exchange_protected(node.update(7))
    assert (ack.status, ack.seq) == (0, 7)
    assert [b["home_address"] for b in ha.ctl("bindings")["bindings"]] == [HOA]
    # Nor can one without protection end it, or move it.
    node.send(node.update(8, 0))
    node.send(node.update(9, coa=COA2))
    assert node.receive(lambda p: s.MIP6MH_BA in p or node.ESP in p, 3) is None
    assert ha.ctl("bindings")["bindings"][0]["care_of_address"] == COA
    # A home address without a policy of its own is not served at all (5.1: MUST).
    assert node.exchange(node.update(1, hoa="2001:db8:0:1::202")).status == 129
    ack = node.exchange_protected(node.update(10, 0))
    assert (ack.status, ack.mhtime) == (0, 0)
    # As Wireshark sees it.
    sent = internet.capture.packets("esp && mip6.mhtype", "ha", "core", keys())
    kinds = [p.number("mip6.mhtype") for p in sent]
    assert 5 in kinds and 6 in kinds
    for p in sent:
        assert p["esp.spi"] in ("0x00001001", "0x00001002", "0x00001007")
        if p.number("mip6.mhtype") == 6:
            assert p["ipv6.dst"] == COA and p["ipv6.routing.mipv6.home_address"] == HOA
    assert not internet.capture.packets("mip6.mhtype == 6 && !esp && ipv6.routing.mipv6.home_address"
                                        " == %s" % HOA, "ha", "core", keys())


def test_prefix_discovery_is_protected(start, internet):
    """RFC 6275 10.6.3, RFC 3776 3.3: a solicitation in ESP is answered in ESP; the answer is never
    sent without."""
    _, node = start("TunnelHomeTesting")
    s = node.scapy
    assert node.exchange_protected(node.update(7)).status == 0
    ask = (s.IPv6(src=COA, dst=HOME_AGENT) / s.IPv6ExtHdrDestOpt(options=[s.HAO(hoa=HOA)]) /
           s.ICMPv6MPSol(id=0x77))
    # over the home address, as all checksums are
    ask[s.ICMPv6MPSol].cksum = s.in6_chksum(58, s.IPv6(src=HOA, dst=HOME_AGENT),
                                            bytes(s.ICMPv6MPSol(id=0x77, cksum=0)))
    node.send(node.sas["mps"].encrypt(ask))
    answer = node.hear("mpa", s.ICMPv6MPAdv)
    assert answer is not None and answer[s.ICMPv6MPAdv].id == 0x77
    said = internet.capture.packets("icmpv6.type == 147", "ha", "core", keys())
    assert said and all(p["esp.spi"] == "0x00001004" for p in said)
    assert said[0]["ipv6.routing.mipv6.home_address"] == HOA


def test_payload_is_protected(start, internet):
    """RFC 6275 10.4.2, 10.4.5, 10.4.6; RFC 3776 3.4, 4.2: everything through the tunnel in ESP; the
    associations follow the care-of address and come to rest at the home address again."""
    _, node = start("TunnelPayload")
    s, ha, cn = node.scapy, internet.ha, internet.cn
    for coa, seq in ((COA, 7), (COA2, 8)):
        assert node.exchange_protected(node.update(seq, coa=coa)).status == 0
        assert xfrm_states(ha)[0x1005] == (coa, HOME_AGENT)
        assert xfrm_states(ha)[0x1006] == (HOME_AGENT, coa)
        # From the mobile node to the correspondent, and its answer.
        node.send(node.into_tunnel(node.ping(CORRESPONDENT, seq), coa))
        answer = node.hear("out", s.ICMPv6EchoReply)
        assert answer is not None and (answer.src, answer.dst) == (CORRESPONDENT, HOA)
        assert answer[s.ICMPv6EchoReply].data == ECHO
        # From the correspondent.
        cn.start("ping", "ping -c 1 -W 1 " + HOA)
        asked = node.hear("out", s.ICMPv6EchoRequest)
        assert asked is not None and (asked.src, asked.dst) == (CORRESPONDENT, HOA)
    # A tunnel without protection is refused, from the right place, too.
    before = mismatches(ha)
    node.send(s.IPv6(src=COA2, dst=HOME_AGENT) / node.ping(CORRESPONDENT, 99))
    assert node.receive(lambda p: True, 2) is None
    assert mismatches(ha) > before
    wire = internet.capture.packets("ipv6.nxt == 41", "ha", "core")
    assert [p.all("ipv6.src")[0] for p in wire] == [COA2], "only what was refused"
    assert node.exchange_protected(node.update(9, 0, coa=COA2)).status == 0
    wait_until(lambda: xfrm_states(ha)[0x1006] == (HOME_AGENT, HOA))
    assert xfrm_states(ha)[0x1005] == (HOA, HOME_AGENT)
    assert not [p for p in policies(ha) if "mode tunnel" in p]


def test_home_tests_are_protected(start, internet):
    """RFC 6275 10.4.6: Home Test Init and Home Test in ESP in tunnel mode, payload without."""
    _, node = start("TunnelHomeTesting")
    s, ha = node.scapy, internet.ha
    internet.cn.start_daemon("NodeConfig CN;\nDebugLevel 2;\n", "-f").wait_for_log("serves as CN")
    assert node.exchange_protected(node.update(7)).status == 0
    init = s.IPv6(src=HOA, dst=CORRESPONDENT) / s.MIP6MH_HoTI(cookie=b"12345678")
    node.send(s.IPv6(src=COA, dst=HOME_AGENT) / init)
    # queries for multicast listeners (10.4.3) are no home test, and may come as they are
    answer = node.receive(lambda p: s.ICMPv6MLQuery2 not in p, 2)
    assert answer is None, "a Home Test Init without protection"
    node.send(node.into_tunnel(init))
    test = node.hear("out", s.MIP6MH_HoT)
    assert test is not None and (test.src, test.dst) == (CORRESPONDENT, HOA)
    assert test[s.MIP6MH_HoT].cookie == b"12345678"
    # Payload takes the tunnel that it has always taken.
    node.tunnel(COA)
    node.node.wait_until_reaches(CORRESPONDENT, source=HOA)
    internet.cn.wait_until_reaches(HOA)
    assert node.exchange_protected(node.update(8, 0)).status == 0
    wait_until(lambda: xfrm_states(ha)[0x1006] == (HOME_AGENT, HOA))
