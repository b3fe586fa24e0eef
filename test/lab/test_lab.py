# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself: what the other tests stand on."""
import itertools
import time

import pytest

from . import internet as net
from .net import wait_until


def test_two_nodes_reach_each_other_over_a_slow_link(lab):
    a, b = lab.node("a"), lab.node("b")
    lab.link("wire", a, b, delay_ms=20)
    a.ip("address add 2001:db8::1/64 dev eth0 nodad")
    b.ip("address add 2001:db8::2/64 dev eth0 nodad")
    with lab.sniff((b, "eth0")) as capture:
        a.sh("ping -c 2 -i 0.2 2001:db8::2")
        stream = lab.stream(a, "2001:db8::1", b, "2001:db8::2", interval_ms=5)
        stream.mark()
        time.sleep(1)
        report = stream.report()
    for way in ("out", "back"):
        assert report[way]["lost"] == 0
        assert 19 < report[way]["delay_ms"]["min"] < 40
    pings = capture.packets("icmpv6.type == 128")
    assert [p["ipv6.src"] for p in pings] == ["2001:db8::1"] * 2
    assert all(p["icmpv6.checksum.status"] == "1" for p in pings)


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
