# SPDX-License-Identifier: GPL-2.0-or-later
"""The console against a daemon that serves: every word in text and JSON, and clients that do not
behave."""
import json
import os
import pty
import re
import select
import socket
import subprocess
import time

import pytest

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import BUILD, PATIENCE_S, wait_until
from .test_mobility import start

SOCKET = "/run/lab/nodes/%s/run/mip6d/mip6d.sock"
WORDS = {
    "ha": ("status", "bindings", "bc", "bindings remembered", "counters", "stats",
           "counters all", "metrics", "violations", "interfaces", "kernel", "kernel diff",
           "tunnels", "policies", "timers", "config", "debug", "help", "help bc add", "pl", "hal",
           "nonce", "top", "netcheck"),
    "mn": ("status", "bindings", "counters", "violations", "interfaces", "kernel", "kernel diff",
           "tunnels", "policies", "timers", "config", "debug", "help", "help rr", "bul",
           "handovers", "routers", "rr", "nonce", "top", "netcheck"),
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
    check_kernel(internet, binding)
    # abbreviations, what is no word, what is not clear
    assert HOME_ADDRESS in ctl(internet.ha, "bi").stdout
    assert ctl(internet.ha, "nonsense").returncode == 1
    assert "begins several" in ctl(internet.ha, "c").stdout
    # the registration is ended, and the node that is told nothing registers when it is due
    assert ctl(internet.ha, "clear", "binding", "2001:db8::77").returncode == 1
    assert ctl(internet.ha, "clear", "binding", HOME_ADDRESS).returncode == 0
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"])
    remembered, = internet.ha.ctl("bindings remembered")["bindings"]
    assert remembered["sequence"] == binding["sequence"]


def check_kernel(internet, binding):
    """What the daemons keep is there; what somebody else puts there is told."""
    for node in (internet.ha, internet.mn):
        wrong = node.ctl("kernel diff")["objects"]
        assert not wrong, wrong
    tunnel, = [t for t in internet.ha.ctl("tunnels")["tunnels"]
               if t["inside"] == HOME_ADDRESS + "/128"]
    assert tunnel["remote"] == binding["care_of_address"] and tunnel["presence"] == "there"
    assert tunnel["local"] == HOME_AGENT
    tunnel, = internet.mn.ctl("tunnels")["tunnels"]
    assert (tunnel["local"], tunnel["remote"]) == (binding["care_of_address"], HOME_AGENT)
    assert any("hao" in p["object"] for p in internet.mn.ctl("policies")["policies"])
    internet.ha.ip("route add blackhole 2001:db8:dead::/64 proto 212")
    stray, = internet.ha.ctl("kernel diff")["objects"]
    assert stray["presence"] == "unexpected" and "2001:db8:dead::/64" in stray["object"]
    internet.ha.ip("route del blackhole 2001:db8:dead::/64 proto 212")


def test_by_hand(internet):
    """bc add and del, as users of the older console know them (RFC 6275 10.3.1, 10.3.2)."""
    start(internet)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    other, coa = "2001:db8:0:1::200", foreign_prefix(2) + "5"
    events = internet.ha.start("monitor", [BUILD + "/src/mip6ctl", "-s", SOCKET % "ha", "-j",
                                           "monitor"])
    words = internet.ha.start("words", [BUILD + "/src/mip6ctl", "-s", SOCKET % "ha", "monitor"])
    time.sleep(0.5)
    add = ["bc", "add", "hoa", other, "coa", coa, "local", HOME_AGENT, "flags", "AH",
           "lifetime", "600"]
    answer = ctl(internet.ha, "-j", *add, "seq", "7", "dad", "never")
    assert answer.returncode == 0, answer
    assert json.loads(answer.stdout) == {"status": 0, "sequence": 7, "lifetime": 600.0}
    made, = internet.ha.ctl("bindings " + other)["bindings"]
    assert (made["care_of_address"], made["sequence"], made["local"]) == (coa, 7, HOME_AGENT)
    wait_until(lambda: internet.ha.ctl("bindings " + other)["bindings"][0]["state"] == "active")
    assert len(internet.ha.ctl("bindings")["bindings"]) == 2
    # an old sequence number (9.5.1), what is wrong, what is missing
    old = ctl(internet.ha, "-j", *add, "seq", "6")
    assert old.returncode == 1 and json.loads(old.stdout)["status"] == 135
    away = ctl(internet.ha, "-j", "bc", "add", "hoa", "2001:db8:77::1", "coa", coa, "local",
               HOME_AGENT, "lifetime", "600")
    assert away.returncode == 1 and json.loads(away.stdout)["status"] == 132
    assert ctl(internet.ha, *add, "flags", "X").returncode == 1
    assert ctl(internet.ha, "bc", "add", "hoa", other).returncode == 1
    assert ctl(internet.ha, "bc", "del", "hoa", "2001:db8::9").returncode == 1
    answer = ctl(internet.ha, "-j", "bc", "del", "hoa", other)
    assert answer.returncode == 0 and json.loads(answer.stdout)["sequence"] == 8
    wait_until(lambda: not internet.ha.ctl("bindings " + other)["bindings"])
    seen = [json.loads(line) for line in events.log_text().splitlines()]
    assert [e["event"] for e in seen if e.get("hoa") == other] == ["binding-added",
                                                                  "binding-removed"], seen
    assert "binding-added role=ha hoa=%s coa=%s" % (other, coa) in words.log_text()
    # all at once, also as a correspondent
    assert internet.ha.ctl("nonce")["remembered_bindings"] == 0
    assert ctl(internet.ha, "clear", "binding", "all").returncode == 0
    wait_until(lambda: not internet.ha.ctl("bindings")["bindings"])


def test_what_is_wrong(internet):
    """netcheck, ping and top against a network that works, and one that does not."""
    start(internet)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    good = ctl(internet.mn, "-j", "netcheck")
    assert good.returncode == 0, good
    said = [f["what"] for f in json.loads(good.stdout)["findings"] if f["severity"] == "ok"]
    assert any("router fe80::" in s and "answers" in s for s in said), said
    assert any("home agent %s answers" % HOME_AGENT in s for s in said), said
    # the ways to a correspondent, and from the home agent to the node
    echoes = json.loads(ctl(internet.mn, "-j", "ping", CORRESPONDENT, "2").stdout)
    assert echoes["sent"] == 4 and echoes["lost"] == 0, echoes
    home, careof = echoes["echoes"][:2]
    assert home["from"] == HOME_ADDRESS and HOME_AGENT in home["how"]
    assert careof["from"] == internet.mn.ctl("status")["care_of_address"]
    assert careof["took"] > 0
    echoes = internet.ha.ctl("ping %s 1" % HOME_ADDRESS)["echoes"]
    assert [e["answer"] for e in echoes] == ["yes", "yes"], echoes
    nobody = ctl(internet.mn, "-j", "ping", "2001:db8:0:c::77", "1")
    assert nobody.returncode == 1 and json.loads(nobody.stdout)["lost"] == 2, nobody
    for wrong in (["ping"], ["ping", "ff02::1"], ["ping", "x"], ["ping", "::1", "0"],
                  ["ping", "::1", "1000"]):
        assert ctl(internet.mn, *wrong).returncode == 1, wrong
    # the home agent at work
    begin = time.monotonic()
    first, second = map(json.loads, ctl(internet.ha, "-j", "-w", "0.5", "-n", "2",
                                        "top").stdout.splitlines())
    assert first["home_registrations"] == 1
    assert first["newest"][0]["home_address"] == HOME_ADDRESS
    assert first["busiest"][0]["node"] == HOME_ADDRESS
    rates = {r["what"]: r for r in first["rates"]}
    assert rates["Binding Updates accepted"]["events"] >= 1
    assert 0.4 < second["rates_over"] < time.monotonic() - begin
    # nothing is wrong, and status says so
    assert internet.mn.ctl("status")["wrong"] == [] == internet.ha.ctl("status")["wrong"]
    # the home agent is cut off
    internet.ha.ip("link set core down")
    bad = ctl(internet.mn, "-j", "netcheck")
    assert bad.returncode == 1, bad
    wrong = [f for f in json.loads(bad.stdout)["findings"] if f["severity"] == "error"]
    assert len(wrong) == 1 and "home agent %s does not" % HOME_AGENT in wrong[0]["what"], wrong
    assert "home agent" in wrong[0]["to_mend_it"]
    # the daemon serves others while it waits, and sends away who comes in great number
    clients = [dial(internet.mn) for _ in range(12)]
    for s in clients:
        s.sendall(b"json ping 2001:db8:0:c::77 20\n")
    assert internet.mn.ctl("status")["role"] == "MN"
    wait_until(lambda: len(answered(clients)) >= 4)
    answers = [s.recv(65536) for s in answered(clients)]
    assert len(answers) == 4 and all(b"too many" in a for a in answers), answers
    for s in clients:
        s.close()
    # what the node itself has noticed
    internet.move(2)
    wait_until(lambda: [w for w in internet.mn.ctl("status")["wrong"]
                        if HOME_AGENT in w["what"] and "netcheck" in w["see"]])
    internet.mn.interfaces["eth0"].unplug()
    wait_until(lambda: [w for w in internet.mn.ctl("status")["wrong"]
                        if "attached to nothing" in w["what"]])


def test_where_the_node_is_to_be(internet):
    """prefer, pause, resume on a mobile node with two interfaces."""
    start(internet)
    internet.move(1)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    internet.mn.interfaces["eth1"].plug(internet.place(2))
    attached = lambda: internet.mn.ctl("status")["attached_to"]
    wait_until(lambda: [a for a in internet.mn.addresses("eth1", scope="global",
                                                         tentative=None)])
    assert attached() == "eth0"
    assert ctl(internet.mn, "prefer", "nothing0").returncode == 1
    assert ctl(internet.mn, "prefer", "eth1").returncode == 0
    wait_until(lambda: attached() == "eth1")
    assert internet.mn.ctl("status")["preferred_interface"] == "eth1"
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    assert ctl(internet.mn, "pause").returncode == 0
    assert ctl(internet.mn, "prefer", "none").returncode == 0
    assert ctl(internet.mn, "rebind").returncode == 0
    time.sleep(4)
    assert attached() == "eth1" and internet.mn.ctl("status")["paused"] is True
    assert ctl(internet.mn, "resume").returncode == 0
    wait_until(lambda: attached() == "eth0")
    assert "paused" not in internet.mn.ctl("status")
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)


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


def answered(sockets):
    return select.select(sockets, [], [], 0)[0]


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


def test_reload_says_what_changes(daemon):
    """The differences are shown to who asked; a mistake leaves all as it was."""
    path = os.path.join(daemon.lab.results, "n.mip6d.conf")
    with open(path) as f:
        before = f.read()
    assert json.loads(ctl(daemon, "-j", "reload").stdout) == {"result": "nothing has changed"}
    with open(path, "a") as f:
        f.write("DoRouteOptimizationCN disabled;\nRunDirectory \"/run/else\";\n")
    # looking changes nothing, as often as one likes
    for words in (("reload", "check"), ("config", "diff")):
        answer = ctl(daemon, "-j", *words)
        assert answer.returncode == 0, answer
        look = json.loads(answer.stdout)
        assert look["result"] == "3 changes, not made yet, 2 only by a restart"
        assert "DoRouteOptimizationCN disabled" not in ctl(daemon, "config").stdout
    answer = ctl(daemon, "-j", "reload")
    assert answer.returncode == 0, answer
    told = json.loads(answer.stdout)
    assert told["changes"] == look["changes"]
    assert told["result"] == "3 changes, of which 2 will wait for a restart"
    changes = {c["option"]: c for c in told["changes"]}
    assert (changes["DoRouteOptimizationCN"]["before"],
            changes["DoRouteOptimizationCN"]["after"]) == ("enabled", "disabled")
    assert changes["RunDirectory"]["takes_effect"] == "not before a restart"
    # what is in force is shown, and what waits is told again
    assert "DoRouteOptimizationCN disabled" in ctl(daemon, "config").stdout
    assert "/run/else" not in ctl(daemon, "config").stdout
    waits = {c["option"] for c in json.loads(ctl(daemon, "-j", "config", "diff").stdout)["changes"]}
    assert waits == {"RunDirectory", "ConsoleSocket"}
    with open(path, "a") as f:
        f.write("DoRouteOptimisationCN enabled;\n")
    for words in (("reload", "check"), ("reload",)):
        answer = ctl(daemon, "-j", *words)
        assert answer.returncode == 1, answer
        mistake, = json.loads(answer.stdout)["mistakes"]
        assert mistake["severity"] == "error" and "DoRouteOptimizationCN" in mistake["hint"]
        assert re.search(r"n\.mip6d\.conf:\d+:1$", mistake["where"])
    text = ctl(daemon, "reload").stdout
    assert "the former configuration stays" in text and "DoRouteOptimisationCN" in text
    with open(path, "w") as f:
        f.write(before)
    assert ctl(daemon, "reload").returncode == 0


class Terminal:
    """mip6ctl at a terminal."""

    def __init__(self, node, *words, **environment):
        self.fd, end = pty.openpty()
        environment = dict(os.environ, TERM="xterm", **environment)
        environment.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
        self.process = subprocess.Popen(
            [BUILD + "/src/mip6ctl", "-s", SOCKET % node.name, *words],
            stdin=end, stdout=end, stderr=end, env=environment, start_new_session=True)
        os.close(end)
        self.text = ""

    def read_until(self, wanted, within_s=PATIENCE_S):
        """What came since the last call, up to `wanted` (None: until the end)."""
        end = time.monotonic() + within_s
        while wanted is None or wanted not in self.text:
            left = end - time.monotonic()
            assert left > 0, (wanted, self.text)
            if not select.select([self.fd], [], [], left)[0]:
                continue
            try:
                data = os.read(self.fd, 4096)
            except OSError:		# the other end is closed
                data = b""
            if not data:
                assert wanted is None, (wanted, self.text)
                break
            self.text += data.decode()
        got, self.text = self.text, ""
        return got

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        return self.process.wait(timeout=10)


def test_at_a_terminal(daemon):
    """Completion of the words that the daemon has; colour there, and nowhere else."""
    t = Terminal(daemon)
    t.read_until("mip6d> ")
    t.type("viol\t")
    t.read_until("ations")
    t.type("\n")
    t.read_until("mip6d> ")
    t.type("clear c\t")
    t.read_until("ounters")
    t.type("\n")
    t.read_until("mip6d> ")
    t.type("help non\t")
    t.read_until("ce")
    t.type("\n")
    assert "example:" in t.read_until("mip6d> ").replace("\033[1m", "").replace("\033[0m", "")
    t.type("quit\n")
    assert t.close() == 0
    t = Terminal(daemon, "help")
    assert "\033[1m" in t.read_until(None) and t.close() == 0
    t = Terminal(daemon, "help", NO_COLOR="1")
    assert "\033" not in t.read_until(None) and t.close() == 0
    t = Terminal(daemon, "nonsense")
    assert "\033[1;31merror" in t.read_until(None) and t.close() == 1
    assert "\033" not in ctl(daemon, "help").stdout
    t = Terminal(daemon, "-w", "0.2", "-n", "3", "status")
    assert t.read_until(None).count("\033[H\033[2J") == 3 and t.close() == 0


def test_fields_in_the_journal(lab):
    """On a stderr that leads to the journal, its own protocol brings fields to search for."""
    path = "/run/systemd/journal/socket"
    if os.path.exists(path):
        pytest.skip("there is a journal here already")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(path)
    journal.settimeout(10)
    node = lab.node("n")
    conf = os.path.join(lab.results, "n.mip6d.conf")
    with open(conf, "w") as f:
        f.write("NodeConfig CN;\n")
    node.start("mip6d", node.own_files(
        ["sh", "-c", 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@"', "sh",
         BUILD + "/src/mip6d", "-c", conf, "-f"]))
    while True:
        entry = journal.recv(65536).decode()
        if "serves as CN" in entry:
            break
    fields = dict(line.split("=", 1) for line in entry.splitlines())
    assert fields["SYSLOG_IDENTIFIER"] == "mip6d" and fields["PRIORITY"] == "5"
    assert fields["MIP6_SUBSYSTEM"] == "daemon" and fields["MESSAGE"].startswith("daemon: mip6d")
    journal.close()
    os.unlink(path)


def test_exit_status(daemon):
    """What the manual says: 0 done, 1 refused, 2 wrong command line, 3 no daemon."""
    status = lambda *words: ctl(daemon, *words).returncode
    assert status("status") == 0 and status("-j", "-w", "0.1", "-n", "2", "status") == 0
    assert status("nonsense") == 1 and status("help", "nonsense") == 1
    assert status("bindings", "nonsense") == 1 and status("debug", "ha", "loud") == 1
    assert status("clear", "binding", "2001:db8::1") == 1 and status("count", "clear") == 1
    for words in (["--nonsense"], ["-w", "0", "status"], ["-w", "1"], ["-n", "x", "status"],
                  ["x" * 2000]):
        assert status(*words) == 2, words
    for words in (["-h"], ["-V"], ["help"], ["help", "status"]):
        answer = ctl(daemon, *words)
        assert answer.returncode == 0 and answer.stdout and not answer.stderr, words
    answer = daemon.run(["sh", "-c", 'printf "status\nnonsense\n" | "$@"', "sh",
                         BUILD + "/src/mip6ctl", "-s", SOCKET % "n"])
    assert answer.returncode == 1 and "role:" in answer.stdout
    answer = daemon.run([BUILD + "/src/mip6ctl", "-s", "/run/nowhere.sock", "status"])
    assert answer.returncode == 3 and "is mip6d running" in answer.stderr
