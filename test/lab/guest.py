#!/usr/bin/python3 -IB
# SPDX-License-Identifier: GPL-2.0-or-later
"""The first program in the guest.

UML and qemu start it as init; the native lab starts it in fresh namespaces. It turns what it
finds into a machine fit for a test, runs the job, tells the host how that went, and
ends the guest. It imports little, because starting is what everyone waits for.

What it makes of the guest:

- everything of the host is there, read-only, under the same path as on the host;
- /run, /tmp and /var/lib are empty and writable, and forgotten at the end;
- the folder of results is the host's, writable, under the same path as on the host;
- the modules a lab needs are loaded; others come when the kernel asks for them.

Everything it is told stands in job.json in the folder of results, whose path is in the
environment (`lab_results`; a kernel hands what it does not know itself to init).
"""
import ctypes
import fcntl
import glob
import json
import os
import signal
import struct
import subprocess
import sys
import termios
import time
import tty

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
RB_POWER_OFF = 0x4321FEDC
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1

MODULES = """af_packet bridge veth dummy ip6_tunnel mip6 xfrm_user esp6 ah6 xfrm6_tunnel
	cls_flower sch_netem sch_ingress act_gact act_mirred ip6table_filter ip6table_mangle
	ip6table_raw ip6t_REJECT xt_limit nf_conntrack authenc seqiv cbc""".split()


def mount(what, where, kind=None, flags=0, data=None):
    """mount(2); the paths are taken as they are, which mount(8) would not do."""
    args = [s.encode() if s is not None else None for s in (what, where, kind, data)]
    if libc.mount(args[0], args[1], args[2], ctypes.c_ulong(flags), args[3]):
        raise OSError(ctypes.get_errno(), "mount %s" % where)


def make_read_only(path, yes, flags=0):
    """mount_setattr(2), which reaches the mounts below as well."""
    change = (MOUNT_ATTR_RDONLY, 0) if yes else (0, MOUNT_ATTR_RDONLY)
    attributes = struct.pack("QQQQ", *change, 0, 0)
    if libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, path.encode(), flags, attributes, len(attributes)):
        raise OSError(ctypes.get_errno(), "mount_setattr " + path)


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def hide_under_tmpfs(directory, keep):
    """An empty, writable directory in place of the host's, but for the paths to keep."""
    inside = [k for k in keep if k.startswith(directory + "/")]
    held = [(k, os.open(k, os.O_PATH)) for k in inside]
    mount("tmpfs", directory, "tmpfs", 0, "mode=1777" if directory != "/run" else "mode=755")
    for path, fd in held:
        os.makedirs(path, exist_ok=True)
        mount("/proc/self/fd/%d" % fd, path, None, MS_BIND | MS_REC)
        os.close(fd)


def set_up_files(job):
    """Mounts: see the top of this file."""
    if job["kernel"] != "native":
        mount("proc", "/proc", "proc")
        mount("sysfs", "/sys", "sysfs")
        if job["kernel"] == "qemu":
            mount("dev", "/dev", "devtmpfs")
        os.makedirs("/dev/pts", exist_ok=True)
        os.makedirs("/dev/shm", exist_ok=True)
        mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666")
        mount("tmpfs", "/dev/shm", "tmpfs")
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            if not os.path.lexists("/dev/" + name):
                os.symlink("/proc/self/fd" + target, "/dev/" + name)
        if job["kernel"] == "uml":
            mount("none", job["results"], "hostfs", 0, job["results"])
        else:
            mount("results", job["results"], "9p", 0, "trans=virtio,version=9p2000.L,msize=512000")
    else:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        mount(job["results"], job["results"], None, MS_BIND)
        make_read_only("/", True, AT_RECURSIVE)
        make_read_only(job["results"], False)
        mount("proc", "/proc", "proc")
        mount("sysfs", "/sys", "sysfs")
    for directory in ("/run", "/tmp", "/var/tmp", "/var/lib"):
        if os.path.isdir(directory) and not os.path.islink(directory):
            hide_under_tmpfs(directory, job["keep"])
    for directory in ("/run/lab", "/run/home", "/run/lock"):
        os.makedirs(directory, exist_ok=True)
    os.environ.update(HOME="/run/home", TMPDIR="/tmp", USER="root", LOGNAME="root")


def load_modules(folder):
    """The guest's modules, and those that the kernel wants later. The host may have no
    /lib/modules to mount them on, so modprobe learns of another place."""
    os.makedirs("/run/lab/lib/modules")
    mount(folder, "/run/lab/lib/modules", None, MS_BIND)
    if os.path.isdir("/lib/modules"):
        mount(folder, "/lib/modules", None, MS_BIND)
    write("/run/lab/modprobe", '#!/bin/sh\nexec /sbin/modprobe -d /run/lab "$@"\n')
    os.chmod("/run/lab/modprobe", 0o755)
    write("/proc/sys/kernel/modprobe", "/run/lab/modprobe")
    os.environ["MODPROBE_OPTIONS"] = "-d /run/lab"
    subprocess.run(["/sbin/modprobe", "-a", "-q"] + MODULES)


def open_channel(job):
    """The line to the host that is no terminal. Returns a file descriptor."""
    if job["kernel"] == "native":
        return job["channel"]
    if job["kernel"] == "uml":
        channel = os.open("/dev/ttyS0", os.O_RDWR | os.O_NOCTTY)
        tty.setraw(channel)
        return channel
    # qemu tells the names of its ports, and makes the port of the terminal, in its own time.
    while True:
        for path in glob.glob("/sys/class/virtio-ports/*/name"):
            with open(path) as f:
                if f.read().strip() == "lab" and os.path.exists("/dev/hvc0"):
                    return os.open("/dev/" + path.split("/")[-2], os.O_RDWR)
        time.sleep(0.01)


def set_up_terminal(job):
    """Standard input, output and error lead to the host. Without a terminal there, text
    passes as it is, and what is typed is not echoed."""
    if job["kernel"] != "native":
        fd = os.open("/dev/tty1" if job["kernel"] == "uml" else "/dev/hvc0",
                     os.O_RDWR | os.O_NOCTTY)
        for target in (0, 1, 2):
            os.dup2(fd, target)
    attributes = termios.tcgetattr(0)
    if job["terminal"]:
        rows, columns = job["terminal"]
        termios.tcsetwinsize(0, (rows, columns))
    else:
        attributes[1] &= ~termios.OPOST
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, attributes)


def run_command(job, channel):
    """Become the job's command."""
    try:
        os.set_inheritable(channel, True)
        os.environ.update(job["environment"], LAB_GUEST=job["kernel"],
                          LAB_CHANNEL=str(channel), LAB_RESULTS=job["results"])
        os.chdir(job["directory"])
        os.execv(job["command"][0], job["command"])
    except OSError as error:
        print("lab: cannot run %s: %s" % (job["command"][0], error), file=sys.stderr)
        os._exit(127)


def exit_status(status):
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def lead_session(job, channel):
    """The owner of the terminal. When it ends, what the terminal has not passed on is lost,
    so it waits for that, too."""
    os.setsid()
    set_up_terminal(job)
    fcntl.ioctl(0, termios.TIOCSCTTY, 1)
    tell_host(channel, {"do": "ready"})
    pid = os.fork()
    if pid == 0:
        run_command(job, channel)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = exit_status(os.waitpid(pid, 0)[1])
    termios.tcdrain(0)
    os._exit(status)


def run_job(job, channel):
    """Run the command of the job; collect orphans meanwhile. Returns its exit status."""
    pid = os.fork()
    if pid == 0:
        lead_session(job, channel)
    while True:
        done, status = os.wait()
        if done == pid:
            return exit_status(status)


def tell_host(channel, message):
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(channel, data):]


def main():
    with open(os.environ["lab_results"] + "/job.json") as f:
        job = json.load(f)
    own_kernel = job["kernel"] != "native"
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ.pop("lab_results")
    set_up_files(job)
    channel = open_channel(job)
    if own_kernel:
        load_modules(job["modules"])
        write("/proc/sys/vm/dirty_expire_centisecs", "100")
        write("/proc/sys/vm/dirty_writeback_centisecs", "100")
        write("/proc/sys/kernel/hostname", "lab")
    # The namespace of the bridges has no addresses of its own.
    write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")
    subprocess.run(["ip", "link", "set", "lo", "up"])
    status = run_job(job, channel)
    if not own_kernel:
        tell_host(channel, {"do": "exit", "status": status})
        return status
    # End what is left, so that it writes out its files.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.kill(-1, signal.SIGTERM)
    os.sync()
    tell_host(channel, {"do": "exit", "status": status})
    libc.reboot(RB_POWER_OFF)
    return status


if __name__ == "__main__":
    sys.exit(main())
