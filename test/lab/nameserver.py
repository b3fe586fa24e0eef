# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server on a node of the lab, that knows a few names (RFC 1035, AAAA records)."""
import socket
import struct
import threading

NO_NAME = 3
TYPE_AAAA = 28


class NameServer:
    """>>> with NameServer(net.cn, CORRESPONDENT, {"ha.example": [HOME_AGENT]}) as server: ...

    server.asked has the names that were asked for, server.sources who asked."""

    def __init__(self, node, address, names):
        self.names = {name: addresses for name, addresses in names.items()}
        self.asked, self.sources = [], []
        self.socket = node.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.socket.settimeout(0.2)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
        self.socket.close()

    def _serve(self):
        while not self._end.is_set():
            try:
                question, source = self.socket.recvfrom(1500)
            except TimeoutError:
                continue
            self.sources.append(source[0])
            self.socket.sendto(self._answer(question), source)

    def _answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name = ".".join(labels).lower()
        self.asked.append(name)
        kind, = struct.unpack_from(">H", question, at + 1)
        known = self.names.get(name)
        records = [struct.pack(">HHHIH", 0xc00c, TYPE_AAAA, 1, 60, 16) +
                   socket.inet_pton(socket.AF_INET6, address)
                   for address in known or [] if kind == TYPE_AAAA]
        flags = 0x8180 | (0 if known else NO_NAME)
        head = question[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
        return head + question[12:at + 5] + b"".join(records)
