# SPDX-License-Identifier: GPL-2.0-or-later
"""Many mobile nodes at once with one home agent: nothing fails, nobody has to ask twice, and
nothing is left behind. How fast that is, test/bench/ha.py measures with the same means."""
import pytest

from bench.ha import AGENT, World, check
from .net import PATIENCE_S, wait_until

NODES = 100


def count_more(before, now):
    return {kind: now[kind] - before[kind] for kind in now if now[kind] != before[kind]}


@pytest.mark.parametrize("virtual", (True, False), ids=("virtual", "real"))
def test_a_hundred_at_once(lab, virtual):
    """RFC 6275 10.3.1, 10.3.2: registered, once more, moved, gone; every update is answered the
    first time, and each node's objects come and go with its binding."""
    world = World(lab, virtual, NODES, PATIENCE_S)
    world.start()
    before = world.objects()
    check(world.fleet.round(1, NODES), "register")
    there = count_more(before, world.objects())
    assert there["routes"] == NODES and there.get("proxies", 0) == (0 if virtual else NODES), there
    check(world.fleet.round(1, NODES), "register anew")
    check(world.fleet.round(2, NODES), "move")
    assert count_more(before, world.objects()) == there
    routes = world.ha.sh("ip -6 route show proto 212")
    assert routes.count("dst 2001:db8:c:2::") == NODES
    check(world.fleet.round(2, NODES, 0), "leave")
    wait_until(lambda: not count_more(before, world.objects()), "the end of all objects")
    world.close()


def test_own_packets_go_by_routing_header(lab):
    """RFC 6275 9.3.2: what the home agent itself sends to a mobile node; and to one that is not
    registered nothing goes."""
    world = World(lab, True, 2, PATIENCE_S)
    world.start()
    check(world.fleet.round(1, 1, count=1), "register")
    with lab.sniff((world.ha, "eth0")) as capture:
        for node in (1, 2):
            world.ha.run("ping -c 1 -W 1 2001:db8:100:0:200::%x" % node)
        requests = capture.wait_for("icmpv6.type == 128")
    assert [(p["ipv6.routing.type"], p["ipv6.dst"].split(",")[0]) for p in requests] == \
        [("2", "2001:db8:c:1::1")], requests
    world.close()


def test_what_concerns_all_is_done_for_all(lab):
    """Somebody flushes all XFRM states, somebody removes the tunnel: all is put again; and at the
    end nothing is left. With more bindings than are dealt with in one turn."""
    world = World(lab, False, 300, PATIENCE_S)
    found = world.objects()
    world.start()
    check(world.fleet.round(1, 300), "register")
    there = world.objects()
    for somebody in ("ip xfrm state flush", "ip link delete mip6"):
        world.ha.sh(somebody)
        wait_until(lambda: world.objects() == there, "all objects again", every_s=0.5)
    check(world.fleet.round(2, 100), "move")
    world.close()
    assert world.objects() == found


def test_many_policies_are_found_by_hash(lab):
    """RFC 3776 4.2: with many home addresses that have policies for the tunnel, the kernel is told
    to find them by the home address alone; and as before at the end, also after a crash."""
    world = World(lab, True, 1, PATIENCE_S)
    homes = ["HomeAddress 2001:db8:100::%x/64;" % n for n in range(1, 101)]
    policies = "IPsecPolicy HomeRegBinding UseESP 1 2; IPsecPolicy TunnelPayload UseESP 3 4;"
    conf = ("NodeConfig HA; HaVirtualHomeLink 2001:db8:100::/64; HaAddress %s;"
            "IPsecPolicySet { HomeAgentAddress %s; %%s %s }" % (AGENT, AGENT, policies))

    def thresholds():
        text = world.ha.sh("ip -s -s xfrm policy count")
        return text.split("SPD IPv6 thresholds:")[1].split("\n")[0].split()

    def start(count):
        before = world.daemon.log_text().count("serves as HA") if world.daemon else 0
        world.daemon = world.ha.start_daemon(conf % " ".join(homes[:count]), "-f")
        wait_until(lambda: world.daemon.log_text().count("serves as HA") > before)
        wait_until(lambda: world.objects()["policies"] >= 4 * count, "the policies")

    before = thresholds()
    start(100)
    assert thresholds() == ["local", "0", "remote", "128"], thresholds()
    world.ha.ctl("bc add hoa 2001:db8:100::7 coa 2001:db8:c:1::7 local %s lifetime 60" % AGENT)
    wait_until(lambda: "fwd" in world.ha.sh("ip xfrm policy"), "the tunnel's policies")
    world.daemon.stop(9)
    start(100)
    assert world.daemon.stop(within_s=60) == 0
    assert thresholds() == before == ["local", "128", "remote", "128"]
    assert not world.ha.sh("ip xfrm policy").strip()
    start(10)
    assert thresholds() == before
    world.close()
