# 10,000 patterns (VIRTUAL_BENCH_PATTERNS), each with a code of its own that the camera sees, under every fault of a camera:
# not one mismatch.
. /opt/odu/test/library.sh
images=$(cat /host/patterns 2>/dev/null || echo 10000)

# measure BENCH COUNT SEED: sets mismatches; leaves status.json and plant.json.
measure() {
  python3 /opt/odu/test/codes.py make "$2" "$3" /run/images.npy /run/layers.npy
  start_plant --panel "drm:$card" --camera "$camera" --size 64x64 --pass 0,0 --sync rate:90 --seed "$3" \
    --drop 0.05 --duplicate 0.05 --black 0.02 --delay 0.03:0.04 --stall 5:0.3 --report "$out/plant.json"
  start_daemon "$1"
  odu-ctl measure --patterns /run/layers.npy --input /run/images.npy --output /run/frames.npy 2>"$out/measure.log" ||
    fail "odu-ctl measure: $(tail -n 5 "$out/measure.log" "$out/odud.log")"
  odu-ctl status --json >"$out/status.json"
  end odud
  end plant
  mismatches=$(python3 /opt/odu/test/codes.py check /run/images.npy /run/frames.npy 2>"$out/mismatches.log")
}

load_vkms
load_camera

measure /host/bench.yaml $images 1
note "plant: $(cat "$out/plant.json")"
note "bench: $(value "$out/status.json" frames)"
accepted=$(value "$out/status.json" frames accepted)
for fault in dropped duplicated black delayed stalled; do
  check "the camera $fault" test "$(value "$out/plant.json" $fault)" -gt 0
done
for reason in tooEarly duplicated black; do
  check "frames were rejected: $reason" test "$(value "$out/status.json" frames $reason)" -gt 0
done
check "every image has one frame" test "$accepted" -eq $images
[ "$mismatches" -eq 0 ] || fail "$mismatches mismatches: $(cat "$out/mismatches.log")"
figure "0 mismatches in $images images; faults $(cat "$out/plant.json")"

# A control: a bench that trusts its camera is wrong about the images whose frame is an old one.
measure /host/trusting.yaml 400 2
check "the test finds mismatches where there are some" test "$mismatches" -gt 0
figure "control without the check for stale buffers: $mismatches mismatches in 400 images"
