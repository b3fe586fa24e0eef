# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain host is moved in each of the three ways, and keeps no connection.

What the internetwork does without Mobile IPv6: after each move the node gets a new
address, and the stream to its old one stays silent. This is what the daemon is for.
"""
import time

from lab.internet import CORRESPONDENT

TOPOLOGY = {"ra_interval_ms": (300, 1000)}


def run(net):
    address = net.wait_for_address("home")
    for place, how in ((1, "carrier"), (2, "silent"), (3, "make-before-break")):
        stream = net.stream(net.mn, address, net.cn, CORRESPONDENT, interval_ms=10)
        time.sleep(1)
        report = stream.report()
        assert report["back"]["lost"] == 0, "the stream does not flow before the move"
        net.move(place, how)
        address = net.wait_for_address(place, "eth1" if how == "make-before-break" else "eth0")
        report = stream.report()
        assert report["back"]["outage_ms"] > 500, "the old address still works"
        stream.stop()
        net.mn.wait_until_reaches(CORRESPONDENT, source=address)
