# SPDX-License-Identifier: GPL-2.0-or-later
"""HookScript: what it is told, what it may do, and that the daemon never waits for it."""
import glob
import os
import subprocess

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import BUILD, wait_until
from .test_console import SOCKET, ctl
from .test_mobility import HA_CONF, MN_CONF

TELL = """#!/bin/sh
folder=%s
n=$(ls $folder | wc -l)
{ echo "argument=$1"; env; grep -i ^cap /proc/self/status; grep NoNewPrivs /proc/self/status
  echo "descriptors=$(ls -l /proc/self/fd | sed 's/.*->//' | tr '\n' ' ')"; } > $folder/new.$$
mv $folder/new.$$ $folder/$MIP6_NODE.$(date +%%s%%N).$1
"""
HANG = """#!/bin/sh
echo $$ >> %s
sleep 3000 & sleep 3001
"""


def write_script(lab, text, mode=0o755):
    path = "/run/lab/hook"
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def told(folder, node, event):
    """What the scripts were told of an event, oldest first."""
    found = []
    for path in sorted(glob.glob("%s/%s.*.%s" % (folder, node, event))):
        with open(path) as f:
            found.append(dict(line.rstrip("\n").replace(":\t", "=", 1).split("=", 1)
                              for line in f if "=" in line or ":\t" in line))
    return found


def test_what_it_is_told(internet):
    folder = "/run/lab/told"
    os.makedirs(folder)
    line = 'HookScript "%s";\n' % write_script(internet, TELL % folder)
    internet.ha.start_daemon(HA_CONF + line, "-f").wait_for_log("serves as HA")
    mn = internet.mn.start_daemon(MN_CONF + line, "-f")
    mn.wait_for_log("serves as MN")
    for place in (1, 2, "home"):
        internet.move(place)
        internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    wait_until(lambda: told(folder, "HA", "binding-removed"))
    added, = told(folder, "HA", "binding-added")
    assert added["argument"] == added["MIP6_EVENT"] == "binding-added"
    assert added["MIP6_HOA"] == HOME_ADDRESS and added["MIP6_ROLE"] == "ha"
    assert added["MIP6_COA"].startswith(foreign_prefix(1)[:-1]) and int(added["MIP6_LIFETIME"]) > 0
    changed, = told(folder, "HA", "binding-changed")
    assert changed["MIP6_COA"].startswith(foreign_prefix(2)[:-1])
    wait_until(lambda: len(told(folder, "MN", "handover-done")) >= 3)
    begun = told(folder, "MN", "handover-begun")
    done = told(folder, "MN", "handover-done")
    assert [b["MIP6_HOME"] for b in begun[-3:]] == ["0", "0", "1"]
    assert done[-3]["MIP6_HA"] == HOME_AGENT and int(done[-3]["MIP6_US"]) > 0
    assert told(folder, "MN", "at-home")
    # no more privilege than the daemon has, and none of its descriptors
    with open("/proc/%d/status" % daemon_pid(internet.mn)) as f:
        mine = dict(l.rstrip("\n").split(":\t", 1) for l in f if ":\t" in l)
    for which in ("CapEff", "CapPrm", "CapBnd"):
        assert int(begun[0][which], 16) & ~int(mine["CapBnd"], 16) == 0, which
    assert begun[0]["NoNewPrivs"] == "1"
    for word in ("socket:", "anon_inode", "mip6d.pid", ".mdb"):
        assert word not in begun[0]["descriptors"], begun[0]["descriptors"]


def daemon_pid(node):
    with open("/run/lab/nodes/%s/run/mip6d/mip6d.pid" % node.name) as f:
        return int(f.read())


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def add_many(node, first, count):
    """Register nodes by hand, in one go."""
    lines = "".join("bc add hoa 2001:db8:0:1::%x coa %s5 local %s flags AH lifetime 600 "
                    "dad never\n" % (n, foreign_prefix(1), HOME_AGENT)
                    for n in range(first, first + count))
    answer = subprocess.run([BUILD + "/src/mip6ctl", "-s", SOCKET % node.name], input=lines,
                            text=True, capture_output=True)
    assert answer.returncode == 0, answer


def test_one_that_hangs(internet):
    """It is killed with what it has begun; meanwhile all goes on; there are only so many."""
    pids = "/run/lab/hanging"
    line = 'HookScript "%s";\n' % write_script(internet, HANG % pids)
    ha = internet.ha.start_daemon(HA_CONF + line, "-f")
    ha.wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    add_many(internet.ha, 0x1000, 300)	# one by one, the scripts would take 50 minutes
    assert len(internet.ha.ctl("bindings")["bindings"]) == 301
    internet.move(2)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    with open(pids) as f:
        running = [int(l) for l in f]
    assert 1 <= len(running) <= 8, running
    ha.wait_for_log("too many events")
    ha.wait_for_log("is killed")
    wait_until(lambda: not any(is_alive(p) for p in running[:1]))
    children = subprocess.run(["pgrep", "-g", str(running[0])], capture_output=True, text=True)
    assert not children.stdout, children
    # the daemon does not wait at its end either
    assert ha.stop() == 0
    with open(pids) as f:
        wait_until(lambda all=[int(l) for l in f]: not any(is_alive(p) for p in all))


def test_one_that_is_not_safe(internet):
    """Others could have written it; it fails; it is not there: a line in the log each, no more."""
    path = write_script(internet, "#!/bin/sh\ntouch /run/lab/ran\nexit 3\n", mode=0o775)
    ha = internet.ha.start_daemon(HA_CONF + 'HookScript "%s";\n' % path, "-f")
    ha.wait_for_log("serves as HA")
    add_many(internet.ha, 0x2000, 1)
    ha.wait_for_log("others than root can write it")
    assert not os.path.exists("/run/lab/ran")
    os.chmod(path, 0o755)
    add_many(internet.ha, 0x2001, 1)
    ha.wait_for_log("ended with status 3")
    assert os.path.exists("/run/lab/ran")
    os.unlink(path)
    add_many(internet.ha, 0x2002, 1)
    ha.wait_for_log("No such file or directory")
    # taken away by a reload
    conf = os.path.join(internet.results, "ha.mip6d.conf")
    with open(conf, "w") as f:
        f.write(HA_CONF)
    assert "HookScript" in ctl(internet.ha, "reload").stdout
    add_many(internet.ha, 0x2003, 1)
    wait_until(lambda: len(internet.ha.ctl("bindings")["bindings"]) == 4)
    assert ha.log_text().count("HookScript") <= 4, ha.log_text()
