# Cameras: exact sensor values in every format, clear refusals, and faults in the middle of a measurement.
. /opt/odu/test/library.sh

# bench DEVICE SETTINGS: writes a bench with that camera to /run/bench.yaml.
bench() {
  cat >/run/bench.yaml <<Y
geometry: {kind: planes, wavelength: 633e-9, pitch: 10e-6, grid: 64, layers: 1, spacing: 0.01}
input: {size: 8, block: 8}
detector: {block: 8}
devices:
  layerModulator: {driver: drm, settings: {device: $connector, mode: 640x480, safeLevel: 90}}
  camera: {driver: v4l2, settings: {device: $1, $2}}
layout:
  layers: {origins: [{x: 128, y: 0}]}
  input: {origin: {x: 0, y: 0}, scale: 8, onLayerModulator: true}
  camera: {x: 0, y: 0, width: 64, height: 64}
  timing: {deadline: 4, blackThreshold: 0}
Y
}
set_controls() { v4l2-ctl -d "$vivid" -c "$1"; }
odud_refuses() { misses "$1" "$2" /run/bench.yaml; }

modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=0
load_vkms
load_camera
vivid=$(readlink -f /dev/v4l/by-path/platform-vivid.0-video-index0)
output=$(readlink -f /dev/v4l/by-path/platform-vivid.0-video-index1)

# MARK: exact values

# exact FORMAT LARGEST SHIFT SETTING…: a frame is what v4l2-ctl captures, and its largest value is that.
exact() {
  local format=$1 most=$2 shift=$3 code=$1 range setting settings
  shift 3
  settings="format: $format, width: 320, height: 180"
  for setting; do settings+=", $setting"; done
  case $format in Y16) code="Y16 " ;; Y16_BE) code="Y16 -BE" ;; Y1?) code="$format " ;; esac
  bench "$vivid" "$settings"
  start_daemon /run/bench.yaml
  check "$format: a frame is taken" odu-ctl camera grab --output /run/frame.npy
  end odud
  v4l2-ctl -d "$vivid" --set-fmt-video="width=320,height=180,pixelformat=$code" \
    --stream-mmap --stream-count=1 --stream-to=/run/capture >"$out/capture.log" 2>&1
  range=$(python3 /host/frames.py same /run/frame.npy /run/capture 320 180 "$format" "$shift") ||
    fail "$format: the frame is not what v4l2-ctl captures: $range"
  [ "${range##* }" = "$most" ] || fail "$format: the values are $range, not … $most"
  echo "ok: $format${*:+ $*}: exactly what v4l2-ctl captures, $range"
}

set_controls osd_text_mode=2,test_pattern=20 # a ramp from 0 to 254, and no counter
exact GREY 254 0
exact Y10 1016 0
exact Y12 4064 0
exact Y16 65024 0 "bits: 16"
exact Y16_BE 65024 0 "bits: 16"
exact Y16 254 8 "bits: 8" "justified: left"
refuses "another picture is told from it" "values differ" \
  bash -c "v4l2-ctl -d $vivid -c test_pattern=10 && v4l2-ctl -d $vivid --stream-mmap --stream-count=1 \
    --stream-to=/run/capture && python3 /host/frames.py same /run/frame.npy /run/capture 320 180 Y16 8"

# MARK: what is refused

bench "$vivid" "format: Y14"
odud_refuses "a format that the camera does not have" 'Y14 is not supported; there is .*Y16.*GREY'
bench "$vivid" "format: GREY, width: 322, height: 182"
odud_refuses "a size that it does not have" '322×182 in GREY is not supported; there is 320×180'
bench "$output" "format: GREY"
odud_refuses "an output" "$output: this is an output node .*, not a video capture node"
bench /dev/null "format: GREY"
odud_refuses "not a camera" "/dev/null: this is a device of the kind 'mem', not a video capture node"
bench /dev/video77 "format: GREY"
odud_refuses "a camera that is not there" "/dev/video77: there is no such device; here are .*$vivid"
bench "$vivid" "format: GREY, width: 32, height: 18"
odud_refuses "a frame smaller than the detector" '32×18 in GREY is not supported'
bench "$vivid" "format: GREY, width: 320, height: 180"
chgrp daemon "$vivid"
install -d -o nobody -m 700 /run/nobody
refuses "a user without permission" "$vivid: you may not open it; members of the group daemon may" \
  setpriv --reuid nobody --regid video --clear-groups env XDG_STATE_HOME=/run/nobody XDG_RUNTIME_DIR=/run/nobody \
  timeout 15 odud --bench /run/bench.yaml
chgrp video "$vivid"

# MARK: faults in the middle of a measurement

jobs=0
job() { odu-ctl jobs show "$(printf '%04d-measure' $jobs)"; }
job_is() { job | grep -qE "^state +$1"; }
job_runs() { job | grep -qE 'measure [1-9]'; }
count() { odu-ctl status --json >"$out/status.json" && value "$out/status.json" frames "$1"; }

# begin_job COUNT: starts a job, and waits until it has measured something.
begin_job() {
  jobs=$((jobs + 1))
  images=$1
  python3 /opt/odu/test/codes.py make "$images" $jobs /run/images.npy /run/layers.npy
  accepted=$(count accepted)
  start job odu-ctl measure --patterns /run/layers.npy --input /run/images.npy --output /run/frames.npy
  wait_for 60 job_runs
}
# end_job WHAT [TEXT]: the job succeeds with a frame for each image, after a pause whose message has TEXT.
end_job() {
  wait "${pids[job]}" || fail "$1: the job failed: $(tail -n 3 "$out/job.log")"
  unset "pids[job]"
  [ $# -eq 1 ] || grep -qE "paused: .*$2" "$out/job.log" || fail "$1: no pause for '$2': $(cat "$out/job.log")"
  [ $(($(count accepted) - accepted)) -eq "$images" ] || fail "$1: $(count accepted) frames after $accepted"
  echo "ok: $1: $(grep -m 1 -o 'paused: .*' "$out/job.log" || echo "no pause"); $images images have a frame each"
}

set_controls osd_text_mode=0,timestamp_source=1
bench "$vivid" "format: GREY, width: 320, height: 180, frameRate: 60"
start_daemon /run/bench.yaml

begin_job 120
set_controls percentage_of_dropped_buffers=30
set_controls inject_v4l2_buf_flag_error=1
end_job "dropped and damaged buffers"
set_controls percentage_of_dropped_buffers=0
check "frames that were dropped are counted" test "$(count missing)" -gt 0
check "and those that are damaged" test "$(count erroneous)" -gt 0

begin_job 120
set_controls inject_fatal_streaming_error=1
end_job "an error of the stream" 'Input/output error'

begin_job 120
set_controls inject_vidioc_qbuf_error=1
end_job "a buffer that is refused" 'VIDIOC_QBUF failed'

begin_job 120
set_controls inject_vidioc_streamon_error=1
set_controls inject_fatal_streaming_error=1
end_job "a stream that fails, and fails again when it is started" 'VIDIOC_STREAMON'

begin_job 120
set_controls disconnect=1
end_job "a camera that is unplugged" 'the device is gone'
end odud

# MARK: a camera that falls silent

light() { start_plant --panel "drm:$card" --camera "$camera" --size 64x64 --pass 0,0 --sync rate:60; }
light
bench "$camera" "format: GREY, timestamp: start, buffers: 16"
start_daemon /run/bench.yaml
begin_job 200
end plant KILL
wait_for 60 job_is paused
echo "ok: a camera that falls silent pauses the job: $(job | grep message)"
light
end_job "a camera that falls silent" 'no frame arrived'
mismatches=$(python3 /opt/odu/test/codes.py check /run/images.npy /run/frames.npy)
check "each frame is that of its image" test "$mismatches" -eq 0
