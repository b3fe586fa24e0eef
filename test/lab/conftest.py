# SPDX-License-Identifier: GPL-2.0-or-later
"""pytest for the lab: tests are collected on the host and run in a guest.

On the host, the modules with something to run are handed out, one guest each, several
at a time; each guest runs pytest again on its module and sends every report over the
channel, and the host's pytest reports it as its own. So `pytest test/lab` works on any
machine, as does everything that pytest can print or write.

A module may say LAB_MEMORY = "1024M", and LAB_BOUND_S for all of it. A test has 120 s, or what
@pytest.mark.limit(seconds) says.
"""
import os
import queue
import re
import signal
import threading

import pytest

from . import host

IN_GUEST = "LAB_GUEST" in os.environ
LIMIT_S = 120


def pytest_addoption(parser):
    group = parser.getgroup("lab")
    group.addoption("--lab-kernel", default="uml", choices=("uml", "native", "qemu"))
    group.addoption("--lab-results", default=None, help="folder for pcaps and logs")
    group.addoption("--lab-jobs", type=int, default=os.cpu_count(), help="guests at a time")
    group.addoption("--lab-builddir", default=None)


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): how long the test may take")


# ---- in the guest

class TestTooLong(Exception):
    pass


def results_of(nodeid):
    """The folder of one test's results."""
    name = re.sub(r"[^\w.-]+", "-", nodeid.replace("test/lab/", "").replace(".py::", "/"))
    module, _, test = nodeid.partition("::")
    module = os.path.basename(module).replace(".py", "")
    test = re.sub(r"[^\w.-]+", "-", test).strip("-")
    return os.path.join(os.environ["LAB_RESULTS"], test) if test else name


@pytest.fixture
def results(request):
    """The path of this test's own folder."""
    path = results_of(request.node.nodeid)
    os.makedirs(path, exist_ok=True)
    return path


@pytest.fixture
def lab(results):
    """An empty Lab: make nodes and links in it. It is cleared away afterwards."""
    from .net import Lab
    with Lab(results) as fresh:
        yield fresh


@pytest.fixture
def internet(request, results):
    """The whole internetwork. With arguments:
    @pytest.mark.parametrize("internet", [{...}], indirect=True)."""
    from .internet import Internet
    with Internet(results, **getattr(request, "param", {})) as whole:
        yield whole


def bounded(item):
    mark = item.get_closest_marker("limit")
    limit = mark.args[0] if mark else LIMIT_S

    def ring(*_):
        raise TestTooLong("not done after %d s" % limit)
    signal.signal(signal.SIGALRM, ring)
    signal.alarm(int(limit))
    try:
        yield
    finally:
        signal.alarm(0)


if IN_GUEST:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(item):
        yield from bounded(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(item):
        yield from bounded(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(item):
        yield from bounded(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            from .internet import last_words
            report.sections.append(("lab", last_words(results_of(item.nodeid))))

    def pytest_runtest_logreport(report):
        from .capture import tell_host
        config = report_config
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        tell_host({"do": "report", "report": data})

    def pytest_sessionstart(session):
        global report_config
        report_config = session.config


# ---- on the host

class ModuleRun(threading.Thread):
    """One guest, for the tests of one module. Reports go to the queue; at the end, itself."""

    def __init__(self, items, config, results, build, reports):
        super().__init__(daemon=True)
        self.items = items
        self.module = items[0].module
        self.name = os.path.basename(self.module.__file__).replace(".py", "")
        self.config = config
        self.reports = reports
        self.results = os.path.join(results, self.name)
        self.guest = None
        self.build = build
        self.reported = set()	# nodeids that have come to their end
        self.error = ""

    def take_report(self, message):
        self.reports.put(message["report"])
        if message["report"].get("when") == "teardown":
            self.reported.add(message["report"]["nodeid"])

    def run(self):
        try:
            os.makedirs(self.results, exist_ok=True)
            guest = host.Guest(self.results, kernel=self.config.getoption("lab_kernel"),
                               memory=getattr(self.module, "LAB_MEMORY", "512M"),
                               bound_s=getattr(self.module, "LAB_BOUND_S", 600), build=self.build)
            guest.on_message["report"] = self.take_report
            names = ["%s::%s" % (i.path, i.nodeid.partition("::")[2]) for i in self.items]
            status = guest.run([host.PYTHON, "-B", "-m", "pytest", "-qq", "-p", "no:cacheprovider",
                                "--color=no", "--rootdir=%s" % self.config.rootpath] + names)
            self.error = "the guest ended with status %d" % status
        except Exception as error:	# whatever it is, the host's pytest must hear of it
            self.error = "%s: %s" % (type(error).__name__, error)
        self.reports.put(self)

    def missing(self):
        """Reports for the tests that have not come to an end."""
        output = ""
        if os.path.exists(self.results + "/output.log"):
            with open(self.results + "/output.log", errors="replace") as f:
                output = "".join(f.readlines()[-40:])
        for item in self.items:
            if item.nodeid not in self.reported:
                text = "%s; its results: %s\n%s" % (self.error, self.results, output)
                yield pytest.TestReport(item.nodeid, item.location, {}, "failed", text, "call")
                yield pytest.TestReport(item.nodeid, item.location, {}, "passed", None, "teardown")


def run_on_host(session, items):
    """Modules with LAB_HOST = True have tests of the host's side, which start guests themselves."""
    for item, following in zip(items, items[1:] + [None]):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def pytest_runtestloop(session):
    if IN_GUEST or session.config.option.collectonly:
        return None
    if session.testsfailed:
        raise session.Interrupted("%d errors during collection" % session.testsfailed)
    option = session.config.getoption
    try:
        results = host.new_results(option("lab_results"))
        build = host.find_build(option("lab_builddir"))
        host.build_programs(build, option("lab_kernel"))
    except host.LabError as error:
        pytest.exit("lab: %s" % error, returncode=2)
    session.config.lab_results = results
    os.environ["MIP6D_BUILDDIR"] = build
    reports = queue.Queue()
    modules = {}
    on_host = [item for item in session.items if getattr(item.module, "LAB_HOST", False)]
    for item in session.items:
        if item not in on_host:
            modules.setdefault(item.module, []).append(item)
    waiting = [ModuleRun(items, session.config, results, build, reports)
               for items in modules.values()]
    running = 0
    while waiting or running:
        while waiting and running < option("lab_jobs"):
            waiting.pop(0).start()
            running += 1
        done = reports.get()
        if isinstance(done, ModuleRun):
            running -= 1
            for report in done.missing():
                session.config.hook.pytest_runtest_logreport(report=report)
            continue
        config = session.config
        report = config.hook.pytest_report_from_serializable(config=config, data=done)
        if report.when == "setup":
            config.hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        config.hook.pytest_runtest_logreport(report=report)
        if report.when == "teardown":
            config.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
    run_on_host(session, on_host)
    return True
