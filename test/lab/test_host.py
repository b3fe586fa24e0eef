# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's side of the lab: guests start, report, are bounded, and leave nothing behind.

These run on the host and start guests themselves.
"""
import contextlib
import os
import pty
import signal
import subprocess
import tempfile
import time

import pytest

from . import host, qemu

LAB_HOST = True
LAB = host.SOURCE + "/scripts/lab"


@pytest.fixture
def lab(tmp_path):
    """A function that starts scripts/lab with arguments."""
    build = host.find_build(os.environ.get("MIP6D_BUILDDIR"))

    def start(command, *arguments, **options):
        words = [LAB, command, "--builddir", build, "--results", str(tmp_path / "results")]
        words += arguments
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                **dict({"stdin": subprocess.DEVNULL}, **options))
    return start


def processes_of(results):
    """The processes of the guest with these results that still run."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open("/proc/%s/cmdline" % pid, "rb") as f:
            words = f.read().decode(errors="replace")
            if "linux.uml" in words and str(results) in words:
                found.append(int(pid))
    return found


def test_status_and_output_come_through(lab):
    guest = lab("exec", "--kernel", "uml", "sh", "-c", "seq 20000; id -u; exit 7")
    output = guest.communicate(timeout=60)[0]
    assert guest.returncode == 7
    assert output.splitlines() == [str(n) for n in range(1, 20001)] + ["0"]


def test_input_goes_to_the_shell(lab):
    guest = lab("shell", "--kernel", "uml", stdin=subprocess.PIPE)
    output = guest.communicate("mn-move 2\nuname -r\ntopology\nexit 3", timeout=60)[0]
    assert guest.returncode == 3
    assert "mn eth0: net2" in output


def test_shell_on_a_terminal(lab):
    ours, theirs = pty.openpty()
    guest = lab("shell", "--kernel", "uml", stdin=theirs)
    os.close(theirs)
    while True:
        line = guest.stdout.readline()
        assert line, "the shell ended"
        if "Captures" in line:
            break
    os.write(ours, b"sleep 60\r")
    time.sleep(1)
    os.write(ours, b"\x03")		# the interrupt key ends the command, not the shell
    os.write(ours, b"echo it is $((6 * 7))\rexit 5\r")
    output = guest.communicate(timeout=30)[0]
    os.close(ours)
    assert "it is 42" in output
    assert guest.returncode == 5


def test_what_hangs_is_ended_at_the_bound(lab, tmp_path):
    begin = time.monotonic()
    guest = lab("exec", "--kernel", "uml", "--bound", "5", "sleep", "1000")
    output = guest.communicate(timeout=30)[0]
    assert guest.returncode == host.STATUS_BOUND
    assert "bound of 5 s" in output
    assert time.monotonic() - begin > 4.5
    assert not processes_of(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_lab_is_killed(lab, tmp_path, number):
    guest = lab("exec", "--kernel", "uml", "sh", "-c", "echo started; sleep 1000")
    assert guest.stdout.readline() == "started\n"
    assert processes_of(tmp_path)
    guest.send_signal(number)
    guest.wait(10)
    guest.stdout.close()
    deadline = time.monotonic() + 30
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not processes_of(tmp_path)


def test_guest_cannot_change_the_host(lab, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    guest = lab("exec", "--kernel", "uml", "sh", "-c",
                "echo changed >%s; touch /etc/mip6d.lab; echo done" % victim)
    assert guest.communicate(timeout=60)[0].endswith("done\n")
    assert victim.read_text() == "as it was"
    assert not os.path.exists("/etc/mip6d.lab")


def test_unknown_words_are_refused(lab):
    for words in (["run", "nowhere"], ["exec", "--kernel", "minix", "true"]):
        guest = lab(*words)
        guest.communicate(timeout=60)
        assert guest.returncode == 2


def test_two_guests_at_a_time(lab, tmp_path):
    build = host.find_build(os.environ.get("MIP6D_BUILDDIR"))
    guests = [subprocess.Popen([LAB, "exec", "--kernel", "uml", "--builddir", build, "--results",
                                str(tmp_path / str(n)), "sh", "-c",
                                "date +%s; sleep 6; date +%s"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
              for n in range(2)]
    begins, ends = zip(*([int(t) for t in g.communicate(timeout=60)[0].split()] for g in guests))
    assert max(begins) < min(ends)


def test_native_guest_leaves_the_host_alone(lab, tmp_path):
    """The running kernel in fresh namespaces: whatever it lacks, the host is not touched."""
    if subprocess.run(host.namespaces() + ["true"], capture_output=True).returncode:
        pytest.skip("this user may not make namespaces")
    guest = lab("exec", "--kernel", "native", "sh", "-c",
                "id -u; touch /etc/mip6d.lab; ip link add labtrial type bridge;"
                " ls -1 /sys/class/net; echo kept >%s; touch /run/there && exit 7"
                % (tmp_path / "results/file"))
    output = guest.communicate(timeout=60)[0].splitlines()
    assert guest.returncode == 7
    assert "0" in output and "labtrial" in output
    assert not os.path.exists("/etc/mip6d.lab") and not os.path.exists("/run/there")
    assert not os.path.exists("/sys/class/net/labtrial")
    assert (tmp_path / "results/file").read_text() == "kept\n"


def test_needs_no_privileges(tmp_path):
    """Root and its ability to do everything would hide what the lab must not need."""
    build = host.find_build(os.environ.get("MIP6D_BUILDDIR"))
    user = [] if os.geteuid() else ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for needed in (LAB, build + "/test/lab/sniff"):
        if subprocess.run(user + ["test", "-x", needed]).returncode:
            pytest.skip("nobody may not read " + needed)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        words = [LAB, "exec", "--kernel", "uml", "--builddir", build, "--results", folder + "/new",
                 "sh", "-c", "id -u; ip link add trial type bridge; echo kept >$LAB_RESULTS/file"]
        done = subprocess.run(user + words, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, env=dict(os.environ, HOME="/nonexistent"), timeout=60)
        assert (done.stdout, done.stderr, done.returncode) == ("0\n", "", 0)
        assert os.stat(folder + "/new/file").st_uid == (os.geteuid() or 65534)


def test_debian_kernel_boots(lab):
    """The third kernel: it knows optimistic DAD, which User Mode Linux does not."""
    try:
        qemu.find_kernel()
    except host.LabError as error:
        pytest.skip(str(error))
    guest = lab("exec", "--kernel", "qemu", "sh", "-c",
                "uname -v; id -u; ls /proc/sys/net/ipv6/conf/lo/optimistic_dad; exit 7")
    output = guest.communicate(timeout=120)[0]
    assert guest.returncode == 7
    assert "Debian" in output.splitlines()[0]
    assert output.splitlines()[1:] == ["0", "/proc/sys/net/ipv6/conf/lo/optimistic_dad"]


FAILING = '''
import os, time, pytest
LAB_BOUND_S = 25

def test_good(lab):
    pass

def test_bad(lab):
    node = lab.node("n")
    node.start("talker", ["sh", "-c", "echo last words of talker; sleep 60"])
    time.sleep(0.3)
    lab.sniff((node, "lo"))
    assert 1 == 2

@pytest.mark.limit(2)
def test_slow(lab):
    time.sleep(50)

def test_skipped(lab):
    pytest.skip("for a reason")

def test_stuck(lab):
    import signal
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(1000)

def test_never_reached(lab):
    pass
'''


def test_failures_are_told(tmp_path):
    """A copy of the lab with bad tests: what is printed, and what is counted."""
    copy = tmp_path / "tree"
    subprocess.run(["mkdir", "-p", copy / "test", copy / "scripts"], check=True)
    subprocess.run(["cp", LAB, copy / "scripts/lab"], check=True)
    subprocess.run(["cp", "-r", host.SOURCE + "/test/lab", copy / "test/lab"], check=True)
    for path in (copy / "test/lab").glob("test_*.py"):
        path.unlink()
    (copy / "test/lab/test_bad.py").write_text(FAILING)
    build = host.find_build(os.environ.get("MIP6D_BUILDDIR"))
    results = tmp_path / "results"
    done = subprocess.run([copy / "scripts/lab", "test", "--builddir", build, "--results", results],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    for name, start in (("good", "ok"), ("bad", "not ok"), ("slow", "not ok"), ("skipped", "ok"),
                        ("stuck", "not ok"), ("never_reached", "not ok")):
        found = [line for line in lines
                 if line.split(" # ")[0].endswith("test_bad.py::test_" + name)]
        assert len(found) == 1 and found[0].startswith(start + " "), (name, found, done.stdout)
    assert lines[-1] == "1 passed, 4 failed, 1 skipped"
    assert "assert 1 == 2" in done.stdout
    assert "last words of talker" in done.stdout
    assert str(results / "test_bad" / "test_bad") in done.stdout and "n.lo.pcap" in done.stdout
    assert "not done after 2 s" in done.stdout
    assert not processes_of(results)
