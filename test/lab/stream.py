# SPDX-License-Identifier: GPL-2.0-or-later
"""The stream of probes between two nodes: stream.c does the work."""
import json
import os
import subprocess

from .net import BUILD

STREAM = BUILD + "/test/lab/stream"


class Stream:
    """Probes from a to b and from b to a, every interval, until stop().

    >>> stream = lab.stream(mn, home_address, cn, cn_address, interval_ms=5)
    >>> stream.mark(); internet.move(2); ...; r = stream.report()
    >>> r["out"]["lost"], r["back"]["outage_ms"]	# out: a to b, back: b to a

    Both directions report sent, refused, lost, duplicated, reordered, outage_ms, sender_gap_ms
    and delay_ms (min, mean, max); what they mean stands at report_direction() in stream.c.
    """
    port = 5600

    def __init__(self, lab, a, a_address, b, b_address, interval_ms):
        Stream.port += 1
        self.lab, self.number = lab, Stream.port
        self.a, self.b = a, b
        command = [STREAM, str(int(interval_ms * 1000)), a.path, a_address, str(Stream.port),
                   b.path, b_address, str(Stream.port)]
        self.process = a.start("stream-%d" % Stream.port, command, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)

    def _ask(self, command):
        popen = self.process.popen
        popen.stdin.write(command.encode() + b"\n")
        popen.stdin.flush()
        line = popen.stdout.readline()
        if not line:
            raise AssertionError("the stream has ended: " + self.process.log_text())
        return json.loads(line)

    def mark(self):
        """A new period begins."""
        self._ask("mark")

    def report(self, linger_ms=200):
        """What became of the probes since the period's begin, as a dictionary; a new one begins."""
        answer = self._ask("report %d" % linger_ms)
        text = ["%s %d of %d (%.0f ms)" % (way, r["lost"], r["sent"], r["outage_ms"])
                for way, r in answer.items() if way in ("out", "back")]
        self.a.note("stream", text="lost " + ", ".join(text), report=answer)
        return answer

    def stop(self):
        """The end of it. What became of each probe stands in NODE.PORT.probes.json, for
        `scripts/lab timeline --svg`."""
        probes = self._ask("probes")
        path = os.path.join(self.lab.results, "%s.%d.probes.json" % (self.a.name, self.number))
        with open(path, "w") as f:
            json.dump({"a": self.a.name, "b": self.b.name, **probes}, f)
        self.process.popen.stdin.close()
        self.process.stop()
