# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened in a run, in order: `scripts/lab timeline RESULTS`.

Merges the timelines of the nodes (what the lab did to them) with the signalling in the
captures: Mobility Headers, neighbour discovery, the ICMPv6 messages of Mobile IPv6, errors.
A packet is shown where it is sent and wherever else it is captured. With --svg FILE a picture is
drawn instead (drawing.py).
"""
import concurrent.futures
import glob
import json
import os
import subprocess

from .host import LabError

SIGNALLING = ("mipv6 || (icmpv6.type >= 1 && icmpv6.type <= 4) || "
              "(icmpv6.type >= 133 && icmpv6.type <= 137) || "
              "(icmpv6.type >= 144 && icmpv6.type <= 147)")
FIELDS = ("frame.time_epoch", "ipv6.src", "ipv6.dst", "_ws.col.Info")


def packets_of(pcap):
    """Returns a list of (time, "node interface", text)."""
    command = ["tshark", "-r", pcap, "-Y", SIGNALLING, "-T", "fields", "-E", "occurrence=f"]
    for field in FIELDS:
        command += ["-e", field]
    shown = subprocess.run(command, capture_output=True, text=True)
    where = " ".join(os.path.basename(pcap).split(".")[:2])
    found = []
    for line in shown.stdout.splitlines():
        time, source, target, info = line.split("\t", 3)
        found.append((float(time), where, "%s > %s %s" % (source, target, info)))
    return found


def events_of(path):
    with open(path) as f:
        events = json.load(f)
    found = []
    for event in events:
        details = ["%s=%s" % (k, v) for k, v in event.items()
                   if k not in ("t", "node", "what", "command", "report")]
        found.append((event["t"], event["node"] or "", "== " + " ".join([event["what"]] + details)))
    return found


def read(results, nodes=()):
    """The merged list of (time, where, text) of one folder of results, or of some nodes in it."""
    pcaps, timelines = [], []
    for node in nodes or ("*",):
        pcaps += glob.glob("%s/%s.*.pcap" % (results, node))
        timelines += glob.glob("%s/%s.timeline.json" % (results, node))
    if not pcaps and not timelines:
        raise LabError("no captures and no timelines in " + results)
    lines = []
    for path in timelines:
        lines += events_of(path)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(packets_of, pcaps):
            lines += found
    return sorted(set(lines))


def show(results, nodes=()):
    lines = read(results, nodes)
    for time, where, text in lines:
        print("%9.4f  %-12s %s" % (time - lines[0][0], where, text))
