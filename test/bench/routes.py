# SPDX-License-Identifier: GPL-2.0-or-later
"""What a binding costs the kernel of a home agent: a route through the shared tunnel.

The price per route must not grow with their number; the reason for one shared tunnel with a
route per binding is that a tunnel device per binding costs many times as much (measured here,
too).
"""
HA, COA = "2001:db8::1", "2001:db8:1::%x"


def batch(node, lines):
    node.sh("ip -6 -batch -", "\n".join(lines) + "\n", within_s=120)


def route(verb, n, coa=0):
    return ("route %s 2001:db8:0:1::%x/128 encap ip6 src %s dst %s dev mip6 metric 100"
            % (verb, n, HA, COA % (n + coa)))


def run(bench):
    node = bench.lab.node("ha", router=True)
    node.ip("link add mip6 type ip6tnl external", "link set mip6 up",
            "address add %s/64 dev lo nodad" % HA)
    step = 1000
    for before in (0, 4000, 19000):
        batch(node, [route("add", n) for n in range(before)] or ["route show"])
        fresh = range(before, before + step)
        used = bench.memory()
        bench.rate("routes added, with %d there" % before, step,
                   lambda: batch(node, [route("add", n) for n in fresh]),
                   prepare=lambda: node.run("ip -6 -force -batch -",
                                            "".join(route("del", n) + "\n" for n in fresh)))
        bench.value("memory of a route, with %d there" % before, "bytes",
                    [(bench.memory() - used) / step])
        bench.rate("routes replaced, with %d there" % before, step,
                   lambda: batch(node, [route("replace", n, coa=7) for n in fresh]))
        bench.rate("routes deleted, with %d there" % before, step,
                   lambda: batch(node, [route("del", n, coa=7) for n in fresh]), runs=1)
        node.sh("ip -6 route flush metric 100", within_s=120)
    used = bench.memory()
    bench.rate("tunnel devices added", 100, lambda: batch(
        node, ["link add t%d type ip6tnl local %s remote %s" % (n, HA, COA % n)
               for n in range(100)]), runs=1)
    bench.value("memory of a tunnel device", "bytes", [(bench.memory() - used) / 100])
