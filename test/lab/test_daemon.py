# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's life: it starts, serves, reads its configuration again, and leaves the machine as
it was."""
import os
import signal

import pytest

from .net import wait_until

ROLES = {
    "CN": "NodeConfig CN;\n",
    "HA": 'NodeConfig HA;\nUseMnHaIPsec disabled;\nInterface "eth0";\n',
    "MN": 'NodeConfig MN;\nUseMnHaIPsec disabled;\nInterface "eth0";\n'
          'MnHomeLink "eth0" { HomeAddress 2001:db8:0:1::100/64; '
          'HomeAgentAddress 2001:db8:0:1::1; }\n',
}
SERVES = "serves as "


@pytest.fixture
def host(lab):
    """A node with one interface on a link, where a router is too."""
    node, router = lab.node("n", router=True), lab.node("r", router=True)
    lab.link("wire", node, router)
    node.ip("address add 2001:db8:0:1::1/64 dev eth0 nodad")
    router.ip("address add 2001:db8:0:1::9/64 dev eth0 nodad")
    return node


def kernel_state(node):
    """All that a daemon may touch, as text, once the kernel has no duplicate address detection of
    its own under way: that adds routes when it ends."""
    wait_until(lambda: not node.ip_json("-6 address show tentative"), "no tentative address")
    commands = ("ip -6 address show scope global", "ip -6 route show table all", "ip -6 rule show",
                "ip -o link show", "ip xfrm policy show", "ip xfrm state show",
                "ip -6 neigh show proxy",
                "sh -c 'grep -H . /proc/sys/net/ipv6/conf/*/accept_ra "
                "/proc/sys/net/ipv6/conf/*/autoconf /proc/sys/net/ipv6/conf/*/forwarding "
                "/proc/sys/net/ipv6/conf/*/proxy_ndp "
                "/proc/sys/net/ipv6/conf/*/router_solicitations'")
    return {c: sorted(node.sh(c).splitlines()) for c in commands}


@pytest.mark.parametrize("role", ROLES)
def test_leaves_the_machine_as_it_was(host, role):
    before = kernel_state(host)
    daemon = host.start_daemon(ROLES[role], "-f")
    daemon.wait_for_log(SERVES + role)
    assert daemon.stop() == 0
    assert kernel_state(host) == before


@pytest.mark.parametrize("role", ROLES)
def test_starts_again_after_it_was_killed(host, role):
    before = kernel_state(host)
    killed = host.start_daemon(ROLES[role], "-f")
    killed.wait_for_log(SERVES + role)
    killed.stop(signal.SIGKILL)
    daemon = host.start_daemon(ROLES[role], "-f", "-d", "1")
    # both write to the same log
    wait_until(lambda: daemon.log_text().count(SERVES + role) == 2)
    assert daemon.stop() == 0
    assert kernel_state(host) == before


def test_only_one_at_a_time(host):
    first = host.start_daemon(ROLES["CN"], "-f")
    first.wait_for_log(SERVES)
    second = host.start_daemon(ROLES["CN"], "-f")
    assert second.wait() == 2
    assert "another mip6d runs already" in second.log_text()
    assert first.running()


def test_reads_its_configuration_again(host):
    daemon = host.start_daemon(ROLES["HA"], "-f")
    daemon.wait_for_log(SERVES)
    path = os.path.join(host.lab.results, "n.mip6d.conf")
    with open(path, "a") as f:
        f.write("HaMaxBindingLife 600;\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_for_log("HaMaxBindingLife: 600")
    with open(path, "a") as f:
        f.write("HaMaxBindingLif 600;\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_for_log("the former configuration stays")
    assert daemon.stop() == 0


def test_background_ends_when_it_serves(host):
    """The command returns with status 0 when the daemon serves, and its file names it."""
    daemon = host.start_daemon(ROLES["CN"])
    assert daemon.wait() == 0
    with open("/run/lab/nodes/n/run/mip6d/mip6d.pid") as f:
        pid = int(f.read())
    with open("/proc/%d/status" % pid) as f:
        status = dict(line.split(":\t", 1) for line in f)
    # CAP_NET_ADMIN is bit 12, CAP_NET_RAW 13, and nothing else is left
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0x3000
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert os.readlink("/proc/%d/cwd" % pid) == "/"
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not os.path.exists("/run/lab/nodes/n/run/mip6d/mip6d.pid"))


def test_does_not_only_seem_protected(host):
    """RFC 6275 5.1: a home agent that was asked to protect registrations by IPsec has policies in
    the kernel as long as it serves."""
    daemon = host.start_daemon(
        'NodeConfig HA;\nUseMnHaIPsec enabled;\nInterface "eth0";\nIPsecPolicySet {\n'
        "HomeAgentAddress 2001:db8:0:1::1;\nHomeAddress 2001:db8:0:1::100/64;\n"
        "IPsecPolicy HomeRegBinding UseESP;\n}\n", "-f")
    daemon.wait_for_log(SERVES)
    wait_until(lambda: "proto esp" in host.sh("ip xfrm policy"))
    assert "src 2001:db8:0:1::100/128 dst 2001:db8:0:1::1/128 proto mobility-header" in \
        host.sh("ip xfrm policy")
    assert daemon.stop() == 0
    assert not host.sh("ip xfrm policy")
