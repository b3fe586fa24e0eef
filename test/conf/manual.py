#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares mip6d.conf(5) with the option table, and mip6d(8) with --help.

The manual states for each option, in the four lines behind its .It line, the
facts that the table has: type, default, roles, what a reload does. A heading
".Ss Inside NAME" begins the options of a block; other headings end it. Every
option of the table must be there, in its block, with its facts; every option of
the manual must be in the table. Prints TAP.
"""
import os
import re
import subprocess
import sys

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir", ".")
FACTS = ("Type: ", "Default: ", "Roles: ", "Reload: ")


def read_table():
    out = subprocess.run([os.path.join(BUILD, "test/conf/list_options")],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    return {(block, name): facts
            for block, name, facts in (line.split("\t") for line in out.splitlines())}


def item_name(line):
    """The option of an .It line, "-" for one without keyword, None for other items."""
    match = re.match(r"\.It Ic (\S+)", line)
    if match:
        return match.group(1)
    return "-" if line.startswith(".It Ar ADDR Ns") else None


def read_manual(path):
    with open(path, encoding="ascii") as f:
        lines = f.read().splitlines()
    block, found, wrong = "top level", {}, []
    for n, line in enumerate(lines):
        if re.match(r"\.S[hs] ", line):
            match = re.match(r"\.Ss Inside (\S+)$", line)
            block = match.group(1) if match else "top level"
        name = item_name(line)
        facts = lines[n + 1:n + 5]
        if name is None:
            continue
        if not all(f.startswith(p) for f, p in zip(facts, FACTS)):
            wrong.append(f"line {n + 1}: {name} is not followed by its four facts")
        elif (block, name) in found:
            wrong.append(f"line {n + 1}: {name} is there twice")
        found[block, name] = " ".join(facts)
    return found, wrong


class Tap:
    def __init__(self):
        self.count, self.failed = 0, 0

    def ok(self, good, name, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            for line in str(why).splitlines():
                print(f"# {line}")


def check_options(tap):
    table = read_table()
    found, wrong = read_manual(os.path.join(TOP, "man/mip6d.conf.5"))
    tap.ok(not wrong, "mip6d.conf(5): every option has its facts", "\n".join(wrong))
    tap.ok(len(table) > 60, "the table has options", f"only {len(table)}")
    for key, facts in table.items():
        block, name = key
        tap.ok(found.get(key) == facts, f"mip6d.conf(5): {name} ({block})",
               f"table:  {facts}\nmanual: {found.get(key)}")
    extra = sorted(set(found) - set(table))
    tap.ok(not extra, "mip6d.conf(5) names no option that is not in the table", extra)


def check_command_line(tap):
    text = subprocess.run([os.path.join(BUILD, "src/mip6d"), "--help"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    with open(os.path.join(TOP, "man/mip6d.8"), encoding="ascii") as f:
        manual = f.read()
    options = set(re.findall(r"(?<=\s)--([a-z][a-z-]+)", text))
    tap.ok(len(options) >= 10, "--help names the options", options)
    in_manual = set(re.findall(r"^\.It .*?Fl -([a-z][a-z-]+)", manual, re.M))
    tap.ok(options == in_manual, "mip6d(8) and --help name the same options",
           f"only in one of them: {sorted(options ^ in_manual)}")
    letters = set(re.findall(r"(?<=\s)-([A-Za-z])(?=,)", text))
    in_manual = set(re.findall(r"^\.It Fl ([A-Za-z])\b", manual, re.M))
    tap.ok(letters == in_manual, "mip6d(8) and --help name the same letters",
           f"only in one of them: {sorted(letters ^ in_manual)}")


def check_examples(tap):
    """The complete configurations in the manual are right."""
    with open(os.path.join(TOP, "man/mip6d.conf.5"), encoding="ascii") as f:
        manual = f.read()
    for n, text in enumerate(re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", manual,
                                        re.M | re.S), 1):
        run = subprocess.run([os.path.join(BUILD, "src/mip6d"), "--check", "-c", "/dev/stdin"],
                             input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, check=False)
        tap.ok(run.returncode == 0, f"mip6d.conf(5): example {n} is right", run.stderr)


def main():
    tap = Tap()
    check_options(tap)
    check_command_line(tap)
    check_examples(tap)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
