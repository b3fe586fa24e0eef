# SPDX-License-Identifier: GPL-2.0-or-later
"""Links made by a word to the kernel instead of by ip(8), which takes 50 ms to start in the guest.

Only what the lab's network is made of: bridges, and veth pairs with one end in a namespace.
What a test makes, it makes with ip(8), where it can be read.
"""
import os
import socket
import struct

RTM_NEWLINK = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE_EXCL = 1, 4, 0x600
NLMSG_ERROR = 2
IFLA_ADDRESS, IFLA_IFNAME, IFLA_LINKINFO, IFLA_NET_NS_FD = 1, 3, 18, 28
IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 1, 2, 1
IFLA_BR_FORWARD_DELAY, IFLA_BR_STP_STATE, IFLA_BR_MCAST_SNOOPING = 1, 5, 23
IFINFOMSG = bytes(16)


def attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def name_attribute(name):
    return attribute(IFLA_IFNAME, name.encode() + b"\0")


def make_link(name, kind, data):
    """RTM_NEWLINK for an interface of this kind, in the caller's namespace."""
    info = attribute(IFLA_INFO_KIND, kind.encode()) + attribute(IFLA_INFO_DATA, data)
    body = IFINFOMSG + name_attribute(name) + attribute(IFLA_LINKINFO, info)
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE_EXCL
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as s:
        s.send(struct.pack("IHHII", 16 + len(body), RTM_NEWLINK, flags, 1, 0) + body)
        answer = s.recv(8192)
    kind, error = struct.unpack_from("4xH10xi", answer)
    if kind != NLMSG_ERROR or error:
        raise OSError(-error, "%s: %s" % (name, os.strerror(-error)))


def make_bridge(name):
    """A bridge that forwards at once and everywhere: no spanning tree, no snooping."""
    make_link(name, "bridge", attribute(IFLA_BR_FORWARD_DELAY, struct.pack("I", 0))
              + attribute(IFLA_BR_STP_STATE, struct.pack("I", 0))
              + attribute(IFLA_BR_MCAST_SNOOPING, struct.pack("B", 0)))


def make_veth(name, peer, namespace_fd, peer_mac=None):
    """A veth pair: one end here, the other in the namespace, with that MAC address."""
    other = IFINFOMSG + name_attribute(peer) + attribute(IFLA_NET_NS_FD,
                                                         struct.pack("I", namespace_fd))
    if peer_mac:
        other += attribute(IFLA_ADDRESS, bytes.fromhex(peer_mac.replace(":", "")))
    make_link(name, "veth", attribute(VETH_INFO_PEER, other))
