# SPDX-License-Identifier: GPL-2.0-or-later
"""A node that is a whole machine: systemd as its first program, and the program under test
installed.

It has namespaces of its own beside that of the network, and a root that is empty but for /usr,
which is the host's with a layer above it, and for what make install put there. So /etc is that of
a system that has just been set up: there is no user of the daemon, no configuration, and nothing
is enabled. What a boot takes that no test is about (terminals, logins, random seeds) is masked.

	with Machine(net.ha) as machine:
	    machine.write("/etc/mip6d.conf", CONFIGURATION)
	    machine.sh("systemctl start mip6d")
"""
import os
import shutil
import signal
import subprocess

import pytest

from .net import BUILD, Process, command_list, wait_until

SYSTEMD = "/lib/systemd/systemd"
INSTALLED = BUILD + "/test/lab/installed"
CGROUPS = "/run/lab/cgroup"
DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
# Of the host's /etc. No user of it but root can log in here: there is no shadow file.
KEPT = ("alternatives", "dbus-1", "group", "ld.so.cache", "passwd", "protocols")
MASKED = ("dev-hugepages.mount", "dev-mqueue.mount", "getty.target", "ldconfig.service",
          "systemd-ask-password-console.path", "systemd-ask-password-wall.path",
          "systemd-firstboot.service", "systemd-logind.service", "systemd-random-seed.service",
          "systemd-sysctl.service", "systemd-tmpfiles-setup-dev.service",
          "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
          "systemd-user-sessions.service", "systemd-tmpfiles-clean.timer")

# In the namespaces: $1 is the root. Ends as systemd.
BOOT = """
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
pivot_root . .
umount -l .
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin %s
""" % SYSTEMD


def lacks():
    """What keeps a machine from being booted here, as text; empty if nothing."""
    if not os.access(SYSTEMD, os.X_OK):
        return "no systemd here: install the package systemd"
    if not os.path.islink("/lib"):
        return "/lib is not part of /usr here"
    if not os.path.exists(INSTALLED + "/usr/sbin/mip6d"):
        return "this build is for another place: configure it with --prefix=/usr --sysconfdir=/etc"
    subprocess.run(["/sbin/modprobe", "-q", "overlay"])
    with open("/proc/filesystems") as f:
        known = f.read().split()
    missing = [kind for kind in ("cgroup2", "overlay") if kind not in known]
    return missing and "the kernel lacks " + " and ".join(missing)


class Machine:
    def __init__(self, node):
        if lacks():
            pytest.skip(lacks())
        self.node = node
        self.root = "/run/lab/machines/" + node.name
        self.cgroup = os.path.join(CGROUPS, node.name)
        self._make_root()
        self._make_cgroup()
        self.process = self._boot()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- what it consists of

    def _make_root(self):
        layer = self.root + ".layer"
        for folder in (layer, layer + "/upper", layer + "/work", self.root):
            os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.root], check=True)
        for folder in ("usr", "proc", "sys", "dev/pts", "dev/shm", "etc/systemd/system", "run",
                       "tmp", "var/lib", "var/log", "var/tmp", "var/cache", "home", "root"):
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", layer], check=True)
        for folder in ("upper", "work"):
            os.makedirs(os.path.join(layer, folder), exist_ok=True)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        "lowerdir=/usr,upperdir=%s/upper,workdir=%s/work" % (layer, layer),
                        self.root + "/usr"], check=True)
        for name in os.listdir("/"):
            if os.path.islink("/" + name) and os.readlink("/" + name).startswith("usr/"):
                os.symlink(os.readlink("/" + name), os.path.join(self.root, name))
        os.symlink("../run", self.root + "/var/run")
        for name in DEVICES:
            path = os.path.join(self.root, "dev", name)
            os.mknod(path, 0o666 | 0o020000, os.stat("/dev/" + name).st_rdev)
            os.chmod(path, 0o666)
        os.symlink("pts/ptmx", self.root + "/dev/ptmx")
        self._make_etc()
        shutil.copytree(INSTALLED, self.root, symlinks=True,
                        dirs_exist_ok=True)

    def _make_etc(self):
        for name in KEPT:
            source, target = os.path.join("/etc", name), os.path.join(self.root, "etc", name)
            if os.path.isdir(source):
                shutil.copytree(source, target, symlinks=True)
            elif os.path.exists(source):
                shutil.copy(source, target)
        self.write("/etc/machine-id", "6d697036640000000000000000000001\n")
        self.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nprotocols: files\n")
        self.write("/etc/hostname", self.node.name + "\n")
        for name in MASKED:
            os.symlink("/dev/null", os.path.join(self.root, "etc/systemd/system", name))
        # Else systemd takes the system for one that was updated.
        for folder in ("etc", "var"):
            self.write("/%s/.updated" % folder, "")

    def _make_cgroup(self):
        if not os.path.ismount(CGROUPS):
            os.makedirs(CGROUPS, exist_ok=True)
            subprocess.run(["mount", "-t", "cgroup2", "cgroup2", CGROUPS], check=True)
        os.makedirs(self.cgroup, exist_ok=True)

    def _boot(self):
        process = Process(self.node, "systemd", [
            "sh", "-c", 'echo $$ >"$1/cgroup.procs"; shift; exec unshare --mount --pid --fork '
            '--kill-child --uts --ipc --cgroup sh -c "$@"', "sh", self.cgroup, BOOT, "sh",
            self.root])

        def first():
            path = "/proc/%d/task/%d/children" % (process.pid, process.pid)
            with open(path) as f:
                return f.read().split()
        self.first = int(wait_until(first, "the first program of the machine")[0])
        wait_until(lambda: self.run("systemctl is-system-running").stdout.strip() in
                   ("running", "degraded"), "the boot of " + self.node.name, every_s=0.5,
                   within_s=60)
        return process

    # -- what is done with it

    def path(self, path):
        """Where one of its files is, seen from outside."""
        return self.root + path

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w") as f:
            f.write(text)
        os.chmod(self.path(path), mode)

    def enter(self, command, *options):
        """The command, to be run in the machine."""
        return ["nsenter", "--target", str(self.first), "--all", "--wd=/", *options,
                "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "TERM=dumb", *command_list(command)]

    def run(self, command, **options):
        return self.node.run(self.enter(command), **options)

    def sh(self, command, **options):
        """A command which must succeed. Returns its output."""
        return self.node.sh(self.enter(command), **options)

    def property(self, name, unit="mip6d"):
        """What systemd says of the service."""
        return self.sh("systemctl show --value -p %s %s" % (name, unit)).strip()

    def close(self):
        with open(os.path.join(self.node.lab.results, self.node.name + ".journal.log"), "w") as f:
            f.write(self.run("journalctl --no-pager -o short-monotonic").stdout)
        os.kill(self.first, signal.SIGKILL)
        self.process.wait()
        for mount in (self.root + "/usr", self.root + ".layer", self.root):
            subprocess.run(["umount", "-l", mount], check=True)
        wait_until(lambda: not open(self.cgroup + "/cgroup.procs").read())
