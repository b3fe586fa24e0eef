# SPDX-License-Identifier: GPL-2.0-or-later
"""Captured packets, and Wireshark's opinion of them.

The program sniff captures; tshark, which knows every format here and shares no code
with us, decodes. Inside User Mode Linux tshark would take six seconds to start, so
the guest asks the host to run it (see host.py).
"""
import contextlib
import fcntl
import itertools
import json
import os
import signal
import subprocess

from .net import BUILD, PATIENCE_S, TooLate, wait_until

SNIFF = BUILD + "/test/lab/sniff"
_numbers = itertools.count(1)


class Packet:
    """One packet as tshark sees it. Fields have Wireshark's names, values are text."""

    def __init__(self, layers):
        self.layers = layers

    def __contains__(self, field):
        return self.get(field) is not None

    def __getitem__(self, field):
        value = self.get(field)
        if value is None:
            raise KeyError("no %s in this packet: %s" % (field, self))
        return value

    def get(self, field, default=None):
        """The first value of a field, wherever it is: packet.get("ipv6.src")."""
        return next(iter(self.all(field)), default)

    def all(self, field):
        """All values of a field, outermost header first: a tunnelled packet has two ipv6.src."""
        return list(_find(self.layers, field))

    def number(self, field):
        return int(self[field], 0)

    @property
    def time(self):
        """When it was captured: seconds, of the same clock as the timeline."""
        return float(self["frame.time_epoch"])

    def __str__(self):
        parts = [self["frame.protocols"].replace("eth:ethertype:", "")]
        parts += ["%s > %s" % pair for pair in zip(self.all("ipv6.src"), self.all("ipv6.dst"))]
        return "%.6f %s" % (self.time, " ".join(parts))

    __repr__ = __str__


def _find(tree, field):
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == field and not isinstance(value, dict):
                yield from value if isinstance(value, list) else [value]
            elif isinstance(value, (dict, list)):
                yield from _find(value, field)
    elif isinstance(tree, list):
        for value in tree:
            if isinstance(value, (dict, list)):
                yield from _find(value, field)


class Capture:
    """Captures on one or more interfaces of nodes, from its creation to stop()."""

    def __init__(self, lab, where):
        self.lab = lab
        self.files = {}		# (node's name, interface) -> path of the pcap
        args = []
        for node, interface in where:
            path = os.path.join(lab.results, "%s.%s.pcap" % (node.name, interface))
            while os.path.exists(path):
                path = os.path.join(lab.results, "%s.%s.%d.pcap"
                                    % (node.name, interface, next(_numbers)))
            self.files[node.name, interface] = path
            args += [node.path, interface, path]
        self.popen = subprocess.Popen([SNIFF] + args, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, start_new_session=True)
        if self.popen.stdout.readline() != b"ready\n":
            raise AssertionError("cannot capture on %s" % (where,))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """No more packets. What was captured can still be read."""
        if self.popen.poll() is None:
            self.popen.terminate()
            self.popen.wait()
            self.popen.stdout.close()

    def sync(self):
        """Everything that has happened so far is in the files."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGUSR1)
            self.popen.stdout.readline()

    def path(self, node=None, interface=None):
        """The file of one interface; no need to name what there is only one of."""
        found = [p for (n, i), p in self.files.items()
                 if node in (None, n) and interface in (None, i)]
        if len(found) != 1:
            raise ValueError("name one of %s" % list(self.files))
        return found[0]

    def packets(self, display_filter="", node=None, interface=None, options=()):
        """The packets that match Wireshark's display filter, in the order of capture. `options`
        are further arguments of tshark, such as keys of ESP: ("-o", "esp.sa_1:...")."""
        self.sync()
        node = getattr(node, "name", node)
        return decode(self.path(node, interface), display_filter, options)

    def scapy(self, node=None, interface=None):
        """The same as packets of scapy (importing it takes seconds in the guest)."""
        from scapy.utils import rdpcap
        self.sync()
        return rdpcap(self.path(getattr(node, "name", node), interface))

    def wait_for(self, display_filter, within_s=PATIENCE_S, count=1, **where):
        """Until that many packets match. Returns those that do."""
        found = []

        def enough():
            found[:] = self.packets(display_filter, **where)
            return len(found) >= count
        try:
            wait_until(enough, every_s=0.1, within_s=within_s)
        except TooLate:
            raise TooLate("%d of %d packets %r within %.1f s on %s" % (
                len(found), count, display_filter, within_s, list(self.files))) from None
        return found


def decode(pcap, display_filter="", options=()):
    """Decode a file on disk."""
    out = "%s.%d.json" % (pcap, next(_numbers))
    if os.environ.get("LAB_GUEST", "native") == "native":
        with open(out, "wb") as f:
            done = subprocess.run(["tshark", "-r", pcap, "-T", "json", "--no-duplicate-keys",
                                   "-Y", display_filter] + list(options),
                                  stdout=f, stderr=subprocess.PIPE)
        error = done.stderr.decode() if done.returncode else ""
    else:
        error = ask_host({"do": "tshark", "pcap": pcap, "json": out, "filter": display_filter,
                          "options": list(options)})["error"]
    if error:
        raise AssertionError("tshark: " + error)
    with open(out) as f:
        found = [Packet(p["_source"]["layers"]) for p in json.load(f)]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(out)
    return found


def ask_host(message):
    """One question to the host over the channel, and its answer."""
    with open("/run/lab/channel.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tell_host(message)
        answer = b""
        while not answer.endswith(b"\n"):
            answer += os.read(int(os.environ["LAB_CHANNEL"]), 4096)
    return json.loads(answer)


def tell_host(message):
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(int(os.environ["LAB_CHANNEL"]), data):]
