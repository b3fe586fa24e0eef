# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest in qemu: Debian's own kernel, for what User Mode Linux lacks (optimistic DAD, Wi-Fi,
nftables). Slower, because the processor is emulated: that works everywhere.

The kernel comes from a Debian kernel package: the one installed on this machine if it has one,
or one that `scripts/lab fetch-kernel` has put below ~/.cache; nothing is installed for it. The
guest's files are the host's, over 9p; boot.c is in the initial RAM disk.
"""
import glob
import os
import shutil
import stat
import subprocess

from .host import LabError

QEMU = "qemu-system-x86_64"
# What it takes to reach the host's files and the two lines to the host.
BOOT_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p")


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "mip6d", "kernel")


def fetch_kernel():
    """Download and unpack (not install) the package of Debian's kernel. Returns its folder."""
    folder = cache_folder()
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shown = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], text=True,
                           capture_output=True).stdout
    packages = [line.split()[1] for line in shown.splitlines() if "Depends: linux-image" in line]
    if not packages:
        raise LabError("apt-cache knows no linux-image-amd64")
    try:
        subprocess.run(["apt-get", "download", "-q", packages[0]], cwd=folder, check=True)
        package, = glob.glob(folder + "/*.deb")
        subprocess.run(["dpkg", "-x", package, folder], check=True)
        os.unlink(package)
        version = os.listdir(folder + "/lib/modules")[0]
        subprocess.run(["/sbin/depmod", "-b", folder, version], check=True)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise LabError("cannot fetch %s: %s" % (packages[0], error)) from None
    return folder


def find_kernel():
    """Returns (path of the kernel, folder above lib/modules, version)."""
    for folder in ("/", cache_folder()):
        for kernel in sorted(glob.glob(folder + "/boot/vmlinuz-*-amd64"), reverse=True):
            version = os.path.basename(kernel).partition("-")[2]
            modules = os.path.join(folder, "lib/modules", version)
            if os.access(kernel, os.R_OK) and os.path.exists(modules + "/modules.dep"):
                return kernel, folder, version
    raise LabError("no Debian kernel here: scripts/lab fetch-kernel gets one")


def module_files(folder, version):
    """The files of BOOT_MODULES and of what they need, in order."""
    files = []
    for module in BOOT_MODULES:
        shown = subprocess.run(["/sbin/modprobe", "-d", folder, "-S", version, "--show-depends",
                                module], text=True, capture_output=True)
        if shown.returncode:
            raise LabError("no module %s: %s" % (module, shown.stderr.strip()))
        for line in shown.stdout.splitlines():
            word, _, path = line.strip().partition(" ")
            if word == "insmod" and path not in files:
                files.append(path)
    return files


def cpio_entry(name, mode, data=b""):
    """One file of an archive in the "newc" format, which the kernel unpacks."""
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def write_initrd(path, boot, modules):
    """The initial RAM disk: boot as /init, and the modules, named by their order."""
    with open(path, "wb") as f:
        with open(boot, "rb") as program:
            f.write(cpio_entry("init", stat.S_IFREG | 0o755, program.read()))
        f.write(cpio_entry("modules", stat.S_IFDIR | 0o755))
        for n, file in enumerate(modules):
            with open(file, "rb") as module:
                data = module.read()
            if file.endswith(".xz"):
                import lzma
                data = lzma.decompress(data)
            f.write(cpio_entry("modules/%02d.ko" % n, stat.S_IFREG | 0o644, data))
        f.write(cpio_entry("TRAILER!!!", 0))


def command(results, memory, guest, build, out, channel):
    """qemu's command line. `out` and `channel` are file descriptors it inherits."""
    qemu = shutil.which(QEMU)
    if not qemu:
        raise LabError("no %s: install the package qemu-system-x86" % QEMU)
    kernel, folder, version = find_kernel()
    initrd = results + "/initrd"
    write_initrd(initrd, build + "/test/lab/boot", module_files(folder, version))
    words = ["console=ttyS0", "quiet", "loglevel=4", "panic=-1", "lab_results=" + results,
             "lab_init=" + guest]
    return [qemu, "-nodefaults", "-display", "none", "-no-reboot", "-accel", "tcg",
            "-cpu", "max", "-m", memory, "-kernel", kernel, "-initrd", initrd,
            "-append", " ".join(words), "-serial", "file:%s/console.log" % results,
            "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=root,mount_tag=root",
            "-fsdev", "local,id=results,path=%s,security_model=none" % results,
            "-device", "virtio-9p-pci,fsdev=results,mount_tag=results",
            "-device", "virtio-serial-pci",
            "-chardev", "socket,id=out,fd=%d" % out, "-device", "virtconsole,chardev=out",
            "-chardev", "socket,id=channel,fd=%d" % channel,
            "-device", "virtserialport,chardev=channel,name=lab"]
