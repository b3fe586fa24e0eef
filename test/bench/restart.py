# SPDX-License-Identifier: GPL-2.0-or-later
"""A home agent that is killed and starts again: what is lost, and how long it takes.

Mobile nodes of a virtual home link (haload.c) register with real packets. Two of them are real: a
node of the lab has their care-of addresses and tunnels, and exchanges a stream with a
correspondent. The home agent is killed (SIGKILL), and started again a second later. One line
for each number of bindings:

	lost		packets of the streams, both ways, from before the kill to after the end of
			adoption
	answer		from the start of the process until the first registration is answered, by
			a node that sends as soon as there is a socket to take it
	adopted		from the start until all objects in the kernel are judged
	replaced, stray	objects of the predecessor that were replaced, or removed: no need of any
	disk		bytes of the store, for each binding
	memory		of the daemon after the restart, for each binding; and at its highest

Then "kill": the home agent is killed every second for a minute, a stream running each way: no
packet, no binding and no object may be missing, and none may be left over.

Then "durability": the price of StateDurability machine, in registrations a second, against
daemon, on the disk of the folder of results: pairs of runs, one after the other.

Parts are numbers of bindings, "kill" and "durability".
"""
import os
import re
import statistics
import time

from lab.net import wait_until

from .ha import AGENT, CLOSE_S, COMMON, VIRTUAL, WINDOW, World, check

LAB_MEMORY = "2G"
LAB_BOUND_S = 1800

SIZES = (1000, 10000, 100000)
REAL = 2	# of the nodes
CORRESPONDENT = "2001:db8:cc::c"
INTERVAL_MS = 10
DOWN_S = 1
KEPT = 'StateDurability %s;\nStateDirectory "%s";\n'
KILL_NODES, KILLS, KILL_EVERY_S = 1000, 60, 1
DURABILITY_NODES, DURABILITY_PAIRS = 2000, 3


def home_of(n):
    return "2001:db8:100:0:200::%x" % n


def away_of(n, place=1):
    return "2001:db8:c:%x::%x" % (place, n)


class Restarts(World):
    """A home agent with bindings, of which the first few are of a real node."""

    def __init__(self, lab, count, real=REAL):
        super().__init__(lab, True, count)
        self.log_from = 0
        self.mobile = lab.node("mn%d" % World.number)
        self.peer = lab.node("cn%d" % World.number)
        self.mobile.plug("eth0", lab.links["wire"])
        lab.link("core%d" % World.number, self.ha, self.peer, interface="eth2")
        self.mobile.skip_dad()
        self.peer.skip_dad()
        self.ha.ip("address add 2001:db8:cc::1/64 dev eth2 nodad",
                   "neighbour add fe80::e lladdr %s nud permanent dev eth0"
                   % self.mac(self.mobile))
        self.peer.ip("address add %s/64 dev eth2 nodad" % CORRESPONDENT,
                     "route add default via 2001:db8:cc::1")
        lines = ["neighbour add fe80::a lladdr %s nud permanent dev eth0" % self.mac(self.ha),
                 "route add default via fe80::a dev eth0"]
        for n in self.real(real):
            lines += ["address add %s/128 dev eth0 nodad" % away_of(n),
                      "tunnel add t%d mode ip6ip6 local %s remote %s encaplimit none"
                      % (n, away_of(n), AGENT),
                      "link set t%d up" % n, "address add %s/128 dev t%d nodad" % (home_of(n), n),
                      "route add default dev t%d table %d" % (n, 100 + n),
                      "rule add from %s lookup %d" % (home_of(n), 100 + n)]
        self.mobile.ip(*lines)
        self.streams = []

    @staticmethod
    def real(count):
        return range(1, count + 1)

    def start_streams(self, count=REAL):
        """From now on what is for these care-of addresses goes to the real node; the
        acknowledgements before went to the program."""
        self.ha.ip(*["route add %s via fe80::e dev eth0" % away_of(n) for n in self.real(count)])
        for n in self.real(count):
            self.streams.append(self.lab.stream(self.peer, CORRESPONDENT, self.mobile, home_of(n),
                                                INTERVAL_MS))
        time.sleep(0.5)
        self.mark()

    def mark(self):
        for stream in self.streams:
            stream.mark()

    def lost(self):
        """Of all streams, since the mark."""
        reports = [stream.report() for stream in self.streams]
        assert all(r[way]["sent"] for r in reports for way in ("out", "back"))
        return sum(r[way]["lost"] for r in reports for way in ("out", "back"))

    def kill(self):
        self.daemon.stop(9)

    def listens(self):
        """Whether there is a socket for Mobility Headers."""
        with self.ha:
            with open("/proc/thread-self/net/raw6") as f:
                return any(line.split()[1].endswith(":0087") for line in f.readlines()[1:])

    def runs(self):
        with open("/proc/%d/comm" % self.daemon.pid) as f:
            return f.read().strip() == "mip6d"

    def start_again(self):
        """Returns when it began: when the program was there, which the lab starts by way of
        others."""
        self.log_from = len(self.daemon.log_text())
        self.daemon = self.ha.start_daemon(COMMON % 0 + VIRTUAL, "-f", "-d", "1")
        wait_until(self.runs, "the program", every_s=0.001)
        return time.monotonic()

    def new_log(self):
        return self.daemon.log_text()[self.log_from:]

    def first_answer(self, began, node=0):
        """Seconds from `began` until that node has its answer."""
        wait_until(self.listens, "the socket", every_s=0.001, within_s=60)
        sent = time.monotonic()
        got = check(self.fleet.round(1, 1, first=node, count=1), "the first registration")
        return sent - began + got["max_us"] / 1e6

    def counter(self, name):
        return [c["value"] for c in self.ha.ctl("counters all")["counters"] if c["name"] == name][0]

    def wait_adopted(self, began, within_s=120):
        """Until nothing of the predecessor waits any more. Seconds from `began`."""
        wait_until(lambda: "objects of a former daemon" in self.new_log(),
                   "the end of adoption", every_s=0.01, within_s=within_s)
        return time.monotonic() - began

    def store_bytes(self):
        folder = "/run/lab/nodes/%s/var/lib/mip6d" % self.ha.name
        return sum(os.stat(os.path.join(folder, name)).st_blocks * 512
                   for name in os.listdir(folder))

    def status_kb(self, field):
        with open("/proc/%d/status" % self.daemon.pid) as f:
            return int(re.search(field + r":\s+(\d+)", f.read()).group(1))

    def close(self):
        for stream in self.streams:
            stream.stop()
        super().close()


def measure(bench, count):
    world = Restarts(bench.lab, count)
    world.start()
    own = world.daemon_bytes()
    check(world.fleet.round(1, WINDOW, lifetime_s=36000), "%d nodes register" % count)
    world.start_streams()
    before = world.objects()
    time.sleep(0.5)
    world.kill()
    time.sleep(DOWN_S)
    began = world.start_again()
    answer_s = world.first_answer(began, count - 1)
    adopted_s = world.wait_adopted(began)
    time.sleep(1)
    lost = world.lost()
    assert world.objects() == before, (world.objects(), before)
    row = {"bindings": count, "lost": lost, "answer_s": answer_s, "adopted_s": adopted_s,
           "kernel_adopted": world.counter("kernel_adopted"),
           "kernel_replaced": world.counter("kernel_replaced"),
           "kernel_stray": world.counter("kernel_stray"),
           "disk_bytes": world.store_bytes() / count,
           "memory_bytes": (world.daemon_bytes() - own) / count,
           "highest_kb": world.status_kb("VmHWM"), "now_kb": world.status_kb("VmRSS")}
    bench.lines.append(row)
    print("%8d %6d %9.3f %9.3f %9d %6d %6d %7.0f %7.0f %9d %9d" % tuple(row.values()), flush=True)
    world.close()
    bench.lab.close(CLOSE_S)
    return row


def kill_again_and_again(world, count, kills, every_s=KILL_EVERY_S):
    """The home agent is killed so many times, every so often, whatever it is about to do then.
    Returns the packets lost of the streams; everything else must be as it was."""
    check(world.fleet.round(1, WINDOW, lifetime_s=36000), "%d nodes register" % count)
    world.start_streams()
    before = world.objects()
    for _ in range(kills):
        world.kill()
        began = world.start_again()
        time.sleep(max(0, began + every_s - time.monotonic()))
    world.wait_adopted(began)
    time.sleep(0.5)
    lost = world.lost()
    assert world.objects() == before, (world.objects(), before)
    assert world.counter("kernel_stray") == 0 and world.counter("kernel_replaced") == 0
    assert len(world.ha.ctl("bc")["bindings"]) == count
    return lost


def kill(bench):
    world = Restarts(bench.lab, KILL_NODES)
    world.start()
    lost = kill_again_and_again(world, KILL_NODES, KILLS)
    print("killed %d times, every %d s, with %d bindings: %d packets lost, no binding, no object"
          % (KILLS, KILL_EVERY_S, KILL_NODES, lost))
    bench.lines.append({"kills": KILLS, "bindings": KILL_NODES, "lost": lost})
    world.close()
    bench.lab.close(CLOSE_S)
    assert lost == 0


def register_rate(bench, durability):
    """Registrations a second with the state on the disk of the results."""
    world = World(bench.lab, True, DURABILITY_NODES)
    folder = os.path.join(bench.results, "state")
    os.makedirs(folder, exist_ok=True)
    world.daemon = world.ha.start_daemon(COMMON % 0 + VIRTUAL + KEPT % (durability, folder), "-f")
    world.daemon.wait_for_log("serves as HA")
    time.sleep(1)
    check(world.fleet.round(1, WINDOW), "register", patient=True)
    rate = check(world.fleet.round(2, WINDOW), "move", patient=True)["per_s"]
    world.close()
    bench.lab.close(CLOSE_S)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    return rate


def durability(bench):
    pairs = []
    for _ in range(DURABILITY_PAIRS):
        pairs.append((register_rate(bench, "machine"), register_rate(bench, "daemon")))
        print("machine %.0f /s, daemon %.0f /s" % pairs[-1], flush=True)
    ratio = statistics.median(machine / daemon for machine, daemon in pairs)
    bench.lines.append({"what": "durability", "pairs": pairs, "ratio": ratio})
    print("StateDurability machine: %.2f of the rate of daemon" % ratio)


def run(bench):
    for words in (("bindings", "lost", "answer", "adopted", "objects", "replaced", "stray", "disk",
                   "memory", "highest", "memory"),
                  ("", "", "s", "s", "adopted", "", "", "B each", "B each", "KB", "KB")):
        print("%8s %6s %9s %9s %9s %6s %6s %7s %7s %9s %9s" % words)
    rows = [measure(bench, count) for count in SIZES
            if str(count) in bench.parts or not bench.parts and count < SIZES[-1]]
    if not bench.parts or "kill" in bench.parts:
        kill(bench)
    if not bench.parts or "durability" in bench.parts:
        durability(bench)
    for row in rows:
        assert row["lost"] == 0 and row["kernel_stray"] == 0, row
