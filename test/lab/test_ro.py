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


def test_a_transfer_is_optimized_on_a_tour(three):
    """RFC 6275 5.2, 9.3, 9.5, 11.6: optimized on each foreign link, deleted at home."""
    net = three
    transfer = Transfer(net)
    for place in (1, 2, 3):
        net.move(place)
        wait_until(lambda where=place: bound_to(net, foreign_prefix(where)),
                   "the binding on link %d" % place)
        transfer.progress()
    net.move("home")
    wait_until(lambda: not net.cn.ctl("bindings")["bindings"], "the end of the binding")
    transfer.progress()
    transfer.finish()
    direct = net.capture.packets("tcp && ipv6.routing.type == 2", node="cn", interface="eth0")
    for place in (1, 2, 3):
        assert [p for p in direct if p["ipv6.dst"].startswith(foreign_prefix(place)[:-1])]
    assert net.daemon.stop() == 0


def test_both_headers_are_there(three):
    """RFC 6275 6.3, 6.4, 9.3.2, 11.3.1: what goes directly has a Home Address option, what comes a
    routing header; and it does not go by the home agent."""
    net = three
    net.move(1)
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=20)
    wait_until(lambda: bound_to(net, foreign_prefix(1)), "the binding")
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


def reload(node, more):
    """Options added to the configuration of a running daemon."""
    with open("%s/%s.mip6d.conf" % (node.lab.results, node.name), "a") as f:
        f.write(more)
    node.sh(node.own_files([BUILD + "/src/mip6ctl", "reload"]))


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
    wait_until(lambda: "no packets" in rotest(net.mn, CORRESPONDENT)["why"], "the registration")
    row = rotest(net.mn, HOME_AGENT)
    assert not row["optimized"] and "home agent" in row["why"]
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["optimized"], "both directions")
    begin = time.monotonic()
    net.mn.sh("ping -c 2 -i 0.3 -I %s %s" % (HOME_ADDRESS, CORRESPONDENT))
    row = rotest(net.mn, CORRESPONDENT)
    passed = time.monotonic() - begin
    assert (row["to_peer"], row["from_peer"], row["state"]) == ("directly", "directly", "bound")
    assert row["last_sent_directly"] < passed + 2 and row["round_trip"] > 0
    # The router of the correspondent's link is no mobile node's correspondent.
    plain = "2001:db8:0:c::1"
    net.mn.wait_until_reaches(plain, source=HOME_ADDRESS)
    wait_until(lambda: "does not know Mobile IPv6" in rotest(net.mn, plain)["why"], "the error")
    row = rotest(net.mn, plain)
    assert not row["optimized"] and row["state"] == "quiet" and 30 < row["again"] <= 60
    words = net.mn.own_files([BUILD + "/src/mip6ctl", "rotest"])
    text = net.mn.sh(words + [CORRESPONDENT])
    assert "directly" in text and "OPTIMIZED" in text
    for wrong in ([], ["here"]):
        answer = net.mn.run(words + wrong)
        assert answer.returncode == 1 and "address of a peer" in answer.stdout + answer.stderr


HOME_ADDRESS_2 = "2001:db8:0:1::200"


class Second:
    """Another mobile node, of the same home agent, on the second foreign link."""

    def __init__(self, net):
        self.net, self.node = net, net.node("mn2")
        self.eth = self.node.plug("eth0", net.links["home"], mac="02:00:00:00:65:00")
        self.capture = net.sniff((self.node, "eth0"))
        conf = RO_CONF.replace(HOME_ADDRESS, HOME_ADDRESS_2).replace(
            'Interface "eth1" { MnIfPreference 2; }\n', "")
        self.daemon = self.node.start_daemon(conf, "-f")
        self.daemon.wait_for_log("serves as MN")

    def move(self, where):
        self.eth.unplug()
        time.sleep(0.05)
        self.eth.plug(self.net.place(where))


def both_ways(net, second):
    return rotest(net.mn, HOME_ADDRESS_2)["optimized"] and \
        rotest(second.node, HOME_ADDRESS)["optimized"]


def newest_is_direct(capture, source_prefix, hoa, peer, **where):
    """The last packet that came from there has both headers (tshark)."""
    last = capture.packets("udp && ipv6.src == %s/64" % source_prefix, **where)[-1]
    return (last.get("ipv6.opt.mipv6.home_address") == hoa
            and last.get("ipv6.routing.mipv6.home_address") == peer)


@pytest.mark.limit(180)
def test_two_mobile_nodes(three):
    """RFC 6275 5.2, 9, 11: each is the other's correspondent; each packet has a Home Address option
    and a type 2 routing header (tshark), and a move of either is survived."""
    net = three
    second = Second(net)
    net.move(1)
    second.move(2)
    second.node.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS_2)
    net.mn.wait_until_reaches(HOME_ADDRESS_2, source=HOME_ADDRESS)
    stream = net.stream(net.mn, HOME_ADDRESS, second.node, HOME_ADDRESS_2, interval_ms=50)
    wait_until(lambda: both_ways(net, second), "both directions")
    time.sleep(0.5)
    where = {"mn": 1, "mn2": 2}
    for mover, to in ((None, 0), ("mn", 3), ("mn2", 1)):
        if mover:
            where[mover] = to
            (net.move if mover == "mn" else second.move)(to)
            prefix = foreign_prefix(to)[:-1]
            node = net.mn if mover == "mn" else second.node
            wait_until(lambda n=node, p=prefix: n.ctl("status").get("care_of_address", "")
                       .startswith(p), "the care-of address of " + mover)
            time.sleep(0.2)
            wait_until(lambda: both_ways(net, second), "both directions after " + mover)
            time.sleep(0.7)
        stream.report()
        time.sleep(1)
        report = stream.report()
        assert report["out"]["lost"] == report["back"]["lost"] == 0, report
        assert newest_is_direct(second.capture, foreign_prefix(where["mn"]), HOME_ADDRESS,
                                HOME_ADDRESS_2)
        assert newest_is_direct(net.capture, foreign_prefix(where["mn2"]), HOME_ADDRESS_2,
                                HOME_ADDRESS, node="mn", interface="eth0")
    stream.stop()
    assert second.daemon.stop() == 0
    assert net.daemon.stop() == 0
    for node in (net.mn, second.node):
        assert "proto hao" not in node.sh("ip xfrm state")


def test_the_connection_that_began_it_is_optimized_too(three):
    """RFC 6275 11.7.2: a TCP connection, opened through the tunnel, is what makes the node begin; the
    same connection goes directly then, and by the tunnel again when route optimization ends."""
    net = three
    net.move(1)
    wait_until(lambda: "no packets" in rotest(net.mn, CORRESPONDENT)["why"], "the registration")
    transfer = Transfer(net)
    assert transfer.source == HOME_ADDRESS
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["optimized"], "both directions")
    transfer.progress()
    time.sleep(1)
    tcp = [p for p in net.capture.packets("tcp && !icmpv6", node="mn", interface="eth0")]
    ports = {p["tcp.srcport"] for p in tcp} - {"7777"}
    assert len(ports) == 1, "one connection"
    syn = [p for p in tcp if p["tcp.flags.syn"] in ("1", "True")]
    assert syn and all(len(p.all("ipv6.src")) == 2 for p in syn), "it began in the tunnel"
    for p in tcp[-10:]:
        assert len(p.all("ipv6.src")) == 1, "it is in the tunnel still: %s" % p
        assert "ipv6.opt.mipv6.home_address" in p or "ipv6.routing.mipv6.home_address" in p
    # The correspondent does not want any more, its bindings end; then the tunnel serves.
    reload(net.cn, "DoRouteOptimizationCN disabled;\n")
    wait_until(lambda: not rotest(net.mn, CORRESPONDENT)["optimized"], "the end")
    transfer.progress()
    time.sleep(1)
    last = net.capture.packets("tcp", node="mn", interface="eth0")[-1]
    assert len(last.all("ipv6.src")) == 2
    transfer.finish()


@pytest.mark.limit(180)
def test_nothing_is_lost_from_begin_to_end(three):
    """RFC 6275 5.2.7, 11.7.2: a stream of 100 packets a second each way through the begin of route
    optimization, three renewals (lifetime 20 s by option) and its end, at home: nothing is lost, but
    for what a move itself costs. Times are of the packets (tshark)."""
    net = three
    reload(net.mn, "MnMaxCnBindingLife 20;\nUseCnBuAck enabled;\n")
    net.move(1)
    wait_until(lambda: "no packets" in rotest(net.mn, CORRESPONDENT)["why"], "the registration")
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=10)
    wait_until(lambda: bound_to(net, foreign_prefix(1)), "the binding")
    time.sleep(1)
    report = stream.report()
    assert report["out"]["lost"] == report["back"]["lost"] == 0, report
    assert report["out"]["duplicated"] == report["back"]["duplicated"] == 0
    begun = net.capture.packets("mip6.mhtype == 5 && ipv6.dst == " + CORRESPONDENT,
                                node="mn", interface="eth0")
    first = net.capture.packets("udp && ipv6.src == " + HOME_ADDRESS, node="mn",
                                interface="eth0")[0]
    direct = net.capture.packets("udp && ipv6.opt.mipv6.home_address", node="mn",
                                 interface="eth0")[0]
    back = net.capture.packets("udp && ipv6.routing.type == 2", node="mn", interface="eth0")[0]
    tunnelled = [p.time for p in net.capture.packets("udp && ipv6.nxt == 41", node="mn",
                                                     interface="eth0")]
    # 8.2: 1.5 round trips, which are 40 ms at most here, and what a slow machine adds
    print("from the first tunnelled packet to the first direct one: %.0f ms there, %.0f ms back" %
          ((direct.time - first.time) * 1e3, (back.time - first.time) * 1e3))
    assert sum(t < max(direct.time, back.time) for t in tunnelled) < 300	# 150 each way
    # renewed while the stream goes on: every 15 s
    time.sleep(47)
    report = stream.report()
    assert report["out"]["lost"] == report["back"]["lost"] == 0, report
    renewed = net.capture.packets("mip6.mhtype == 5 && ipv6.dst == " + CORRESPONDENT,
                                  node="mn", interface="eth0")
    assert len(renewed) >= len(begun) + 3
    tunnelled = [p for p in net.capture.packets("udp && ipv6.nxt == 41", node="mn",
                                                interface="eth0") if p.time > direct.time + 1]
    assert not tunnelled, "the tunnel was used during a renewal: %s" % tunnelled[:3]
    # a move, then home: the silence is that of the move, not of route optimization
    net.move(2)
    wait_until(lambda: bound_to(net, foreign_prefix(2)), "the binding on link 2")
    time.sleep(1)
    report = stream.report()
    assert report["back"]["lost"] < 400 and report["out"]["lost"] < 400, report
    net.move("home")
    wait_until(lambda: not net.cn.ctl("bindings")["bindings"], "the end of the binding")
    time.sleep(1)
    stream.report()
    time.sleep(2)
    report = stream.report()
    assert report["out"]["lost"] == report["back"]["lost"] == 0, report
    stream.stop()


def states(node):
    """The headers that the kernel takes and makes: (addresses, kind) of each."""
    lines = node.sh("ip xfrm state").splitlines()
    return {(line, below.split()[1]) for line, below in zip(lines, lines[1:])
            if line.startswith("src ")}


def test_what_an_administrator_removes_comes_back(three):
    """The policies and states of route optimization on both sides, taken out of the kernel by hand:
    they are put again, and packets go directly as before."""
    net = three
    net.move(1)
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    wait_until(lambda: rotest(net.mn, CORRESPONDENT)["optimized"], "both directions")
    for node, src, dst in ((net.mn, HOME_ADDRESS, CORRESPONDENT),
                           (net.cn, CORRESPONDENT, HOME_ADDRESS)):
        selector = "src %s/128 dst %s/128" % (src, dst)
        assert selector in node.sh("ip xfrm policy")
        node.sh("ip xfrm policy delete %s dir out ptype sub" % selector)
        wait_until(lambda n=node, what=selector: what in n.sh("ip xfrm policy"), selector)
        before = states(node)
        assert before
        node.sh("ip xfrm state flush")
        wait_until(lambda n=node, b=before: states(n) == b, "the states of %s" % node)
    stream = net.stream(net.mn, HOME_ADDRESS, net.cn, CORRESPONDENT, interval_ms=20)
    time.sleep(0.3)
    stream.report()
    time.sleep(1)
    report = stream.report()
    assert report["out"]["lost"] == report["back"]["lost"] == 0, report
    stream.stop()
    for words in ("ipv6.opt.mipv6.home_address", "ipv6.routing.type == 2"):
        assert net.capture.packets("udp && " + words, node="cn", interface="eth0")
