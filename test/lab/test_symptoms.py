# SPDX-License-Identifier: GPL-2.0-or-later
"""Things that go wrong, and whether somebody who asks is told what it is and what mends it: by
`mip6ctl status`, by `mip6ctl netcheck`, by the log at its usual level."""
import json

from .internet import HOME_ADDRESS, HOME_AGENT, HOME_PREFIX
from .net import wait_until
from .test_console import ctl
from .test_readme import TABLES, configuration

ADDRESS = "HomeAgentAddress %s;" % HOME_AGENT


def home_agent(more=""):
    return configuration("home agent beside radvd", 0, eth0="home") + more


def mobile_node(**changes):
    text = configuration("mobile node", 0)
    assert ADDRESS in text
    return text.replace(ADDRESS, changes.get("agent", ADDRESS))


def findings(node):
    """What netcheck finds wrong: a list of (what, what mends it)."""
    answer = json.loads(ctl(node, "-j", "netcheck").stdout)["findings"]
    return [(f["what"], f["to_mend_it"]) for f in answer if f["severity"] != "ok"]


def wait_for_finding(node, what, mend):
    """Until netcheck says so, with what mends it."""
    wait_until(lambda: [f for f in findings(node) if what in f[0] and mend in f[1]],
               "%s: %s" % (what, mend), every_s=0.5)


def wrong(node):
    return [w["what"] for w in json.loads(ctl(node, "-j", "status").stdout)["wrong"]]


def wait_for_wrong(node, what):
    wait_until(lambda: [w for w in wrong(node) if what in w], what, every_s=0.2)


def is_registered(net):
    return net.mn.ctl("status")["home_addresses"][0]["state"] == "registered"


def test_on_the_way(internet):
    """Nobody serves, a filter drops the Mobility Header, the tunnel, the network loses the way."""
    net = internet
    mn = net.mn.start_daemon(mobile_node(), "-f")
    mn.wait_for_log("serves as MN")
    net.move(1)
    wait_for_wrong(net.mn, HOME_AGENT + " has answered none of ")
    wait_for_finding(net.mn, "answers echo requests, but none of", "protocol 135")
    mn.wait_for_log("has answered none of 3 Binding Updates")
    # The home agent's own filter, by its policy and by a rule of its own.
    ha = net.ha.start_daemon(home_agent(), "-f")
    ha.wait_for_log("serves as HA")
    for rule, undo in (("-P INPUT DROP", "-P INPUT ACCEPT"),
                       ("-A INPUT -p 135 -j DROP", "-F INPUT")):
        net.ha.sh("%s %s" % (TABLES, rule))
        wait_for_finding(net.ha, "seems to drop Mobility Header", "-p 135 -j ACCEPT")
        net.ha.sh("%s %s" % (TABLES, undo))
    assert not findings(net.ha) and not wrong(net.ha)
    wait_until(lambda: is_registered(net), within_s=40)
    mn.wait_for_log("hoa=%s is registered" % HOME_ADDRESS)
    assert not wrong(net.mn)
    net.ha.sh(TABLES + " -A INPUT -p 41 -j DROP")
    wait_for_finding(net.mn, "the tunnel to %s does not answer" % HOME_AGENT, "protocol 41")
    net.ha.sh(TABLES + " -F INPUT")
    net.core.ip("route del " + HOME_PREFIX)
    wait_for_finding(net.mn, "the home agent %s does not answer" % HOME_AGENT, "ip -6 route get")


def test_in_the_configuration(internet):
    """A home agent that is none, has no name, is not found, or refuses."""
    net = internet
    net.move(1)
    ha = net.ha.start_daemon(home_agent("DefaultBindingAclPolicy deny;\n"), "-f")
    ha.wait_for_log("serves as HA")
    cases = (("HomeAgentAddress 2001:db8:0:1::77;", "has answered none of",
              "2001:db8:0:1::77 does not answer", "is the home agent's address right?"),
             ('HomeAgentName "nobody.invalid";', "nobody.invalid has no address",
              "nobody.invalid has no address", "/etc/hosts"),
             (ADDRESS, "status 129", "status 129", "violations of the home agent"))
    for served, (agent, status, what, mend) in enumerate(cases, 1):
        mn = net.mn.start_daemon(mobile_node(agent=agent), "-f")
        wait_until(lambda: mn.log_text().count("serves as MN") == served, "the start")
        wait_for_wrong(net.mn, status)
        wait_for_finding(net.mn, what, mend)
        assert mn.stop() == 0
    seen, = net.ha.ctl("violations")["violations"]
    assert seen["reason"] == "access list" and seen["home_address"] == HOME_ADDRESS


def test_on_this_machine(lab):
    """A home agent without an address, one that ceased to be a router; a node without a network."""
    ha = lab.node("ha", router=True)
    lab.link("home", ha, interface="home")
    ha.start_daemon(home_agent(), "-f").wait_for_log("serves as HA")
    wait_for_wrong(ha, "no home link has a global address")
    wait_for_finding(ha, "no home link has a global address", "ip -6 address add")
    ha.ip("address add %s/64 dev home nodad" % HOME_AGENT)
    wait_until(lambda: not wrong(ha) and not findings(ha))
    ha.sysctl("net/ipv6/conf/all/forwarding", 0)
    wait_for_finding(ha, "forwarding is off", "sysctl -w")
    mn = lab.node("mn")
    mn.start_daemon(mobile_node().replace("eth", "wlan"), "-f").wait_for_log("serves as MN")
    wait_for_wrong(mn, "none of the interfaces of the configuration is there")
    found = [what for what, _ in findings(mn)]
    assert "there is no interface wlan0" in found
    assert not [what for what in found if "objects in the kernel" in what], found
