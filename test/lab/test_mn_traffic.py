# SPDX-License-Identifier: GPL-2.0-or-later
"""What applications of a mobile node send, and by which way (RFC 6275 11.3.1): from the home address,
but for sockets that want another; never in the clear on a foreign link; as large as the path takes."""
import contextlib
import signal
import socket
import threading
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import wait_until
from .test_mn_interfaces import HA_CONF, wait_registered
from .transfer import Transfer

CONF = """NodeConfig MN; UseMnHaIPsec disabled; DebugLevel 2; DoRouteOptimizationMN disabled;
CoaDad none; MnMaxHaBindingLife 60; InterfaceInitialInitDelay 0.2; %s
Interface "eth0" { %s }
MnHomeLink "eth0" { HomeAddress """ + HOME_ADDRESS + "/64; HomeAgentAddress " + HOME_AGENT + """; }
"""
OWNED, OBSERVED = "MnIfPreference 1;", "Tunnel enabled;"
IPV6_ADDR_PREFERENCES, PREFER_COA, PREFER_HOME = 72, 0x0004, 0x0400	# RFC 5014
OURS = "eth.src[0:5] == 02:00:00:00:64"
NEIGHBOUR = foreign_prefix(1) + "1"	# the router of the link that is visited


def at_a_foreign_link(internet, conf):
    """A daemon on a node that somebody else has given an address and a default route before."""
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    mn = internet.mn
    mn.interfaces["eth0"].unplug()
    mn.interfaces["eth0"].plug(internet.place(1))
    before = internet.wait_for_address(1)
    for line in mn.sh("ip -6 route show table main dev eth0").splitlines():
        if "2001:db8:0:1::" in line or "fe80::ff:fe00:101 " in line:
            mn.ip("route del %s dev eth0" % line.split(" proto")[0])
    mn.ip("address flush dev eth0 to 2001:db8:0:1::/64")
    daemon = mn.start_daemon(conf, "-f")
    daemon.wait_for_log("serves as MN")
    wait_registered(internet, 1)
    return daemon, before


def knows_rule_4(node):
    """RFC 6724; Linux has it where mip6 is built in."""
    with open("/proc/modules") as f:
        return not any(line.startswith("mip6 ") for line in f)


@contextlib.contextmanager
def datagrams(node, *options, source=None, to=CORRESPONDENT):
    with node.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        for option in options:
            s.setsockopt(*option)
        if source:
            s.bind((source, 0))
        s.connect((to, 9))
        yield s


def source_of(node, *options, to=CORRESPONDENT, source=None):
    """The address that a socket gets."""
    with datagrams(node, *options, to=to, source=source) as s:
        s.send(b"from where?")
        return s.getsockname()[0]


def in_the_clear(internet, since=0.0):
    """What left by the foreign link with the home address outside."""
    found = [p for interface in ("eth0", "eth1")
             for p in internet.capture.packets(OURS + " && ipv6.src == " + HOME_ADDRESS, node="mn",
                                               interface=interface)
             if p.all("ipv6.src")[0] == HOME_ADDRESS and p.time >= since]
    return ["%.3f to %s: %s" % (p.time, p["ipv6.dst"], p["frame.protocols"]) for p in found]


@pytest.mark.parametrize("kind", [OWNED, OBSERVED], ids=["owned", "observed"])
def test_applications_get_the_home_address(internet, kind):
    """RFC 6275 11.3.1, RFC 6724: though the kernel or somebody else has an address and a default route
    there, and neighbours on the link; what the machine reaches by other links it reaches there."""
    daemon, before = at_a_foreign_link(internet, CONF % ("", kind))
    mn = internet.mn
    mn.interfaces["eth1"].plug(internet.place(2))
    elsewhere = internet.wait_for_address(2, "eth1")
    mn.run("ip -6 route del default dev eth1")
    for to in (CORRESPONDENT, NEIGHBOUR):
        assert source_of(mn, to=to) == HOME_ADDRESS, to
    if not knows_rule_4(mn):
        assert source_of(mn, to=foreign_prefix(2) + "1") == elsewhere
    # in tunnels only, and there and back
    packets = internet.capture.wait_for("%s && udp.dstport == 9 && ipv6.src == %s"
                                        % (OURS, HOME_ADDRESS), node="mn", interface="eth0", count=2)
    assert all(p.all("ipv6.dst")[0] == HOME_AGENT for p in packets)
    assert not in_the_clear(internet)
    assert "1 received" in mn.sh("ping -c 1 -W 2 " + CORRESPONDENT)
    # a connection from before the daemon's time goes on for as long as its address
    if kind == OBSERVED:
        assert source_of(mn, source=before) == before
    assert daemon.stop() == 0
    rules = mn.sh("ip -6 rule")
    assert len(rules.splitlines()) == 2, rules
    assert not mn.sh("ip -6 route show table 251")


def test_sockets_may_want_the_care_of_address(internet):
    """RFC 5014, RFC 6275 11.3.1: by preference (where the kernel knows rule 4 of RFC 6724), by bind(),
    by device; and all but the first are without mobility."""
    daemon, _ = at_a_foreign_link(internet, CONF % ("", OWNED))
    mn = internet.mn
    internet.move(2)	# away from what the kernel had learned
    coa = wait_registered(internet, 2)
    assert source_of(mn) == HOME_ADDRESS
    wanted = (socket.IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, PREFER_HOME)
    assert source_of(mn, wanted) == HOME_ADDRESS
    wanted = (socket.IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, PREFER_COA)
    assert source_of(mn, wanted) == (coa if knows_rule_4(mn) else HOME_ADDRESS)
    assert source_of(mn, source=coa) == coa
    deprecated = mn.addresses("eth0", local=coa, deprecated=True)
    assert bool(deprecated) != knows_rule_4(mn)
    direct = internet.capture.wait_for("%s && udp.dstport == 9 && ipv6.src == %s && !(ipv6.nxt == 41)"
                                       % (OURS, coa), node="mn", interface="eth0")
    assert direct and all(len(p.all("ipv6.src")) == 1 for p in direct)
    assert "1 received" in mn.sh("ping -c 1 -W 2 -I %s %s" % (coa, CORRESPONDENT))
    assert daemon.stop() == 0


def speak(mn):
    """All that applications may do with the home address, whether it works or not."""
    for to in (CORRESPONDENT, NEIGHBOUR, "fe80::ff:fe00:1101%eth0", "ff0e::1234"):
        with contextlib.suppress(OSError), datagrams(mn, source=HOME_ADDRESS, to=to) as s:
            s.send(b"x")
            s.send(bytes(3000))
    mn.run("ping -c 1 -W 0.2 -I %s fe80::ff:fe00:1101%%eth0" % HOME_ADDRESS)
    with contextlib.suppress(OSError), mn.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        s.bind((HOME_ADDRESS, 0))
        s.sendto(b"x", (CORRESPONDENT, 9))


def be_spoken_to(internet, router, interface):
    """A neighbour that knows the home address talks to it on the link: what answers?"""
    router.ip("neigh replace %s lladdr 02:00:00:00:64:00 dev %s" % (HOME_ADDRESS, interface),
              "route replace %s/128 dev %s" % (HOME_ADDRESS, interface))
    local = next(a["local"] for a in router.addresses(interface) if a["local"].startswith("fe80"))
    for source in ("%s%%%s" % (local, interface), interface):
        router.run("ping -c 1 -W 0.2 -I %s %s" % (source, HOME_ADDRESS))
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):	# port unreachable, reset
        with contextlib.suppress(OSError), router.socket(socket.AF_INET6, kind) as s:
            s.settimeout(0.2)
            s.connect((HOME_ADDRESS, 999))
            s.send(b"x")
    router.ip("route del %s/128 dev %s" % (HOME_ADDRESS, interface))


@pytest.mark.limit(180)
@pytest.mark.parametrize("option", ["OptimisticHandoff disabled;", "OptimisticHandoff enabled;"],
                         ids=["blocked", "tunnelled"])
def test_nothing_leaves_in_the_clear(internet, option):
    """RFC 6275 11.3.1: not while a registration is pending, nor while the node is away, nor when the
    daemon is killed and started again; not by errors and resets, not to neighbours."""
    daemon, _ = at_a_foreign_link(internet, CONF % (option, OWNED))
    mn = internet.mn
    transfer = Transfer(internet)
    stream = internet.stream(mn, HOME_ADDRESS, internet.cn, CORRESPONDENT, interval_ms=10)
    assert transfer.source == HOME_ADDRESS
    transfer.progress()
    speak(mn)
    be_spoken_to(internet, internet.ar1, "net")
    # A move whose acknowledgement does not come for a while.
    internet.ha.sh("ip6tables-legacy -A OUTPUT -p 135 -j DROP")
    moved = time.time()
    internet.move(2)
    coa = wait_until(lambda: next((a for a in [mn.ctl("status")["care_of_address"]]
                                   if a.startswith(foreign_prefix(2)[:-1])), None))
    internet.capture.wait_for("mip6.mhtype == 5 && ipv6.src == %s" % coa, node="mn",
                              interface="eth0")
    speak(mn)
    time.sleep(0.5)
    early = internet.capture.packets("ipv6.nxt == 41 && ipv6.src == %s && ipv6.src == %s"
                                     % (coa, HOME_ADDRESS), node="mn", interface="eth0")
    assert bool(early) == ("enabled" in option), "%d packets in the tunnel" % len(early)
    assert not [p for p in early if p.time < moved]
    internet.ha.sh("ip6tables-legacy -D OUTPUT -p 135 -j DROP")
    wait_registered(internet, 2)
    transfer.progress()
    # Killed, and started again: the path stays.
    daemon.stop(signal.SIGKILL)
    speak(mn)
    daemon = mn.start_daemon(CONF % (option, OWNED), "-f")
    wait_until(lambda: daemon.log_text().count("serves as MN") == 2)
    wait_registered(internet, 2)
    speak(mn)
    transfer.finish()
    stream.stop()
    # At the end there is no home address any more.
    assert daemon.stop() == 0
    speak(mn)
    assert not in_the_clear(internet)


# ---- path MTU

def echo(internet, how_often):
    """The correspondent gives back what comes; so many connections."""
    with internet.cn:
        server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((CORRESPONDENT, 7070))
    server.listen()

    def serve():
        for _ in range(how_often):
            connection, _ = server.accept()
            while data := connection.recv(65536):
                connection.sendall(data)
            connection.close()
        server.close()
    threading.Thread(target=serve, daemon=True).start()


def bulk_passes(mn, size=200_000):
    """Full segments, both ways; how long it took."""
    begin = time.monotonic()
    with mn.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
        s.settimeout(20)
        s.bind((HOME_ADDRESS, 0))
        s.connect((CORRESPONDENT, 7070))
        sender = threading.Thread(target=lambda: (s.sendall(bytes(size)), s.shutdown(socket.SHUT_WR)))
        sender.start()
        got = 0
        while data := s.recv(65536):
            got += len(data)
        sender.join()
    assert got == size
    return time.monotonic() - begin


def passes_whole(mn, size):
    """An IPv6 packet of that size, without fragmentation by its sender, after two that may have been
    lost to learn the path."""
    ping = "ping -M do -c 1 -W 1 -s %d -I %s %s" % (size - 48, HOME_ADDRESS, CORRESPONDENT)
    return any(mn.run(ping).returncode == 0 for _ in range(3))


def set_mtu(internet, link, mtu):
    """Of a link with all that is plugged into it, as the next router advertisement does not say."""
    for node in internet.nodes.values():
        for interface in node.interfaces.values():
            if interface.link is link:
                internet.base("ip link set %s-%s mtu %d" % (node.name, interface.name, mtu))
                node.ip("link set %s mtu %d" % (interface.name, mtu))


@pytest.mark.limit(180)
def test_the_path_takes_what_it_can(internet):
    """RFC 2473 7.1, RFC 8201, RFC 6275 11.3.1: the tunnel's MTU is that of the path to the home agent, less
    a header, also after moves among links of 1500 and 9000."""
    daemon, _ = at_a_foreign_link(internet, CONF % ("", OWNED))
    mn = internet.mn
    echo(internet, 4)
    bulk_passes(mn)
    assert passes_whole(mn, 1460) and not passes_whole(mn, 1461)
    # The path gets narrow behind the first router: that is learned from its errors.
    set_mtu(internet, internet.links["core-ar1"], 1400)
    bulk_passes(mn)
    assert passes_whole(mn, 1360) and not passes_whole(mn, 1361)
    # As wide as the link is, the path is not.
    set_mtu(internet, internet.links["net2"], 9000)
    internet.move(2)
    mn.ip("link set eth0 mtu 9000")
    internet.base("ip link set mn-eth0 mtu 9000")
    wait_registered(internet, 2)
    bulk_passes(mn)
    assert passes_whole(mn, 1460) and not passes_whole(mn, 1461)
    # The least with which the minimum of IPv6 passes: Linux does not fragment what it has
    # encapsulated (man mip6d, BUGS).
    set_mtu(internet, internet.links["net2"], 1500)
    set_mtu(internet, internet.links["core-ar3"], 1320)
    internet.move(3)
    wait_registered(internet, 3)
    bulk_passes(mn)
    assert passes_whole(mn, 1280) and not passes_whole(mn, 1281)
    assert daemon.stop() == 0
