# SPDX-License-Identifier: GPL-2.0-or-later
"""Reload against the real kernel: what belongs to the daemon itself follows or stays, a file that
cannot be used changes nothing, and the kernel holds what a fresh start would have put there. What
each option does to the roles is in test/ladder/reload_option_test.c."""
import collections
import json
import os
import re
import signal
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import BUILD, wait_until
from .test_daemon import host, kernel_state	# noqa: F401
from .test_mobility import HA_CONF, MN_CONF

SERVES = "serves as "
HA = 'NodeConfig HA;\nUseMnHaIPsec disabled;\nHaSendRouterAdvs disabled;\n'
BASE = HA + 'Interface "eth0";\n'
SECOND_ADDRESS = "2001:db8:0:1::101"


def path_of(node):
    return os.path.join(node.lab.results, node.name + ".mip6d.conf")


def write(node, text):
    with open(path_of(node), "w") as f:
        f.write(text)


def ask(node, *words):
    """The exit status and the answer of mip6ctl."""
    done = node.run(node.own_files([BUILD + "/src/mip6ctl", "-j", *words]))
    return done.returncode, json.loads(done.stdout)


def reload(node, text):
    write(node, text)
    status, answer = ask(node, "reload")
    assert status == 0, answer
    return answer


def reaches(node, source):
    return node.run("ping -c 1 -W 1 -I %s %s" % (source, CORRESPONDENT)).returncode == 0


def add_by_hand(node, last):
    """Registers a home address. False: the configuration at hand does not want it."""
    return ask(node, "bc", "add", "hoa", "2001:db8:0:1::" + last, "coa", "2001:db8:a::" + last,
               "local", "2001:db8:0:1::1", "lifetime", "600", "dad", "never")[0] == 0


def test_the_log_follows(host, results):	# noqa: F811
    """DebugLogFile and DebugLevel; a level that was set by hand stays while the file says nothing
    new; a log that cannot be written is refused with all the rest."""
    daemon = host.start_daemon(BASE, "-f")
    daemon.wait_for_log(SERVES)
    log = os.path.join(results, "reload.log")
    reload(host, BASE + 'DebugLogFile "%s";\n' % log)
    assert ask(host, "debug", "ha", "trace")[0] == 0
    reload(host, BASE + 'DebugLogFile "%s";\nHaPreference 9;\n' % log)
    with open(log) as f:
        assert "HaPreference: 9, before 0 (at once)" in f.read()
    assert "HaPreference" not in daemon.log_text()
    levels = {v["subsystem"]: v["level"] for v in ask(host, "debug")[1]["levels"]}
    assert levels["ha"] == "trace" and levels["core"] == "notice"
    write(host, BASE + 'DebugLogFile "/nowhere/at/all";\nHaPreference 5;\n')
    status, answer = ask(host, "reload")
    assert status == 1 and answer["mistakes"][0]["where"] == "DebugLogFile", answer
    assert "HaPreference 9" in ask(host, "config")[1]["config"]
    reload(host, BASE + "DebugLevel 2;\n")
    levels = {v["subsystem"]: v["level"] for v in ask(host, "debug")[1]["levels"]}
    assert levels["core"] == levels["ha"] == "debug"
    reload(host, BASE + "DebugLevel 2;\nHaPreference 8;\n")
    daemon.wait_for_log("HaPreference: 8, before 0 (at once)")
    assert daemon.stop() == 0


def test_the_hook_follows(host, results):	# noqa: F811
    daemon = host.start_daemon(BASE, "-f")
    daemon.wait_for_log(SERVES)
    said = "/run/lab/hook-said"
    scripts = []
    for n in "12":
        scripts.append("/run/lab/hook-%s" % n)
        with open(scripts[-1], "w") as f:
            f.write("#!/bin/sh\necho %s $1 $MIP6_HOA >>%s\n" % (n, said))
        os.chmod(scripts[-1], 0o755)
    assert add_by_hand(host, "201")

    def told():
        if not os.path.exists(said):
            return []
        with open(said) as f:
            return [line.split() for line in f]
    expected = [["1", "binding-added", "2001:db8:0:1::202"],
                ["2", "binding-added", "2001:db8:0:1::203"]]
    for n, (script, last) in enumerate(zip(scripts + [None], ("202", "203", "204")), 1):
        reload(host, BASE + ('HookScript "%s";\n' % script if script else ""))
        assert add_by_hand(host, last)
        wait_until(lambda n=n: told() == expected[:n])
    time.sleep(0.5)
    assert told() == expected
    assert daemon.stop() == 0


def test_a_file_that_cannot_be_used_changes_nothing(host):	# noqa: F811
    """An error anywhere, also in what it includes; another role; no file at all."""
    daemon = host.start_daemon(BASE + "HaPreference 3;\n", "-f")
    daemon.wait_for_log(SERVES)
    before, kernel = ask(host, "config")[1], kernel_state(host)
    included = path_of(host) + ".more"
    good = BASE + "HaPreference 4;\n"
    cases = (
        (good + "HaPreferenc 5;\n", r"n\.mip6d\.conf:\d+:1$", "HaPreference"),
        (good + "HaPreference\n", r"n\.mip6d\.conf:\d+:\d+$", ""),
        (good + "HaMaxBindingLife 400000;\n", r"n\.mip6d\.conf:\d+:\d+$", ""),
        (good + 'include "%s"\n' % included, r"n\.mip6d\.conf\.more:2:1$", ""),
        (good.replace("NodeConfig HA", "NodeConfig CN"), "^NodeConfig$", "restart"),
        (None, r"n\.mip6d\.conf$", ""),
    )
    with open(included, "w") as f:
        f.write("HaPreference 6;\nHaNonsense 1;\n")
    for text, where, hint in cases:
        if text is None:
            os.unlink(path_of(host))
        else:
            write(host, text)
        for words in (("reload", "check"), ("config", "diff"), ("reload",)):
            status, answer = ask(host, *words)
            assert status == 1, (text, answer)
            errors = [m for m in answer["mistakes"] if m["severity"] == "error"]
            assert re.search(where, errors[0]["where"]), (text, answer)
            assert hint in errors[0]["hint"], (text, answer)
        daemon.kill(signal.SIGHUP)
        assert ask(host, "config")[1] == before
        assert kernel_state(host) == kernel
    # what is included is read again as well
    with open(included, "w") as f:
        f.write("HaPreference 6;\n")
    assert [c["after"] for c in reload(host, good + 'include "%s"\n' % included)["changes"]] == ["6"]
    assert "stays" in daemon.log_text()
    assert daemon.stop() == 0


def test_what_waits_for_a_restart(host):	# noqa: F811
    """It stays in force, and is told again; at the end the daemon finds its own files."""
    daemon = host.start_daemon(BASE, "-f")
    daemon.wait_for_log(SERVES)
    run = "/run/lab/nodes/n/run/mip6d/"
    wanted = ('RunDirectory "/run/other";\nStateDirectory "/var/other";\nVTService "7777";\n'
              'VTHostname "::1";\nConsoleGroup "adm";\nStateDurability machine;\n'
              "NonVolatileBindingCache disabled;\n")
    answer = reload(host, BASE + wanted + "HaPreference 7;\n")
    waits = {c["option"] for c in answer["changes"] if "restart" in c["takes_effect"]}
    assert waits == {"RunDirectory", "StateDirectory", "ConsoleSocket", "VTService", "VTHostname",
                     "ConsoleGroup", "StateDurability", "NonVolatileBindingCache"}
    for words in (("config", "diff"), ("reload",)):
        assert {c["option"] for c in ask(host, *words)[1]["changes"]} == waits
    wrong = [w["see"] for w in ask(host, "status")[1]["wrong"]]
    assert "config diff" in wrong, wrong
    config = ask(host, "config")[1]["config"]
    assert "HaPreference 7" in config and "/run/other" not in config
    assert os.path.exists(run + "mip6d.pid") and os.path.exists(run + "mip6d.sock")
    assert daemon.stop() == 0
    assert not os.path.exists(run + "mip6d.pid") and not os.path.exists(run + "mip6d.sock")


def test_very_many_changes(host):	# noqa: F811
    """An access list of thousands: read, compared and carried out, and the answer is bounded."""
    daemon = host.start_daemon(BASE, "-f")
    daemon.wait_for_log(SERVES)
    many = "".join("BindingAclPolicy 2001:db8:0:1::%x deny;\n" % n for n in range(0x1000, 0x3000))
    answer = reload(host, BASE + many)
    assert answer["result"] == "8192 changes" and answer["not_shown"] == 8192 - 256
    assert len(answer["changes"]) == 256
    assert daemon.log_text().count("BindingAclPolicy") == 200
    assert not add_by_hand(host, "2fff")
    assert reload(host, BASE)["result"] == "8192 changes"
    assert add_by_hand(host, "2fff")
    assert daemon.stop() == 0


SETS = """UseMnHaIPsec enabled;
IPsecPolicySet {
	HomeAgentAddress 2001:db8:0:1::1;
	HomeAddress 2001:db8:0:1::%s/64;
	IPsecPolicy HomeRegBinding UseESP %d;
	IPsecPolicy TunnelPayload UseESP;
}
"""
PLAIN = 'NodeConfig HA;\nHaSendRouterAdvs disabled;\n'
MANY = (
    BASE,
    HA + "HaVirtualHomeLink 2001:db8:77::/48;\n",
    BASE + "HaVirtualHomeLink 2001:db8:77::/48;\nHaVirtualHomeLink 2001:db8:78::/48;\n"
           "BindingAclPolicy 2001:db8:0:1::202 deny;\n",
    PLAIN + 'Interface "eth0";\n' + SETS % ("201", 11),
    PLAIN + 'Interface "eth0";\n' + SETS % ("201", 12) + SETS[len("UseMnHaIPsec enabled;\n"):]
    % ("202", 13) + "HaTellUnknownNodes disabled;\n",
)


def shape(node):
    """kernel_state() without what differs from one tunnel device to the next."""
    return {k: sorted(re.sub(r"permaddr \S+|^\d+: |@\w+", "", line) for line in v)
            for k, v in kernel_state(node).items()}


def open_files(daemon):
    """How many of each kind."""
    folder = "/proc/%d/fd/" % daemon.pid
    return collections.Counter(re.sub(r"\d+", "N", os.readlink(folder + n))
                               for n in os.listdir(folder))


def memory_kb(daemon):
    with open("/proc/%d/status" % daemon.pid) as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def test_there_and_back_many_times(host):	# noqa: F811
    """The kernel holds what the configuration at hand wants, no more; nothing is used up; and when
    the daemon ends all is as it was."""
    before = kernel_state(host)
    fresh = []
    for text in MANY:
        daemon = host.start_daemon(text, "-f")
        wait_until(lambda n=len(fresh): daemon.log_text().count(SERVES) == n + 1)
        wait_until(lambda: not ask(host, "kernel", "diff")[1]["objects"])
        fresh.append(shape(host))
        assert daemon.stop() == 0
    assert kernel_state(host) == before
    daemon = host.start_daemon(MANY[0], "-f")
    wait_until(lambda: daemon.log_text().count(SERVES) == len(MANY) + 1)
    for n in range(10):
        reload(host, MANY[n % len(MANY)])
    files, memory, added = open_files(daemon), memory_kb(daemon), 0
    for n in range(60):
        write(host, MANY[n * 7 % len(MANY)])
        daemon.kill(signal.SIGHUP)
        if n % 3 == 0:
            added += add_by_hand(host, "201")
        time.sleep(0.05 if n % 2 else 0)
    assert added > 5
    for n, text in enumerate(MANY):
        reload(host, text)
        ask(host, "clear", "binding", "all")
        wait_until(lambda wanted=fresh[n]: shape(host) == wanted, "what a start with %d makes" % n)
        assert not ask(host, "kernel", "diff")[1]["objects"]
    assert not open_files(daemon) - files
    assert memory_kb(daemon) < memory + 2000
    assert daemon.stop() == 0
    assert kernel_state(host) == before


HOMES = """MnHomeLink "eth0" {
	HomeAddress %s/64;
	HomeAgentAddress %s;
}
"""


@pytest.mark.parametrize("place", (1, "home"))
def test_home_addresses_come_and_go(internet, place):
    """One is registered while the other goes on; it is deregistered before it is let go of."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    if place != "home":
        internet.move(place)
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    at_home = place == "home"
    for _ in range(2):
        reload(internet.mn, MN_CONF + HOMES % (SECOND_ADDRESS, HOME_AGENT))
        internet.mn.wait_until_reaches(CORRESPONDENT, source=SECOND_ADDRESS)
        bindings = internet.ha.ctl("bindings")["bindings"]
        assert len(bindings) == (0 if at_home else 2), bindings
        reload(internet.mn, MN_CONF)
        wait_until(lambda: len(internet.ha.ctl("bindings")["bindings"]) == (0 if at_home else 1))
        wait_until(lambda: len(internet.mn.ctl("status")["home_addresses"]) == 1)
        assert SECOND_ADDRESS not in internet.mn.ip("address show")
        assert not internet.ha.sh("ip -6 route show " + SECOND_ADDRESS)
        assert reaches(internet.mn, HOME_ADDRESS)
    # interfaces as well: everything on it as it was, and back
    assert "accept_ra = 0" in internet.mn.sh("sysctl net.ipv6.conf.eth0.accept_ra")
    reload(internet.mn, MN_CONF.replace('Interface "eth0"', 'Interface "eth9"'))
    wait_until(lambda: "accept_ra = 0" not in
               internet.mn.sh("sysctl net.ipv6.conf.eth0.accept_ra"))
    assert internet.mn.ctl("status")["attached_to"] == "nothing"
    reload(internet.mn, MN_CONF)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for node in (internet.ha, internet.mn):
        wait_until(lambda n=node: not n.ctl("kernel diff")["objects"])


def test_forbidden_while_away(internet):
    """An access list ends the registration; the node hears of it as it sends; and comes back."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    reload(internet.ha, HA_CONF + "BindingAclPolicy %s deny;\n" % HOME_ADDRESS)
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"])
    assert not internet.ha.sh("ip -6 route show " + HOME_ADDRESS)
    assert not internet.ha.ctl("kernel diff")["objects"]
    assert not reaches(internet.mn, HOME_ADDRESS)
    wait_until(lambda: internet.mn.ctl("status")["home_addresses"][0]["state"] == "refused")
    reload(internet.ha, HA_CONF)
    reload(internet.mn, MN_CONF)	# who was refused asks again
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert foreign_prefix(1)[:-1] in internet.ha.ctl("bindings")["bindings"][0]["care_of_address"]


def test_a_former_home_agent_is_told(internet):
    """RFC 6275 11.1, 11.7.1, 11.8: another HomeAgentAddress; what the former one has is deleted,
    though it hears the first updates as little as its answers are heard."""
    def peers():
        return [e["peer"] for e in internet.mn.ctl("bul")["binding_update_list"]]

    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.ha.sh("ip6tables-legacy -A INPUT -p 135 -j DROP")
    reload(internet.mn, MN_CONF.replace("HomeAgentAddress " + HOME_AGENT,
                                        "HomeAgentAddress 2001:db8:0:1::dead"))
    time.sleep(2)
    assert internet.ha.ctl("bindings")["bindings"] and HOME_AGENT in peers()
    internet.ha.sh("ip6tables-legacy -D INPUT -p 135 -j DROP")
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"])
    wait_until(lambda: HOME_AGENT not in peers())
    reload(internet.mn, MN_CONF)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert not internet.mn.ctl("kernel diff")["objects"]
