# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the lab: scripts/lab."""
import argparse
import ast
import glob
import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import host, timeline	# noqa: E402 (the path comes first)


MEMORY, BOUND_S = "512M", 600


def prepare(args):
    """What every command needs: a folder of results, a build tree, a guest."""
    results = host.new_results(args.results)
    build = host.find_build(args.builddir)
    kernel = host.choose_kernel(args.kernel)
    host.build_programs(build, kernel)
    return host.Guest(results, kernel=kernel, build=build, memory=args.memory or MEMORY,
                      bound_s=BOUND_S if args.bound is None else args.bound)


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def command_exec(args):
    """A command as root in a bare guest."""
    guest = prepare(args)
    guest.on_output = show
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    return guest.run(["/usr/bin/env"] + args.command, terminal=terminal)


def topology(args):
    """The arguments of Internet that the command line changes, as JSON."""
    changes = {}
    if args.ra:
        changes["ra_interval_ms"] = [float(v) for v in args.ra.split(",")]
    names = ("delay_ms", "jitter_ms", "loss_percent")
    for link in args.link or []:
        name, _, values = link.partition("=")
        changes.setdefault("quality", {})[name] = dict(zip(names, map(float, values.split(","))))
    return json.dumps(changes)


def run_inside(args, words):
    """Start inside.py in a guest. Returns its exit status."""
    guest = prepare(args)
    guest.on_output = show
    interactive = words[0] == "shell" and sys.stdin.isatty()
    command = [host.PYTHON, "-B", os.path.join(os.path.dirname(__file__), "inside.py")] + words
    status = guest.run(command,
                       environment={"LAB_TERMINAL": "yes" if interactive else "no"},
                       terminal=sys.stdin.fileno() if words[0] == "shell" else None)
    print("results: " + guest.results)
    return status


def command_run(args):
    """A scenario, step by step."""
    if args.scenario not in scenarios():
        raise host.LabError("no scenario %s; there are: %s"
                            % (args.scenario, " ".join(scenarios())))
    return run_inside(args, ["run", args.scenario, topology(args)])


def command_demo(args):
    """A mobile node tours four links, and its connections go on."""
    return run_inside(args, ["run", "tour", topology(args)])


def command_shell(args):
    """A shell in the internetwork, with helpers to move the node."""
    return run_inside(args, ["shell", topology(args)])


def command_bench(args):
    """Measurements (test/bench), with the machine's own noise."""
    known = described("../bench")
    names = args.names or list(known)
    for name in names:
        if name.partition(":")[0] not in known:
            raise host.LabError("no benchmark %s; there are: %s" % (name, " ".join(known)))
    wishes = [constants("../bench", name.partition(":")[0]) for name in names]
    if args.memory is None:
        args.memory = max((w["LAB_MEMORY"] for w in wishes if "LAB_MEMORY" in w),
                          key=memory_bytes, default=MEMORY)
    if args.bound is None:
        args.bound = sum(w.get("LAB_BOUND_S", BOUND_S) for w in wishes)
    return run_inside(args, ["bench"] + names)


def constants(folder, name):
    """The numbers and texts that a file gives names to."""
    with open(os.path.join(os.path.dirname(__file__), folder, name + ".py")) as f:
        tree = ast.parse(f.read())
    return {node.targets[0].id: node.value.value for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)}


def described(folder):
    """The files of a folder: name -> first line of the docstring."""
    found = {}
    for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), folder, "[a-z]*.py"))):
        with open(path) as f:
            text = ast.get_docstring(ast.parse(f.read()))
        found[os.path.basename(path)[:-3]] = text.splitlines()[0]
    return found


def scenarios():
    return described("scenarios")


def command_list(args):
    """The scenarios, the benchmarks and the tests."""
    for name, text in scenarios().items():
        print("run   %-10s %s" % (name, text))
    for name, text in described("../bench").items():
        print("bench %-10s %s" % (name, text))
    for path in sorted(glob.glob(os.path.dirname(__file__) + "/test_*.py")):
        with open(path) as f:
            tree = ast.parse(f.read())
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                text = (ast.get_docstring(function) or "").split("\n")[0]
                print("test  %s::%s  %s" % (os.path.basename(path), function.name, text))
    return 0


def command_test(args):
    """The tests whose file or name contains the pattern; all of them without one."""
    try:
        import pytest
    except ImportError:
        raise host.LabError("no pytest: install the package python3-pytest") from None
    from lab import taplines
    here = os.path.dirname(os.path.abspath(__file__))
    lines = taplines.TapLines()
    options = [here, "--rootdir=" + host.SOURCE, "-p", "no:cacheprovider", "-qq", "-rN",
               "-o", "console_output_style=classic",
               "--lab-kernel=" + (args.kernel or "uml")]
    options += ["-k", args.pattern] if args.pattern else []
    options += ["--lab-jobs=%d" % args.jobs] if args.jobs else []
    options += ["--lab-results=" + args.results] if args.results else []
    options += ["--lab-builddir=" + args.builddir] if args.builddir else []
    sys.dont_write_bytecode = True
    status = pytest.main(options, plugins=[lines])
    return lines.finish(status)


def command_timeline(args):
    """What happened in a run: events and signalling of all nodes, in order."""
    if args.svg:
        from lab import drawing
        for node in args.nodes[:1] or ["mn"]:
            drawing.write(args.folder, timeline.read(args.folder, [node]), args.svg, node)
        print("drawn: " + args.svg)
    else:
        timeline.show(args.folder, args.nodes)
    return 0


def command_fetch_kernel(args):
    """Get Debian's kernel for --kernel qemu (500 MB below ~/.cache)."""
    from lab import qemu
    print("kernel in " + qemu.fetch_kernel())
    return 0


def memory_size(text):
    if not re.fullmatch(r"[0-9]+[kKmMgG]", text):
        raise argparse.ArgumentTypeError("a number with K, M or G, not %r" % text)
    return text


def memory_bytes(text):
    return int(text[:-1]) << {"K": 10, "M": 20, "G": 30}[text[-1].upper()]


def parse(argv):
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--kernel", choices=("native", "uml", "qemu"),
                        help="native: the running kernel; uml: User Mode Linux; qemu: Debian's"
                             " kernel, emulated (default: native if it can, else uml)")
    common.add_argument("--results", metavar="DIR", help="where pcaps and logs go (default: new)")
    common.add_argument("--builddir", metavar="DIR", help="the build tree (default: this one)")
    common.add_argument("--memory", metavar="SIZE", type=memory_size,
                        help="of the guest, such as 512M or 1G")
    common.add_argument("--bound", metavar="SECONDS", type=int,
                        help="after which the guest is ended (0: none)")
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def add(name, function, *parents):
        p = commands.add_parser(name, parents=[common, *parents], help=function.__doc__)
        p.set_defaults(function=function)
        return p
    test = add("test", command_test)
    test.add_argument("pattern", nargs="?")
    test.add_argument("--jobs", type=int, metavar="N", help="guests at a time")
    internet = argparse.ArgumentParser(add_help=False)
    internet.add_argument("--ra", metavar="MIN,MAX", help="router advertisement interval, ms")
    internet.add_argument("--link", metavar="NAME=DELAY[,JITTER[,LOSS]]", action="append",
                          help="quality of a link: ms, ms, percent")
    add("run", command_run, internet).add_argument("scenario")
    add("demo", command_demo, internet)
    add("shell", command_shell, internet).set_defaults(bound=0)
    add("bench", command_bench).add_argument("names", nargs="*", metavar="NAME[:PART,...]")
    add("list", command_list)
    story = add("timeline", command_timeline)
    story.add_argument("folder", help="the results of the run")
    story.add_argument("nodes", nargs="*", help="only these nodes")
    story.add_argument("--svg", metavar="FILE", help="draw each move (of the first node named, or"
                       " mn): signalling, and lost probes")
    add("fetch-kernel", command_fetch_kernel)
    add("exec", command_exec).add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    # Started in the background of a script, it would have this ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return args.function(args)
    except host.LabError as error:
        print("lab: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
