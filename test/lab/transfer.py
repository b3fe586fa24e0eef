# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP connection that lives through a test, or a demonstration."""
import hashlib
import socket
import threading
import time

from .internet import CORRESPONDENT
from .net import wait_until


class Transfer:
    """A TCP connection from the mobile node on which data goes there and comes back."""
    CHUNK = bytes(range(256)) * 4

    def __init__(self, internet):
        self.sent, self.got = hashlib.sha256(), hashlib.sha256()
        self.bytes_out = self.bytes_back = 0
        self._done = threading.Event()
        with internet.cn:
            server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            server.bind((CORRESPONDENT, 7777))
            server.listen()
        with internet.mn:
            self.client = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.client.settimeout(30)
        threading.Thread(target=self._echo, args=(server,), daemon=True).start()
        self.client.connect((CORRESPONDENT, 7777))
        self.source = self.client.getsockname()[0]
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self._send, self._read)]
        for t in self.threads:
            t.start()

    @staticmethod
    def _echo(server):
        connection, _ = server.accept()
        while data := connection.recv(65536):
            connection.sendall(data)
        connection.close()
        server.close()

    def _send(self):
        while not self._done.is_set():
            self.client.sendall(self.CHUNK)
            self.sent.update(self.CHUNK)
            self.bytes_out += len(self.CHUNK)
            time.sleep(0.02)
        self.client.shutdown(socket.SHUT_WR)

    def _read(self):
        while data := self.client.recv(65536):
            self.got.update(data)
            self.bytes_back += len(data)

    def progress(self):
        """More has come back than so far."""
        before = self.bytes_back
        wait_until(lambda: self.bytes_back > before + 4 * len(self.CHUNK), "data")

    def finish(self):
        self._done.set()
        for t in self.threads:
            t.join(30)
            assert not t.is_alive(), "the transfer hangs"
        self.client.close()	# or it keeps the network namespace
        assert self.bytes_out == self.bytes_back and self.sent.digest() == self.got.digest()
