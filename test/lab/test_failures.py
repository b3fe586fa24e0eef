# SPDX-License-Identifier: GPL-2.0-or-later
"""What may happen to a home agent's machine, and is survived: its disk, its clock, its interfaces,
its administrator."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from bench.ha import COMMON, VIRTUAL, World, check
from .internet import CORRESPONDENT, HOME_ADDRESS
from .net import wait_until
from .test_mobility import HA_CONF, MN_CONF
from .test_restart import counter, differences, objects

NODES = 20
KEPT = 'StateDirectory "%s";\n'


class Kept(World):
    """A home agent that keeps its state in a folder of ours."""

    def __init__(self, lab, folder, more=""):
        super().__init__(lab, True, NODES)
        self.folder = folder
        self.file = folder + "/state.mdb"
        self.conf = COMMON % 0 + VIRTUAL + KEPT % folder + more
        self.served = 0

    def begin(self):
        self.daemon = self.ha.start_daemon(self.conf, "-f")
        self.served += 1
        wait_until(lambda: self.daemon.log_text().count("serves as HA") == self.served, "the start")

    def again(self, number=signal.SIGKILL):
        self.daemon.stop(number)
        self.begin()

    def bindings(self):
        return len(self.ha.ctl("bc")["bindings"])

    def register(self, place=1):
        check(self.fleet.round(place, NODES, lifetime_s=36000), "register", patient=True)


@pytest.fixture
def folder():
    path = "/run/lab/state"
    os.makedirs(path, exist_ok=True)
    yield path
    subprocess.run(["umount", path], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(path, ignore_errors=True)


def mount_small(path, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "none", path], check=True)


def test_a_full_disk(lab, folder):
    """Nodes are registered all the same; when there is room again, all of it is kept."""
    mount_small(folder, "400k")
    world = Kept(lab, folder)
    world.begin()
    ballast = os.open(folder + "/ballast", os.O_CREAT | os.O_WRONLY)
    with pytest.raises(OSError, match="No space"):
        while True:
            os.write(ballast, bytes(4096))
    os.close(ballast)
    world.register()
    world.daemon.wait_for_log("No space left on device; going on, and trying again")
    assert counter(world.ha, "store_failed") > 0
    assert world.bindings() == NODES
    os.unlink(folder + "/ballast")
    world.daemon.wait_for_log("can be written again")
    world.again()
    assert world.bindings() == NODES
    world.close()


def test_a_disk_that_can_only_be_read(lab, folder):
    mount_small(folder, "4M")
    world = Kept(lab, folder)
    world.begin()
    world.register()
    world.daemon.stop(signal.SIGKILL)
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    world.begin()
    world.daemon.wait_for_log("can be read, but not written")
    assert world.bindings() == NODES
    world.register(2)
    assert counter(world.ha, "store_failed") > 0
    world.close()


def test_a_folder_that_vanishes(lab, folder):
    """It is made anew, with all that was in it."""
    world = Kept(lab, folder)
    world.begin()
    world.register()
    shutil.rmtree(folder)
    world.register(2)
    world.daemon.wait_for_log("is gone")
    wait_until(lambda: os.path.exists(world.file), "the file")
    world.again()
    assert world.bindings() == NODES
    routes = world.ha.sh("ip -6 route show proto 212")
    assert routes.count("dst 2001:db8:c:2::") == NODES
    world.close()


@pytest.mark.parametrize("how", ("cut", "overwritten", "text"))
def test_a_damaged_file_is_set_aside(lab, folder, how):
    world = Kept(lab, folder)
    world.begin()
    world.register()
    world.daemon.stop(signal.SIGKILL)
    size = os.stat(world.file).st_size
    with open(world.file, "r+b") as f:
        if how == "cut":
            f.truncate(size // 2)
        elif how == "overwritten":
            f.seek(8192)
            f.write(b"\xa5" * (size - 8192))
        else:
            f.truncate(0)
            f.write(b"This is no database.\n" * 500)
    world.begin()
    world.daemon.wait_for_log("is damaged: it is now " + world.file + ".damaged-")
    assert any(name.startswith("state.mdb.damaged-") for name in os.listdir(folder))
    assert world.bindings() == 0
    world.register(2)
    world.again()
    assert world.bindings() == NODES
    world.close()


def test_bindings_end_when_they_should_whatever_the_clock(lab, folder):
    """The wall clock is set by hours, either way, while the daemon runs, and while it does not."""
    world = Kept(lab, folder)
    world.begin()
    world.register()

    def left():
        return world.ha.ctl("bc")["bindings"][0]["left"]
    before, begun = left(), time.monotonic()
    now = time.clock_gettime(time.CLOCK_REALTIME)
    try:
        for step in (7200, -7200 * 2):
            time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME) + step)
            time.sleep(0.3)
            world.again()
            assert abs(before - left() - (time.monotonic() - begun)) < 60
            world.daemon.stop(signal.SIGKILL)
            time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME) - step)
            world.begin()
            assert abs(before - left() - (time.monotonic() - begun)) < 60
    finally:
        time.clock_settime(time.CLOCK_REALTIME, now + time.monotonic() - begun)
    world.close()


def test_the_thread_of_the_store_may_no_more_than_the_daemon(lab, folder):
    """Capabilities belong to threads: that one begins when they were given away."""
    world = Kept(lab, folder, "StateDurability machine;\n")
    world.begin()
    world.register()
    tasks = "/proc/%d/task" % world.daemon.pid
    assert len(os.listdir(tasks)) == 2
    found = set()
    for task in os.listdir(tasks):
        with open("%s/%s/status" % (tasks, task)) as f:
            found.add(tuple(re.findall(r"^(?:Cap\w+|NoNewPrivs|Uid):.*$", f.read(), re.M)))
    assert len(found) == 1, found
    world.again()
    assert world.bindings() == NODES
    world.close()


MISTAKES = {"route": "ip -6 route del %s" % HOME_ADDRESS,
            "routes": "ip -6 route flush proto 212",
            "states": "ip xfrm state flush",
            "policies": "ip xfrm policy flush ptype sub",
            "filters": "tc filter del dev mip6 ingress",
            "qdisc": "tc qdisc del dev mip6 clsact",
            "tunnel": "ip link del mip6"}


def begin(internet):
    ha = internet.ha.start_daemon(HA_CONF, "-f")
    ha.wait_for_log("serves as HA")
    internet.mn.start_daemon(MN_CONF, "-f").wait_for_log("serves as MN")
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    return ha


def test_an_administrator_s_mistakes(internet):
    """What he removed is put back, and said."""
    ha = begin(internet)
    before = objects(internet.ha)
    for what, command in MISTAKES.items():
        lost = counter(internet.ha, "kernel_lost")
        said = ha.log_text().count("somebody removed")
        internet.ha.sh(["sh", "-c", command])
        wait_until(lambda: not differences(internet.ha, before),
                   "%s: %s" % (what, differences(internet.ha, before)), every_s=0.2)
        assert counter(internet.ha, "kernel_lost") > lost, what
        assert ha.log_text().count("somebody removed") > said, what
    internet.cn.wait_until_reaches(HOME_ADDRESS)
    internet.hh.wait_until_reaches(HOME_ADDRESS)


def test_events_that_were_lost(internet):
    """So many that the kernel drops them, and among them the end of a route and of a state."""
    ha = begin(internet)
    before = objects(internet.ha)
    ha.kill(signal.SIGSTOP)
    internet.ha.ip(*["link set dev lo alias number%d" % n for n in range(8000)])
    internet.ha.sh(["sh", "-c", MISTAKES["route"]])
    ha.kill(signal.SIGCONT)
    ha.wait_for_log("kernel events were lost")
    wait_until(lambda: not differences(internet.ha, before), "the route")
    assert counter(internet.ha, "kernel_overrun") > 0
    internet.cn.wait_until_reaches(HOME_ADDRESS)


def test_the_home_link_goes_and_comes(internet):
    """The interface is deleted under the daemon, and made anew: a node that sends something is
    back soon (its registration ended with the prefix)."""
    ha = begin(internet)
    stream = internet.stream(internet.mn, HOME_ADDRESS, internet.cn, CORRESPONDENT, 100)
    internet.ha.sh("ip link del home")
    ha.wait_for_log("home link home is gone")
    internet.ha.plug("home", internet.links["home"], mac="02:00:00:00:01:01")
    internet.ha.ip("address add 2001:db8:0:1::1/64 dev home nodad")
    wait_until(lambda: ha.log_text().count("info ha: home link home\n") == 2, "the home link")
    assert ha.running()
    internet.hh.wait_until_reaches(HOME_ADDRESS)
    stream.mark()
    time.sleep(0.5)
    report = stream.report()
    assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
