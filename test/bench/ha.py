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

The floor makes no duplicate address detection and tells no neighbours. On a real home link mip6d
does: it waits a second for each node, so the nodes do not come by windows there, but at a steady
rate, half of the floor's; and "of the floor" compares not rates but the time that the
processor was busy for each node.

Then the flood: registered nodes move while strangers, each update from another source, send as many
a second as given: how many moves a second are left, beside those without a flood. The home
agent may have FLOOD_ROOM bindings more (HaMaxBindings), which a flood for addresses of the home
prefix takes.

The machine is shared, and short runs hit its bad moments: up to a thousand nodes the best of
three runs counts, for mip6d as for the floor.

Then the listing: with LIST_NODES bindings, so many moves a second are left while clients of the
console list all of them over and over.

Any failure, and any retransmission but in a flood, ends the benchmark with an error. Parts are
numbers of nodes, with an r for a real home link ("100r"), "flood", and "listing".
"""
import json
import os
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

# (nodes, a virtual home link)
SIZES = ((100, True), (1000, True), (10000, True), (100000, True),
         (100, False), (1000, False), (10000, False))
WINDOW = 250
REAL_SHARE = 0.5	# of the floor's rate: so many begin in a second on a real home link
CLOSE_S = 300	# the kernel ends a namespace with very many objects in its own time
FLOOD_NODES, FLOOD_ROOM, FLOOD_RATES = 10000, 1000, (1000, 5000, 20000)
LIST_NODES, LIST_MOVES, LIST_CLIENTS = 100000, 20000, 2
FLOODS = ("of nobody's home addresses", "of home addresses of the home prefix")


class Fleet:
    """haload: the mobile nodes."""

    def __init__(self, node, agent_mac, agent, count, wait_s):
        command = [BUILD + "/test/bench/haload", "eth0", agent_mac, agent, HOME, AWAY, str(count),
                   str(wait_s)]
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

    def round(self, place, window, lifetime_s=600, first=0, count=None, per_s=0):
        """Every node sends one Binding Update. Returns what became of them."""
        count = self.count if count is None else count
        got = self.order("round %d %d %d %d %d %d"
                         % (first, count, window, place, lifetime_s, per_s))
        got["per_s"] = got["accepted"] / max(got["seconds"], 1e-6)
        return got

    def close(self):
        for pipe in self.pipes:
            pipe.close()
        self.process.wait()


class World:
    """A home agent, and a link behind which all mobile nodes are, who ask again after wait_s (0:
    as RFC 6275 says)."""
    number = 0

    def __init__(self, lab, virtual, count, wait_s=0):
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
        wait_until(self.carries, "the links")
        self.fleet = Fleet(self.fleet_node, self.mac(self.ha), self.agent, count,
                           wait_s)
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
        self.daemon.wait_for_log("serves as HA")
        # what starting puts into the kernel goes there in the turns that follow
        wait_until(lambda: "pref 65000" in self.ha.run("tc filter show dev mip6 ingress").stdout,
                   "the tunnel's last filter")

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
                 "filters": ha.run("tc filter show dev mip6 ingress").stdout,
                 "proxies": ha.sh("ip -6 neighbour show proxy"),
                 "states": ha.sh("ip xfrm state"), "policies": ha.sh("ip xfrm policy")}
        return {kind: len(text.splitlines()) for kind, text in kinds.items()}

    def close(self):
        self.fleet.close()
        if self.daemon and self.daemon.running():
            assert self.daemon.stop(within_s=60) == 0, self.daemon.log_text()[-2000:]


def check(got, what, patient=False):
    """Nothing failed, and nobody had to ask twice (which may be told later, if patient)."""
    kinds = ("refused", "lost") if patient else ("refused", "lost", "retransmitted", "stray")
    assert not any(got[kind] for kind in kinds), "%s: %s" % (what, got)
    return got


def kernel_bytes(bench):
    """As bench.memory(), with the tables that are too large for that."""
    with open("/proc/meminfo") as f:
        found = dict(line.split(":") for line in f)
    return bench.memory() + 1024 * int(found["VmallocUsed"].split()[0])


def busy_s():
    """How long the guest's processor has worked; and the rest of it waited."""
    with open("/proc/stat") as f:
        ticks = [int(word) for word in f.readline().split()[1:]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def measure_floor(bench, count, virtual):
    """Returns the rate, and the seconds of work."""
    world = World(bench.lab, virtual, count)
    world.start_floor()
    work = busy_s()
    got = check(world.fleet.round(1, WINDOW), "floor, %d nodes" % count)
    work = busy_s() - work
    world.close()
    bench.lab.close(CLOSE_S)
    return got["per_s"], work


def measure_once(bench, count, virtual):
    """The floor, and then the home agent, each in a namespace of its own."""
    floor_per_s, floor_work = measure_floor(bench, count, virtual)
    world = World(bench.lab, virtual, count)
    world.start()
    own, kernel, work = world.daemon_bytes(), kernel_bytes(bench), busy_s()
    if virtual:
        first = check(world.fleet.round(1, WINDOW), "%d nodes register" % count)
    else:
        first = check(world.fleet.round(1, count, per_s=floor_per_s * REAL_SHARE),
                      "%d nodes register" % count, patient=True)
    work = busy_s() - work
    own, kernel = world.daemon_bytes() - own, kernel_bytes(bench) - kernel
    move = check(world.fleet.round(2, WINDOW), "%d nodes move" % count)
    leave = check(world.fleet.round(2, WINDOW, 0), "%d nodes leave" % count)
    world.close()
    bench.lab.close(CLOSE_S)
    return {"register_per_s": first["per_s"], "p50_ms": first["p50_us"] / 1000,
            "p99_ms": first["p99_us"] / 1000, "move_per_s": move["per_s"],
            "leave_per_s": leave["per_s"], "floor_per_s": floor_per_s,
            "of_floor": first["per_s"] / floor_per_s if virtual else floor_work / max(work, 0.01),
            "daemon_bytes": own / count, "kernel_bytes": kernel / count,
            "again": first["retransmitted"]}


def best(runs, key):
    smaller = key in ("p50_ms", "p99_ms", "daemon_bytes", "kernel_bytes", "again")
    return (min if smaller else max)(run[key] for run in runs)


def measure(bench, count, virtual):
    """One line of the table: the best of each, where there are several runs."""
    runs = [measure_once(bench, count, virtual) for _ in range(3 if count <= 1000 else 1)]
    row = {"nodes": count, "link": "virtual" if virtual else "real"}
    row.update({key: best(runs, key) for key in runs[0]})
    if virtual:
        row["of_floor"] = row["register_per_s"] / row["floor_per_s"]
    bench.lines.append(dict(row, runs=runs))
    print("%7d %-7s %9.0f %8.1f %8.1f %8.0f %8.0f %8.0f %6.2f %8.0f %8.0f %6d"
          % tuple(row.values()), flush=True)
    return row


def flood(bench):
    world = World(bench.lab, True, FLOOD_NODES)
    world.start(FLOOD_NODES + FLOOD_ROOM)
    check(world.fleet.round(1, WINDOW), "register")
    place = 2
    alone = [check(world.fleet.round(place + n, WINDOW), "move")["per_s"] for n in range(3)]
    alone = bench.value("moves without a flood", "/s", alone)
    for kind, words in enumerate(FLOODS):
        for per_s in FLOOD_RATES:
            own = world.daemon_bytes()
            world.fleet.order("flood %d %d" % (per_s, kind))
            place += 5
            got = world.fleet.round(place, WINDOW)
            world.fleet.order("flood 0 0")
            assert not got["refused"] and not got["lost"], got
            sent = got["flood_sent"] / got["seconds"]
            print("flood of %.0f /s %s: %.0f moves/s, %.2f of those without; %d of %d sent twice, "
                  "p99 %.0f ms, %d strangers answered, memory %+.0f KB"
                  % (sent, words, got["per_s"], got["per_s"] / alone, got["retransmitted"],
                     FLOOD_NODES, got["p99_us"] / 1000, got["flood_answered"],
                     (world.daemon_bytes() - own) / 1024), flush=True)
            bench.lines.append(dict(got, flood=words, sent_per_s=sent,
                                    of_alone=got["per_s"] / alone))
    world.close()
    bench.lab.close(CLOSE_S)


def list_all(world, number):
    """A client that lists all bindings again and again, and counts lines."""
    script = """n=0; while "$0" -s "$1" bindings >"$2"; do n=$((n + 1)); echo $n; done"""
    socket = "/run/lab/nodes/%s/run/mip6d/mip6d.sock" % world.ha.name
    return world.ha.start("lister%d" % number, ["sh", "-c", script, BUILD + "/src/mip6ctl", socket,
                                                "/tmp/lister%d" % number])


def listing(bench):
    world = World(bench.lab, True, LIST_NODES)
    world.start(LIST_NODES)
    check(world.fleet.round(1, WINDOW), "register")
    alone = [check(world.fleet.round(2 + n, WINDOW, count=LIST_MOVES), "move")["per_s"]
             for n in range(3)]
    alone = bench.value("moves without a listing", "/s", alone)
    listers = [list_all(world, n) for n in range(LIST_CLIENTS)]
    got = check(world.fleet.round(9, WINDOW, count=LIST_MOVES), "move")
    while not all(lister.log_text().strip() for lister in listers):
        got = check(world.fleet.round(10, WINDOW, count=LIST_MOVES), "move")
    for number, lister in enumerate(listers):
        lister.stop(9)
        with open("/tmp/lister%d" % number) as f:
            print("the last list of client %d has %d lines" % (number, len(f.readlines())))
    print("%d clients list %d bindings: %.0f moves/s, %.2f of those without; p99 %.0f ms, "
          "%d sent twice" % (LIST_CLIENTS, LIST_NODES, got["per_s"], got["per_s"] / alone,
                             got["p99_us"] / 1000, got["retransmitted"]), flush=True)
    bench.lines.append(dict(got, listing=LIST_NODES, of_alone=got["per_s"] / alone))
    world.close()
    bench.lab.close(CLOSE_S)


def run(bench):
    for words in (("nodes", "link", "register", "p50", "p99", "move", "leave", "floor", "of the",
                   "daemon", "kernel", "sent"),
                  ("", "", "/s", "ms", "ms", "/s", "/s", "/s", "floor", "B each", "B each",
                   "twice")):
        print("%7s %-7s %9s %8s %8s %8s %8s %8s %6s %8s %8s %6s" % words)
    rows = []
    for count, virtual in SIZES:
        if bench.parts and "%d%s" % (count, "" if virtual else "r") not in bench.parts:
            continue
        rows.append(measure(bench, count, virtual))
    if not bench.parts or "flood" in bench.parts:
        flood(bench)
    if not bench.parts or "listing" in bench.parts:
        listing(bench)
    again = sum(row["again"] for row in rows)
    assert not again, "%d nodes had to ask twice" % again
