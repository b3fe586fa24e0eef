# SPDX-License-Identifier: GPL-2.0-or-later
"""The service under systemd itself: installed, started, watched, reloaded and restarted as README
and mip6d(8) tell it, on a machine that has just been set up."""
import json
import subprocess

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS
from .machine import Machine
from .net import wait_until
from .test_daemon import kernel_state
from .test_readme import configuration

LAB_MEMORY = "1024M"
LAB_BOUND_S = 900
NAME = "mip6d.service"
# The kernel gets them when the daemon wants them, although that may not load any.
MODULES = ["mip6", "cls_flower", "sch_ingress", "act_gact", "xfrm_user", "esp6"]


def install(machine, text=None):
    """What README has after make install; without a text, without a configuration."""
    machine.sh("systemd-sysusers")
    machine.sh("systemctl daemon-reload")
    if text:
        machine.write("/etc/mip6d.conf", text)
        machine.sh("systemctl enable --now mip6d")


def journal(machine, *words):
    """The entries of the service, oldest first."""
    lines = machine.sh(["journalctl", "-u", "mip6d", "-o", "json", "--no-pager", *words])
    return [json.loads(line) for line in lines.splitlines()]


def process(machine):
    """What the kernel says of the daemon: name -> value."""
    text = machine.sh("cat /proc/%s/status" % machine.property("MainPID"))
    return dict(line.split(":\t", 1) for line in text.splitlines())


def home_agent(level=0):
    return configuration("home agent beside radvd", level, eth0="home")


@pytest.fixture
def roaming(internet):
    """A mobile node on the first foreign link, its home agent to be."""
    internet.mn.start_daemon(configuration("mobile node"), "-f").wait_for_log("serves as MN")
    internet.move(1)
    return internet


@pytest.mark.limit(180)
def test_from_a_bare_machine(internet):
    """Each mistake of a newcomer is told; then it serves, as its own user, with what the unit
    leaves it."""
    with Machine(internet.ha) as ha:
        install(ha)
        check_refused(ha, "error: No such file")
        ha.write("/etc/mip6d.conf", home_agent().replace("Interface", "Interfaec"))
        check_refused(ha, "did you mean Interface?")
        ha.write("/etc/mip6d.conf", home_agent(), mode=0o600)
        check_refused(ha, "is the user of the daemon allowed to read it?")
        ha.write("/etc/mip6d.conf", home_agent() + 'DebugLogFile "/var/log/mip6d/log";\n')
        subprocess.run(["rmmod"] + MODULES, check=True)
        before = kernel_state(internet.ha)
        ha.sh("systemctl enable --now mip6d")
        # It is ready: no waiting.
        assert json.loads(ha.sh("mip6ctl -j status"))["role"] == "HA"
        assert "serves as HA" in ha.sh("cat /var/log/mip6d/log")
        assert "nothing is wrong" in ha.sh("mip6ctl netcheck")
        check_sandbox(ha)
        check_console(ha)
        ha.sh("systemctl stop mip6d")
        assert ha.property("Result") == "success"
        assert kernel_state(internet.ha) == before


def check_refused(machine, why):
    """It does not start, and where one is told to look it says why."""
    assert machine.run("systemctl start mip6d").returncode != 0
    assert machine.property("ActiveState") == "failed"
    wait_until(lambda: why in machine.run("systemctl status mip6d").stdout, why, every_s=0.5)


def check_sandbox(machine):
    """User, capabilities, system calls and files are those of the unit."""
    status = process(machine)
    user = machine.sh("id -u mip6d").strip()
    assert status["Uid"].split() == [user] * 4
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert int(status[name], 16) == 0x3000, (name, status[name])
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    inside = ["nsenter", "--mount", "--target", machine.property("MainPID")]
    for path in ("/etc/trial", "/usr/trial", "/var/trial", "/root/trial"):
        assert machine.run(inside + ["touch", path]).returncode != 0, path
    machine.sh(inside + ["touch", "/var/lib/mip6d/trial", "/run/mip6d/trial"])
    assert machine.sh("stat -c %U:%G:%a /var/lib/mip6d").strip() == "mip6d:mip6d:700"
    assert machine.sh("stat -c %U:%G:%a /run/mip6d").strip() == "mip6d:mip6d:755"


def check_console(machine):
    """Members of the group may look, and change nothing; others may not even look."""
    group = machine.sh("id -g mip6d").strip()
    somebody = ["setpriv", "--reuid=4711", "--regid=4711", "--inh-caps=-all"]
    member, stranger = somebody + ["--groups=" + group], somebody + ["--clear-groups"]
    assert machine.sh("stat -c %U:%G:%a /run/mip6d/mip6d.sock").strip() == "mip6d:mip6d:660"
    assert "home links" in machine.sh(member + ["mip6ctl", "status"])
    refused = machine.run(member + ["mip6ctl", "debug", "all", "debug"])
    assert refused.returncode == 1 and "root" in refused.stdout
    kept_out = machine.run(stranger + ["mip6ctl", "status"])
    assert kept_out.returncode == 3 and "group" in kept_out.stderr


@pytest.mark.limit(240)
def test_nothing_is_lost(roaming):
    """Reload, restart, and a daemon that hangs until the watchdog ends it: the node stays
    registered, the data path stays, not one packet is missing."""
    net = roaming
    with Machine(net.ha) as ha:
        ha.write("/etc/systemd/system/mip6d.service.d/soon.conf", "[Service]\nWatchdogSec=4\n")
        install(ha, home_agent())
        net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        entry = journal(ha, "MIP6_HOA=" + HOME_ADDRESS)[0]
        assert entry["MIP6_SUBSYSTEM"] == "ha" and entry["MIP6_COA"] in entry["MESSAGE"]
        assert entry["_SYSTEMD_UNIT"] == NAME and entry["SYSLOG_IDENTIFIER"] == "mip6d"
        stream = net.stream(net.cn, CORRESPONDENT, net.mn, HOME_ADDRESS, interval_ms=5)
        stream.mark()
        check_reload(ha)
        first = ha.property("MainPID")
        ha.sh("systemctl restart mip6d")
        second = ha.property("MainPID")
        assert second != first
        ha.sh("kill -STOP " + second)
        wait_until(lambda: ha.property("MainPID") not in ("0", second), "the watchdog",
                   every_s=0.5)
        wait_until(lambda: ha.property("ActiveState") == "active", every_s=0.5)
        assert ha.property("NRestarts") == "1"
        binding, = json.loads(ha.sh("mip6ctl -j bindings"))["bindings"]
        assert binding["home_address"] == HOME_ADDRESS and binding["state"] == "active"
        report = stream.report()
        assert report["out"]["lost"] == 0 and report["back"]["lost"] == 0, report
        ha.sh("systemctl stop mip6d")
        assert HOME_ADDRESS not in net.ha.sh("ip -6 route show table all")


def check_reload(machine):
    """What changed is in the journal; with a mistake the command fails, and all stays."""
    machine.write("/etc/mip6d.conf", home_agent() + "HaMaxBindings 77;\n")
    machine.sh("systemctl reload mip6d")
    assert any("HaMaxBindings" in e["MESSAGE"] for e in journal(machine))
    machine.write("/etc/mip6d.conf", home_agent() + "HaMaxBindigs 78;\n")
    assert machine.run("systemctl reload mip6d").returncode != 0
    assert "did you mean HaMaxBindings?" in machine.run("systemctl status mip6d").stdout
    assert machine.property("ActiveState") == "active"
    assert "HaMaxBindings 77;" in machine.sh("mip6ctl config")
    machine.write("/etc/mip6d.conf", home_agent())


NETWORK = "[Match]\nName=eth0\n\n[Network]\nIPv6AcceptRA=yes\n"
UNMANAGED = "[Match]\nName=eth0\n\n[Link]\nUnmanaged=yes\n"
NETWORK_FILE = "/etc/systemd/network/eth0.network"


def begin_networkd(machine, text):
    # It comes before the kernel has an address of its own making, as at a boot.
    machine.node.sysctl("net/ipv6/conf/eth0/accept_ra", 0)
    machine.node.ip("address flush dev eth0 scope global", "route flush root 2000::/3 dev eth0",
                    "route flush dev eth0 proto ra")
    machine.write(NETWORK_FILE, text)
    machine.sh("systemctl start systemd-networkd")


def serve(net):
    net.ha.start_daemon(home_agent(2), "-f").wait_for_log("serves as HA")
    net.cn.start_daemon(configuration("correspondent"), "-f").wait_for_log("serves as CN")


@pytest.mark.limit(240)
def test_observes_what_networkd_does(internet):
    """systemd-networkd configures the interface, and the mobile node follows it."""
    serve(internet)
    internet.move(1)
    with Machine(internet.mn) as mn:
        begin_networkd(mn, NETWORK)
        install(mn, configuration("mobile node that only observes", 0, eth1="eth0"))
        for place in (2, 1):
            internet.move(place)
            internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        check_networkd_restart(internet, mn)


def check_networkd_restart(net, machine):
    """It takes rules and routes of others away when it starts; what is ours comes back."""
    machine.sh("systemctl restart systemd-networkd")
    wait_until(lambda: not json.loads(machine.sh("mip6ctl -j kernel diff"))["objects"],
               "all objects in the kernel", every_s=0.5)
    net.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)


@pytest.mark.limit(240)
def test_takes_the_interface_from_networkd(internet):
    """Both want it: that is said, and what netcheck tells to do mends it."""
    serve(internet)
    internet.move(1)
    with Machine(internet.mn) as mn:
        begin_networkd(mn, NETWORK)
        wait_until(lambda: "configured" in mn.sh("networkctl list --no-pager"))
        install(mn, configuration("mobile node", 0))
        found = mn.run("mip6ctl netcheck").stdout
        assert "systemd-networkd manages eth0 as well" in found and "Unmanaged=yes" in found
        assert "networkctl reload" in found
        mn.write(NETWORK_FILE, UNMANAGED)
        mn.sh("networkctl reload")
        wait_until(lambda: "networkd" not in mn.run("mip6ctl netcheck").stdout, every_s=0.5)
        for place in (2, 1):
            internet.move(place)
            internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
        check_networkd_restart(internet, mn)
        status = json.loads(mn.sh("mip6ctl -j status"))
        assert status["home_addresses"][0]["state"] == "registered" and not status["wrong"]
