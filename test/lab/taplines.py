# SPDX-License-Identifier: GPL-2.0-or-later
"""How `lab test` speaks: a line for each test, details of what failed, a count at the end."""


class TapLines:
    """A plugin of pytest."""

    def __init__(self):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.outcomes = {}	# nodeid -> outcome of the phases so far
        self.reasons = {}	# nodeid -> why it was skipped
        self.number = 0
        self.terminal = None
        self.results = None

    def pytest_sessionstart(self, session):
        self.terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        self.terminal.showfspath = False

    def pytest_report_teststatus(self, report):
        """No letters; a failure is still listed as one in the end."""
        if report.failed:
            return ("error" if report.when != "call" else "failed"), "", ""
        return "", "", ""

    def pytest_runtest_logreport(self, report):
        outcome = self.outcomes.get(report.nodeid, "passed")
        if report.outcome != "passed" and outcome == "passed":
            outcome = report.outcome
        self.outcomes[report.nodeid] = outcome
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.nodeid] = report.longrepr[2].replace("Skipped: ", "", 1)
        if report.when != "teardown":
            return
        self.number += 1
        self.counts[outcome] += 1
        name = report.nodeid.rpartition("/")[2]
        reason = ""
        if outcome == "skipped":
            reason = " # SKIP " + self.reasons.get(report.nodeid, "")
        self.terminal.write_line("%s %d - %s%s" % ("not ok" if outcome == "failed" else "ok",
                                                   self.number, name, reason))

    def pytest_sessionfinish(self, session):
        self.results = getattr(session.config, "lab_results", None)

    def finish(self, status):
        """The last line. Returns the exit status."""
        if self.results:
            print("results: %s" % self.results)
        print("%(passed)d passed, %(failed)d failed" % self.counts
              + (", %d skipped" % self.counts["skipped"] if self.counts["skipped"] else ""))
        return 1 if status or self.counts["failed"] else 0
