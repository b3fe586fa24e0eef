# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel objects of the port, judged by `ip`, `tc` and by packets.

Addresses, routes, rules, proxy neighbours, memberships, settings, tunnels and their source
filters: put, replaced in place, deleted, and found again after a crash.
"""
import errno
import time

import pytest

from .net import wait_until
from .osdrive import Drive

MARK = "212"	# the protocol number of what is ours


@pytest.fixture
def pair(lab):
    """Two nodes on a link, a port on the first."""
    a, b = lab.node("a", router=True), lab.node("b", router=True)
    lab.link("wire", a, b)
    a.ip("address add 2001:db8:1::a/64 dev eth0 nodad")
    b.ip("address add 2001:db8:1::b/64 dev eth0 nodad")
    with Drive(a) as port:
        yield a, b, port


def test_links_and_addresses_are_told(pair):
    a, b, port = pair
    eth0 = port.find("link", name="eth0")[-1]
    assert eth0["kind"] == "ether" and eth0["up"] and eth0["running"] and not eth0["ours"]
    assert port.find("link", name="lo")[-1]["kind"] == "loopback"
    assert port.find("addr", addr="2001:db8:1::a", plen=64, ifindex=eth0["ifindex"],
                     tentative=False, ours=False)
    begin = port.mark()
    a.interfaces["eth0"].unplug()
    port.wait("link", begin=begin, name="eth0", running=False)
    a.interfaces["eth0"].plug(a.lab.links["wire"])
    port.wait("link", begin=begin, name="eth0", running=True)
    a.ip("address add 2001:db8:1::aa/64 dev eth0 nodad")
    port.wait("addr", begin=begin, addr="2001:db8:1::aa", gone=False)
    a.ip("address del 2001:db8:1::aa/64 dev eth0")
    port.wait("addr", begin=begin, addr="2001:db8:1::aa", gone=True)
    a.ip("link add dummy0 type dummy")
    port.wait("link", begin=begin, name="dummy0", up=False)
    a.ip("address add 2001:db8:7::1/64 dev dummy0")
    port.wait("addr", begin=begin, addr="2001:db8:7::1")
    a.ip("link del dummy0")
    port.wait("addr", begin=begin, addr="2001:db8:7::1", gone=True)
    port.wait("link", begin=begin, name="dummy0", gone=True)


def test_duplicate_address_is_told(pair):
    """RFC 4862 5.4.5: the address is never used."""
    a, b, port = pair
    a.sysctl("net/ipv6/conf/all/accept_dad", 1)
    a.sysctl("net/ipv6/conf/eth0/accept_dad", 1)
    begin = port.mark()
    port.put({"type": "addr", "dev": "eth0", "addr": "2001:db8:1::b", "plen": 64})
    port.wait("addr", begin=begin, addr="2001:db8:1::b", tentative=True, dad_failed=False, ours=True)
    port.wait("addr", begin=begin, addr="2001:db8:1::b", dad_failed=True)


def test_address(pair):
    """RFC 6275 11.3.1: a home address is preferred as source, so it is marked as one."""
    a, b, port = pair
    home = {"type": "addr", "dev": "eth0", "addr": "2001:db8:9::1", "plen": 128,
            "flags": ["home", "nodad", "noprefixroute"]}
    port.put(home)
    entry = a.addresses("eth0", local="2001:db8:9::1")[0]
    assert entry["prefixlen"] == 128
    assert entry["home"] and entry["nodad"] and entry["noprefixroute"]
    assert "tentative" not in entry
    old = dict(home, flags=["nodad"], valid_s=1000, preferred_s=500)
    port.replace(old, home)
    entry = a.addresses("eth0", local="2001:db8:9::1")[0]
    assert "home" not in entry and 990 < entry["valid_life_time"] <= 1000
    assert 490 < entry["preferred_life_time"] <= 500
    port.replace(dict(old, flags=["nodad", "deprecated"]), old)
    assert a.addresses("eth0", local="2001:db8:9::1")[0]["deprecated"]
    port.replace(dict(old, plen=64), old)
    assert [e["prefixlen"] for e in a.addresses("eth0", local="2001:db8:9::1")] == [64]
    port.delete(dict(old, plen=64))
    assert not a.addresses("eth0", local="2001:db8:9::1")
    port.delete(dict(old, plen=64))		# what is not there has what it wants


def test_routes(pair):
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    route = {"type": "route", "table": "own", "dst": "2001:db8:5::/48", "dev": eth0,
             "via": "2001:db8:1::b", "mtu": 1400}
    specific = {"type": "route", "table": "own", "src": "2001:db8:9::1/128", "dst": "::/0",
                "metric": 10, "dev": "eth0", "via": "fe80::1", "onlink": True}
    closed = {"type": "route", "dst": "2001:db8:6::/48", "action": "unreachable"}
    port.put(route, specific, closed)
    shown = {(r["dst"], r.get("from")): r for r in a.ip_json("-6 route show table all proto 212")}
    r = shown["2001:db8:5::/48", None]
    assert r["table"] == "252" and r["gateway"] == "2001:db8:1::b" and r["metric"] == 1024
    assert r["metrics"] == [{"mtu": 1400}]
    r = shown["default", "2001:db8:9::1"]
    assert r["metric"] == 10 and r["gateway"] == "fe80::1" and r["flags"] == ["onlink"]
    assert shown["2001:db8:6::/48", None]["type"] == "unreachable"
    assert len(shown) == 3
    port.replace(dict(route, via="2001:db8:1::c", mtu=0), route)
    shown = a.ip_json("-6 route show table 252 2001:db8:5::/48")
    assert len(shown) == 1 and shown[0]["gateway"] == "2001:db8:1::c"
    # Only ours is deleted.
    a.ip("route add 2001:db8:8::/48 via 2001:db8:1::b metric 1024")
    port.delete(route, specific, closed, {"type": "route", "dst": "2001:db8:8::/48"})
    assert a.ip_json("-6 route show table all proto 212") == []
    assert len(a.ip_json("-6 route show 2001:db8:8::/48")) == 1


def test_rules(pair):
    a, b, port = pair
    rule = {"type": "rule", "priority": 1000, "from": "2001:db8:9::/64", "table": "own"}
    own = {"type": "rule", "priority": 1001, "iif": "lo", "ip_proto": 135, "action": "unreachable"}
    port.put(rule, own)
    shown = {r["priority"]: r for r in a.ip_json("-6 rule show")}
    assert shown[1000]["src"] == "2001:db8:9::" and shown[1000]["srclen"] == 64
    assert shown[1000]["table"] == "252" and shown[1000]["protocol"] == MARK
    assert shown[1001]["iif"] == "lo" and shown[1001]["action"] == "unreachable"
    port.put(rule)				# again: no second one
    assert len([r for r in a.ip_json("-6 rule show") if r["priority"] == 1000]) == 1
    port.replace(dict(rule, action="blackhole"), rule)
    shown = [r for r in a.ip_json("-6 rule show") if r["priority"] == 1000]
    assert len(shown) == 1 and shown[0]["action"] == "blackhole"
    port.delete(dict(rule, action="blackhole"), own)
    assert not {1000, 1001} & {r["priority"] for r in a.ip_json("-6 rule show")}
    assert port.apply([dict(rule, op="put", priority=999)]) == [-errno.EINVAL]


def test_errors_are_told_for_each_object(pair):
    """One acknowledgement for a batch; yet every change has its own error."""
    a, b, port = pair
    def route(n, via):
        return {"op": "put", "type": "route", "table": "own", "dst": "2001:db8:%x::/48" % n,
                "dev": "eth0", "via": via}
    changes = [route(n, "2001:db8:77::1" if n % 10 == 3 else "2001:db8:1::b") for n in range(1200)]
    errors = port.apply(changes)
    assert [n for n, e in enumerate(errors) if e] == list(range(3, 1200, 10))
    assert set(errors) == {0, -errno.EHOSTUNREACH}
    assert "route" in open(port.log).read()
    assert len(a.ip_json("-6 route show table 252")) == 1200 - 120
    assert port.apply([dict(c, op="delete") for c in changes]) == [0] * 1200
    errors = port.apply([dict(changes[0], dev="nosuch"), changes[0]])
    assert errors == [-errno.ENODEV, 0]


def test_proxy_neighbour_defends_an_address(pair):
    """RFC 6275 10.4.1: the home agent answers for the mobile node's address."""
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    port.put({"type": "sysctl", "dev": "eth0", "name": "proxy_ndp", "value": 1})
    proxy = {"type": "proxy", "ifindex": eth0, "addr": "2001:db8:1::100"}
    port.put(proxy)
    assert a.ip_json("-6 neigh show proxy")[0]["dst"] == "2001:db8:1::100"
    b.run("ping -c 1 -W 2 2001:db8:1::100")
    entry = b.ip_json("-6 neigh show 2001:db8:1::100")[0]
    assert entry["lladdr"] == a.ip_json("link show eth0")[0]["address"]
    assert proxy in port.scan()
    port.delete(proxy)
    assert a.ip_json("-6 neigh show proxy") == []
    port.delete(proxy)


def test_memberships(pair):
    """RFC 6275 5.3 and 10.5: the home agents' anycast address; 10.4.3: groups of routers."""
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    anycast = {"type": "anycast", "ifindex": eth0, "addr": "2001:db8:1:0:fdff:ffff:ffff:fffe"}
    group = {"type": "group", "ifindex": eth0, "addr": "ff02::6a"}
    port.put(anycast, group, group)
    assert a.sh("ping -c 1 -W 1 -I eth0 ff02::6a")
    assert "ff02::6a" in a.ip("maddress show dev eth0")
    assert "20010db800010000fdfffffffffffffe" in a.sh("cat /proc/net/anycast6")
    # The answer to a packet for an anycast address comes from a unicast address.
    b.run("ping -c 1 -W 1 2001:db8:1:0:fdff:ffff:ffff:fffe")
    assert b.ip_json("-6 neigh show 2001:db8:1:0:fdff:ffff:ffff:fffe")[0].get("lladdr")
    port.delete(anycast, group)
    assert "ff02::6a" not in a.ip("maddress show dev eth0")
    assert "fdfffffffffffffe" not in a.sh("cat /proc/net/anycast6")
    # More than one socket can hold.
    many = [{"type": "group", "ifindex": eth0, "addr": "ff02::1:%x" % n} for n in range(2000)]
    port.put(*many)
    assert a.ip("maddress show dev eth0").count("ff02::1:") >= 2000
    port.delete(*many)


def test_settings_are_put_back(pair):
    a, b, port = pair
    def value(name, where="conf"):
        return int(a.sh("cat /proc/sys/net/ipv6/%s/eth0/%s" % (where, name)))
    before = value("accept_ra")
    ra = {"type": "sysctl", "dev": "eth0", "name": "accept_ra", "value": 0}
    retrans = {"type": "sysctl", "dev": "eth0", "name": "retrans_time_ms", "value": 250}
    forwarding = {"type": "sysctl", "dev": "all", "name": "forwarding", "value": 0}
    port.put(ra, retrans, forwarding)
    assert value("accept_ra") == 0 and value("retrans_time_ms", "neigh") == 250
    assert a.sh("cat /proc/sys/net/ipv6/conf/all/forwarding") == "0\n"
    port.kill()
    with Drive(a) as successor:
        assert {(o["name"], o["value"]) for o in successor.scan()} >= {
            ("accept_ra", 0), ("retrans_time_ms", 250), ("forwarding", 0)}
        successor.delete(ra, retrans, forwarding)
        assert value("accept_ra") == before and value("retrans_time_ms", "neigh") == 1000
        assert a.sh("cat /proc/sys/net/ipv6/conf/all/forwarding") == "1\n"
        # What somebody else has changed since stays.
        successor.put(ra)
        a.sysctl("net/ipv6/conf/eth0/accept_ra", 2)
        successor.delete(ra)
        assert value("accept_ra") == 2
        assert successor.scan() == []
        errors = successor.apply([dict(ra, op="put", dev="nosuch"), dict(ra, op="put", dev="../x"),
                                  dict(ra, op="delete", dev="nosuch")])
        assert errors == [-errno.ENOENT, -errno.EINVAL, 0]


def test_settings_follow_their_device(pair):
    """To another name, and to its end; and what the kernel rounds is known again."""
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    ra = {"type": "sysctl", "dev": eth0, "name": "accept_ra", "value": 0}
    retrans = {"type": "sysctl", "dev": eth0, "name": "retrans_time_ms", "value": 1003}
    before = a.sysctl("net/ipv6/conf/eth0/accept_ra")
    assert before != "0"
    port.put(ra, retrans)
    assert a.sysctl("net/ipv6/neigh/eth0/retrans_time_ms") in ("1003", "1004", "1010")
    # the kernel, or somebody else, changes it, and we once more
    a.sysctl("net/ipv6/conf/eth0/accept_ra", 2)
    port.put(ra)
    a.ip("link set eth0 down", "link set eth0 name lan0", "link set lan0 up")
    wait_until(lambda: {o["dev"] for o in port.scan() if o["type"] == "sysctl"} == {eth0})
    port.delete(ra, retrans)
    assert a.sysctl("net/ipv6/conf/lan0/accept_ra") == "2"
    assert a.sysctl("net/ipv6/neigh/lan0/retrans_time_ms") == "1000"
    a.ip("link add d0 type dummy")
    port.put({"type": "sysctl", "dev": "d0", "name": "accept_ra", "value": 0})
    a.ip("link del d0", "link add d0 type dummy")
    wait_until(lambda: [o for o in port.scan() if o["type"] == "sysctl"] == [])
    assert a.sysctl("net/ipv6/conf/d0/accept_ra") == "1"


def test_removal_by_somebody_else_is_told(pair):
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    objects = [
        {"type": "tunnel", "name": "mip6", "external": True},
        {"type": "route", "table": "own", "dst": "2001:db8:5::/48", "dev": "eth0",
         "via": "2001:db8:1::b"},
        {"type": "rule", "priority": 1000, "from": "2001:db8:9::/64", "table": "own"},
        {"type": "addr", "dev": eth0, "addr": "2001:db8:9::1", "plen": 128, "flags": ["nodad"]},
        {"type": "state", "proto": "hao", "src": "2001:db8:9::5", "dst": "2001:db8:1::a",
         "coaddr": "2001:db8:2::1"},
        {"type": "policy", "dir": "in", "sub": True, "src": "::/0", "dst": "::/0", "proto": 135,
         "priority": 1}]
    tunnel = objects[0]

    def told(begin, type_, **fields):
        return wait_until(lambda: [e["object"] for e in port.find("lost", begin)
                                   if e["object"]["type"] == type_ and
                                   all(e["object"].get(k) == v for k, v in fields.items())])
    port.put(*objects)
    begin = port.mark()
    a.ip("route del table 252 2001:db8:5::/48", "rule del priority 1000",
         "address del 2001:db8:9::1/128 dev eth0")
    assert told(begin, "route", dst="2001:db8:5::/48") and told(begin, "rule", priority=1000)
    assert told(begin, "addr", addr="2001:db8:9::1")
    # Without its filters a tunnel would take packets from anybody.
    a.sh("tc filter del dev mip6 ingress")
    assert told(begin, "tunnel", name="mip6")
    port.put(tunnel)
    assert "dropped 0" in a.sh("tc -s filter show dev mip6 ingress")
    begin = port.mark()
    a.sh("tc qdisc del dev mip6 clsact")
    assert told(begin, "tunnel", name="mip6")
    begin = port.mark()
    a.ip("link del mip6")
    assert told(begin, "tunnel", name="mip6")
    a.ip("xfrm state delete src 2001:db8:9::5 dst 2001:db8:1::a proto hao")
    assert told(begin, "state", src="2001:db8:9::5")
    a.sh("ip xfrm policy delete dir in src ::/0 dst ::/0 proto 135 ptype sub")
    assert told(begin, "policy", proto=135)
    port.put(*objects[4:])
    begin = port.mark()
    a.sh("ip xfrm state flush")
    a.sh("ip xfrm policy flush ptype sub")
    assert told(begin, "state", src="::") and told(begin, "policy", proto=0, src="::/0")
    # What we remove ourselves is not told.
    port.put(*objects)
    begin = port.mark()
    port.delete(*reversed(objects))
    a.ip("link add dummy0 type dummy")		# an event that comes later
    port.wait("link", begin=begin, name="dummy0")
    time.sleep(0.2)
    assert not port.find("lost", begin)


def test_successor_finds_what_a_crash_left(pair):
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    left = [{"type": "tunnel", "name": "mip6", "external": True},
            {"type": "addr", "dev": eth0, "addr": "2001:db8:9::1", "plen": 128,
             "flags": ["home", "nodad"]},
            {"type": "route", "table": "own", "dst": "2001:db8:1::100/128", "dev": "mip6",
             "encap_src": "2001:db8:1::a", "encap_dst": "2001:db8:2::1", "metric": 1024},
            {"type": "route", "dst": "2001:db8:6::/48", "action": "unreachable", "metric": 1024},
            {"type": "rule", "priority": 1000, "iif": "lo", "table": "own"},
            {"type": "filter", "tunnel": "mip6", "inner_src": "2001:db8:1::100/128",
             "outer_src": "2001:db8:2::1"},
            {"type": "proxy", "ifindex": eth0, "addr": "2001:db8:1::100"},
            {"type": "policy", "dir": "in", "sub": True, "src": "::/0", "dst": "::/0", "proto": 135,
             "msg_type": 5, "priority": 1, "tmpl": [{"proto": "hao", "optional": True}]},
            {"type": "state", "proto": "hao", "src": "2001:db8:1::100", "dst": "2001:db8:1::a",
             "coaddr": "2001:db8:2::1", "reqid": 2}]
    port.put(*left)
    port.kill()
    with Drive(a) as successor:
        found = successor.scan()
        for want in left:
            assert any(all(o.get(k) == v for k, v in want.items() if k != "tmpl") for o in found), want
        assert len(found) == len(left)
        # Filters go on with the handles that are taken.
        successor.put({"type": "filter", "tunnel": "mip6", "inner_src": "2001:db8:1::101/128",
                       "outer_src": "2001:db8:2::9"})
        assert len([o for o in successor.scan() if o["type"] == "filter"]) == 2
        successor.delete(*reversed(found))
        assert successor.scan() == []
    assert "mip6" not in a.ip("link show")


def test_overrun_is_mended_by_reading_anew(pair):
    """Events come faster than they are read; nothing is missed in the end."""
    a, b, port = pair
    import os
    import signal
    os.kill(port.popen.pid, signal.SIGSTOP)
    batch = []
    for n in range(6000):
        batch += ["address add 2001:db8:a::%x/128 dev lo nodad" % n,
                  "address del 2001:db8:a::%x/128 dev lo" % n] if n else []
    a.ip(*batch, "address add 2001:db8:b::1/128 dev eth0 nodad",
         "address del 2001:db8:1::a/64 dev eth0")
    begin = port.mark()
    os.kill(port.popen.pid, signal.SIGCONT)
    port.wait("addr", begin=begin, addr="2001:db8:b::1")
    port.wait("addr", begin=begin, addr="2001:db8:1::a", gone=True)
    time.sleep(0.1)


def test_neighbours_are_told(pair):
    """RFC 4861 7.3.2: from unknown to reachable, to stale, to unreachable."""
    a, b, port = pair
    eth0 = port.ifindex("eth0")
    begin = port.mark()
    a.sh("ping -c 1 2001:db8:1::b")
    told = port.wait("neigh", begin=begin, addr="2001:db8:1::b", state="reachable")
    assert told["ifindex"] == eth0
    assert told["lladdr"] == b.ip_json("link show eth0")[0]["address"].replace(":", "")
    begin = port.mark()
    a.ip("neigh change 2001:db8:1::b dev eth0 nud stale")
    port.wait("neigh", begin=begin, addr="2001:db8:1::b", state="stale")
    begin = port.mark()
    a.run("ping -c 1 -W 1 2001:db8:1::77")
    port.wait("neigh", begin=begin, addr="2001:db8:1::77", state="failed")
    begin = port.mark()
    a.ip("neigh del 2001:db8:1::b dev eth0")
    port.wait("neigh", begin=begin, addr="2001:db8:1::b", state="none")


def test_many_changes_are_carried_out_in_parts(pair):
    """Ten thousand at once: each has its own error, and the loop is never held up for long."""
    a, b, port = pair

    def route(op, n, via):
        return {"op": op, "type": "route", "table": "own", "dst": "2001:db8:%x::/48" % n,
                "dev": "eth0", "via": via}
    port.order("longest")
    puts = [route("put", n, "2001:db8:1::b" if n % 2 else "2001:db8:77::1") for n in range(10000)]
    assert port.apply(puts, 60) == [0 if n % 2 else -errno.EHOSTUNREACH for n in range(10000)]
    begin = port.mark()
    port.order("longest")
    took = [e for e in port.events[begin:] if e["event"] == "result"][0]["t_us"]
    start = [e for e in port.events[:begin] if e["event"] == "result"][-1]["t_us"]
    # one turn carries out little of it
    assert port.find("longest", begin)[0]["us"] < (took - start) / 4
    # What fails in the middle of other tickets' changes is told to the one concerned.
    assert port.apply([dict(c, op="delete") for c in puts], 60) == [0] * 10000
    assert a.ip_json("-6 route show table 252") == []
