# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations with a home agent: how many a second, how late, at what price in memory.

Mobile nodes (haload.c), each with a home address and a care-of address of its own, send real
Binding Updates over a veth pair to the real mip6d, a window of them at a time, and await the
acknowledgements. One line for each number of nodes:

	register	all nodes, for the first time
	move		all nodes once more, with another care-of address
	leave		all nodes deregister

in registrations per second, and for the first also the latency (which a window makes: with W
under way and R a second it is W/R at best); what a binding costs in memory of the daemon and of
the kernel; and the floor: a bare program (hafloor.c) that puts the same kernel objects,
one node at a time, measured just before in a namespace like it. "of the floor" above 1 means that
mip6d, with all its checks, is faster than that, by its batches.

The floor makes no duplicate address detection. On a real home link mip6d does, which takes a
second for each node; so many nodes are under way there at a time.

Then the flood: nodes that are registered register anew while strangers send as many Binding Updates
a second as given; how many registrations a second are left, and that none is lost.

Any failure, and any retransmission but in a flood, ends the benchmark with an error.
"""
import json
import subprocess

from lab.net import BUILD, wait_until

LAB_MEMORY = "2G"
LAB_BOUND_S = 1800

AGENT, AWAY = "2001:db8::1", "2001:db8:c::"
HOME, HOME_AGENT = "2001:db8:100::", "2001:db8:100::1"
FLEET_ROUTER = "fe80::f"

COMMON = """NodeConfig HA;
UseMnHaIPsec disabled;
DefaultBindingAclPolicy allow;
HaMaxBindings %d;
"""
VIRTUAL = "HaVirtualHomeLink %s/64;\nHaAddress %s;\n" % (HOME, AGENT)
REAL = 'Interface "eth1";\n'

# (nodes, a virtual home link, window)
SIZES = ((100, True, 100), (1000, True, 250), (10000, True, 250), (100000, True, 250),
         (100, False, 100), (1000, False, 1000), (10000, False, 3000))
CLOSE_S = 300	# the kernel ends a namespace with very many objects in its own time
FLOOD_NODES, FLOOD_RATES = 1000, (1000, 5000, 20000)


class Fleet:
    """haload: the mobile nodes."""

    def __init__(self, node, agent_mac, agent, count):
        command = [BUILD + "/test/bench/haload", "eth0", agent_mac, agent, HOME, AWAY, str(count)]
        self.process = node.start("haload", command, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        self.pipes = self.process.popen.stdin, self.process.popen.stdout
        self.count = count
        self._answer()

    def _answer(self):
        line = self.pipes[1].readline()
        assert line, "haload has ended with status %s" % self.process.wait()
        return json.loads(line)

    def order(self, text):
        self.pipes[0].write(text.encode() + b"\n")
        self.pipes[0].flush()
        return self._answer()

    def round(self, place, window, lifetime_s=600, first=0, count=None):
        """Every node sends one Binding Update. Returns what became of them."""
        count = self.count if count is None else count
        got = self.order("round %d %d %d %d %d" % (first, count, window, place, lifetime_s))
        got["per_s"] = got["accepted"] / max(got["seconds"], 1e-6)
        return got

    def close(self):
        for pipe in self.pipes:
            pipe.close()
        self.process.wait()


class World:
    """A home agent, and a link behind which all mobile nodes are."""
    number = 0

    def __init__(self, lab, virtual, count):
        self.lab = lab
        self.agent = AGENT if virtual else HOME_AGENT
        self.virtual = virtual
        World.number += 1	# logs are told apart by the names of nodes
        self.ha = lab.node("ha%d" % World.number, router=True)
        self.fleet_node = lab.node("fleet%d" % World.number)
        lab.link("wire", self.ha, self.fleet_node)
        if not virtual:
            lab.link("home", self.ha, interface="eth1")
        # What comes for care-of addresses goes to the packet socket only.
        self.fleet_node.sysctl("net/ipv6/conf/eth0/disable_ipv6", 1)
        lines = ["address add %s/64 dev eth0 nodad" % AGENT,
                 "neighbour add %s lladdr %s nud permanent dev eth0"
                 % (FLEET_ROUTER, self.mac(self.fleet_node)),
                 "route add %s/48 via %s dev eth0" % (AWAY, FLEET_ROUTER)]
        if not virtual:
            lines.append("address add %s/64 dev eth1 nodad" % HOME_AGENT)
        self.ha.ip(*lines)
        wait_until(self.carries, 10, "the links")
        self.fleet = Fleet(self.fleet_node, self.mac(self.ha), self.agent, count)
        self.daemon = None

    def carries(self):
        """The kernel notices carrier in its own time; until then it drops what is sent."""
        links = json.loads(self.lab.base("ip -d -j link show type veth"))
        for node in (self.ha, self.fleet_node):
            links += node.ip_json("link show type veth")
        return all(link["operstate"] == "UP" for link in links)

    @staticmethod
    def mac(node):
        return node.ip_json("link show dev eth0")[0]["address"]

    def index(self, device):
        return self.ha.ip_json("link show dev " + device)[0]["ifindex"]

    def start(self, most=0, *options):
        conf = COMMON % most + (VIRTUAL if self.virtual else REAL)
        self.daemon = self.ha.start_daemon(conf, "-f", *options)
        self.daemon.wait_for_log("serves as HA", 10)
        # what starting puts into the kernel goes there in the turns that follow
        wait_until(lambda: "pref 65000" in self.ha.run("tc filter show dev mip6 ingress").stdout,
                   10, "the tunnel's last filter")

    def start_floor(self):
        """The bare program, on what mip6d leaves behind when it is killed."""
        self.start()
        self.daemon.stop(9)
        command = [BUILD + "/test/bench/hafloor", str(self.index("mip6"))]
        if not self.virtual:
            command.append(str(self.index("eth1")))
        self.ha.start("hafloor", command).wait_for_log("ready")

    def daemon_bytes(self):
        """Memory of its own that the daemon has."""
        with open("/proc/%d/smaps_rollup" % self.daemon.pid) as f:
            found = dict(line.split(":") for line in f if ":" in line and "kB" in line)
        return 1024 * int(found["Anonymous"].split()[0])

    def objects(self):
        """How many of each kind of object the kernel has."""
        ha = self.ha
        kinds = {"routes": ha.sh("ip -6 route show table all proto 212"),
                 "filters": ha.sh("tc filter show dev mip6 ingress"),
                 "proxies": ha.sh("ip -6 neighbour show proxy"),
                 "states": ha.sh("ip xfrm state"), "policies": ha.sh("ip xfrm policy")}
        return {kind: len(text.splitlines()) for kind, text in kinds.items()}

    def close(self):
        self.fleet.close()
        if self.daemon and self.daemon.running():
            assert self.daemon.stop(within_s=60) == 0, self.daemon.log_text()[-2000:]


def check(got, what):
    """Nothing failed, and nobody had to ask twice."""
    bad = {k: got[k] for k in ("refused", "lost", "retransmitted", "stray") if got[k]}
    assert not bad, "%s: %s" % (what, got)
    return got


def kernel_bytes(bench):
    """As bench.memory(), with the tables that are too large for that."""
    with open("/proc/meminfo") as f:
        found = dict(line.split(":") for line in f)
    return bench.memory() + 1024 * int(found["VmallocUsed"].split()[0])


def measure(bench, count, virtual, window):
    """One line of the table."""
    floor = World(bench.lab, virtual, count)
    floor.start_floor()
    least = check(floor.fleet.round(1, min(window, 250)), "floor, %d nodes" % count)
    floor.close()
    bench.lab.close(CLOSE_S)
    world = World(bench.lab, virtual, count)
    world.start()
    own, kernel = world.daemon_bytes(), kernel_bytes(bench)
    first = check(world.fleet.round(1, window), "%d nodes register" % count)
    own, kernel = world.daemon_bytes() - own, kernel_bytes(bench) - kernel
    move = check(world.fleet.round(2, window), "%d nodes move" % count)
    leave = check(world.fleet.round(2, window, 0), "%d nodes leave" % count)
    world.close()
    bench.lab.close(CLOSE_S)
    row = {"nodes": count, "link": "virtual" if virtual else "real", "window": window,
           "register_per_s": first["per_s"], "p50_ms": first["p50_us"] / 1000,
           "p99_ms": first["p99_us"] / 1000, "move_per_s": move["per_s"],
           "leave_per_s": leave["per_s"], "floor_per_s": least["per_s"],
           "of_floor": first["per_s"] / least["per_s"],
           "daemon_bytes": own / count, "kernel_bytes": kernel / count}
    bench.lines.append(row)
    print("%7d %-7s %6d %9.0f %8.1f %8.1f %8.0f %8.0f %8.0f %6.2f %8.0f %8.0f" % tuple(
        row.values()), flush=True)
    return row


def run(bench):
    print("%7s %-7s %6s %9s %8s %8s %8s %8s %8s %6s %8s %8s"
          % ("nodes", "link", "window", "register", "p50", "p99", "move", "leave", "floor",
             "of the", "daemon", "kernel"))
    print("%7s %-7s %6s %9s %8s %8s %8s %8s %8s %6s %8s %8s"
          % ("", "", "", "/s", "ms", "ms", "/s", "/s", "/s", "floor", "B each", "B each"))
    for count, virtual, window in SIZES:
        if bench.parts and "%d%s" % (count, "" if virtual else "r") not in bench.parts:
            continue
        measure(bench, count, virtual, window)
