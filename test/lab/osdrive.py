# SPDX-License-Identifier: GPL-2.0-or-later
"""The port on Linux, driven from a test: see osdrive.c.

>>> with Drive(node) as port:
...     port.put({"type": "route", "dst": "2001:db8::/32", "dev": "eth0"})
"""
import contextlib
import json
import os
import signal
import subprocess
import threading

from .net import BUILD, PATIENCE_S, TooLate

OSDRIVE = BUILD + "/test/lab/osdrive"


class Refused(AssertionError):
    """The port said no. `errors` are those of each change."""

    def __init__(self, what, errors):
        super().__init__("%s: %s" % (what, [os.strerror(-e) if e else 0 for e in errors]))
        self.errors = errors


class Drive:
    """One osdrive on a node."""

    def __init__(self, node, run_dir=None, quiet=False):
        self.node = node
        self.run_dir = run_dir or os.path.join(node.lab.results, node.name + ".run")
        os.makedirs(self.run_dir, exist_ok=True)
        self.events = []
        self._news = threading.Condition()
        self._ticket = 0
        self.log = os.path.join(node.lab.results, node.name + ".osdrive.log")
        with open(self.log, "ab") as log, node:
            env = dict(os.environ, OSDRIVE_QUIET="1") if quiet else None
            self.popen = subprocess.Popen([OSDRIVE, self.run_dir], env=env, stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, stderr=log, text=True,
                                          start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self.popen.stdout:
            with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()
        with self._news:
            self.events.append({"event": "end"})
            self._news.notify_all()

    def close(self):
        """Let it end by itself."""
        if self.popen.poll() is None:
            with contextlib.suppress(BrokenPipeError):
                self.popen.stdin.close()
            self.popen.wait(5)
        assert self.popen.returncode in (0, -signal.SIGKILL), \
            "osdrive ended with %s; see %s" % (self.popen.returncode, self.log)
        self._reader.join()
        self.popen.stdout.close()

    def kill(self):
        """As a crash would end it."""
        self.popen.kill()
        self.popen.wait()

    # ---- what it says

    def find(self, event, begin=0, **fields):
        """The events so far of that kind with those fields, from the `begin`th event on."""
        return [e for e in self.events[begin:] if e["event"] == event
                and all(e.get(k) == v for k, v in fields.items())]

    def wait(self, event, within_s=PATIENCE_S, begin=0, **fields):
        """The first event of that kind with those fields, from the `begin`th event on."""
        with self._news:
            done = self._news.wait_for(lambda: self.find(event, begin, **fields) or
                                       self.find("end"), within_s)
            found = self.find(event, begin, **fields)
            if found:
                return found[0]
            raise TooLate("%s %s: %s" % (event, fields, "not within %.1f s" % within_s
                          if not done else "osdrive has ended, see " + self.log))

    def mark(self):
        """Where the events of the future begin."""
        return len(self.events)

    # ---- what it is told

    def order(self, do, **fields):
        """One order. Returns the error of the function called: 0 or -errno."""
        begin = self.mark()
        self.popen.stdin.write(json.dumps(dict(fields, do=do)) + "\n")
        self.popen.stdin.flush()
        return self.wait("result", begin=begin, of=do)["error"]

    def apply(self, changes, within_s=PATIENCE_S):
        """Returns the list of errors."""
        self._ticket += 1
        begin = self.mark()
        error = self.order("apply", ticket=self._ticket, changes=changes)
        assert error == 0, error
        return self.wait("done", within_s, begin, ticket=self._ticket)["errors"]

    def _must(self, op, objects, was=None):
        changes = [dict(o, op=op) for o in objects]
        if was:
            changes[0]["was"] = was
        errors = self.apply(changes)
        if any(errors):
            raise Refused([c for c, e in zip(changes, errors) if e], errors)

    def put(self, *objects):
        self._must("put", objects)

    def replace(self, object_, was):
        self._must("replace", [object_], was)

    def delete(self, *objects):
        self._must("delete", objects)

    def scan(self):
        """The objects in the kernel that carry our marks."""
        begin = self.mark()
        assert self.order("scan") == 0
        return [{k: v for k, v in e.items() if k not in ("event", "t_us")}
                for e in self.find("object", begin)]

    def send(self, proto, data, hop_limit=64, **path):
        return self.order("send", proto=proto, data=data.hex(), path=path, hop_limit=hop_limit)

    def preflight(self, conf):
        """The findings: a list of (severity, what, mend)."""
        begin = self.mark()
        fatal = self.order("preflight", conf=conf)
        found = [(e["severity"], e["what"], e["mend"]) for e in self.find("finding", begin)]
        assert fatal == len([f for f in found if f[0] == "error"])
        return found

    def ifindex(self, name):
        return self.find("link", name=name)[-1]["ifindex"]
