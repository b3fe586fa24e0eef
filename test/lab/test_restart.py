# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is lost when a daemon ends: killed, stopped for a successor, stopped and started."""
import difflib
import glob
import os
import re
import signal
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT
from .net import wait_until
from .test_mobility import HA_CONF, MN_CONF, start



def objects(node):
    """What `ip` and `tc` know of the home agent's objects, without counters and ages."""
    script = """
        ip -6 route show proto 212; ip -6 route show table 252; ip -6 rule show
        ip -6 neigh show proxy; ip -d link show mip6; tc filter show dev mip6 ingress
        ip -6 xfrm policy; ip -6 xfrm state"""
    text = re.sub(r"permaddr \S+|police 0x\w+|^\d+: (?=mip6)|handle \S+|index \d+|lastused .*", "",
                  node.sh(["sh", "-c", script]), flags=re.M)
    return sorted(line for line in text.splitlines() if line.strip())


def differences(node, before):
    return list(difflib.unified_diff(before, objects(node), "before", "now", n=0))


def has_home_address(node):
    return HOME_ADDRESS in node.sh(["sh", "-c", "ip -6 route; ip -6 xfrm state"])


def begin(internet):
    ha, mn = start(internet)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    return ha, mn


def counter(node, name):
    return [c["value"] for c in node.ctl("counters all")["counters"] if c["name"] == name][0]


def test_a_killed_home_agent_is_not_missed(internet):
    """SIGKILL in the middle of a stream, a second of nothing, a new start: not one packet is
    missing, the kernel holds what it held, and the node did not register again."""
    ha, _ = begin(internet)
    before = objects(internet.ha)
    updates = len(internet.capture.packets("mip6.mhtype == 5", "ha", "core"))
    stream = internet.stream(internet.cn, CORRESPONDENT, internet.mn, HOME_ADDRESS,
                             interval_ms=5)
    stream.mark()
    starts = 0
    for end in (signal.SIGKILL, signal.SIGUSR1, signal.SIGKILL):
        ha.stop(end)
        time.sleep(1)
        ha = internet.ha.start_daemon(HA_CONF, "-f")
        starts += 1
        wait_until(lambda: ha.log_text().count("bindings are back") == starts)
        wait_until(lambda: counter(internet.ha, "kernel_adopted") > 10)
        wait_until(lambda: not differences(internet.ha, before))
        assert counter(internet.ha, "kernel_stray") == 0
    report = stream.report()
    assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
    assert len(internet.capture.packets("mip6.mhtype == 5", "ha", "core")) == updates
    assert internet.ha.ctl("bc")["bindings"][0]["home_address"] == HOME_ADDRESS
    assert ha.stop() == 0
    wait_until(lambda: not has_home_address(internet.ha))


def test_a_stopped_home_agent_knows_its_nodes(internet):
    """SIGTERM takes everything out of the kernel; the next start puts it back at once."""
    ha, _ = begin(internet)
    before = objects(internet.ha)
    assert ha.stop() == 0
    assert not has_home_address(internet.ha)
    ha = internet.ha.start_daemon(HA_CONF, "-f")
    ha.wait_for_log("bindings are back")
    wait_until(lambda: not differences(internet.ha, before))
    internet.cn.wait_until_reaches(HOME_ADDRESS)


def test_nothing_is_kept_where_nothing_is_wanted(internet):
    """NonVolatileBindingCache disabled: what a killed daemon left is removed."""
    conf = HA_CONF + "NonVolatileBindingCache disabled;\n"
    ha = internet.ha.start_daemon(conf, "-f")
    ha.wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    ha.stop(signal.SIGKILL)
    assert has_home_address(internet.ha)
    ha = internet.ha.start_daemon(conf, "-f")
    ha.wait_for_log("serves as HA")
    wait_until(lambda: not has_home_address(internet.ha))
    assert counter(internet.ha, "kernel_stray") >= 5


@pytest.mark.parametrize("new", (False, True), ids=("killed", "new"))
def test_a_home_agent_without_its_state_tells_its_nodes(internet, new):
    """RFC 6275 10.4.5, 11.3.6: killed, and what it kept is gone, also in the kernel: a node that
    is away, whose lifetime is hours, comes back at the first Binding Error."""
    conf = MN_CONF.replace("MnHomeLink", "MnMaxHaBindingLife 262140;\nMnHomeLink")
    ha = internet.ha.start_daemon(HA_CONF + "HaMaxBindingLife 262140;\n", "-f")
    ha.wait_for_log("serves as HA")
    internet.mn.start_daemon(conf, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    stream = internet.stream(internet.mn, HOME_ADDRESS, internet.cn, CORRESPONDENT, interval_ms=20)
    ha.stop(signal.SIGKILL)
    for path in glob.glob("/run/lab/nodes/ha/var/lib/mip6d/*"):
        os.unlink(path)
    if new:
        internet.ha.sh("ip link delete mip6")
    ha = internet.ha.start_daemon(HA_CONF + "HaMaxBindingLife 262140;\n", "-f")
    wait_until(lambda: ha.log_text().count("serves as HA") == 2)
    wait_until(lambda: internet.ha.ctl("bc")["bindings"], "the binding")
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    time.sleep(1)
    stream.mark()
    time.sleep(1)
    report = stream.report()
    assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
    errors = internet.capture.packets("mip6.mhtype == 7", "mn", "eth0")
    assert errors and errors[0]["ipv6.src"] == HOME_AGENT
    assert errors[0]["mip6.be.status"] == "1" and errors[0]["mip6.be.haddr"] == HOME_ADDRESS
    updates = [p.time for p in internet.capture.packets("mip6.mhtype == 5", "mn", "eth0")
               if p.time > errors[0].time]
    assert updates and not [e for e in errors[1:] if e.time < updates[0]], (errors, updates)
    assert counter(internet.ha, "tunnel_stray") > 0


@pytest.mark.parametrize("place", [1, "home"])
def test_a_killed_mobile_node_is_not_missed(internet, place):
    """Its daemon is killed, a second passes, another one starts: not one packet is missing, and
    away the home agent is asked again with the next sequence number (RFC 6275 11.7.1)."""
    _, mn = start(internet)

    def updates():
        return [p.number("mip6.bu.seqnr")
                for p in internet.capture.packets("mip6.mhtype == 5", "ha", "core")]
    internet.move(place)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    time.sleep(2)
    stream = internet.stream(internet.cn, CORRESPONDENT, internet.mn, HOME_ADDRESS,
                             interval_ms=5)
    stream.mark()
    state = "at-home" if place == "home" else "registered"
    for starts, end in enumerate((signal.SIGKILL, signal.SIGUSR1, signal.SIGKILL), 2):
        before = len(updates())
        mn.stop(end)
        time.sleep(1)
        mn = internet.mn.start_daemon(MN_CONF, "-f")
        wait_until(lambda n=starts: mn.log_text().count("serves as MN") == n)
        wait_until(lambda: internet.mn.ctl("status")["home_addresses"][0]["state"] == state)
        if place != "home":
            wait_until(lambda n=before: len(updates()) > n, "a Binding Update")
        time.sleep(1)
    report = stream.report()
    assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
    assert updates() == sorted(updates()), updates()
    assert not internet.capture.packets("mip6.ba.status == 135", "ha", "core")
