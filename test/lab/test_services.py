# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways in which a system starts the daemon: the boot script, and a service with a user of its
own and what the systemd unit leaves it."""
import os
import re

import pytest

from .host import SOURCE
from .net import BUILD, wait_until
from .test_daemon import ROLES, kernel_state

NOBODY = 65534
RADVD = SOURCE + "/conf/radvd/home-link.conf"


@pytest.fixture
def host(lab):
    """A node with one interface on a link, where a router is too."""
    node, router = lab.node("n"), lab.node("r", router=True)
    lab.link("wire", node, router)
    node.skip_dad()
    node.ip("address add 2001:db8:0:1::1/64 dev eth0 nodad")
    router.ip("address add 2001:db8:0:1::9/64 dev eth0 nodad")
    return node


class BootScript:
    """The script with settings of its own."""

    def __init__(self, node, configuration, **settings):
        self.node = node
        self.conf = os.path.join(node.lab.results, "mip6d.conf")
        self.defaults = os.path.join(node.lab.results, "default")
        with open(self.conf, "w") as f:
            f.write(configuration)
        with open(self.defaults, "w") as f:
            f.write("".join("%s='%s'\n" % s for s in dict(settings, MIP6D_CONF=self.conf).items()))

    def __call__(self, word, status=0):
        done = self.node.run(self.node.own_files(
            ["env", "MIP6D=%s/src/mip6d" % BUILD, "MIP6D_DEFAULTS=" + self.defaults, "sh",
             SOURCE + "/conf/mip6d.init", word]))
        assert done.returncode == status, (word, done.stdout, done.stderr)
        return done.stdout


def pid_in(text):
    return int(re.search(r"process (\d+)", text).group(1))


@pytest.mark.parametrize("role", ROLES)
def test_boot_script(host, role):
    boot = BootScript(host, ROLES[role].replace("HA;", "HA; HaSendRouterAdvs disabled;"))
    boot("status", 3)
    boot("start")
    first = pid_in(boot("status"))
    assert pid_in(boot("start")) == first
    boot("reload")
    boot("restart")
    second = pid_in(boot("status"))
    assert second != first
    boot("stop")
    boot("status", 3)
    assert not os.path.exists("/proc/%d" % second)


def test_boot_script_leaves_the_data_path_at_a_restart(host):
    boot = BootScript(host, ROLES["HA"].replace("HA;", "HA; HaSendRouterAdvs disabled;"))
    boot("start")
    index = host.ip_json("link show mip6")[0]["ifindex"]
    boot("restart")
    assert host.ip_json("link show mip6")[0]["ifindex"] == index
    boot("stop")
    assert "mip6" not in host.sh("ip -o link")


def test_boot_script_makes_a_home_agent(host):
    """Forwarding, the address, and radvd beside the daemon, for as long as it serves."""
    host.sysctl("net/ipv6/conf/all/forwarding", 0)
    boot = BootScript(host, 'NodeConfig HA; UseMnHaIPsec disabled; HaSendRouterAdvs disabled;'
                      'Interface "eth0";', HOME_LINK="eth0", HOME_ADDRESS="2001:db8:1::1/64",
                      RADVD_CONF=RADVD)
    boot("start")
    assert host.sysctl("net/ipv6/conf/all/forwarding") == "1"
    assert "2001:db8:1::1" in host.sh("ip -6 address show dev eth0")
    with open("/run/mip6d-radvd.pid") as f:
        radvd = int(f.read())
    assert os.path.exists("/proc/%d" % radvd)
    router = host.lab.nodes["r"]
    router.sysctl("net/ipv6/conf/eth0/accept_ra", 2)
    wait_until(lambda: "via fe80" in router.sh("ip -6 route show default"))
    boot("stop")
    wait_until(lambda: not os.path.exists("/proc/%d" % radvd))


def test_boot_script_wants_one_advertiser(host):
    boot = BootScript(host, 'NodeConfig HA; UseMnHaIPsec disabled; Interface "eth0";',
                      RADVD_CONF=RADVD)
    assert "both would advertise" in boot("start", 1)
    boot("status", 3)


@pytest.mark.parametrize("role", ROLES)
def test_needs_two_capabilities_only(host, role):
    """As the unit has it: a user without rights, and two capabilities."""
    with open(SOURCE + "/conf/mip6d.service.in") as f:
        caps = re.search(r"^AmbientCapabilities=(.*)$", f.read(), re.M).group(1)
    assert sorted(caps.split()) == ["CAP_NET_ADMIN", "CAP_NET_RAW"]
    some = ",".join("+" + c[4:].lower() for c in caps.split())
    if role == "HA":
        host.make_router()
    before = kernel_state(host)
    # the folder of results need not be one that everybody may read
    path = "/run/lab/nodes/n/mip6d.conf"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(ROLES[role])
    os.chmod(path, 0o644)
    command = host.own_files(
        ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups",
         "--inh-caps=-all," + some, "--ambient-caps=" + some, "--bounding-set=-all," + some,
         "--no-new-privs", BUILD + "/src/mip6d", "-c", path, "-f"])
    for place in ("run", "var/lib"):
        os.chown("/run/lab/nodes/n/%s/mip6d" % place, NOBODY, NOBODY)
    daemon = host.start("mip6d", command)
    daemon.wait_for_log("serves as " + role)
    with open("/proc/%d/status" % daemon.pid) as f:
        status = dict(line.split(":\t", 1) for line in f)
    assert status["Uid"].split() == [str(NOBODY)] * 4
    assert int(status["CapPrm"], 16) == 0x3000
    assert daemon.stop() == 0
    assert "ermission denied" not in daemon.log_text()
    assert kernel_state(host) == before
