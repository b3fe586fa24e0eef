# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is lost when a daemon ends: killed, stopped for a successor, stopped and started."""
import difflib
import re
import signal
import time

from .internet import CORRESPONDENT, HOME_ADDRESS
from .net import wait_until
from .test_mobility import HA_CONF, MN_CONF, start



def objects(node):
    """What `ip` and `tc` know of the home agent's objects, without counters and ages."""
    script = """
        ip -6 route show proto 212; ip -6 route show table 252; ip -6 rule show
        ip -6 neigh show proxy; ip -d link show mip6; tc filter show dev mip6 ingress
        ip -6 xfrm policy; ip -6 xfrm state"""
    text = re.sub(r"permaddr \S+|^\d+: (?=mip6)|handle \S+|index \d+|lastused .*", "",
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
        ha.stop(end, within_s=10)
        time.sleep(1)
        ha = internet.ha.start_daemon(HA_CONF, "-f")
        starts += 1
        wait_until(lambda: ha.log_text().count("bindings are back") == starts, 10)
        time.sleep(1)
        assert counter(internet.ha, "kernel_adopted") > 10
        assert counter(internet.ha, "kernel_stray") == 0
        assert not differences(internet.ha, before)
    report = stream.report()
    assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
    assert len(internet.capture.packets("mip6.mhtype == 5", "ha", "core")) == updates
    assert internet.ha.ctl("bc")["bindings"][0]["home_address"] == HOME_ADDRESS
    assert ha.stop(within_s=15) == 0
    wait_until(lambda: not has_home_address(internet.ha), 5)


def test_a_stopped_home_agent_knows_its_nodes(internet):
    """SIGTERM takes everything out of the kernel; the next start puts it back at once."""
    ha, _ = begin(internet)
    before = objects(internet.ha)
    assert ha.stop(within_s=15) == 0
    assert not has_home_address(internet.ha)
    ha = internet.ha.start_daemon(HA_CONF, "-f")
    ha.wait_for_log("bindings are back")
    time.sleep(1)
    assert not differences(internet.ha, before)
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
    wait_until(lambda: not has_home_address(internet.ha), 5)
    assert counter(internet.ha, "kernel_stray") >= 5
