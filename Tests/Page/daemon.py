"""The page with the daemon itself, on a simulated bench."""

import contextlib
import os
import tempfile

from odud import free_port, running
from states import drawn, start_job, wait_shown, wait_text


class Skipped(Exception):
    """Why a check could not be made."""


@contextlib.contextmanager
def served(options):
    """The address of a fresh daemon, which is stopped afterwards."""
    if not options.odud:
        raise Skipped("no odud was named")
    address = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="odu-page-") as folder:
        tokens = os.path.join(folder, "tokens")
        with open(tokens, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write("operate operating-12345678\nobserve looking-only-123456\n")
        with running(program=options.odud, bench=options.bench, threads=None, options=["--listen", address, "--tokens", tokens]):
            yield f"http://{address}/"


def page_of_the_daemon(setting):
    """The daemon's own page: frames move, a calibration succeeds, a training is watched and cancelled, all without an error."""
    with served(setting.options) as address:
        page = setting.open_address(f"{address}#token=operating-12345678")
        wait_text(page, "state", "ready")
        wait_text(page, "role", "operate")
        wait_shown(page, "camera")
        number = page.value("histogram.frame.number")
        page.wait(f"histogram.frame.number > {number}", "frames of the idle bench")
        page.wait("document.querySelectorAll('#panels .empty[hidden]').length === document.querySelectorAll('#panels figure').length",
                  "what the modulators show")
        setting.picture(page, "daemon-idle")

        start_job(page, "calibrate", seed=1)
        wait_text(page, "jobs", "succeeded", seconds=120)
        wait_text(page, "calibrations", "in force")
        wait_shown(page, "difference")

        start_job(page, "train", classes="0, 3, 4", offlineImages=3000, benchSteps=200)
        wait_text(page, "loss-legend", "loss", seconds=60)
        wait_text(page, "discrepancy-legend", "discrepancy", seconds=300)
        before = drawn(page, "measured")
        page.wait(f"measured.toDataURL() !== {before!r}", "the next measured image")
        number = page.value("histogram.frame.number")
        page.wait(f"histogram.frame.number > {number}", "frames of the running job")
        setting.picture(page, "daemon-training", full=True)
        observer = setting.open_address(f"{address}#token=looking-only-123456", scheme="dark")
        wait_text(observer, "role", "Read only")
        wait_text(observer, "current", "running")
        wait_shown(observer, "difference")
        setting.picture(observer, "daemon-observer")
        page.click("#current .actions button:nth-child(3)")
        page.click("#current .actions button:nth-child(3)")
        wait_text(page, "jobs", "cancelled", seconds=30)
        setting.close_pages()


CHECKS = [page_of_the_daemon]
