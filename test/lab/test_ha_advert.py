# SPDX-License-Identifier: GPL-2.0-or-later
"""A home agent that sends the router advertisements of its link itself: hosts of the kernel
configure themselves by them, Wireshark reads every field, radvd is left alone."""
import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT
from .net import wait_until
from .test_mobility import MN_CONF

CONF = """NodeConfig HA;
DebugLevel 2;
UseMnHaIPsec disabled;
Interface "eth0";
HaMinRtrAdvInterval 0.3;
HaMaxRtrAdvInterval 1;
"""
PREFIX = "2001:db8:1:"
HA = PREFIX + ":1"
MAC = "02:00:00:00:aa:01"
RA = "icmpv6.type == 134"


class Home:
    """A home link with the home agent on it, and a host that only knows what it is told."""

    def __init__(self, lab):
        self.lab = lab
        self.wire = lab.link("wire")
        self.ha, self.host = lab.node("ha", router=True), lab.node("host")
        self.ha.plug("eth0", self.wire, mac=MAC)
        self.ha.ip("address add %s/64 dev eth0 nodad" % HA)
        self.local = self.ha.addresses("eth0", scope="link")[0]["local"]

    def start(self, conf):
        daemon = self.ha.start_daemon(CONF + conf, "-f")
        daemon.wait_for_log("serves as HA")
        return daemon

    def host_address(self):
        return next((a["local"] for a in self.host.addresses("eth0", scope="global")
                     if a["local"].startswith(PREFIX) and not a.get("tentative")), None)

    def host_router(self):
        return [r["gateway"] for r in self.host.ip_json("-6 route show default")]


@pytest.fixture
def home(lab):
    return Home(lab)


def test_a_host_configures_itself(home):
    """RFC 4861 6.2.3 to 6.2.6, RFC 6275 7.1 to 7.5: no radvd; address, default router, and every
    field as Wireshark sees it; the last one has router lifetime 0 (RFC 4861 6.2.5)."""
    with home.lab.sniff((home.ha, "eth0")) as capture:
        daemon = home.start("HaPreference 7;\nHaLifetime 900;\n")
        home.host.plug("eth0", home.wire)
        wait_until(home.host_address, "an address")
        assert home.host_router() == [home.local]
        home.host.wait_until_reaches(HA)
        assert daemon.stop() == 0
        wait_until(lambda: not home.host_router(), "no default router")
        assert home.host_address()
        packets = capture.packets(RA)
    *said, last = packets
    assert len(said) >= 2
    for p in said:
        assert (p["ipv6.src"], p["ipv6.dst"]) in ((home.local, "ff02::1"),
                                                  (home.local, home.host.addresses(
                                                      "eth0", scope="link")[0]["local"]))
        assert p.number("ipv6.hlim") == 255 and p["icmpv6.checksum.status"] == "1"
        assert p.number("icmpv6.nd.ra.cur_hop_limit") == 64
        assert p["icmpv6.nd.ra.flag.h"] in ("1", "True")
        assert p["icmpv6.nd.ra.flag.m"] in ("0", "False")
        assert p["icmpv6.nd.ra.flag.o"] in ("0", "False")
        assert p.number("icmpv6.nd.ra.router_lifetime") == 3
        assert p.number("icmpv6.nd.ra.reachable_time") == 0
        assert p.number("icmpv6.nd.ra.retrans_timer") == 0
        assert p["icmpv6.opt.src_linkaddr"].replace(".", ":") == MAC
        assert p.number("icmpv6.opt.advertisement_interval") == 1000
        assert p.number("icmpv6.opt.home_agent_preference") == 7
        assert p.number("icmpv6.opt.home_agent_lifetime") == 900
        assert p["icmpv6.opt.prefix"] == HA and p.number("icmpv6.opt.prefix.length") == 64
        for flag in "lar":
            assert p["icmpv6.opt.prefix.flag." + flag] in ("1", "True"), flag
        assert p.number("icmpv6.opt.prefix.valid_lifetime") == 2592000
        assert p.number("icmpv6.opt.prefix.preferred_lifetime") == 604800
        assert "icmpv6.opt.mtu" not in p and "_ws.malformed" not in p
    assert last.number("icmpv6.nd.ra.router_lifetime") == 0
    assert last["icmpv6.nd.ra.flag.h"] in ("0", "False")
    assert "icmpv6.opt.home_agent_preference" not in last
    assert last.number("icmpv6.opt.prefix.valid_lifetime") == 2592000


def test_a_solicitation_is_answered(home):
    """RFC 4861 6.2.6: though the next one by the clock is far off. A new host, whose solicitation
    has no source address or a link-local one."""
    with home.lab.sniff((home.ha, "eth0")) as capture:
        home.start("HaMinRtrAdvInterval 500;\nHaMaxRtrAdvInterval 1000;\n")
        by_the_clock = capture.wait_for(RA)[0].time + 16	# MAX_INITIAL_RTR_ADVERT_INTERVAL
        home.host.plug("eth0", home.wire)
        wait_until(home.host_address, "an address")
        asked = capture.packets("icmpv6.type == 133")[0].time
        answer = next(p for p in capture.packets(RA) if p.time > asked)
    assert answer.time < by_the_clock - 1


def test_a_small_mtu_is_told(home):
    """RFC 4861 4.6.4: the tunnel or bridge beneath may be narrower than Ethernet."""
    home.ha.ip("link set dev eth0 mtu 1400")
    home.start("")
    home.host.plug("eth0", home.wire)
    wait_until(home.host_address, "an address")
    assert home.host.sysctl("net/ipv6/conf/eth0/mtu") == "1400"


RADVD = """interface eth0 {
	AdvSendAdvert on;
	MinRtrAdvInterval 0.3;
	MaxRtrAdvInterval 1;
	MinDelayBetweenRAs 0.3;
	AdvIntervalOpt on;
	AdvDefaultLifetime 3;
	AdvHomeAgentFlag %s;
	prefix %s/64 {
		AdvOnLink on;
		AdvAutonomous on;
		AdvRouterAddr %s;
	};
};
"""


def start_radvd(home, flag, address):
    path = home.lab.results + "/radvd.conf"
    with open(path, "w") as f:
        f.write(RADVD % (flag, HA, address))
    return home.ha.start("radvd", ["radvd", "--nodaemon", "--config", path, "--pidfile",
                                   "/run/lab/radvd.pid", "--logmethod", "stderr"])


def advertising(home):
    return home.ha.ctl("status")["home_links"][0]["advertising"]


def test_radvd_is_left_alone(home):
    """One voice on a link: the daemon falls silent while radvd speaks, says what does not fit
    (RFC 6275 7.1, 7.2), and speaks again when radvd has ended."""
    radvd = start_radvd(home, "off", "off")
    daemon = home.start("HaRouterLifetime 5;\n")
    daemon.wait_for_log("left to it")
    daemon.wait_for_log("H bit is not set")
    wait_until(lambda: advertising(home) == "aside")
    with home.lab.sniff((home.ha, "eth0")) as capture:
        capture.wait_for(RA, count=4)
        assert not capture.packets(RA + " && icmpv6.nd.ra.router_lifetime == 5")
        assert radvd.stop() == 0
        wait_until(lambda: advertising(home) == "on")
        capture.wait_for(RA + " && icmpv6.nd.ra.router_lifetime == 5", count=2)
    start_radvd(home, "on", "off")
    daemon.wait_for_log("in full")


@pytest.mark.parametrize("internet", [{"ha_advertises": False}], indirect=True)
def test_a_node_comes_home_by_it(internet):
    """Away and home again, with nothing on the home link but our advertisements."""
    ha = internet.ha.start_daemon(CONF.replace("eth0", "home"), "-f")
    ha.wait_for_log("serves as HA")
    mn = internet.mn.start_daemon(MN_CONF, "-f")
    mn.wait_for_log("serves as MN")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert internet.ha.sh("ip -6 route show " + HOME_ADDRESS)
    internet.move("home")
    wait_until(lambda: not internet.ha.sh("ip -6 route show " + HOME_ADDRESS))
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert HOME_AGENT in internet.capture.packets(
        RA, node="mn", interface="eth0")[0].all("icmpv6.opt.prefix")
