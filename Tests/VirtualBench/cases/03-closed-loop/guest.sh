# The whole loop: odud drives a panel through DRM, the plant on the host answers through the camera, and calibration
# finds the hidden angles.
. /opt/odu/test/library.sh

load_vkms
load_camera
start_plant --panel "drm:$card" --camera "$camera" --size 48x48 --format Y16 --bits 12 --sync free \
  --shared "$(shared_memory):16" --report "$out/plant.json"
start_daemon /host/bench.yaml
odu-ctl calibrate twin --seed 5 --json >"$out/result.json" 2>"$out/calibrate.log" ||
  fail "odu-ctl calibrate: $(tail -n 5 "$out/calibrate.log" "$out/odud.log")"
end odud
end plant
note "plant: $(cat "$out/plant.json")"
python3 /host/check.py "$out/result.json" "$out/truth.json" || fail "the angles are not those of the plant"
