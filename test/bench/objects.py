# SPDX-License-Identifier: GPL-2.0-or-later
"""The port on Linux under 10 000 bindings, beside `ip -batch` doing the same.

A binding of a home agent is a route through the shared tunnel and a tunnel source filter. They
are given to the port as one list; `ip` and `tc` get the same as lines. What counts is the ratio,
and for how long at most the event loop is held up.
"""
from lab.osdrive import Drive

HA, COUNT = "2001:db8::1", 10000


def coa(n, moved):
    return "2001:db8:1:%x::%x" % (moved, n + 1)


def route(n, moved=0):
    return {"type": "route", "dst": "2001:db8:0:1::%x/128" % n, "dev": "mip6", "metric": 100,
            "encap_src": HA, "encap_dst": coa(n, moved)}


def source_filter(n, moved=0):
    return {"type": "filter", "tunnel": "mip6", "inner_src": "2001:db8:0:1::%x/128" % n,
            "outer_src": coa(n, moved)}


class Work:
    """One list of changes. As rate() measures the orders' text as well, the port's own clock
    is read: from the turn that took the order to the turn that told of its end."""

    def __init__(self, port, values):
        self.port = port
        self.values = values

    def apply(self, changes):
        begin = self.port.mark()
        assert not any(self.port.apply(changes, within_s=60))
        events = self.port.events[begin:]
        start = [e["t_us"] for e in events if e["event"] == "result"][0]
        end = [e["t_us"] for e in events if e["event"] == "done"][0]
        self.values.append(len(changes) * 1e6 / max(end - start, 1))


def measure(bench, port, what, make):
    port.order("longest")
    for op, old, new in (("put", None, 0), ("replace", 0, 1), ("delete", None, 1)):
        values = []
        changes = [dict(make(n, new), op=op) for n in range(COUNT)]
        if old is not None:
            for n, c in enumerate(changes):
                c["was"] = make(n, old)
        Work(port, values).apply(changes)
        bench.value("%s: %s by the port" % (what, op), "/s", values)
        begin = port.mark()
        port.order("longest")
        bench.value("%s: longest time the loop was held up" % what, "ms",
                    [port.find("longest", begin)[0]["us"] / 1000])


def run(bench):
    node = bench.lab.node("ha", router=True)
    node.ip("address add %s/64 dev lo nodad" % HA)
    with Drive(node, quiet=True) as port:
        port.put({"type": "tunnel", "name": "mip6", "external": True})
        measure(bench, port, "routes", route)
        measure(bench, port, "filters", source_filter)
        for verb in ("add", "replace", "del"):
            lines = "".join("route %s 2001:db8:0:1::%x/128 encap ip6 src %s dst %s dev mip6 "
                            "metric 100\n" % (verb, n, HA, coa(n, verb != "add"))
                            for n in range(COUNT))
            bench.rate("routes: %s by ip -batch" % verb, COUNT,
                       lambda: node.sh("ip -6 -batch -", lines, within_s=120), runs=1)
