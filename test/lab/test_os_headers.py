# SPDX-License-Identifier: GPL-2.0-or-later
"""Extension headers as nobody should send them, made by hand: what the kernel, with what the
port put into it, lets through (RFC 6275 6.3, 6.4, 9.3.1)."""
import ipaddress
import socket
import struct
import time

import pytest

from .test_os_path import CN, HOA, MN_COA, admit, correspondent, mobile
from .test_os_path import net  # noqa: F401 (a fixture)

ICMP6, ROUTING, OPTIONS = 58, 43, 60
ECHO_REQUEST = 128


def packed(address):
    return ipaddress.IPv6Address(address).packed


def echo(identity, source, target):
    """An echo request whose checksum is over these addresses (RFC 6275 11.3.2, 6.4)."""
    body = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identity, 1)
    pseudo = packed(source) + packed(target) + struct.pack("!II", len(body), ICMP6) + body
    total = sum(struct.unpack("!%dH" % (len(pseudo) // 2), pseudo))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return body[:2] + struct.pack("!H", ~total & 0xffff) + body[4:]


def send(node, source, target, next_header, payload):
    header = struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
    with node.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        s.sendto(header + packed(source) + packed(target) + payload, (target, 0))


def routing(address, length=2, left=1, kind=2, padding=b""):
    return struct.pack("!BBBBI", ICMP6, length, kind, left, 0) + packed(address) + padding


def options(*addresses, length=16):
    """One Home Address option for each address, each at 8n+6 (6.3)."""
    text = b"".join((b"\x01\x02\x00\x00" if n == 0 else b"\x01\x04\x00\x00\x00\x00") +
                    struct.pack("!BB", 201, length) + packed(a) for n, a in enumerate(addresses))
    return struct.pack("!BB", ICMP6, (len(text) + 2) // 8 - 1) + text


def answered(capture, identity):
    return bool(capture.packets("icmpv6.type == 129 && icmpv6.echo.identifier == %d" % identity))


WRONG_ROUTING = {
    "two-addresses": routing(HOA, length=4, padding=packed(HOA)),
    "no-segment-left": routing(HOA, left=0),
    "two-segments-left": routing(HOA, left=2),
    "an-address-of-others": routing("2001:db8:9::77"),
    "our-address-but-no-home-address": routing("2001:db8:2::2"),
    "a-multicast-address": routing("ff0e::1"),
    "type-0": routing(HOA, kind=0),
}


@pytest.mark.parametrize("what", WRONG_ROUTING)
def test_wrong_routing_headers_are_refused(net, what):
    """RFC 6275 6.4, 11.3.3: one address, one segment left, and it must be a home address of the
    node."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit(), *correspondent())
    header = WRONG_ROUTING[what]
    target = str(ipaddress.IPv6Address(header[8:24]))
    with net.lab.sniff((net.mn, "eth0")) as capture:
        send(net.cn, CN, MN_COA, ROUTING, header + echo(1, CN, target))
        send(net.cn, CN, MN_COA, ROUTING, header + echo(2, CN, MN_COA))
        send(net.cn, CN, MN_COA, ROUTING, routing(HOA) + echo(3, CN, HOA))
        capture.wait_for("icmpv6.type == 129 && icmpv6.echo.identifier == 3")
        time.sleep(0.2)
        assert len(capture.packets("ipv6.routing && icmpv6.type == 128")) >= 1
        assert not answered(capture, 1) and not answered(capture, 2), what


WRONG_OPTIONS = {
    "another-home-address": ("2001:db8:1::55", options("2001:db8:1::55")),
    "a-multicast-address": ("ff0e::1", options("ff0e::1")),
    "a-link-local-address": ("fe80::1", options("fe80::1")),
    "the-unspecified-address": ("::", options("::")),
    "two-options": (HOA, options(HOA, HOA)),
    "a-wrong-length": (HOA, options(HOA, length=15)),
}


@pytest.mark.parametrize("what", WRONG_OPTIONS)
def test_wrong_home_address_options_are_refused(net, what):
    """RFC 6275 6.3, 9.3.1: a unicast routable address, once, and with a binding."""
    mn, cn = net.drive(net.mn), net.drive(net.cn)
    mn.put(*mobile(), *admit())
    cn.put(*admit(), *correspondent())
    source, header = WRONG_OPTIONS[what]
    with net.lab.sniff((net.cn, "eth0")) as capture:
        send(net.mn, MN_COA, CN, OPTIONS, header + echo(1, source, CN))
        send(net.mn, MN_COA, CN, OPTIONS, header + echo(2, MN_COA, CN))
        send(net.mn, MN_COA, CN, OPTIONS, options(HOA) + echo(3, HOA, CN))
        capture.wait_for("icmpv6.type == 129 && icmpv6.echo.identifier == 3")
        time.sleep(0.2)
        assert not answered(capture, 1) and not answered(capture, 2), what
