"""The command line of the lab: scripts/lab."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import host	# noqa: E402 (the path comes first)


def prepare(args):
    """What every command needs: a folder of results, a build tree, a guest."""
    results = host.new_results(args.results)
    build = host.find_build(args.builddir)
    host.build_tools(build)
    return host.Guest(results, kernel=host.choose_kernel(args.kernel), memory=args.memory,
                      bound_s=args.bound, build=build)


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def command_exec(args):
    """A command as root in a bare guest."""
    guest = prepare(args)
    guest.on_output = show
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    return guest.run(["/usr/bin/env"] + args.command, terminal=terminal)


def command_test(args):
    """The tests whose file or name contains the pattern; all of them without one."""
    import pytest
    from lab import taplines
    here = os.path.dirname(os.path.abspath(__file__))
    lines = taplines.TapLines()
    options = [here, "--rootdir=" + host.SOURCE, "-p", "no:cacheprovider", "-q",
               "--lab-kernel=" + (args.kernel or "uml")]
    options += ["-k", args.pattern] if args.pattern else []
    options += ["--lab-jobs=%d" % args.jobs] if args.jobs else []
    options += ["--lab-results=" + args.results] if args.results else []
    options += ["--lab-builddir=" + args.builddir] if args.builddir else []
    sys.dont_write_bytecode = True
    status = pytest.main(options, plugins=[lines])
    return lines.finish(status)


def parse(argv):
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--kernel", choices=("native", "uml"),
                        help="native: the running kernel; uml: User Mode Linux")
    common.add_argument("--results", metavar="DIR", help="where pcaps and logs go (default: new)")
    common.add_argument("--builddir", metavar="DIR", help="the build tree (default: this one)")
    common.add_argument("--memory", metavar="SIZE", default="512M", help="of the guest")
    common.add_argument("--bound", metavar="SECONDS", type=int, default=600,
                        help="after which the guest is ended (0: none)")
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def add(name, function):
        p = commands.add_parser(name, parents=[common], help=function.__doc__)
        p.set_defaults(function=function)
        return p
    test = add("test", command_test)
    test.add_argument("pattern", nargs="?")
    test.add_argument("--jobs", type=int, metavar="N", help="guests at a time")
    add("exec", command_exec).add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    try:
        return args.function(args)
    except host.LabError as error:
        print("lab: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
