# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's side: starts a guest, passes its output on, serves it, bounds it, ends it.

A guest is a kernel with one job: a command, run as root, whose exit status becomes ours.

- `uml`: Debian's User Mode Linux, a kernel that is an ordinary program and needs no
  privileges. Each guest is its own process group.
- `native`: the running kernel, in fresh user, mount, network and process namespaces.
- `qemu`: Debian's own kernel on an emulated machine (see qemu.py).

Between host and guest run two sockets. One carries the guest's terminal. The other is the
channel: JSON, one message a line, from the guest to the host; what may be asked of
the host is the table at the end of class Guest. Wireshark starts in half a second on
the host and in six inside UML, so it is asked for here.

Nothing is left running, whatever happens: the process group is killed at the end, at
the bound, and by a guardian when this process itself has been killed.
"""
import contextlib
import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = "/usr/bin/python3"
UML = "/usr/bin/linux.uml"
STATUS_BOUND = 124	# as timeout(1)


class LabError(Exception):
    """Something about this machine or the arguments keeps the lab from working."""


def new_results(path=None):
    """The folder of results: the one wanted, or a new one. Returns its path."""
    if path is None:
        path = tempfile.mkdtemp(prefix="mip6d-lab.")
    path = os.path.realpath(path)
    os.makedirs(path, exist_ok=True)
    if any(c.isspace() or c in "\"'," for c in path):
        raise LabError("the path of the results must be free of spaces, quotes and commas: " + path)
    if not os.access(path, os.W_OK):
        raise LabError("cannot write to " + path)
    return path


def find_build(wanted=None):
    """The build tree with the programs to test. Returns its path."""
    places = [wanted] if wanted else [os.environ.get("MIP6D_BUILDDIR"), os.getcwd(), SOURCE,
                                            SOURCE + "/build/check/build", SOURCE + "/build"]
    for place in places:
        if place and os.path.exists(os.path.join(place, "config.status")):
            return os.path.realpath(place)
    raise LabError("no build tree in %s: configure and make, then give --builddir"
                   % ", ".join(p for p in places if p))


# The program that the native lab tries in a fresh namespace, to see what the kernel has.
NATIVE_TRIAL = """
trial() { "$@" >/dev/null 2>&1 || echo "$*"; }
ip link set lo up
trial ip link add trial0 type bridge
trial ip link add trial1 type veth peer name trial2
trial ip link add trial3 type ip6tnl external
ip link set trial3 up 2>/dev/null
trial ip -6 route add 2001:db8::3/128 encap ip6 src 2001:db8::1 dst 2001:db8::2 dev trial3
trial ip -6 rule add from 2001:db8::/32 lookup 100
trial ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto hao reqid 1 mode ro coa 2001:db8::3
trial ip xfrm state add src 2001:db8::2 dst 2001:db8::1 proto route2 reqid 1 mode ro coa 2001:db8::3
trial ip xfrm policy add src 2001:db8::1/128 dst 2001:db8::2/128 dir out ptype sub \
	tmpl src :: dst :: proto hao reqid 1 mode ro
trial tc qdisc add dev trial1 root netem delay 1ms
trial tc qdisc add dev trial3 clsact
trial tc filter add dev trial3 ingress protocol ipv6 flower enc_src_ip 2001:db8::2 action pass
"""


def namespaces():
    """The command that makes the native lab's namespaces."""
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
    return command if os.geteuid() == 0 else command + ["--user", "--map-root-user"]


def native_lacks():
    """What keeps the lab from running on the running kernel: a list of text, empty if nothing."""
    try:
        trial = subprocess.run(namespaces() + ["sh", "-c", NATIVE_TRIAL], text=True, timeout=30,
                               stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return [str(error)]
    if trial.returncode and not trial.stdout:
        return [trial.stderr.strip() or "cannot make namespaces"]
    return ["fails: " + line for line in trial.stdout.splitlines()]


def choose_kernel(wanted):
    """The kind of kernel to use: the one wanted, or native where that works, or uml."""
    if wanted in ("uml", None) and not (wanted is None and not native_lacks()):
        if not os.access(UML, os.X_OK):
            raise LabError("no %s: install the package user-mode-linux" % UML)
        return "uml"
    if wanted == "qemu":
        return wanted
    if wanted == "native":
        for line in native_lacks():
            print("lab: the running kernel: " + line, file=sys.stderr)
    return "native"


def uml_command(results, memory, program, out, channel):
    """The kernel as a program: its console goes to standard output, the guest's terminal and
    channel are file descriptors that it inherits."""
    return [UML, "mem=" + memory, "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
            "con=null", "ssl=null", "con0=null,fd:1", "con1=fd:%d" % out, "ssl0=fd:%d" % channel,
            "umid=kernel", "uml_dir=%s/" % results, "loglevel=4", "init=" + program,
            "lab_results=" + results]


def memory_folder(memory, results):
    """Where UML keeps the file that is the guest's memory. In a container /dev/shm may be
    too small, and UML would learn so only by being killed."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    wanted = int(memory[:-1]) * units[memory[-1].upper()]
    with contextlib.suppress(OSError):
        if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > wanted:
            return "/dev/shm"
    return results


def build_programs(build, kernel):
    """What runs in the guest must be there, and up to date (test/lab/local.mk)."""
    targets = ["lab-programs", "lab-installed"] + (["test/lab/boot"] if kernel == "qemu" else [])
    made = subprocess.run(["make", "-s", "-C", build] + targets, capture_output=True, text=True)
    if made.returncode:
        raise LabError("cannot build the lab's programs in %s:\n%s" % (build, made.stderr))


class Guest:
    """One run of a guest. run() does everything and returns the exit status."""

    def __init__(self, results, kernel="uml", memory="512M", bound_s=600, build=None):
        self.results = results
        self.kernel = kernel
        self.memory = memory
        self.bound_s = bound_s
        self.build = build
        self.on_message = {}	# further messages of the channel: what is done -> function(message)
        self.on_output = None	# function(bytes), called with the output as it comes
        self.status = None

    def run(self, command, environment=None, directory=SOURCE, terminal=None):
        """Run the command (a list) in a guest. `terminal` is a file descriptor: what comes
        from it goes to the command, key by key if it is a terminal."""
        size = None
        if terminal is not None and os.isatty(terminal):
            size = tuple(termios.tcgetwinsize(terminal))
        modules = self._modules()
        keep = [folder for folder in (SOURCE, self.results, self.build, modules) if folder]
        job = {"command": command, "directory": directory, "kernel": self.kernel,
               "modules": modules, "results": self.results, "keep": sorted(set(keep)),
               "terminal": size,
               "environment": dict(environment or {})}
        for variable in ("TERM", "LANG"):
            job["environment"].setdefault(variable, os.environ.get(variable, "C.UTF-8"
                                          if variable == "LANG" else "dumb"))
        if self.build:
            job["environment"]["MIP6D_BUILDDIR"] = self.build
        job["environment"]["PYTHONDONTWRITEBYTECODE"] = "1"
        if self.kernel == "native":
            out_host, out_guest = pty.openpty()
        else:
            out_host, out_guest = (s.detach() for s in socket.socketpair())
        channel_host, channel_guest = (s.detach() for s in socket.socketpair())
        job["channel"] = channel_guest
        with open(self.results + "/job.json", "w") as f:
            json.dump(job, f, indent=1)
        try:
            process = self._start(out_guest, channel_guest)
        finally:
            os.close(out_guest)
            os.close(channel_guest)
        with self._guarded(process):
            self._serve(out_host, channel_host, terminal)
        os.close(out_host)
        os.close(channel_host)
        return self._end()

    def _modules(self):
        if self.kernel == "uml":
            return "/usr/lib/uml/modules"
        if self.kernel == "qemu":
            from .qemu import find_kernel
            return os.path.join(find_kernel()[1], "lib/modules")
        return None

    def _start(self, out, channel):
        """Start the guest, which inherits both file descriptors. Returns the process."""
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin",
                       "lab_results": self.results}
        if self.kernel == "uml":
            environment["TMPDIR"] = memory_folder(self.memory, self.results)
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest.py")
        if self.kernel == "native":
            return subprocess.Popen(namespaces() + [program], start_new_session=True, cwd="/",
                                    env=environment, pass_fds=[channel],
                                    stdin=out, stdout=out, stderr=out)
        if self.kernel == "uml":
            command = uml_command(self.results, self.memory, program, out, channel)
        else:
            from . import qemu
            command = qemu.command(self.results, self.memory, program, self.build, out, channel)
        with open(self.results + "/console.log", "wb") as console:
            return subprocess.Popen(command, start_new_session=True, cwd="/", env=environment,
                                    pass_fds=[out, channel], stdin=subprocess.DEVNULL,
                                    stdout=console, stderr=console)

    @contextlib.contextmanager
    def _guarded(self, process):
        """Whatever happens inside, the process group is gone afterwards. The guardian sees
        end of file when this process has died, and does it then."""
        read_end, write_end = os.pipe()
        guardian = subprocess.Popen(["sh", "-c", "read _; kill -KILL -- -%d" % process.pid],
                                    stdin=read_end, stderr=subprocess.DEVNULL,
                                    start_new_session=True)
        os.close(read_end)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            guardian.kill()
            guardian.wait()
            os.close(write_end)

    def _serve(self, out, channel, terminal):
        """Pass output on and answer the channel, until the guest has ended or its time is up."""
        deadline = time.monotonic() + self.bound_s if self.bound_s else None
        pending = b""
        sources = [out, channel]
        # Before the guest has opened its terminal, what is typed would be lost.
        self.on_message["ready"] = lambda _: terminal is not None and sources.append(terminal)
        log = open(self.results + "/output.log", "wb")
        with log, raw_terminal(terminal):
            while out in sources:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    self.status = STATUS_BOUND
                    self._output(log, b"\nlab: stopped at the bound of %d s\n" % self.bound_s)
                    return
                ready = select.select(sources, [], [], left)[0]
                if terminal in ready:
                    data = receive(terminal, sources)
                    send(out, data or b"\n\x04")	# the guest's end of input is a key
                if channel in ready:
                    pending = self._messages(channel, pending + receive(channel, sources))
                if out in ready:
                    self._output(log, receive(out, sources))
            self._messages(channel, pending + receive(channel, [channel]))

    def _output(self, log, data):
        log.write(data)
        log.flush()
        if self.on_output:
            self.on_output(data)

    def _messages(self, channel, data):
        *lines, rest = data.split(b"\n")
        for line in lines:
            if not line.strip():
                continue
            message = json.loads(line)
            if message["do"] == "exit":
                self.status = message["status"]
            elif message["do"] == "tshark":
                send(channel, json.dumps(self._tshark(message)).encode() + b"\n")
            else:
                self.on_message[message["do"]](message)
        return rest

    def _tshark(self, message):
        """The guest wants a capture decoded. Only files of its own results are touched."""
        source, target = (os.path.realpath(message[k]) for k in ("pcap", "json"))
        for path in (source, target):
            if not path.startswith(self.results + "/"):
                return {"error": "%s is not among the results" % path}
        with open(target, "wb") as f:
            done = subprocess.run(["tshark", "-r", source, "-T", "json", "--no-duplicate-keys",
                                   "-Y", message["filter"]] + message["options"], stdout=f,
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60)
        return {"error": done.stderr.decode() if done.returncode else ""}

    def _end(self):
        shutil.rmtree(self.results + "/kernel", ignore_errors=True)
        if self.status is None:
            print("lab: the guest ended by itself; last words in %s/console.log"
                  % self.results, file=sys.stderr)
            self.status = 125
        return self.status


def receive(source, sources):
    """What has come; at the end of it, the source leaves the list of sources."""
    data = b""
    with contextlib.suppress(OSError):	# how a terminal says that nobody is there any more
        data = os.read(source, 65536)
    if not data:
        sources.remove(source)
    return data


def send(target, data):
    while data:
        data = data[os.write(target, data):]


@contextlib.contextmanager
def raw_terminal(fd):
    """The host's terminal passes every key on; afterwards it is as it was."""
    if fd is None or not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
