# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself: what the other tests stand on."""
import itertools
import os
import socket
import time

import pytest

from . import internet as net
from .net import Lab, wait_until


def pair(lab, **quality):
    """Two nodes on a wire."""
    a, b = lab.node("a"), lab.node("b")
    lab.link("wire", a, b, **quality)
    a.ip("address add 2001:db8::1/64 dev eth0 nodad")
    b.ip("address add 2001:db8::2/64 dev eth0 nodad")
    a.sh("ping -c 1 2001:db8::2")
    return a, b


def probe(lab, a, b, during, interval_ms=5):
    """What the stream reports about a time."""
    stream = lab.stream(a, "2001:db8::1", b, "2001:db8::2", interval_ms)
    time.sleep(0.1)
    stream.mark()
    during()
    return stream.report()


def test_slow_link_delays_every_packet_once(lab):
    a, b = pair(lab, delay_ms=20)
    report = probe(lab, a, b, lambda: time.sleep(1))
    for way in ("out", "back"):
        assert report[way]["sent"] > 100
        assert report[way]["lost"] == report[way]["duplicated"] == report[way]["reordered"] == 0
        assert 19 < report[way]["delay_ms"]["min"] < 40


def test_stream_sends_a_probe_every_millisecond(lab):
    a, b = pair(lab)
    report = probe(lab, a, b, lambda: time.sleep(1), interval_ms=1)
    for way in ("out", "back"):
        # A busy machine sends fewer than 1000, but the kernel's own tick would allow 100 only.
        assert report[way]["sent"] > 300
        assert report[way]["lost"] == 0


def test_stream_measures_an_outage(lab):
    a, b = pair(lab)

    took_ms = 0

    def outage():
        nonlocal took_ms
        time.sleep(0.3)
        begin = time.monotonic()
        b.interfaces["eth0"].unplug()
        time.sleep(0.5)
        b.interfaces["eth0"].plug(lab.links["wire"])
        took_ms = (time.monotonic() - begin) * 1000
        time.sleep(1.5)
    report = probe(lab, a, b, outage)
    assert 490 < report["out"]["outage_ms"] < took_ms + 300
    assert 50 <= report["out"]["lost"] <= took_ms / 5 + 60
    # b forgets its neighbour with the carrier, and the solicitation it sends into the void is
    # repeated a second later: what the kernel queues meanwhile is late, but not lost.
    assert 490 < report["back"]["outage_ms"] < 1500


def test_stream_counts_what_the_link_does(lab):
    a, b = pair(lab)

    def link_does(what, seconds=1):
        lab.base("tc qdisc add dev b-eth0 root netem " + what)
        report = probe(lab, a, b, lambda: time.sleep(seconds))
        lab.base("tc qdisc del dev b-eth0 root")
        assert report["back"]["lost"] == report["back"]["duplicated"] == 0
        return report["out"]
    assert 20 < link_does("loss 50%")["lost"] < 180
    assert 20 < link_does("duplicate 50%")["duplicated"] < 180
    assert 20 < link_does("delay 20ms reorder 50%")["reordered"] < 180


def test_capture_shows_what_tshark_sees(lab):
    a, b = pair(lab)
    with lab.sniff((b, "eth0")) as capture:
        a.sh("ping -c 2 -i 0.2 2001:db8::2")
    pings = capture.packets("icmpv6.type == 128")
    assert [p["ipv6.src"] for p in pings] == ["2001:db8::1"] * 2
    assert all(p["icmpv6.checksum.status"] == "1" for p in pings)
    assert 0.15 < pings[1].time - pings[0].time < 0.5


def test_capture_goes_on_when_the_interface_was_down(lab):
    a, b = pair(lab)
    b.interfaces["eth0"].unplug()
    b.ip("link set eth0 down")
    capture = lab.sniff((b, "eth0"))
    b.interfaces["eth0"].plug(lab.links["wire"])
    b.ip("link set eth0 up", "address add 2001:db8::2/64 dev eth0 nodad")
    a.wait_until_reaches("2001:db8::2")
    assert capture.wait_for("icmpv6.type == 128 && ipv6.src == 2001:db8::1")


def test_nothing_is_left_of_a_lab(results):
    """Two in a row, the second one finds the same as the first."""
    seen = []
    for _ in range(2):
        with Lab(results) as lab:
            a, b = pair(lab)
            a.start("sleeper", "sleep 1000")
            lab.sniff()
        seen.append((sorted(os.listdir("/run/netns")), sorted(n for _, n in socket.if_nameindex())))
    assert seen[0] == seen[1]
    assert not seen[0][0]


def test_every_node_reaches_the_correspondent(internet):
    for node in (internet.hh, internet.ha, internet.ar1, internet.ar2, internet.ar3):
        node.sh("ping -c 1 -W 2 " + net.CORRESPONDENT)
    internet.wait_for_address("home")
    internet.mn.sh("ping -c 1 -W 2 " + net.CORRESPONDENT)


@pytest.mark.parametrize("internet", [{"ra_interval_ms": (50, 70)}], indirect=True, ids=["fast"])
@pytest.mark.parametrize("how", ["carrier", "silent", "make-before-break"])
def test_node_finds_its_place_after_each_kind_of_move(internet, how):
    internet.wait_for_address("home")
    monitor = internet.mn.start("monitor", "ip -ts monitor link")
    mtus = itertools.cycle((60000, 65536))

    def monitor_is_watching():
        internet.mn.ip("link set lo mtu %d" % next(mtus))
        return monitor.log_text()
    wait_until(monitor_is_watching, every_s=0.1)
    internet.move(1, how)
    address = internet.wait_for_address(1, "eth1" if how == "make-before-break" else "eth0")

    internet.mn.wait_until_reaches(net.CORRESPONDENT, source=address)
    assert ("NO-CARRIER" in monitor.log_text()) == (how != "silent")
