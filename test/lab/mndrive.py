# SPDX-License-Identifier: GPL-2.0-or-later
"""Home registration with movement by hand (mndrive.c), and a home agent made of the port alone
(osdrive.c), for tests of what each step does to packets."""
import contextlib
import ipaddress
import os
import struct
import subprocess
import threading
import time

from .net import BUILD, PATIENCE_S, TooLate
from .osdrive import Drive

MNDRIVE = BUILD + "/test/lab/mndrive"
MH, BU, BA = 135, 5, 6


def checksum(source, target, proto, data):
    """The Internet checksum with the pseudo header of RFC 8200 8.1."""
    text = (ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(target).packed +
            struct.pack("!II", len(data), proto) + data)
    total = sum(struct.unpack("!%dH" % (len(text) // 2), text))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Mobile:
    """mndrive on a node."""

    def __init__(self, node, configuration):
        self.node = node
        folder = os.path.join(node.lab.results, node.name + ".run")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(node.lab.results, node.name + ".mndrive.conf")
        with open(path, "w") as f:
            f.write(configuration)
        self.log = os.path.join(node.lab.results, node.name + ".mndrive.log")
        with open(self.log, "ab") as log, node:
            self.popen = subprocess.Popen([MNDRIVE, path, folder], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, stderr=log, text=True,
                                          start_new_session=True)
        assert self.popen.stdout.readline() == "ready\n", "see " + self.log

    def order(self, text):
        """One order; returns the state after it."""
        self.popen.stdin.write(text + "\n")
        self.popen.stdin.flush()
        return self.popen.stdout.readline().split()[1]

    def at(self, interface, coa, router, prefix):
        return self.order("at %s %s %s %s" % (interface, coa, router, prefix))

    def wait_for(self, state, within_s=PATIENCE_S):
        end = time.monotonic() + within_s
        while self.order("state") != state:
            if time.monotonic() > end:
                raise TooLate("not %s but %s, see %s" % (state, self.order("state"), self.log))
            time.sleep(0.02)

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def stop(self):
        if self.popen.poll() is None:
            with contextlib.suppress(BrokenPipeError):
                self.popen.stdin.close()
            self.popen.wait(5)
        self.popen.stdout.close()
        assert self.popen.returncode in (0, -9), "see " + self.log


class Agent(Drive):
    """A home agent that accepts everything: the port, and Binding Updates answered here."""

    def __init__(self, node, address):
        super().__init__(node)
        self.address = address
        self.bindings = {}
        self.updates = []
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._ended = True
        self._thread.join()
        super().close()

    def objects(self, hoa, coa):
        return [{"type": "filter", "tunnel": "mip6", "inner_src": hoa + "/128", "outer_src": coa},
                {"type": "route", "dst": hoa + "/128", "dev": "mip6", "encap_src": self.address,
                 "encap_dst": coa, "metric": 100},
                {"type": "proxy", "ifindex": self.ifindex("eth0"), "addr": hoa}]

    def _serve(self):
        self.put({"make": "hao_admit"}, {"type": "tunnel", "name": "mip6", "external": True},
                 {"type": "sysctl", "dev": "eth0", "name": "proxy_ndp", "value": 1},
                 {"type": "sysctl", "dev": "eth0", "name": "proxy_delay", "value": 0})
        begin = 0
        while not self._ended:
            end = self.mark()
            for e in self.find("packet", begin):
                data = bytes.fromhex(e["data"])
                if e["proto"] == "mh" and data[2] == BU:
                    self._on_update(e["path"], data)
            begin = end
            time.sleep(0.005)

    def _on_update(self, path, data):
        seq, flags, life = struct.unpack("!HHH", data[6:12])
        home = path["peer_home"] if path["peer_home"] != "::" else path["peer"]
        coa = path["peer"]
        self.updates.append((seq, flags, life * 4, coa))
        have = self.objects(home, self.bindings[home]) if home in self.bindings else []
        want = self.objects(home, coa) if life else []
        if have and want:
            self.apply([dict(new, op="replace", was=old) for old, new in zip(have, want)])
        elif want:
            self.put(*want)
        elif have:
            self.delete(*reversed(have))
        self.bindings.pop(home, None)
        if life:
            self.bindings[home] = coa
        answer = bytes([59, 1, BA, 0, 0, 0, 0, 0]) + struct.pack("!HH", seq, life) + b"\1\2\0\0"
        total = checksum(self.address, home, MH, answer)
        answer = answer[:4] + struct.pack("!H", total) + answer[6:]
        back = {"local": self.address, "peer": coa}
        if path["peer_home"] != "::":
            back["peer_home"] = home
        self.send("mh", answer, **back)
