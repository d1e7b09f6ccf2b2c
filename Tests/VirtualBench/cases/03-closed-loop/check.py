"""check.py RESULT TRUTH: the calibrated angles are the plant's, within 3 % or 20 microradians; the distance within 30 um."""
import json
import sys

result = {entry["name"]: entry for entry in json.load(open(sys.argv[1]))["parameters"]}
truth = json.load(open(sys.argv[2]))
wrong = 0
for name, entry in result.items():
    error = abs(entry["value"] - truth[name])
    allowed = max(0.03 * abs(truth[name]), 20e-6) if entry["unit"] == "rad" else 30e-6
    print(f"figure: {name}: found {entry['value']:.6g}, true {truth[name]:.6g} {entry['unit']}")
    # The start is a control: what is right before calibration proves nothing.
    if entry["unit"] == "rad" and abs(entry["start"] - truth[name]) <= allowed:
        sys.exit(f"{name} is right from the start")
    wrong += error > allowed
sys.exit(f"{wrong} of {len(result)} values are wrong" if wrong or len(result) != 5 else 0)
