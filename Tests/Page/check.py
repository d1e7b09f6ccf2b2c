#!/usr/bin/env python3
"""Checks the daemon's page in headless Chromium: every state of it against a stand-in, and once against odud.

check.py [--odud PROGRAM] [--bench FILE] [--output FOLDER] [NAME…]
"""

import argparse
import os
import pathlib
import re
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from browser import Browser, Page, program  # noqa: E402
from mock import Bench, Server  # noqa: E402
from odud import Failure  # noqa: E402
import states  # noqa: E402
import daemon  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "../../Sources/BenchService/Page")
# Bytes of the page with its style and script. On a line of 1 Mbit/s, as a bench behind a bad network has, that is half a second
# before anything is seen; nothing is packed or cached on the way.
BUDGET = 60_000


def only_what_the_daemon_serves(_):
    """The page is three small files without outside resources, nothing of it is inline, and it never makes markup of data."""
    text = ""
    for name in ("page.html", "page.css", "page.js"):
        with open(os.path.join(PAGE, name), encoding="utf-8") as file:
            part = file.read()
        assert not name.endswith("html") or not re.search(r"<style|<script>|\son\w+=|\sstyle=", part), "something is inline"
        text += part
    assert len(text.encode()) <= BUDGET, f"{len(text.encode())} bytes"
    outside = set(re.findall(r"https?://[^'\"\s]+", text)) - {"http://www.w3.org/2000/svg"}
    assert not outside, outside
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert dangerous not in text, dangerous


class Setting:
    """What a check gets: a browser, a stand-in of the daemon, and pages that are closed afterwards."""

    def __init__(self, browser, output, options):
        self.browser, self.output, self.options = browser, output, options
        self.bench, self.server, self.pages, self.forgiven = Bench(), None, [], []

    def open(self, path="", **look):
        self.server = self.server or Server(self.bench, PAGE)
        return self.open_address(f"http://127.0.0.1:{self.server.port}/{path}", **look)

    def open_address(self, address, **look):
        page = Page(self.browser, **look)
        self.pages.append(page)
        page.open(address)
        return page

    def restart(self):
        port = self.server.port
        self.server = Server(self.bench, PAGE, port)

    def picture(self, page, name, full=False):
        page.picture(os.path.join(self.output, f"{name}.png"), full)

    def close_pages(self):
        """Before the server goes: a browser complains of one that is away."""
        errors = [error for page in self.pages for error in page.errors if not any(text in error for text in self.forgiven)]
        for page in self.pages:
            page.close()
        self.pages = []
        assert not errors, "the console is not silent: " + "; ".join(errors)

    def close(self):
        try:
            self.close_pages()
        finally:
            if self.server:
                self.server.stop()


def run(check, browser, output, options):
    setting = Setting(browser, output, options)
    try:
        try:
            check(setting)
        except BaseException:
            for number, page in enumerate(setting.pages):
                setting.picture(page, f"failed-{check.__name__}-{number}")
            setting.pages = []
            raise
        finally:
            setting.close()
    except daemon.Skipped as reason:
        print(f"SKIPPED {check.__name__}: {reason}")
    except (AssertionError, Failure, OSError) as problem:
        place = traceback.extract_tb(problem.__traceback__)[-1]
        print(f"FAILED  {check.__name__}: {str(problem) or place.line} ({os.path.basename(place.filename)}:{place.lineno})")
        return False
    else:
        print(f"passed  {check.__name__}: {check.__doc__.splitlines()[0]}")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--odud", help="the program; without it the daemon itself is not tried")
    parser.add_argument("--bench", default=os.path.join(HERE, "../../Calibration/Profiles/simulated.yaml"))
    parser.add_argument("--output", default="page-output", help="folder for screenshots")
    parser.add_argument("names", nargs="*", help="checks to run; all when none is named")
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    checks = [only_what_the_daemon_serves, *states.CHECKS, *daemon.CHECKS]
    unknown = set(options.names) - {check.__name__ for check in checks}
    if unknown:
        parser.error(f"there is no check {', '.join(unknown)}")
    chosen = [check for check in checks if not options.names or check.__name__ in options.names]
    browser = Browser(program())
    try:
        failures = [not run(check, browser, options.output, options) for check in chosen]
    finally:
        browser.close()
    print(f"{len(chosen)} checks, {sum(failures)} failed; screenshots in {options.output}")
    return 1 if any(failures) else 0


if __name__ == "__main__":
    sys.exit(main())
