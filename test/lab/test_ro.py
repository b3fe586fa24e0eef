# SPDX-License-Identifier: GPL-2.0-or-later
"""Route optimization on the real kernel: mobile node, home agent and correspondent, three daemons.
Headers are judged by tshark."""
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import BUILD, wait_until
from .test_mobility import HA_CONF, MN_CONF
from .transfer import Transfer

CN_CONF = "NodeConfig CN;\nDebugLevel 2;\n"
RO_CONF = MN_CONF.replace("DoRouteOptimizationMN disabled;", "DoRouteOptimizationMN enabled;")


@pytest.fixture
def three(internet):
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    internet.cn.start_daemon(CN_CONF, "-f").wait_for_log("serves as CN")
    internet.daemon = internet.mn.start_daemon(RO_CONF, "-f")
    internet.daemon.wait_for_log("serves as MN")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    return internet


def bound_to(net, prefix):
    """The correspondent's binding, when its care-of address is in the prefix."""
    found = [b for b in net.cn.ctl("bindings")["bindings"]
             if b["home_address"] == HOME_ADDRESS and b["state"] == "active"
             and b["care_of_address"].startswith(prefix[:-1])]
    return found[0] if found else None


@pytest.mark.limit(120)
def test_a_transfer_is_optimized_on_a_tour(three):
    """RFC 6275 5.2, 9.3, 9.5, 11.6: optimized on each foreign link, deleted at home."""
    net = three
    transfer = Transfer(net)
    for place in (1, 2, 3):
        net.move(place)
        wait_until(lambda where=place: bound_to(net, foreign_prefix(where)), 15,
                   "the binding on link %d" % place)
        transfer.progress()
    net.move("home")
    wait_until(lambda: not net.cn.ctl("bindings")["bindings"], 15, "the end of the binding")
    transfer.progress()
    transfer.finish()
    direct = net.capture.packets("tcp && ipv6.routing.type == 2", node="cn", interface="eth0")
    for place in (1, 2, 3):
        assert [p for p in direct if p["ipv6.dst"].startswith(foreign_prefix(place)[:-1])]
    assert net.daemon.stop(within_s=15) == 0


def test_both_headers_are_there(three):
    """RFC 6275 6.3, 6.4, 9.3.2, 11.3.1: what goes directly has a Home Address option, what comes a
    routing header; and it does not go by the home agent."""
    net = three
    net.move(1)
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=20)
    wait_until(lambda: bound_to(net, foreign_prefix(1)), 15, "the binding")
    time.sleep(0.5)
    stream.report()
    time.sleep(1)
    report = stream.report()
    assert report["out"]["lost"] == report["back"]["lost"] == 0
    stream.stop()
    begin = net.capture.packets("udp && ipv6.routing.type == 2", node="cn", interface="eth0")
    assert begin, "nothing came with a routing header"
    coa = bound_to(net, foreign_prefix(1))["care_of_address"]
    back = begin[-1]
    assert back["ipv6.dst"] == coa and back["ipv6.src"] == CORRESPONDENT
    assert back["ipv6.routing.mipv6.home_address"] == HOME_ADDRESS
    out = net.capture.packets("udp && ipv6.opt.mipv6.home_address", node="cn", interface="eth0")[-1]
    assert out["ipv6.src"] == coa and out["ipv6.opt.mipv6.home_address"] == HOME_ADDRESS


def rotest(node, peer):
    """What `mip6ctl rotest` says of a peer."""
    row, = node.ctl("rotest " + peer)["rotest"]
    return row


def test_rotest_tells_why(three):
    """mip6ctl rotest: both directions, and why not, at each stage; RFC 6275 11.3.5 for a peer that
    knows no mobility."""
    net = three
    row = rotest(net.mn, CORRESPONDENT)
    assert not row["optimized"] and "at home" in row["why"]
    net.move(1)
    wait_until(lambda: "no packets" in rotest(net.mn, CORRESPONDENT)["why"], 10, "the registration")
    row = rotest(net.mn, HOME_AGENT)
    assert not row["optimized"] and "home agent" in row["why"]
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["optimized"], 10, "both directions")
    net.mn.sh("ping -c 2 -i 0.3 -I %s %s" % (HOME_ADDRESS, CORRESPONDENT))
    row = rotest(net.mn, CORRESPONDENT)
    assert (row["to_peer"], row["from_peer"], row["state"]) == ("directly", "directly", "bound")
    assert row["last_sent_directly"] < 2.5 and 0 < row["round_trip"] < 1
    # The router of the correspondent's link is no mobile node's correspondent.
    plain = "2001:db8:0:c::1"
    net.mn.wait_until_reaches(plain, source=HOME_ADDRESS)
    wait_until(lambda: "does not know Mobile IPv6" in rotest(net.mn, plain)["why"], 10, "the error")
    row = rotest(net.mn, plain)
    assert not row["optimized"] and row["state"] == "quiet" and 30 < row["again"] <= 60
    words = net.mn.own_files([BUILD + "/src/mip6ctl", "rotest"])
    text = net.mn.sh(words + [CORRESPONDENT])
    assert "directly" in text and "OPTIMIZED" in text
    for wrong in ([], ["here"]):
        answer = net.mn.run(words + wrong)
        assert answer.returncode == 1 and "address of a peer" in answer.stdout + answer.stderr
