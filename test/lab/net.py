# SPDX-License-Identifier: GPL-2.0-or-later
"""Nodes, links and processes: the network inside the guest.

A node is a network namespace. A link is a bridge without spanning tree and without
multicast snooping, in the guest's own namespace; a node's interface is one end of a veth pair whose
other end is a port of the bridge. So a node can be moved to another link
behind its back (another bridge for the port), or with a loss of carrier (the port down, and up).

Everything here runs inside the guest. host.py is the other side.
"""
import contextlib
import ctypes
import fcntl
import json
import os
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from . import rtnl

BUILD = os.environ.get("MIP6D_BUILDDIR", ".")	# the tree with the programs under test

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, MS_BIND = 0x40000000, 4096
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCGIFINDEX, SIOCETHTOOL = 0x8913, 0x8914, 0x8933, 0x8946
SIOCBRADDIF, SIOCBRDELIF = 0x89A2, 0x89A3
IFF_UP, MNT_DETACH = 1, 2
ETHTOOL_OFF = (0x17, 0x1F, 0x24, 0x2C)	# ETHTOOL_STXCSUM, _STSO, _SGSO, _SGRO


# What comes at all comes within this: the machine may be busy.
PATIENCE_S = 30


class TooLate(AssertionError):
    """Something expected did not happen in time."""


def wait_until(condition, what=None, within_s=PATIENCE_S, every_s=0.02):
    """Call the condition until it returns something true, and return that."""
    begin = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        passed = time.monotonic() - begin
        if passed > within_s:
            what = what or getattr(condition, "__doc__", None) or "what was waited for"
            raise TooLate("%s: not within %.1f s (last seen: %r)" % (what, within_s, value))
        time.sleep(every_s)


def command_list(command):
    return shlex.split(command) if isinstance(command, str) else [str(c) for c in command]


class CommandFailed(AssertionError):
    def __init__(self, where, command, done):
        super().__init__("%s: %s: exit status %d\n%s%s" % (where, shlex.join(command),
                         done.returncode, done.stdout, done.stderr))
        self.done = done


class Process:
    """A program running on a node. Its standard output and error are in self.log, a path."""

    def __init__(self, node, name, command, stdin=None, stdout=None, environment=None):
        self.node = node
        self.name = name
        self.log = os.path.join(node.lab.results, "%s.%s.log" % (node.name, name))
        with open(self.log, "ab") as log, node:
            self.popen = subprocess.Popen(command_list(command), stdin=stdin or subprocess.DEVNULL,
                                          stdout=stdout or log, stderr=log,
                                          start_new_session=True,
                                          env=dict(os.environ, **(environment or {})))
        node.note("start", program=name, command=command_list(command), pid=self.popen.pid)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def log_text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def wait_for_log(self, text, within_s=PATIENCE_S):
        """Until the text stands in the log."""
        def in_log():
            assert self.running() or text in self.log_text(), \
                "%s ended with %s:\n%s" % (self.name, self.popen.returncode,
                                           self.log_text()[-2000:])
            return text in self.log_text()
        return wait_until(in_log, "%s: %r in the log" % (self.name, text), within_s=within_s)

    def wait(self, within_s=PATIENCE_S):
        """Until it has ended by itself. Returns its exit status."""
        try:
            return self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            raise TooLate("%s has not ended within %.1f s" % (self.name, within_s)) from None

    def kill(self, number):
        self.node.note("signal", program=self.name, signal=signal.Signals(number).name)
        self.popen.send_signal(number)

    def stop(self, number=signal.SIGTERM, within_s=PATIENCE_S):
        """End it, politely first, and returns its exit status (-9: it had to be killed)."""
        if self.running():
            self.kill(number)
            try:
                self.popen.wait(within_s)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait()
            self.node.note("end", program=self.name, status=self.popen.returncode)
        return self.popen.returncode


class Node:
    """A network namespace. `with node:` puts the calling thread into it, for sockets and the
    like; sh() and the others do so by themselves."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.path = "/run/netns/" + name
        self.interfaces = {}	# name -> Interface
        self.processes = []
        self.bound = {}	# own file -> file of the system, for the daemon
        self._before = threading.local()
        # what a daemon of the same name kept in a test before
        shutil.rmtree("/run/lab/nodes/" + name, ignore_errors=True)
        make_namespace(self.path)
        self.fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        with self:
            set_up("lo")

    def __repr__(self):
        return self.name

    def __enter__(self):
        # Of the thread, not of the process: a test may use several.
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._before.__dict__.setdefault("stack", []).append(before)
        enter_namespace(self.fd)
        return self

    def __exit__(self, *_):
        before = self._before.stack.pop()
        enter_namespace(before)
        os.close(before)

    def note(self, what, **details):
        self.lab.note(self, what, **details)

    def run(self, command, stdin=None, within_s=30.0):
        """Run a command to its end, whatever its status. Returns a CompletedProcess."""
        with self:
            return subprocess.run(command_list(command), input=stdin, text=True,
                                  capture_output=True, timeout=within_s)

    def sh(self, command, stdin=None, within_s=30.0):
        """Run a command which must succeed. Returns its output. (No shell is involved
        unless you call one: sh(["sh", "-c", ...]).)"""
        done = self.run(command, stdin, within_s)
        if done.returncode:
            raise CommandFailed(self.name, command_list(command), done)
        return done.stdout

    def ip(self, *batch):
        """One or several commands of `ip -6`: node.ip("link set eth0 up", "route add ...").
        Several at once cost little more than one."""
        if len(batch) == 1:
            return self.sh("ip -6 " + batch[0])
        return self.sh("ip -6 -batch -", "".join(line + "\n" for line in batch))

    def ip_json(self, what):
        """What `ip -d -j` prints, for example ip_json("-6 route show table all")."""
        return json.loads(self.sh("ip -d -j " + what) or "[]")

    def tc_json(self, what):
        return json.loads(self.sh("tc -j -s " + what) or "[]")

    def addresses(self, interface, **wanted):
        """The IPv6 addresses of an interface as `ip -j` shows them, those with the wanted
        values: addresses("eth0", scope="global", tentative=None)."""
        found = []
        for link in self.ip_json("-6 address show dev " + interface):
            found += [a for a in link.get("addr_info", []) if "local" in a
                      and all(a.get(k) == v for k, v in wanted.items())]
        return found

    def sysctl(self, name, value=None):
        """Read, or set, one under /proc/sys. Interface names may contain dots, so the separator
        is a slash: sysctl("net/ipv6/conf/all/forwarding", 1)."""
        with self:
            if value is None:
                with open("/proc/sys/" + name) as f:
                    return f.read().strip()
            with open("/proc/sys/" + name, "w") as f:
                f.write(str(value))
        return None

    def socket(self, *args):
        """A socket of this node, used from anywhere."""
        with self:
            return socket.socket(*args)

    def start(self, name, command, **options):
        """Start a program. It is stopped at the end of the test, if not before."""
        process = Process(self, name, command, **options)
        self.processes.append(process)
        return process

    def wait_until_reaches(self, address, source=None, within_s=PATIENCE_S):
        """Until a ping is answered (of a plain host that has moved, this may take as long as the
        lifetime of its old router)."""
        ping = "ping -c 1 -W 1 %s %s" % ("-I " + source if source else "", address)
        wait_until(lambda: self.run(ping).returncode == 0,
                   "%s reaches %s" % (self, address), every_s=0.3, within_s=within_s)

    def start_daemon(self, configuration, *options):
        """Start mip6d with this text as its configuration. What it keeps under /run and
        /var/lib is the node's own, as the network is."""
        path = self._write_configuration(configuration)
        return self.start("mip6d", self.own_files([BUILD + "/src/mip6d", "-c", path, *options]))

    def reload_daemon(self, configuration):
        """The daemon of start_daemon() goes on with this text instead. Returns what it says."""
        self._write_configuration(configuration)
        return self.ctl("reload")

    def _write_configuration(self, configuration):
        path = os.path.join(self.lab.results, self.name + ".mip6d.conf")
        with open(path, "w") as f:
            f.write(configuration)
        return path

    def ctl(self, command):
        """Ask the node's daemon: ctl("show binding"). Returns what --json printed."""
        return json.loads(self.sh(self.own_files([BUILD + "/src/mip6ctl", "--json"])
                                  + shlex.split(command)))

    def own_files(self, command):
        """The command, such that it has its own /run/mip6d and /var/lib/mip6d, and the files
        of own_file()."""
        steps = ["mount --bind %s %s" % pair for pair in self.bound.items()]
        for there in ("/run/mip6d", "/var/lib/mip6d"):
            here = "/run/lab/nodes/%s%s" % (self.name, there)
            os.makedirs(here, exist_ok=True)
            os.makedirs(there, exist_ok=True)
            steps.append("mount --bind %s %s" % (here, there))
        return ["unshare", "--mount", "sh", "-c", "; ".join(steps) + '; exec "$@"', "sh"] + command

    def own_file(self, path, text):
        """A file of the system that is this one for the node's daemon."""
        here = os.path.join(self.lab.results, "%s.%s" % (self.name, os.path.basename(path)))
        with open(here, "w") as f:
            f.write(text)
        os.chmod(here, 0o644)
        self.bound[here] = path

    def make_router(self):
        self.sysctl("net/ipv6/conf/all/forwarding", 1)
        self.sysctl("net/ipv6/conf/default/forwarding", 1)
        self.skip_dad()

    def skip_dad(self):
        """Addresses can be used at once: for nodes whose addresses are not under test."""
        for which in ("all", "default"):
            self.sysctl("net/ipv6/conf/%s/accept_dad" % which, 0)

    def plug(self, interface, link, mac=None):
        """A new interface of the node, on the link."""
        return Interface(self, interface, link, mac)

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        os.close(self.fd)


class Link:
    """A bridge. Delay, jitter and loss work on every packet that crosses it, once."""

    def __init__(self, lab, name, delay_ms=0, jitter_ms=0, loss_percent=0):
        self.lab = lab
        self.name = name
        self.bridge = "br-" + name
        self.ports = set()
        self.quality = (delay_ms, jitter_ms, loss_percent)
        rtnl.make_bridge(self.bridge)
        set_up(self.bridge)

    def __repr__(self):
        return self.name

    def set_quality(self, delay_ms=0, jitter_ms=0, loss_percent=0):
        """Change the quality while traffic flows."""
        self.quality = (delay_ms, jitter_ms, loss_percent)
        for port in self.ports:
            self.apply_quality(port)

    def apply_quality(self, port):
        """What leaves by this port is delayed and lost as on this link. (tc takes 50 ms: between
        links of the same quality a port keeps what it has.)"""
        if self.lab.shaped.get(port, (0, 0, 0)) == self.quality:
            return
        if any(self.lab.shaped.pop(port, ())):
            self.lab.base("tc qdisc del dev %s root" % port)
        if any(self.quality):
            self.lab.base("tc qdisc add dev %s root netem limit 10000 delay %gms %gms loss %g%%"
                          % ((port,) + self.quality))
            self.lab.shaped[port] = self.quality


class Interface:
    """An interface of a node, and its port on a link (None: plugged in nowhere). left_at and
    joined_at: when it last left a link and came to one, by time.monotonic()."""

    def __init__(self, node, name, link, mac=None):
        self.node = node
        self.name = name
        self.link = None
        self.left_at = self.joined_at = 0.0
        self.port = "%s-%s" % (node.name, name)
        assert len(self.port) <= 15, "the kernel's names are short: " + self.port
        node.interfaces[name] = self
        rtnl.make_veth(self.port, name, node.fd, mac)
        # Packets are captured as they would be on a wire: whole, with their checksums.
        disable_offloads(self.port)
        with node:
            disable_offloads(name)
            set_up(name)
        if link:
            self.plug(link)

    def unplug(self):
        """Carrier is lost."""
        self.left_at = time.monotonic()
        set_up(self.port, False)
        self._leave()
        self.node.note("unplug", interface=self.name)

    def plug(self, link):
        """Carrier comes back, on this link."""
        self._join(link)
        set_up(self.port)
        self.joined_at = time.monotonic()
        self.node.note("plug", interface=self.name, link=link.name)

    def move_silently(self, link):
        """Another link, and nobody tells the node."""
        self.left_at = time.monotonic()
        self._leave()
        self._join(link)
        self.joined_at = time.monotonic()
        self.node.note("move silently", interface=self.name, link=link.name)

    def _leave(self):
        bridge_port(SIOCBRDELIF, self.link.bridge, self.port)
        self.link.ports.discard(self.port)
        self.link = None

    def _join(self, link):
        self.link = link
        link.ports.add(self.port)
        link.apply_quality(self.port)
        bridge_port(SIOCBRADDIF, link.bridge, self.port)


class Lab:
    """The nodes, links and processes of one test, and its folder of results.

    >>> a, b = lab.node("a"), lab.node("b")
    >>> wire = lab.link("wire", a, b, delay_ms=5)	# eth0 on each of them
    >>> a.ip("address add 2001:db8::1/64 dev eth0 nodad")
    """

    def __init__(self, results):
        self.results = results
        os.makedirs(results, exist_ok=True)
        self.nodes = {}
        self.links = {}
        self.captures = []
        self.shaped = {}	# port -> quality of what leaves by it
        self.events = []
        self.echo = False	# tell on standard output what happens, as it happens
        self._begin = time.time()
        self._lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def base(self, command, stdin=None):
        """A command in the guest's own namespace, where the bridges are."""
        done = subprocess.run(command_list(command), text=True, capture_output=True, input=stdin)
        if done.returncode:
            raise CommandFailed("the lab", command_list(command), done)
        return done.stdout

    def node(self, name, router=False):
        """A new node. A router forwards, and uses its addresses without DAD."""
        node = self.nodes[name] = Node(self, name)
        if router:
            node.make_router()
        return node

    def link(self, name, *nodes, interface="eth0", **quality):
        """A new link; the nodes named get an interface on it (same name on each). Quality is
        delay_ms, jitter_ms and loss_percent."""
        link = self.links[name] = Link(self, name, **quality)
        for node in nodes:
            node.plug(interface, link)
        return link

    def note(self, node, what, **details):
        """An entry in the node's timeline (of all nodes, if node is None)."""
        event = dict({"t": time.time(), "node": node and node.name, "what": what}, **details)
        with self._lock:
            self.events.append(event)
        if self.echo:
            words = [str(v) if k in ("program", "text") else "%s=%s" % (k, v)
                     for k, v in details.items() if not isinstance(v, (list, dict))]
            print("%8.3f  %-5s %s %s" % (event["t"] - self._begin, event["node"] or "", what,
                                         " ".join(words)), flush=True)

    def sniff(self, *where):
        """Capture on interfaces: sniff((a, "eth0"), (b, "tun0")). Returns a Capture; without
        arguments, of every interface there is."""
        from .capture import Capture
        where = where or [(n, i) for n in self.nodes.values() for i in n.interfaces]
        capture = Capture(self, where)
        self.captures.append(capture)
        return capture

    def stream(self, a, a_address, b, b_address, interval_ms=10):
        """Probes between two nodes, both ways. Returns a Stream."""
        from .stream import Stream
        return Stream(self, a, a_address, b, b_address, interval_ms)

    def write_timelines(self):
        for name in self.nodes:
            mine = [e for e in self.events if e["node"] in (name, None)]
            with open(os.path.join(self.results, name + ".timeline.json"), "w") as f:
                json.dump(mine, f, indent=1)

    def close(self, within_s=PATIENCE_S):
        """Stop everything; the files of the results are complete afterwards."""
        for node in self.nodes.values():
            for process in reversed(node.processes):
                process.stop()
        for capture in self.captures:
            capture.stop()
        self.write_timelines()
        # A namespace takes its interfaces along, and they the other ends of their pairs;
        # the kernel does so in its own time.
        ports = {i.port for node in self.nodes.values() for i in node.interfaces.values()}
        for node in self.nodes.values():
            node.close()
            remove_namespace(node.path)
        if self.links:
            self.base("ip -batch -", "".join("link delete %s\n" % link.bridge
                                             for link in self.links.values()))
        wait_until(lambda: not ports & {name for _, name in socket.if_nameindex()},
                   "the end of the interfaces", within_s=within_s)
        self.nodes.clear()
        self.links.clear()
        self.captures.clear()


# What the kernel does at a word, without a program: starting one costs 50 ms in the guest.

def enter_namespace(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def make_namespace(path):
    """A new network namespace, known under the path, as `ip netns add` makes it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "x"):
        pass
    failed = []

    def make():
        # A thread of its own, so that only it is in the new namespace.
        if libc.unshare(CLONE_NEWNET) or libc.mount(b"/proc/thread-self/ns/net", path.encode(),
                                                     None, ctypes.c_ulong(MS_BIND), None):
            failed.append(OSError(ctypes.get_errno(), "cannot make namespace " + path))
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def remove_namespace(path):
    libc.umount2(path.encode(), MNT_DETACH)
    os.unlink(path)


def interface_ioctl(request, interface, value=b""):
    """One ioctl with a struct ifreq; returns its value."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        answer = fcntl.ioctl(s, request, struct.pack("16s24s", interface.encode(), value))
    return answer[16:]


def set_up(interface, up=True):
    flags, = struct.unpack_from("h", interface_ioctl(SIOCGIFFLAGS, interface))
    flags = flags | IFF_UP if up else flags & ~IFF_UP
    interface_ioctl(SIOCSIFFLAGS, interface, struct.pack("h", flags))


def bridge_port(request, bridge, port):
    """Put an interface on a bridge, or take it off."""
    interface_ioctl(request, bridge, interface_ioctl(SIOCGIFINDEX, port)[:4])


def disable_offloads(interface):
    """Checksums in full, no segments glued together."""
    for command in ETHTOOL_OFF:
        value = ctypes.create_string_buffer(struct.pack("II", command, 0))
        with contextlib.suppress(OSError):
            interface_ioctl(SIOCETHTOOL, interface, struct.pack("P", ctypes.addressof(value)))
