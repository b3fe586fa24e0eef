# SPDX-License-Identifier: GPL-2.0-or-later
"""Return routability by hand, for tests with a mobile node or a correspondent that is not ours:
messages made and read by scapy, keys and authenticators computed here, from RFC 6275 alone."""
import contextlib
import hashlib
import hmac
import ipaddress
import socket
import time

from .net import PATIENCE_S

ETH_P_IPV6 = 0x86dd
MH = 135
BRR, HOTI, COTI, HOT, COT, BU, BA, BE = range(8)
AUTHENTICATOR_LEN = 12


def packed(address):
    return ipaddress.IPv6Address(address).packed


def key(home_token, careof_token=b""):
    """Kbm, RFC 6275 5.2.5; to delete, of the home keygen token alone."""
    return hashlib.sha1(home_token + careof_token).digest()


def authenticator(kbm, coa, correspondent, message):
    """RFC 6275 6.2.7: of a message with the option as its last one; its checksum counts as zero."""
    data = message[:4] + b"\0\0" + message[6:-AUTHENTICATOR_LEN]
    return hmac.new(kbm, packed(coa) + packed(correspondent) + data,
                    hashlib.sha1).digest()[:AUTHENTICATOR_LEN]


class Wire:
    """A node's interface as scapy wants it: packets out of a raw socket, packets in as they come."""

    def __init__(self, node, interface="eth0"):
        from scapy.layers import inet6	# takes seconds in the guest
        self.s = inet6
        self.node = node
        self.out = node.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        # Somebody listens to the Mobility Header: the kernel need not complain.
        self.listener = node.socket(socket.AF_INET6, socket.SOCK_RAW, MH)
        self.wire = node.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IPV6))
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.wire.bind((interface, ETH_P_IPV6))

    def close(self):
        for s in (self.out, self.listener, self.wire):
            s.close()

    def send(self, packet):
        data = bytes(packet)
        self.out.sendto(data, (socket.inet_ntop(socket.AF_INET6, data[24:40]), 0))

    def flush(self):
        """What has come so far is of no interest."""
        self.wire.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.wire.recv(2048)
        with contextlib.suppress(BlockingIOError):
            self.listener.setblocking(False)
            while True:
                self.listener.recv(2048)

    def packets(self, within_s):
        """Each packet that comes, as scapy's."""
        end = time.monotonic() + within_s
        while (left := end - time.monotonic()) > 0:
            self.wire.settimeout(max(left, 0.001))
            try:
                data, sender = self.wire.recvfrom(2048)
            except (TimeoutError, BlockingIOError):
                return
            if sender[2] != socket.PACKET_OUTGOING:
                yield self.s.IPv6(data)

    def receive(self, wanted, within_s=PATIENCE_S):
        """The first packet that is wanted; None: there was none."""
        return next((p for p in self.packets(within_s) if wanted(p)), None)

    def message(self, kind, within_s=PATIENCE_S, wanted=lambda p: True):
        """The first Mobility Header message of a type, or None."""
        return self.receive(lambda p: mh_type(p) == kind and wanted(p), within_s)

    def signed(self, packet, kbm, coa, correspondent):
        """A copy of a packet that ends with a Binding Update or Acknowledgement, with the
        Binding Authorization Data option behind it, and the right checksum."""
        s = self.s
        message = packet.lastlayer()
        message.options = list(message.options) + [
            s.MIP6OptBindingAuthData(olen=AUTHENTICATOR_LEN, authenticator=0)]
        raw = bytes(packet)
        at = len(raw) - mh_len(packet, raw)
        value = authenticator(kbm, coa, correspondent, raw[at:])
        message.options[-1].authenticator = int.from_bytes(value, "big")
        return packet


def mh_type(packet):
    """The type of the Mobility Header message that a packet ends with, None: it has none."""
    if any(layer.nh == MH for layer in headers(packet)):
        return getattr(packet.lastlayer(), "mhtype", None)
    return None


def headers(packet):
    """The IPv6 header and its extension headers."""
    layer = packet
    while layer is not None and hasattr(layer, "nh"):
        yield layer
        layer = layer.payload if layer.payload else None


def mh_bytes(packet):
    """The bytes of the Mobility Header message in a packet that was received."""
    raw = bytes(packet)
    return raw[len(raw) - mh_len(packet, raw):]


def mh_len(packet, raw):
    at = 40
    for layer in headers(packet):
        if layer.nh == MH:
            break
        at += (raw[at + 1] + 1) * 8
    return (raw[at + 1] + 1) * 8


def option(packet, kind):
    """The option of that class in the message of a packet, None: it has none."""
    return next((o for o in packet.lastlayer().options if isinstance(o, kind)), None)
