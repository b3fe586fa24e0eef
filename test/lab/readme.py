# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README tells people to type: its commands and its configurations.

What is indented by four spaces is either: a line that begins with a word of COMMANDS, up to two
spaces behind which an explanation may stand; or part of a configuration, which begins with a
comment that names it. As a program, checks what can be checked without a lab, in TAP.
"""
import os
import re
import subprocess
import sys
import tempfile

COMMANDS = ("mip6d", "mip6ctl", "systemctl", "journalctl", "sysctl", "ip6tables", "nmcli", "make",
            "sudo", "autoreconf", "mkdir", "../configure", "topology", "on", "mn-move")
SHELL_OF_LAB = ("topology", "on", "mn-move")	# words that scripts/lab shell has


def is_command(line):
    word = line.split()[0]
    return word in COMMANDS or word.startswith("scripts/")


def read(path):
    """(commands, configurations): a list of texts, and name -> text."""
    commands, configurations, name = [], {}, None
    with open(path) as f:
        for line in f.read().splitlines():
            if line.startswith("    # "):
                name = line.strip("# ").strip()
                configurations[name] = ""
            elif line.startswith("    ") and line.strip():
                if name:
                    configurations[name] += line[4:] + "\n"
                elif is_command(line) and not line.startswith("     "):
                    commands.append(re.split(r"  +", line.strip())[0])
            else:
                name = None if not line.strip() or name is None else name
    return commands, configurations


def words_of_manual(path):
    """The words that mip6ctl(8) describes."""
    words = set()
    with open(path) as f:
        for line in f:
            m = re.match(r"\.It Cm ([a-z]+)", line)
            if m:
                words.add(m.group(1))
    return words


class Checks:
    """What holds for each command, without a lab."""

    def __init__(self, source, build):
        self.source, self.build = source, build
        self.words = words_of_manual(os.path.join(source, "man", "mip6ctl.8"))
        self.help = self.output("src/mip6d", "--help")
        with open(os.path.join(source, "src", "os", "preflight.c")) as f:
            self.preflight = f.read()
        with open(os.path.join(source, "scripts", "lab")) as f:
            self.lab = f.read()
        with open(os.path.join(source, "test", "lab", "inside.py")) as f:
            self.lab += f.read()

    def output(self, program, *options):
        return subprocess.run([os.path.join(self.build, program), *options], text=True,
                              capture_output=True, check=True).stdout

    def is_known(self, command):
        """Whether each word of it is one that its program has."""
        program, *words = command.split()
        if program == "mip6ctl":
            return words[0] in self.words
        if program == "mip6d":
            return all(w.split("=")[0] in self.help for w in words if w.startswith("-"))
        if program.startswith("scripts/"):
            return os.access(os.path.join(self.source, program), os.X_OK)
        if program in SHELL_OF_LAB:
            return program in self.lab
        if program == "nmcli":
            return " ".join([program, *words[:2]]) in self.preflight
        if program in ("systemctl", "journalctl"):
            return "mip6d" in words or words == ["daemon-reload"]
        return True

    def is_right(self, configuration):
        """Whether mip6d takes it without an error."""
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
            f.write(configuration)
            f.flush()
            return subprocess.run([os.path.join(self.build, "src/mip6d"), "-c", f.name, "--check"],
                                  capture_output=True).returncode == 0


def main(source, build):
    checks = Checks(source, build)
    commands, configurations = read(os.path.join(source, "README"))
    results = [("'%s' is known" % c, checks.is_known(c)) for c in commands]
    results += [("the configuration of a %s is right" % n, checks.is_right(t))
                for n, t in configurations.items()]
    results.append(("there are commands and configurations",
                    len(commands) > 30 and len(configurations) >= 5))
    results.append(("what is not known is found", not checks.is_known("mip6ctl nonsense") and
                    not checks.is_known("mip6d --nonsense") and
                    not checks.is_known("scripts/nonsense") and
                    not checks.is_right("NodConfig HA;")))
    print("1..%d" % len(results))
    for n, (what, good) in enumerate(results, 1):
        print("%sok %d - %s" % ("" if good else "not ", n, what))
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
