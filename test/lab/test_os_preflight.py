# SPDX-License-Identifier: GPL-2.0-or-later
"""Preflight: what stands in a role's way is found, and the command it names mends it."""
import json
import os

import pytest

from .net import BUILD
from .osdrive import OSDRIVE, Drive

HA = 'NodeConfig HA; Interface "eth0"; HaAddress 2001:db8:1::1;'
MN = '''NodeConfig MN; CoaDad full; Interface "eth0";
MnHomeLink "eth0" { HomeAddress 2001:db8:1::100/64; HomeAgentAddress 2001:db8:1::1; }'''
CN = "NodeConfig CN;"


@pytest.fixture
def node(lab):
    """A node on which every role could run."""
    n = lab.node("n", router=True)
    lab.link("wire", n)
    n.ip("address add 2001:db8:1::1/64 dev eth0 nodad")
    with Drive(n) as port:
        n.port = port
        yield n


@pytest.mark.parametrize("conf", [HA, MN, CN], ids=["HA", "MN", "CN"])
def test_a_fit_machine_has_nothing_to_mend(node, conf):
    assert node.port.preflight(conf) == []
    # What was tried has left no trace.
    assert node.port.scan() == []
    assert node.sh("ip xfrm state") == "" and "mip6" not in node.sh("ip link show")


def found(node, conf, text):
    """The one finding whose sentence contains the text."""
    matching = [f for f in node.port.preflight(conf) if text in f[1]]
    assert len(matching) == 1, (text, node.port.preflight(conf))
    return matching[0]


@pytest.mark.parametrize("conf, setting, value, severity, text", [
    (HA, "all/forwarding", 0, "error", "forwarding is off"),
    (CN, "all/disable_policy", 1, "error", "takes packets with any Home Address option"),
    (MN, "eth0/disable_policy", 1, "error", "takes packets with any Home Address option"),
    (MN, "all/accept_source_route", -1, "error", "refuses type 2 routing headers"),
    (HA, "eth0/disable_ipv6", 1, "error", "IPv6 is switched off on eth0"),
])
def test_settings(node, conf, setting, value, severity, text):
    node.sysctl("net/ipv6/conf/" + setting, value)
    finding = found(node, conf, text)
    assert finding[0] == severity
    node.sh(finding[2])		# the command that it names
    if "disable_ipv6" in setting:
        node.ip("address add 2001:db8:1::1/64 dev eth0 nodad")
    assert node.port.preflight(conf) == []


def test_interfaces_and_addresses(node):
    other = HA.replace("eth0", "eth7").replace("1::1;", "1::9;")
    assert found(node, other, "no interface eth7")[0] == "error"
    assert found(node, MN.replace("eth0", "eth7"), "no interface eth7")[0] == "warning"
    node.ip("address del 2001:db8:1::1/64 dev eth0")
    severity, _, mend = found(node, HA, "HaAddress 2001:db8:1::1 is not on this machine")
    assert severity == "error" and mend == "ip -6 address add 2001:db8:1::1/64 dev eth0"
    assert found(node, HA, "no global address")[0] == "warning"
    node.sh(mend + " nodad")
    assert node.port.preflight(HA) == []


def test_kernel_without_optimistic_dad(node):
    if os.path.exists("/proc/sys/net/ipv6/conf/all/optimistic_dad"):
        pytest.skip("this kernel has it")
    assert found(node, MN.replace("CoaDad full;", ""), "lacks optimistic")[0] == "warning"


def test_ip6tables_that_drop(node):
    """Signalling, tunnels, and the forwarding of a home agent."""
    table = "ip6tables-legacy "
    node.sh(table + "-P INPUT DROP")
    node.sh(table + "-A INPUT -p ipv6-icmp -j ACCEPT")
    node.sh(table + "-A INPUT -i lo -j ACCEPT")
    for conf in (HA, MN, CN):
        severity, _, mend = found(node, conf, "drop Mobility Header messages")
        assert severity == "warning"
    assert [f for f in node.port.preflight(CN) if "tunnelled" in f[1]] == []
    node.sh(mend.replace("ip6tables ", table))
    assert node.port.preflight(CN) == []
    mend = found(node, MN, "drop tunnelled packets")[2]
    node.sh(mend.replace("ip6tables ", table))
    assert node.port.preflight(MN) == [] and node.port.preflight(HA) == []
    secure = HA + ("IPsecPolicySet { HomeAgentAddress 2001:db8:1::1; HomeAddress "
                   "2001:db8:1::5/64; IPsecPolicy Mh UseESP 1; }")
    node.sh(found(node, secure, "drop what IPsec protects")[2].replace("ip6tables ", table))
    assert node.port.preflight(secure) == []
    # A rule that drops at the end is as good as a policy.
    node.sh(table + "-A FORWARD -i eth0 -j ACCEPT")
    assert node.port.preflight(HA) == []
    node.sh(table + "-A FORWARD -j REJECT")
    mend = found(node, HA, "between tunnel and link")[2]
    for command in mend.split("; "):
        node.sh(command.replace("ip6tables ", table))
    assert node.port.preflight(HA) == []
    # A chain of one's own.
    node.sh(table + "-F INPUT")
    node.sh(table + "-N mine")
    node.sh(table + "-A mine -p 135 -j ACCEPT")
    assert found(node, CN, "Mobility Header")
    node.sh(table + "-A INPUT -p 135 -j mine")
    assert node.port.preflight(CN) == []
    # Not that protocol.
    node.sh(table + "-F INPUT")
    node.sh(table + "-A INPUT ! -p 135 -j ACCEPT")
    assert found(node, CN, "Mobility Header")


def test_another_manager(node):
    index = node.port.ifindex("eth0")
    os.makedirs("/run/NetworkManager/devices", exist_ok=True)
    os.makedirs("/run/systemd/netif/links", exist_ok=True)
    path = "/run/NetworkManager/devices/%d" % index
    with open(path, "w") as f:
        f.write("[device]\nmanaged=true\n")
    assert found(node, MN, "NetworkManager manages eth0")[2] == "nmcli device set eth0 managed no"
    with open(path, "w") as f:
        f.write("[device]\nmanaged=false\n")
    assert node.port.preflight(MN) == []
    path = "/run/systemd/netif/links/%d" % index
    with open(path, "w") as f:
        f.write("# private\nADMIN_STATE=configured\nOPER_STATE=routable\n")
    assert "Unmanaged=yes" in found(node, MN, "systemd-networkd manages eth0")[2]
    with open(path, "w") as f:
        f.write("ADMIN_STATE=unmanaged\n")
    assert node.port.preflight(MN) == []


def test_without_privileges(node):
    """What a plain user may not do is told; nothing is tried then."""
    done = node.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                     "--bounding-set=-all", OSDRIVE, "/run", CN])
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["what"] for f in findings] == ["the capability CAP_NET_ADMIN is missing",
                                             "the capability CAP_NET_RAW is missing"]
    assert all("AmbientCapabilities" in f["mend"] for f in findings) and done.returncode == 2


def test_the_daemon_prints_what_is_to_be_mended(node, results):
    """mip6d --preflight: 0 when ready, 2 when something prevents the role, 1 when the
    configuration is wrong; each finding with the command that mends it."""
    path = os.path.join(results, "mip6d.conf")

    def preflight(conf):
        with open(path, "w") as f:
            f.write(conf)
        done = node.run([BUILD + "/src/mip6d", "-c", path, "--preflight"])
        return done.returncode, done.stdout.splitlines()

    status, lines = preflight(HA)
    assert (status, lines[-1]) == (0, "This machine can serve as HA.")
    node.sysctl("net/ipv6/conf/all/forwarding", 0)
    status, lines = preflight(HA)
    assert status == 2 and lines[-1].startswith("This machine cannot serve as HA: 1 ")
    at = [n for n, line in enumerate(lines) if line.startswith("error: ")]
    assert len(at) == 1 and lines[at[0] + 1].startswith("    ")
    node.sh(lines[at[0] + 1].strip())
    assert preflight(HA)[0] == 0
    assert preflight(HA.replace("NodeConfig", "NodeConfigs"))[0] == 1
