# SPDX-License-Identifier: GPL-2.0-or-later
"""A mobile node and its home agent with IPsec between them, both ours, on the real kernel; the
associations are made by hand on both, as an administrator would."""
import signal

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import wait_until
from .test_ha_ipsec import AUTH, CRYPT, policies, xfrm_states
from .test_mn_traffic import bulk_passes, echo, passes_whole, set_mtu

SET = """IPsecPolicySet {
	HomeAgentAddress %s;
	HomeAddress %s/64;
	IPsecPolicy HomeRegBinding UseESP 11 12;
	IPsecPolicy MobPfxDisc UseESP 13 14;
	IPsecPolicy %%s UseESP 15 16;
}
""" % (HOME_AGENT, HOME_ADDRESS)
HA_CONF = """NodeConfig HA;
DebugLevel 2;
HaSendRouterAdvs disabled;
Interface "home";
""" + SET
MN_CONF = """NodeConfig MN;
DebugLevel 2;
CoaDad none;
Interface "eth0" { MnIfPreference 1; }
Interface "eth1" { MnIfPreference 2; }
MnHomeLink "eth0" {
	HomeAddress %s/64;
	HomeAgentAddress %s;
}
""" % (HOME_ADDRESS, HOME_AGENT) + SET
# SPI, reqid, to the home agent, mode
SAS = ((0x2001, 11, True, "transport"), (0x2002, 12, False, "transport"),
       (0x2003, 13, True, "transport"), (0x2004, 14, False, "transport"),
       (0x2005, 15, True, "tunnel"), (0x2006, 16, False, "tunnel"))


def keys():
    options = ["-o", "esp.enable_encryption_decode:TRUE"]
    for spi, *_ in SAS:
        options += ["-o", 'uat:esp_sa:"IPv6","*","*","0x%08x","AES-CBC [RFC3602]","0x%s",'
                    '"HMAC-SHA-1-96 [RFC2404]","0x%s"' % (spi, CRYPT.hex(), AUTH.hex())]
    return options


def make_associations(*nodes):
    lines = []
    for spi, reqid, to_ha, mode in SAS:
        src, dst = (HOME_ADDRESS, HOME_AGENT) if to_ha else (HOME_AGENT, HOME_ADDRESS)
        lines.append("xfrm state add src %s dst %s proto esp spi %d reqid %d mode %s "
                     "auth-trunc hmac(sha1) 0x%s 96 enc cbc(aes) 0x%s"
                     % (src, dst, spi, reqid, mode, AUTH.hex(), CRYPT.hex()))
    for node in nodes:
        node.ip(*lines)


def start_one(internet, role, tunnel):
    node, conf = (internet.ha, HA_CONF) if role == "HA" else (internet.mn, MN_CONF)
    log = node.processes and [p for p in node.processes if p.name == "mip6d"]
    before = log[0].log_text().count("serves as " + role) if log else 0
    daemon = node.start_daemon(conf % tunnel, "-f")
    wait_until(lambda: daemon.log_text().count("serves as " + role) > before, "serves as " + role)
    return daemon


@pytest.fixture
def start(internet):
    daemons = {}

    def begin(tunnel):
        make_associations(internet.ha, internet.mn)
        for role in ("HA", "MN"):
            daemons[role] = start_one(internet, role, tunnel)
        return daemons
    yield begin
    ha, mn = daemons["HA"], daemons["MN"]
    assert mn.stop() == 0
    assert ha.stop() == 0
    for node in (internet.ha, internet.mn):
        assert not policies(node)
        # 3776 4.2: associations made by hand are retained, for the next time.
        assert xfrm_states(node)[0x2005] == (HOME_ADDRESS, HOME_AGENT)
        assert xfrm_states(node)[0x2006] == (HOME_AGENT, HOME_ADDRESS)


def care_of_address(internet):
    return internet.mn.ctl("status")["care_of_address"]


def unprotected(internet, what):
    return internet.capture.packets("(%s) && !esp" % what, "ha", "core", keys())


def test_a_protected_tour(start, internet):
    """RFC 6275 5.1, 10.4.6, 11.3.2; RFC 3776: away, further, and home; signalling and everything
    through the tunnel in ESP."""
    start("TunnelPayload")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for place in (1, 2):
        internet.move(place)
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        internet.cn.wait_until_reaches(HOME_ADDRESS)
        for node in (internet.ha, internet.mn):
            assert xfrm_states(node)[0x2006] == (HOME_AGENT, care_of_address(internet))
    internet.move("home")
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"])
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for message in (5, 6):
        assert internet.capture.packets("mip6.mhtype == %d && esp" % message, "ha", "core",
                                        keys())
    assert not unprotected(internet, "mip6.mhtype == 5 || mip6.mhtype == 6")
    assert not unprotected(internet, "ipv6.nxt == 41")
    # 11.3.2: the Home Address option is looked at before IPsec.
    away = internet.capture.packets("mip6.mhtype == 5 && esp && mip6.bu.lifetime != 0", "ha", "core",
                                    keys())
    for p in away:
        layers = p["frame.protocols"].split(":")
        assert layers.index("ipv6.dstopts") < layers.index("esp") < layers.index("mipv6"), layers
        assert p["ipv6.opt.mipv6.home_address"] == HOME_ADDRESS
    # The one that deletes the binding, from the home link.
    home = internet.capture.packets("mip6.mhtype == 5 && esp && mip6.bu.lifetime == 0", "ha",
                                    "home", keys())
    assert home and home[0]["ipv6.src"] == HOME_ADDRESS
    assert not internet.capture.packets("mip6.mhtype == 6 && !esp", "ha", "home", keys())


def test_protected_payload_over_narrow_paths(start, internet):
    """RFC 4301 8.2, RFC 8201: the tunnel's MTU follows the path."""
    start("TunnelPayload")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    echo(internet, 2)
    for mtu in (1500, 1400):
        set_mtu(internet, internet.links["core-ar1"], mtu)
        bulk_passes(internet.mn)
        assert passes_whole(internet.mn, 1280)
        assert not passes_whole(internet.mn, mtu)
    assert not unprotected(internet, "ipv6.nxt == 41")


def test_protected_return_routability(start, internet):
    """RFC 6275 5.2.5, 10.4.6: home tests in ESP, then data on the direct path without."""
    internet.cn.start_daemon("NodeConfig CN;\nDebugLevel 2;\n", "-f").wait_for_log("serves as CN")
    start("TunnelHomeTesting")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)

    def bound():
        internet.mn.run("ping -c 1 -W 1 -I %s %s" % (HOME_ADDRESS, CORRESPONDENT))
        return internet.cn.ctl("bindings")["bindings"]
    wait_until(bound, "a binding at the correspondent")
    for message in (1, 3):
        seen = internet.capture.packets("mip6.mhtype == %d && esp" % message, "ha", "core",
                                        keys())
        assert seen and seen[0]["esp.spi"] in ("0x00002005", "0x00002006")
    wire = internet.capture.packets("mip6.mhtype == 1 && !esp", "ar1", "core", keys())
    assert not wire, "a Home Test Init without protection"
    assert not internet.capture.packets("mip6.mhtype == 3 && !esp", "ar1", "core", keys())


def test_protected_prefix_discovery(start, internet):
    """RFC 6275 11.4.2, RFC 3776 3.3."""
    start("TunnelHomeTesting")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    said = "icmpv6.type == 146 || icmpv6.type == 147"
    wait_until(lambda: len(internet.capture.packets(said, "ha", "core", keys())) >= 2)
    packets = internet.capture.packets(said, "ha", "core", keys())
    assert [p["esp.spi"] for p in packets[:2]] == ["0x00002003", "0x00002004"]
    assert not unprotected(internet, said)


@pytest.mark.limit(150)
def test_policies_outlive_the_daemon(start, internet):
    """RFC 6275 5.1, 10.4.6: killed, either daemon finds its policies in the kernel and goes on with
    them; the associations are where they have to be, then and after the next move."""
    daemons = start("TunnelPayload")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for role, place in (("HA", 2), ("MN", 1)):
        daemons[role].kill(signal.SIGKILL)
        daemons[role].wait()
        # Nothing is unprotected meanwhile, and nothing is lost.
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        daemons[role] = start_one(internet, role, "TunnelPayload")
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        internet.move(place)
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        for node in (internet.ha, internet.mn):
            assert xfrm_states(node)[0x2005] == (care_of_address(internet), HOME_AGENT)
    assert not unprotected(internet, "mip6.mhtype == 5 || mip6.mhtype == 6")
    assert not unprotected(internet, "ipv6.nxt == 41")


def test_without_associations_nothing_is_said(internet):
    """RFC 6275 5.1: a node that cannot protect its update does not send it."""
    internet.ha.start_daemon(HA_CONF % "TunnelMh", "-f").wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF % "TunnelMh", "-f").wait_for_log("serves as MN")
    internet.move(1)
    wait_until(lambda: care_of_address(internet).startswith(foreign_prefix(1)[:-1]))
    assert not internet.mn.run("ping -c 4 -W 1 -I %s %s" % (HOME_ADDRESS, CORRESPONDENT)).stdout \
        .count("bytes from")
    assert not unprotected(internet, "mip6.mhtype")
    assert not internet.ha.ctl("bindings")["bindings"]
    make_associations(internet.ha, internet.mn)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS, within_s=40)
