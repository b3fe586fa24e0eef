# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README tells people to type, typed: its configurations serve, its commands do what they
are there for. (readme.py checks those that belong to a whole machine.)"""
import os
import shlex

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, Internet
from .net import BUILD, wait_until
from .readme import read
from .test_console import SOCKET

TABLES = "ip6tables-legacy"	# the lab's kernel has no nftables
README = os.path.join(os.path.dirname(__file__), "..", "..", "README")


def translate(text):
    """The addresses and interfaces of the README are those of the lab."""
    for theirs, ours in (("2001:db8:1::", "2001:db8:0:1::"), ("2001:db8:2::1", CORRESPONDENT),
                         ("wlan0", "eth1")):
        text = text.replace(theirs, ours)
    return text


def configuration(name, debug_level=2, **interfaces):
    text = translate(read(README)[1][name])
    for theirs, ours in interfaces.items():
        text = text.replace('"%s"' % theirs, '"%s"' % ours)
    return text + "DebugLevel %d;\n" % debug_level


@pytest.fixture
def quiet(results):
    """The internetwork, without radvd on the home agent."""
    net = Internet(results, ha_advertises=False)
    try:
        yield net
    finally:
        net.close()


def serve(net, ha="home agent", mn="mobile node", **mn_interfaces):
    net.ha.sh("sysctl -w net.ipv6.conf.all.forwarding=1")
    net.ha.start_daemon(configuration(ha, eth0="home"), "-f").wait_for_log("serves as HA")
    net.cn.start_daemon(configuration("correspondent"), "-f").wait_for_log("serves as CN")
    net.mn.start_daemon(configuration(mn, **mn_interfaces), "-f").wait_for_log("serves as MN")


def test_every_command(quiet):
    """The home agent, the mobile node and the correspondent of the README, and each command."""
    serve(quiet)
    quiet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    quiet.move(1)
    quiet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    wait_until(lambda: quiet.cn.ctl("bindings")["bindings"])
    nodes = (quiet.ha, quiet.mn, quiet.cn)
    tried = 0
    # What ends the daemons comes last.
    for command in sorted(read(README)[0], key=lambda c: "handover" in c.split()):
        program, *words = shlex.split(translate(command))
        if program == "mip6ctl":
            answers = [n.run(["timeout", "10" if words[0] != "monitor" else "1",
                              BUILD + "/src/mip6ctl", "-s", SOCKET % n.name, *words])
                       for n in nodes]
            assert any(a.returncode == 0 or words[0] == "monitor" and a.returncode == 124
                       for a in answers), (command, answers)
            tried += 1
        elif program == "mip6d" and any(w.startswith("--") for w in words):
            for n in nodes:
                path = os.path.join(quiet.results, n.name + ".mip6d.conf")
                words[words.index("-c") + 1] = path
                answer = n.run([BUILD + "/src/mip6d", *words])
                assert answer.returncode == 0, (command, n.name, answer)
            tried += 1
    assert tried > 25, tried


def test_beside_radvd(internet):
    serve(internet, ha="home agent beside radvd")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)


def test_only_observing(internet):
    """Somebody else gives the interface its addresses and routes, and takes them away on leaving a
    network: here the kernel and the test."""
    def move(place):
        internet.move(place)
        internet.mn.sh("ip link set eth0 down")
        internet.mn.sh("ip link set eth0 up")

    move(1)
    serve(internet, ha="home agent beside radvd", mn="mobile node that only observes", eth1="eth0")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    first = internet.ha.ctl("bindings")["bindings"][0]["care_of_address"]
    move(2)
    wait_until(lambda: [b for b in internet.ha.ctl("bindings")["bindings"]
                        if b["care_of_address"] != first])
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)


def test_firewall(internet):
    """Nodes that drop by default, with the rules of the README."""
    serve(internet, ha="home agent beside radvd")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    rules = [c for c in read(README)[0] if c.startswith("ip6tables")]
    assert len(rules) == 5
    for node in (internet.ha, internet.mn, internet.cn):
        node.sh(TABLES + " -P INPUT DROP")
        node.sh(TABLES + " -P FORWARD DROP")
    internet.move(1)
    for node in (internet.ha, internet.mn, internet.cn):
        for rule in rules:
            node.sh(rule.replace("ip6tables", TABLES))
    internet.move(2)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    answer = internet.ha.run([BUILD + "/src/mip6ctl", "-s", SOCKET % "ha", "netcheck"])
    assert "drops" not in answer.stdout, answer
