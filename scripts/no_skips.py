"""A pytest plugin: a skipped test fails the run, because nobody looks at what was not run.

`make test` loads it (`-p scripts.no_skips`); a single file run by hand may still skip.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Names every skipped or expected-to-fail test and turns success into failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # an xdist worker: its controller counts
        return
    not_run = [report.nodeid for kind in ("skipped", "xfailed") for report in reporter.stats.get(kind, [])]
    if not_run:
        reporter.write_line("")
        reporter.write_line("not run, and every test has to: " + ", ".join(not_run), red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
