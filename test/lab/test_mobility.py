# SPDX-License-Identifier: GPL-2.0-or-later
"""A mobile node, its home agent and a correspondent that knows nothing of mobility: the whole
program on the real kernel."""
from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .nameserver import NameServer
from .net import wait_until

HA_CONF = """NodeConfig HA;
DebugLevel 2;
UseMnHaIPsec disabled;
HaSendRouterAdvs disabled;
Interface "home";
"""
MN_CONF = """NodeConfig MN;
DebugLevel 2;
UseMnHaIPsec disabled;
DoRouteOptimizationMN disabled;
CoaDad none;
Interface "eth0" { MnIfPreference 1; }
Interface "eth1" { MnIfPreference 2; }
MnHomeLink "eth0" {
	HomeAddress %s/64;
	HomeAgentAddress %s;
}
""" % (HOME_ADDRESS, HOME_AGENT)


def start(internet):
    ha = internet.ha.start_daemon(HA_CONF, "-f")
    ha.wait_for_log("serves as HA")
    mn = internet.mn.start_daemon(MN_CONF, "-f")
    mn.wait_for_log("serves as MN")
    return ha, mn


def test_a_tour(internet):
    """At home, three foreign links, home again; a ping at each stop."""
    ha, mn = start(internet)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for place in (1, 2, 3, 1):
        internet.move(place)
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        internet.cn.wait_until_reaches(HOME_ADDRESS)
        routes = internet.ha.sh("ip -6 route show " + HOME_ADDRESS)
        assert "dst " + foreign_prefix(place)[:-1] in routes, routes
    internet.move("home")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    wait_until(lambda: not internet.ha.sh("ip -6 route show " + HOME_ADDRESS))
    assert mn.stop() == 0
    assert ha.stop() == 0


def test_addresses_are_the_same_after_a_restart(internet):
    """RFC 7217 section 5: one identifier for each link, whenever the node comes there."""
    _, mn = start(internet)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    first = internet.mn.ctl("status")["care_of_address"]
    assert mn.stop() == 0
    internet.mn.start_daemon(MN_CONF, "-f")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert internet.mn.ctl("status")["care_of_address"] == first


def test_discovers_its_home_agent(internet):
    """RFC 6275 10.5, 11.4.1: no home agent in the configuration; and its prefixes are answered for
    (10.6, 11.4.2)."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    conf = MN_CONF.replace("\tHomeAgentAddress %s;\n" % HOME_AGENT, "")
    internet.mn.start_daemon(conf, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert internet.mn.ctl("status")["home_addresses"][0]["home_agent"] == HOME_AGENT
    reply = internet.capture.packets("icmpv6.type == 145", node="mn", interface="eth0")[0]
    assert reply["ipv6.src"] == HOME_AGENT
    wait_until(lambda: internet.mn.ctl("counters")["counters"])
    wait_until(lambda: [c for c in internet.mn.ctl("counters")["counters"]
                        if c["name"] == "in_mpa" and c["value"] >= 1], "a prefix advertisement")


def test_knows_its_home_agent_by_name(internet):
    """HomeAgentName: asked for in the DNS, from the care-of address; discovery is not used."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    internet.mn.own_file("/etc/resolv.conf", "nameserver %s\n" % CORRESPONDENT)
    internet.mn.own_file("/etc/hosts", "::1 localhost\n")
    conf = MN_CONF.replace("HomeAgentAddress %s;" % HOME_AGENT, 'HomeAgentName "agent.example";')
    internet.mn.interfaces["eth0"].unplug()
    with NameServer(internet.cn, CORRESPONDENT, {"agent.example": [HOME_AGENT]}) as server:
        mn = internet.mn.start_daemon(conf, "-f")
        mn.wait_for_log("serves as MN")
        internet.mn.interfaces["eth0"].plug(internet.place(1))
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert server.asked and set(server.asked) == {"agent.example"}
    assert all(source.startswith(foreign_prefix(1)[:-1]) for source in server.sources)
    assert internet.mn.ctl("status")["home_addresses"][0]["home_agent"] == HOME_AGENT
    assert not internet.capture.packets("icmpv6.type == 144", node="mn", interface="eth0")
    assert mn.stop() == 0
