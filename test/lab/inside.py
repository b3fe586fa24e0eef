# SPDX-License-Identifier: GPL-2.0-or-later
"""What `lab run`, `lab demo`, `lab shell` and `lab bench` start in the guest.

	python3 inside.py run NAME TOPOLOGY
	python3 inside.py shell TOPOLOGY
	python3 inside.py bench NAME[:PART,...]...

TOPOLOGY is JSON: arguments of Internet that replace a scenario's own.
"""
import importlib
import json
import os
import subprocess
import sys
import threading
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab.internet import Internet, last_words	# noqa: E402 (the path comes first)

RESULTS = os.environ["LAB_RESULTS"]
BIN = "/run/lab/bin"


def run_scenario(name, changes):
    """Returns the exit status."""
    scenario = importlib.import_module("lab.scenarios." + name)
    topology = dict(getattr(scenario, "TOPOLOGY", {}), **changes)
    print(scenario.__doc__.strip().splitlines()[0], flush=True)
    with Internet(RESULTS, **topology) as net:
        net.echo = True
        try:
            scenario.run(net)
        except Exception:
            traceback.print_exc()
            print(last_words(RESULTS))
            print("%s: failed" % name)
            return 1
        finally:
            net.echo = False
    print("%s: passed" % name)
    return 0


HELPERS = {
    "on": """#!/bin/sh
# on NODE COMMAND...: run a command on a node; without a command, a shell.
node=$1; shift
[ $# -gt 0 ] || set -- env PS1="$node# " bash --norc
exec ip netns exec "$node" "$@"
""",
    "mn-move": """#!/bin/sh
# mn-move 1|2|3|home [carrier|silent|make-before-break]: move the mobile node.
exec lab-ask move "$@"
""",
    "topology": """#!/bin/sh
# topology: the map, and where the mobile node is.
exec lab-ask topology
""",
    "link-quality": """#!/bin/sh
# link-quality LINK DELAY_MS [JITTER_MS [LOSS_PERCENT]]: what a link is like from now on.
exec lab-ask quality "$@"
""",
    "lab-ask": """#!/bin/sh
# The other helpers' way to the process that keeps the lab.
exec 9>/run/lab/ask.lock
flock 9
echo "$@" >/run/lab/ask
cat /run/lab/answer
""",
    "lab-help": """#!/bin/sh
# lab-help: this.
cd /run/lab/bin && sed -n 's/^# \\(.*: .*\\)/  \\1/p' on mn-move topology link-quality lab-help
echo "Nodes: $(ip netns list | cut -d' ' -f1 | sort | tr '\\n' ' ')"
echo "Captures, logs: $LAB_RESULTS"
""",
}


def answer(net, words):
    """What a helper asked for. Returns the text to print."""
    if words[0] == "move":
        place = int(words[1]) if words[1].isdigit() else words[1]
        net.move(place, *words[2:3])
        return ""
    if words[0] == "quality":
        net.links[words[1]].set_quality(*map(float, words[2:5]))
        return ""
    if words[0] == "topology":
        return net.describe()
    return "unknown: %s\n" % words[0]


def keep_answering(net):
    while True:
        with open("/run/lab/ask") as f:
            words = f.read().split()
        try:
            text = answer(net, words)
        except Exception as error:	# a mistake at the keyboard must not end the shell
            text = "%s: %s\n" % (type(error).__name__, error)
        with open("/run/lab/answer", "w") as f:
            f.write(text)


def run_shell(changes):
    """An interactive shell; or, without a terminal, what stands on standard input."""
    os.makedirs(BIN)
    for name, text in HELPERS.items():
        with open("%s/%s" % (BIN, name), "w") as f:
            f.write(text)
        os.chmod("%s/%s" % (BIN, name), 0o755)
    os.mkfifo("/run/lab/ask")
    os.mkfifo("/run/lab/answer")
    interactive = os.environ["LAB_TERMINAL"] == "yes"
    if interactive:
        print("Building the internetwork ...", flush=True)
    with Internet(RESULTS, **changes) as net:
        threading.Thread(target=keep_answering, args=(net,), daemon=True).start()
        environment = dict(os.environ, PATH="%s:%s" % (BIN, os.environ["PATH"]),
                           PS1="lab# ", HISTFILE="")
        if interactive:
            subprocess.run(["topology"], env=environment)
            subprocess.run(["lab-help"], env=environment)
            shell = ["bash", "--norc", "-i"]
        else:
            shell = ["bash", "--norc", "/dev/stdin"]
        return subprocess.run(shell, env=environment).returncode


def run_benchmarks(names):
    for wanted in names:
        name, _, parts = wanted.partition(":")
        module = importlib.import_module("bench." + name)
        print("== %s: %s" % (name, module.__doc__.strip().splitlines()[0]), flush=True)
        bench = importlib.import_module("bench").Bench(name, RESULTS)
        bench.parts = parts.split(",") if parts else []
        try:
            module.run(bench)
        finally:
            bench.finish()
    return 0


def main(argv):
    if argv[0] == "bench":
        return run_benchmarks(argv[1:])
    changes = json.loads(argv[-1])
    if argv[0] == "run":
        return run_scenario(argv[1], changes)
    return run_shell(changes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
