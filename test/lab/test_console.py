# SPDX-License-Identifier: GPL-2.0-or-later
"""The console against a daemon that serves: every word in text and JSON, and clients that do not
behave."""
import json
import os
import socket

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS
from .net import BUILD, wait_until
from .test_mobility import start

SOCKET = "/run/lab/nodes/%s/run/mip6d/mip6d.sock"
WORDS = {
    "ha": ("status", "bindings", "bc", "counters", "stats", "counters all", "metrics",
           "violations", "interfaces", "kernel", "timers", "config", "debug", "help", "pl", "hal"),
    "mn": ("status", "bindings", "counters", "violations", "interfaces", "kernel", "timers",
           "config", "debug", "help", "bul", "handovers", "routers", "rr"),
}


def ctl(node, *words):
    return node.run([BUILD + "/src/mip6ctl", "-s", SOCKET % node.name, *words])


def test_every_word(internet):
    start(internet)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    for name, words in WORDS.items():
        for word in words:
            text = ctl(internet.nodes[name], *word.split())
            assert text.returncode == 0 and text.stdout, (name, word, text)
            data = ctl(internet.nodes[name], "-j", *word.split())
            assert data.returncode == 0, (name, word, data)
            assert isinstance(json.loads(data.stdout), dict)
    binding, = internet.ha.ctl("bindings")["bindings"]
    assert binding["home_address"] == HOME_ADDRESS
    assert binding["state"] == "active" and binding["kind"] == "home"
    entry, = internet.mn.ctl("bul")["binding_update_list"]
    assert entry["care_of_address"] == binding["care_of_address"]
    assert entry["sequence"] == binding["sequence"]
    status = internet.mn.ctl("status")
    assert status["role"] == "MN" and status["attached_to"] == "eth0"
    assert status["home_addresses"][0]["state"] == "registered"
    done = internet.mn.ctl("handovers")["handovers"][0]
    assert done["result"] == "done" and done["done"] > 0
    # abbreviations, what is no word, what is not clear
    assert HOME_ADDRESS in ctl(internet.ha, "bi").stdout
    assert ctl(internet.ha, "nonsense").returncode == 1
    assert "begins several" in ctl(internet.ha, "c").stdout
    # the registration is ended, and the node that is told nothing registers when it is due
    assert ctl(internet.ha, "unbind", HOME_ADDRESS).returncode == 0
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"], 5)


@pytest.fixture
def daemon(lab):
    node = lab.node("n")
    node.start_daemon("NodeConfig CN;\nVTService \"7777\";\n", "-f").wait_for_log("serves as")
    return node


def test_metrics(daemon):
    """An independent parser takes the metrics; clearing for people does not turn them back."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

    families = {f.name: f for f in parse(ctl(daemon, "metrics").stdout)}
    assert families["mip6d_build"].samples[0].labels["role"] == "CN"
    counters = ctl(daemon, "-j", "counters", "all")
    for row in json.loads(counters.stdout)["counters"]:
        family = families["mip6d_" + row["name"]]
        assert family.type == "counter" and family.samples[0].value >= row["value"]
    assert families["mip6d_home_registrations"].samples[0].value == 0


def dial(node):
    s = socket.socket(socket.AF_UNIX)
    s.connect(SOCKET % node.name)
    s.settimeout(10)
    return s


def read_all(s):
    data = b""
    while True:
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            return data
        if not got:
            return data
        data += got


def test_hostile_clients(daemon):
    """Silent, slow, babbling, many: the daemon answers all the others."""
    silent = [dial(daemon) for _ in range(200)]
    long_line = dial(daemon)
    long_line.sendall(b"x" * 5000)
    assert read_all(long_line) == b""
    half = dial(daemon)
    half.sendall(b"stat")
    many = dial(daemon)
    many.sendall(b"help\n" * 500)
    many.shutdown(socket.SHUT_WR)
    slow = dial(daemon)
    slow.settimeout(1)
    # one that asks and asks and takes no answer is not read any more
    with pytest.raises(TimeoutError):
        for _ in range(2000):
            slow.sendall(b"json counters\n" * 300)
    binary = dial(daemon)
    binary.sendall(bytes(range(256)) + b"\n")
    assert binary.recv(4096)[:1] in b"=!"
    assert ctl(daemon, "status").returncode == 0
    answers = read_all(many)
    assert answers.count(b"!0\n") == 500
    for s in silent:
        s.close()
    slow.close()
    half.close()
    assert ctl(daemon, "status").returncode == 0


def test_tcp_reads_only(daemon):
    with daemon:
        s = socket.create_connection(("::1", 7777), timeout=10)
    assert s.recv(100) == b"mip6d> \0"
    s.sendall(b"status\r\n")
    answer = b""
    while b"mip6d> " not in answer:
        answer += s.recv(4096)
    assert b"role:" in answer
    s.sendall(b"reload\r\n")
    answer = b""
    while b"mip6d> " not in answer:
        answer += s.recv(4096)
    assert b"only root" in answer
    s.sendall(b"quit\n")
    assert s.recv(100) == b""


def test_who_may_change(daemon):
    path = SOCKET % "n"
    assert os.stat(path).st_mode & 0o777 == 0o660
    os.chmod(path, 0o666)
    read = daemon.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                       BUILD + "/src/mip6ctl", "-s", path, "status"])
    assert read.returncode == 0, read
    change = daemon.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                         BUILD + "/src/mip6ctl", "-s", path, "reload"])
    assert change.returncode == 1 and "only root" in change.stdout
    assert ctl(daemon, "reload").returncode == 0


def test_no_daemon(lab):
    node = lab.node("n")
    answer = node.run([BUILD + "/src/mip6ctl", "-s", "/run/nowhere.sock", "status"])
    assert answer.returncode == 3 and "is mip6d running" in answer.stderr
