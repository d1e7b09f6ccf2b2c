# A micromirror panel on USB: what it shows by its own decoder, what is refused, and what happens when it misbehaves.
. /opt/odu/test/library.sh
usb=/run/usb
controller() { grep -lsx c900 /sys/bus/usb/devices/*/idProduct; }

# bench DEVICE [SETTINGS]: writes a bench with that panel to /run/bench.yaml.
bench() {
  cat >/run/bench.yaml <<Y
geometry: {kind: planes, wavelength: 633e-9, pitch: 10e-6, grid: 64, layers: 1, spacing: 0.01}
input: {size: 8, block: 8, levels: 2}
detector: {block: 8}
devices:
  layerModulator: {driver: dlpc900, settings: {device: $1, safeLevel: 1${2:+, $2}}}
  camera: {driver: v4l2, settings: {device: $vivid, format: GREY, width: 320, height: 180, frameRate: 60}}
layout:
  layers: {origins: [{x: 128, y: 0}], levelsPerTurn: 2}
  input: {origin: {x: 0, y: 0}, scale: 8, fullLevel: 1, onLayerModulator: true}
  camera: {x: 0, y: 0, width: 64, height: 64}
  timing: {deadline: 8, blackThreshold: 0}
Y
}
odud_refuses() { misses "$1" "$2" /run/bench.yaml; }
panel() { python3 /host/usb.py "$@"; }
# fault WORDS: has the panel do it, and waits for its word.
fault() {
  local before
  before=$(grep -c '"fault"' $usb/log || true)
  echo "$*" >$usb/control
  wait_for 30 eval "[ \$(grep -c '\"fault\"' $usb/log) -gt $before ]"
}
plug() {
  start usb python3 /opt/odu/test/usb/dlpc900-emulator.py $usb --serial ODU0001
  wait_for 60 grep -q attached $usb/log
  wait_for 60 controller
  udevadm settle
}

mkdir -p $usb
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
modprobe -a vhci-hcd usbhid
udevadm settle
vivid=$(readlink -f /dev/v4l/by-path/platform-vivid.0-video-index0)
v4l2-ctl -d "$vivid" -c timestamp_source=1
plug
node=$(udevadm info --query name --root --path "$(dirname "$(controller)")")
panel make 60 /run/images.npy /run/layers.npy
panel picture 1024 768 2 /run/picture.npy
panel picture 1024 768 3 /run/level.npy
panel picture 768 1024 2 /run/size.npy

# MARK: what is refused from the start

bench ODU0002
odud_refuses "a panel that is not there" 'ODU0002: there is no such device; here are ODU0001'
bench ODU0001 "model: dlp6500"
odud_refuses "another model" 'model dlp6500 is not accepted; give dlp5500'
bench /dev/null
odud_refuses "something else" '/dev/null: this is something else than a USB device'
bench ODU0001
install -d -o nobody -m 700 /run/nobody
as_nobody() {
  setpriv --reuid nobody --regid "$1" --clear-groups env XDG_STATE_HOME=/run/nobody XDG_RUNTIME_DIR=/run/nobody \
    timeout 15 odud --bench /run/bench.yaml
}
refuses "a user without permission" "$node: you may not open it; only root may; install udev/70-odu.rules" \
  as_nobody nogroup
chgrp daemon "$node"
chmod 660 "$node"
refuses "who may is named" "$node: you may not open it; members of the group daemon may" as_nobody nogroup
check "nothing of those showed anything" test "$(panel starts $usb)" -eq 0

# MARK: what is shown

start_daemon /run/bench.yaml
check "the safe pattern is there first" panel is $usb 1
odu-ctl devices --all >"$out/devices.log"
check "the list has it" grep -q "modulator .*ODU0001.*(driver dlpc900)" "$out/devices.log"
check "a picture is shown" odu-ctl slm show /run/picture.npy
check "the panel shows exactly that" panel is $usb /run/picture.npy
refuses "another picture is told from it" "mirrors differ" panel is $usb /run/level.npy
refuses "a level that the panel does not have" 'level 2, the panel has 0…1' odu-ctl slm show /run/level.npy
refuses "a picture of another size" 'has \[768, 1024\] pixels.* panel has \[1024, 768\]' odu-ctl slm show /run/size.npy
check "nothing of those was on the panel" panel is $usb /run/picture.npy

# MARK: faults in the middle of a measurement

jobs=0
job() { odu-ctl jobs show "$(printf '%04d-measure' $jobs)"; }
job_is() { job | grep -qE "^state +$1"; }
job_runs() { job | grep -qE 'measure [1-9]'; }
pauses_for() { job_is paused && job | grep -qE "$1"; }

begin_job() {
  jobs=$((jobs + 1))
  first=$(panel starts $usb)
  start job odu-ctl measure --patterns /run/layers.npy --input /run/images.npy --output /run/frames.npy
  wait_for 120 job_runs
}
end_job() { # WHAT
  wait "${pids[job]}" || fail "$1: the job failed: $(tail -n 3 "$out/job.log")"
  unset "pids[job]"
  shown=$(panel sequence $usb /run/images.npy "$first") || fail "$1: $shown"
  echo "ok: $1: $shown: $(grep -m 1 -o 'paused: .*' "$out/job.log" || echo "no pause")"
}

begin_job
fault stale 3
end_job "stale replies are passed over"
if grep -q paused "$out/job.log"; then fail "stale replies pause the job"; fi
fault stale 0

# pause FAULT END TEXT: the job pauses with a message of that fault, and goes on after its end.
pause() {
  begin_job
  fault "$1"
  wait_for 120 pauses_for "$3"
  fault "$2"
  end_job "$1"
}
pause stall unstall 'ODU0001.*(Pipe|stall)'
pause mute unmute 'ODU0001.*(no reply|did not answer|timed out|reply)'
pause "refuse 1a24 5" refuse 'ODU0001.*mode'

before=$(panel starts $usb)
end odud
check "a stop shows the safe pattern" panel is $usb 1
check "anew" test "$(panel starts $usb)" -gt "$before"
