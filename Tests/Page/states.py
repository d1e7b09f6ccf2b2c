"""Checks of every state of the page against the stand-in of the daemon."""

import copy
import json
import math

from mock import date

EVIL = "<img src=x onerror=window.hacked=1>"


# The main things of which a part is below the screen.
BELOW = "[...document.querySelectorAll('.first .card')].filter(card => card.getBoundingClientRect().bottom > innerHeight).length"


def text(page, selector):
    return page.text(f"#{selector}")


def wait_text(page, selector, wanted, seconds=20):
    page.wait(f"(document.querySelector('#{selector}')?.innerText ?? '').includes({json.dumps(wanted)})",
              f"“{wanted}” in #{selector}; there is “{text(page, selector)}”", seconds)


def drawn(page, canvas):
    """The picture of a canvas as a text that two equal pictures share."""
    return page.value(f"document.getElementById('{canvas}').toDataURL()")


def wait_shown(page, canvas):
    page.wait(f"document.getElementById('{canvas}').parentElement.querySelector('.empty').hidden", f"a picture in #{canvas}")


def start_job(page, kind, **fields):
    page.click("#new-job")
    page.value(f"kind.value = '{kind}'; kind.dispatchEvent(new Event('change'))")
    for name, value in fields.items():
        page.value(f"document.querySelector('#fields [name={name}]').value = {json.dumps(str(value))}")
    page.click("#job-start")
    page.wait("!document.getElementById('job-dialog').open", "the form to close")


# MARK: checks


def empty_bench(setting):
    """A bench that has done nothing yet is explained, and nothing is asked for that is not there."""
    page = setting.open()
    wait_text(page, "state", "ready")
    wait_text(page, "devices-count", "3 of 3 working")
    for selector, wanted in {"camera-empty": "No frame yet", "jobs-empty": "No jobs yet", "curves-empty": "No curves yet",
                             "samples-empty": "No samples yet", "calibrations-empty": "None yet", "models-empty": "None yet"}.items():
        assert wanted in text(page, selector), selector
    page.wait("document.querySelectorAll('#panels canvas.sharp').length === 2", "both modulators")
    setting.picture(page, "empty")
    missing = [entry for entry in setting.bench.requests if entry[2] >= 400]
    assert not missing, missing


def live_values(setting):
    """The camera, its number and its histogram move while the bench is idle, and stand still when frozen."""
    setting.bench.exposing, setting.bench.number = True, 1
    page = setting.open()
    wait_shown(page, "camera")
    for canvas in ("camera", "histogram"):
        before = drawn(page, canvas)
        page.wait(f"document.getElementById('{canvas}').toDataURL() !== {json.dumps(before)}", f"#{canvas} to move")
    page.click("#freeze")
    setting.bench.exposing = False
    page.wait(f"histogram.frame.number === {setting.bench.number}", "the latest histogram")
    still, number = drawn(page, "camera"), setting.bench.number
    setting.bench.number += 40
    page.wait(f"histogram.frame.number > {number}", "the next histogram")
    assert drawn(page, "camera") == still, "a frozen picture moved"
    page.click("#freeze")
    page.wait(f"camera.toDataURL() !== {json.dumps(still)}", "the picture to go on")


def clipped_pixels(setting):
    """Exactly the saturated pixels are red, and they are counted."""
    bench = setting.bench
    bench.number, bench.brightness = 7, 6500
    clipped = sum(value >= 4095 for row in bench.frame() for value in row)
    assert clipped > 20
    page = setting.open()
    wait_shown(page, "camera")
    red = """(() => {
      const copy = new OffscreenCanvas(96, 96).getContext('2d');
      copy.drawImage(camera, 0, 0);
      const { data } = copy.getImageData(0, 0, 96, 96);
      return [...Array(96 * 96).keys()].filter(index => data[4 * index] > 200 && data[4 * index + 1] < 100).length;
    })()"""
    assert page.value(red) == clipped, (page.value(red), clipped)
    assert f"{clipped} saturated" in text(page, "saturated"), text(page, "saturated")
    bench.number, bench.brightness = 8, 3000
    wait_text(page, "saturated", "0 saturated")
    page.wait(f"{red} === 0", "the red to go")


def twin_beside_camera(setting):
    """Measured, predicted and difference are drawn, and the discrepancy is 1 − Pearson of what was sent."""
    bench = setting.bench
    bench.number, bench.match = 12, True
    page = setting.open()
    for canvas in ("measured", "predicted", "difference"):
        wait_shown(page, canvas)
    wait_text(page, "agreement-legend", "discrepancy")
    shown = float(text(page, "agreement-legend").split()[-1])
    pairs = [[value for row in bench.spot(20, 1, 9, shift) for value in row] for shift in (0, 0.4)]
    means = [sum(values) / len(values) for values in pairs]
    a, b = ([value - mean for value in values] for values, mean in zip(pairs, means))
    pearson = sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    assert abs(shown - (1 - pearson)) < 0.006 * (1 - pearson), (shown, 1 - pearson)
    assert len({drawn(page, canvas) for canvas in ("measured", "predicted", "difference")}) == 3


def job_from_the_page(setting):
    """A job is started, paused, resumed and cancelled from the page, and its progress and curves are seen."""
    page = setting.open()
    wait_text(page, "state", "ready")
    start_job(page, "train", mode="online", classes="0, 3", benchSteps=25)
    wait_text(page, "current", "left")
    wait_text(page, "state", "job running")
    job = setting.bench.jobs[0]
    assert job["parameters"] == {"mode": "online", "dataset": "glyphs", "classes": [0, 3], "benchSteps": 25}, job["parameters"]
    wait_text(page, "loss-legend", "loss")
    wait_text(page, "discrepancy-legend", "discrepancy")
    before = drawn(page, "loss-curve")
    page.wait(f"document.getElementById('loss-curve').toDataURL() !== {json.dumps(before)}", "the curve to grow")
    progress = page.value("document.querySelector('#current progress').value")
    page.wait(f"document.querySelector('#current progress').value > {progress}", "the bar to move")
    setting.picture(page, "job")
    buttons = "#current .actions button"
    page.click(f"{buttons}:nth-child(1)")
    wait_text(page, "current", "paused")
    page.click(f"{buttons}:nth-child(2)")
    wait_text(page, "current", "running")
    page.click(f"{buttons}:nth-child(3)")
    wait_text(page, "current", "Really cancel?")
    assert job["state"] == "running", "one click on Cancel was enough"
    page.click(f"{buttons}:nth-child(3)")
    wait_text(page, "jobs", "cancelled")
    assert job["state"] == "cancelled", job["state"]
    page.wait("document.getElementById('current').hidden", "the job to leave its place")


def job_by_keyboard(setting):
    """The form opens, sends and closes without a mouse."""
    page = setting.open()
    wait_text(page, "state", "ready")
    page.value("document.getElementById('new-job').focus()")
    page.press("Enter")
    page.wait("document.getElementById('job-dialog').open", "the form")
    page.press("Escape")
    page.wait("!document.getElementById('job-dialog').open", "Escape to close the form")
    assert page.value("document.activeElement.id") == "new-job", "the focus was lost"
    page.press("Enter")
    # From the kind over the routines to the seed.
    page.press("Tab")
    page.press("Tab")
    page.type("42")
    page.press("Enter")
    page.wait("!document.getElementById('job-dialog').open", "the form to be sent")
    assert [(job["kind"], job["parameters"]) for job in setting.bench.jobs] == [("calibrate", {"seed": 42})]


def form_from_kinds(setting):
    """What the daemon was built with is what the form offers: kinds of job, samplers, trainers, routines and recipes."""
    kinds = copy.deepcopy(setting.bench.kinds)
    job = {kind["name"]: kind["parameters"]["properties"] for kind in kinds["jobs"]}
    for group, name, choices in [
        ("samplers", "straight", job["generate"]["sampler"]["enum"]),
        ("trainers", "resting", job["train"]["mode"]["enum"]),
        ("routines", "knowing", job["calibrate"]["routines"]["items"]["enum"]),
        ("recipes", "mine", job["train"]["recipe"]["examples"]),
    ]:
        kinds[group].append({"name": name, "summary": f"{name} of the test", "parameters": {"type": "object"}, "order": []})
        choices.append(name)
    kinds["jobs"].append({"name": "polish", "summary": "Polishes the mirrors", "parameters": {"type": "object", "properties": {
        "wet": {"type": "boolean", "description": "with water"}}}, "order": ["wet"]})
    setting.bench.kinds = kinds
    page = setting.open()
    wait_text(page, "state", "ready")

    def offered(kind, field):
        page.value(f"kind.value = '{kind}'; kind.dispatchEvent(new Event('change'))")
        options = f"document.querySelector('#fields [name={field}]')"
        return page.value(f"[...({options}.list ?? {options}).options].map(option => option.value + '|' + option.textContent)")

    page.click("#new-job")
    for kind, field, name in [
        ("generate", "sampler", "straight"), ("train", "mode", "resting"), ("calibrate", "routines", "knowing"),
        ("train", "recipe", "mine"),
    ]:
        assert f"{name}|{name} · {name} of the test" in offered(kind, field), offered(kind, field)
    assert [entry.split("|")[0] for entry in offered("polish", "wet")] == ["", "true", "false"]
    page.value("document.getElementById('job-close').click()")
    start_job(page, "train", recipe="mine", benchSteps=1)
    page.value(
        "document.getElementById('new-job').click(); kind.value = 'calibrate'; kind.dispatchEvent(new Event('change'))"
    )
    page.value(
        "for (const option of document.querySelector('#fields [name=routines]').options) "
        "option.selected = ['twin', 'knowing'].includes(option.value)"
    )
    page.click("#job-start")
    page.wait("!document.getElementById('job-dialog').open", "the form to close")
    assert [job["parameters"] for job in setting.bench.jobs] == [
        {"dataset": "glyphs", "recipe": "mine", "benchSteps": 1}, {"routines": ["twin", "knowing"]}], setting.bench.jobs


def shelves(setting):
    """Calibrations with age and staleness, models and samples are there; restoring and generating start from them."""
    bench = setting.bench
    values = [{"name": "mirrorGap", "unit": "m", "value": 4.81e-3, "standardDeviation": 1.2e-7}]
    bench.calibrations = [
        {"id": "old", "date": date(90000), "age": 90000, "inForce": False, "stale": True, "reason": "the bench file has changed",
         "run": "0001-calibrate", "discrepancyBefore": 0.31, "discrepancyAfter": 0.012, "parameters": values},
        {"id": "new", "date": date(3700), "age": 3700, "inForce": True, "stale": False, "run": "0002-calibrate",
         "discrepancyBefore": 0.3, "discrepancyAfter": 0.01, "parameters": values}]
    readings = [{"date": date(1200 - 600 * index), "calibrations": ["new"], "discrepancy": 0.0101 * (1 + index), "noiseFloor": 0.001,
                 "start": 0.0101, "frames": 8, "benchTime": 0.2} for index in range(3)]
    bench.drift = {"policy": "ask", "every": 600, "threshold": 1.5, "drifted": True, "readings": readings, "refinements": []}
    bench.models = [{"id": "m1", "run": "0003-train", "date": date(60), "mode": "online", "dataset": "glyphs", "error": 0.0234,
                     "frames": 12000, "seed": 1, "software": "0.1.0"}]
    bench.seconds_per_job = 1
    bench.submit("generate", {"model": "0003-train", "on": "bench", "sampler": "ddim", "steps": 50, "count": 16})
    page = setting.open()
    wait_text(page, "calibrations", "1 h 01 min old")
    for wanted in ("in force", "stale", "the bench file has changed", "0.31 → 0.012"):
        assert wanted in text(page, "calibrations"), wanted
    wait_text(page, "drift-legend", "drift 0.0303")
    assert "limit 0.0152" in text(page, "drift-legend"), text(page, "drift-legend")
    wait_shown(page, "samples")
    wait_text(page, "samples-caption", "16 images · ddim, 50 steps · on the bench")
    page.click("#calibrations summary")
    wait_text(page, "calibrations", "0.00481 ± 1.2 × 10⁻⁷ m")
    setting.picture(page, "shelves", full=True)
    page.click("#calibrations .row:nth-child(2) button")
    page.wait("document.querySelector('#calibrations .row:nth-child(1) button').hidden === false", "the other to be in force")
    assert bench.calibrations[0]["inForce"]
    page.click("#models button")
    page.wait("document.getElementById('job-dialog').open", "the form")
    assert page.value("document.querySelector('#fields [name=model]').value") == "0003-train"
    setting.picture(page, "form")


def degraded_bench(setting):
    """A bench with a missing device says which and why, and counts the frames it did not believe."""
    bench = setting.bench
    bench.state, bench.message = "degraded", "the camera is not there: connect it to a USB port"
    bench.frames = {"accepted": 90, "tooEarly": 9, "outOfSequence": 1}
    bench.devices[2].update(state="disconnected", message="no device node")
    page = setting.open()
    wait_text(page, "banner", "connect it to a USB port")
    wait_text(page, "state", "degraded")
    wait_text(page, "devices", "no device node")
    wait_text(page, "devices-count", "2 of 3 working")
    wait_text(page, "rejected", "10 rejected (10 %)")
    wait_text(page, "not-credited", "9 too early, 1 out of sequence")
    assert page.value(BELOW) == 0, "the banner pushes the main things out of sight"
    setting.picture(page, "degraded")
    bench.state, bench.message = "ready", None
    page.wait("document.getElementById('banner').hidden", "the banner to go")


def tokens_and_roles(setting):
    """A token is asked for, a wrong one refused, an observer may only look; and nobody is refused to find that out."""
    bench = setting.bench
    bench.tokens = {"looking-only-123456": "observe", "operating-12345678": "operate"}
    bench.number, bench.calibrations = 3, []
    bench.submit("train", {"mode": "online", "dataset": "glyphs"})
    page = setting.open()
    page.wait("!document.getElementById('gate').hidden", "the question for a token")
    assert page.value("document.activeElement.id") == "token"
    setting.picture(page, "token")
    page.type("wrong-token-1234567")
    page.press("Enter")
    wait_text(page, "gate-problem", "does not know this token")
    page.type("looking-only-123456")
    page.press("Enter")
    wait_text(page, "role", "Read only")
    wait_text(page, "current", "running")
    assert page.value("[...document.querySelectorAll('.acting')].every(button => button.disabled)"), "an observer may act"
    setting.picture(page, "observer")
    page.call("Page.reload")
    wait_text(page, "role", "Read only")
    page.click("#forget")
    page.wait("!document.getElementById('gate').hidden", "the question for a token again")
    other = setting.open("#token=operating-12345678")
    wait_text(other, "role", "operate")
    assert "token" not in other.value("location.href"), "the token stayed in the address"
    other.wait("!document.getElementById('new-job').disabled", "the operator to be let")
    refused = [entry for entry in bench.requests if entry[2] >= 400]
    assert not refused, refused


def markup_in_data(setting):
    """Names and messages from devices and clients are shown as text, whatever they contain."""
    bench = setting.bench
    bench.state, bench.message = "degraded", EVIL
    bench.devices[0].update(name=EVIL, message=EVIL)
    bench.submit(EVIL, {"dataset": EVIL}).update(state="failed", message=EVIL, ended=date())
    bench.calibrations = [{"id": EVIL, "date": date(), "age": 1, "inForce": True, "stale": True, "reason": EVIL, "run": EVIL,
                           "discrepancyBefore": 1, "discrepancyAfter": 0,
                           "parameters": [{"name": EVIL, "unit": EVIL, "value": 1, "standardDeviation": 0}]}]
    bench.models = [{"id": EVIL, "run": EVIL, "date": date(), "mode": EVIL, "dataset": EVIL, "error": 1, "frames": 1, "seed": 1}]
    page = setting.open()
    for selector in ("banner", "devices", "jobs", "calibrations", "models"):
        wait_text(page, selector, EVIL)
    page.click("#models button")
    page.wait("document.getElementById('job-dialog').open", "the form")
    assert page.value("document.querySelectorAll('main img, dialog img').length") == 0
    assert page.value("window.hacked") is None


def daemon_restarts(setting):
    """The page says that the daemon is gone, comes back by itself, and says that it was restarted."""
    setting.forgiven = ["net::ERR_"]  # the browser's own lines about a server that is away
    setting.bench.number = 5
    page = setting.open()
    wait_text(page, "state", "ready")
    setting.server.stop()
    wait_text(page, "state", "not connected")
    wait_text(page, "banner", "keeps trying")
    assert page.value("document.getElementById('new-job').disabled"), "a job may be started without a daemon"
    setting.picture(page, "away")
    setting.bench.started += 3600
    setting.bench.number = 1
    setting.restart()
    wait_text(page, "notices", "The daemon has restarted.")
    wait_text(page, "state", "ready")
    wait_text(page, "camera-number", "frame 1")
    assert page.value("document.getElementById('banner').hidden")


CONTRAST = """(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour.startsWith('rgb') && (parts(colour)[3] ?? 1) === 1) return parts(colour);
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  return [...document.querySelectorAll('header *, main *')].filter(element => element.checkVisibility() && !element.disabled
      && [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).map(element => {
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    return [element.textContent.trim().slice(0, 40), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
  }).filter(([, contrast]) => contrast < 4.5);
})()"""


def looks(setting):
    """Both colour schemes are readable; 1280×800 shows the main things without scrolling; a tablet scrolls one way only."""
    bench = setting.bench
    bench.number = 1
    bench.submit("calibrate", {"seed": 1}).update(state="failed", message="the light is off", started=date(), ended=date())
    bench.submit("train", {"mode": "online", "dataset": "glyphs"})
    for scheme in ("light", "dark"):
        page = setting.open(scheme=scheme)
        wait_text(page, "loss-legend", "loss")
        wait_shown(page, "difference")
        poor = page.value(CONTRAST)
        assert not poor, f"{scheme}: too little contrast: {poor}"
        assert page.value(BELOW) == 0, "not all main things are on the screen"
        for width, height in ((1280, 800), (820, 1180), (390, 844)):
            page.resize(width, height)
            page.wait("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", "a redrawing")
            wide = page.value("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{width}×{height}: {wide} pixels too wide"
            setting.picture(page, f"{scheme}-{width}x{height}", full=width < 1000)


def nameless(page):
    """The roles of what can be used or seen and has no name; what is behind a form does not count."""
    page.call("Accessibility.enable")
    wanted = ("button", "combobox", "textbox", "spinbutton", "image", "dialog", "progressbar", "region")
    return [node["role"]["value"] for node in page.call("Accessibility.getFullAXTree")["nodes"]
            if not node.get("ignored") and node.get("role", {}).get("value") in wanted and not node.get("name", {}).get("value")]


def names_for_everybody(setting):
    """Every control and picture has a name that a screen reader can say."""
    setting.bench.number = 1
    setting.bench.submit("train", {"mode": "online", "dataset": "glyphs"})
    page = setting.open()
    wait_text(page, "loss-legend", "loss")
    assert not nameless(page), nameless(page)
    page.click("#new-job")
    for kind in ("calibrate", "train", "generate", "compare"):
        page.value(f"kind.value = '{kind}'; kind.dispatchEvent(new Event('change'))")
        assert not nameless(page), (kind, nameless(page))


CHECKS = [empty_bench, live_values, clipped_pixels, twin_beside_camera, job_from_the_page, job_by_keyboard, form_from_kinds,
          shelves, degraded_bench, tokens_and_roles, markup_in_data, daemon_restarts, looks, names_for_everybody]
