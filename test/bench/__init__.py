# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements in the lab: `scripts/lab bench [NAME[:PART,...]]`.

A file here with a docstring and run(bench) is a benchmark, which may say LAB_MEMORY ("2G") and
LAB_BOUND_S as tests may, and may look into bench.parts for what of it is wanted. It measures with bench.rate() and
bench.value(); each line printed has the median of several runs and how far they spread.

The machine under it all is shared and slow in its own way, so numbers of different runs must
not be compared without a measure: before and after, the same fixed work is timed (system calls and
questions to rtnetlink, both from Python). If that differs by much, the machine was busy, and it
is said. bench.NAME.json in the folder of results has everything.
"""
import json
import os
import socket
import statistics
import struct
import time

from lab.net import Lab

RUNS = 5
NOISE_LIMIT_PERCENT = 20
RTM_GETLINK, NLM_F_REQUEST = 18, 1


def system_calls(count=20000):
    """Seconds for as many of the cheapest system calls."""
    begin = time.perf_counter()
    for _ in range(count):
        os.getppid()
    return time.perf_counter() - begin


def netlink_questions(count=500):
    """Seconds for as many questions about the loopback interface."""
    question = struct.pack("IHHII", 32, RTM_GETLINK, NLM_F_REQUEST, 1, 0)
    question += struct.pack("BxHiII", 0, 0, 1, 0, 0)	# interface 1
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as s:
        begin = time.perf_counter()
        for _ in range(count):
            s.send(question)
            s.recv(65536)
        return time.perf_counter() - begin


class Bench:
    """What a benchmark measures with. bench.lab is an empty Lab."""

    def __init__(self, name, results):
        self.name = name
        self.results = results
        self.lab = Lab(results)
        self.lines = []
        self.parts = []		# what of the benchmark is wanted; empty: all
        self.yardstick = [self._measure_machine()]

    def _measure_machine(self):
        return {"system_calls_s": system_calls(), "netlink_s": netlink_questions()}

    def _tell(self, what, unit, values):
        median = statistics.median(values)
        spread = 100 * (max(values) - min(values)) / median if median else 0
        self.lines.append({"what": what, "unit": unit, "values": values, "median": median})
        print("%-52s %12.1f %-8s (of %d runs, spread %.0f %%)"
              % (what, median, unit, len(values), spread), flush=True)
        return median

    def rate(self, what, count, work, prepare=None, runs=RUNS):
        """How many per second: work() does `count` of them, prepare() comes before each run."""
        values = []
        for _ in range(runs):
            if prepare:
                prepare()
            begin = time.perf_counter()
            work()
            values.append(count / (time.perf_counter() - begin))
        return self._tell(what, "/s", values)

    def value(self, what, unit, values):
        """Values that the benchmark has measured itself."""
        return self._tell(what, unit, list(values))

    def memory(self):
        """Bytes the kernel has in use for its objects, idle caches left out."""
        with open("/proc/sys/vm/drop_caches", "w") as f:
            f.write("3")
        with open("/proc/meminfo") as f:
            found = dict(line.split(":") for line in f)
        return 1024 * sum(int(found[k].split()[0]) for k in ("SUnreclaim", "Percpu", "KernelStack"))

    def finish(self):
        """Compare the machine with itself, and write everything down."""
        self.lab.close(within_s=60)
        self.yardstick.append(self._measure_machine())
        before, after = self.yardstick
        noise = max(100 * abs(after[k] - before[k]) / before[k] for k in before)
        print("the machine itself: %.2f us per system call, %.0f us per netlink question; "
              "before and after differ by %.0f %%%s"
              % (1e6 * after["system_calls_s"] / 20000, 1e6 * after["netlink_s"] / 500, noise,
                 ": too much to compare" if noise > NOISE_LIMIT_PERCENT else ""))
        with open(os.path.join(self.results, "bench.%s.json" % self.name), "w") as f:
            json.dump({"lines": self.lines, "machine": self.yardstick}, f, indent=1)
