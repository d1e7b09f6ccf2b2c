# Devices are unplugged in the middle of a measurement and plugged in again: it pauses, says so, and goes on.
. /opt/odu/test/library.sh
usb=/run/usb
controller() { grep -lsx c900 /sys/bus/usb/devices/*/idProduct; }
limit=2 # seconds from udev's announcement to the next frame
driver=/sys/bus/platform/drivers/vivid

plug_camera() { echo vivid.0 >$driver/bind; }
unplug_camera() { echo vivid.0 >$driver/unbind; }
plug_panel() { start usb python3 /opt/odu/test/usb/dlpc900-emulator.py $usb --serial ODU0001; }
unplug_panel() { end usb KILL; }

jobs=0
job() { odu-ctl jobs show "$(printf '%04d-measure' $jobs)"; }
job_is() { job | grep -qE "^state +$1"; }
job_runs() { job | grep -qE 'measure [1-9]'; }
pauses_for() { job_is paused && job | grep -qE "^message .*$1.*the device is gone"; }
count() { odu-ctl status --json >"$out/status.json" && value "$out/status.json" frames accepted; }
panel_is_safe() {
  panel snapshot "drm:$card" "$out/panel.pgm"
  python3 -c 'import sys; sys.exit(set(open(sys.argv[1], "rb").read()[-640 * 480:]) != {90})' "$out/panel.pgm"
}

begin_job() {
  jobs=$((jobs + 1))
  accepted=$(count)
  start job odu-ctl measure --patterns /run/layers.npy --input /run/images.npy --output /run/frames.npy
  wait_for 60 job
  start events python3 /host/events.py "$XDG_RUNTIME_DIR/odu/odud.sock" "$(printf '%04d-measure' $jobs)" "$out/events"
}
end_job() { # WHAT
  wait "${pids[job]}" || fail "$1: the job failed: $(tail -n 3 "$out/job.log")"
  unset "pids[job]"
  wait "${pids[events]}" || fail "$1: $(cat "$out/events.log")"
  unset "pids[events]"
  python3 -c 'import numpy, sys; sys.exit(len(numpy.load("/run/frames.npy")) != int(sys.argv[1]))' $images ||
    fail "$1: frames are missing"
  [ $(($(count) - accepted)) -eq $images ] || fail "$1: $(count) frames after $accepted"
  echo "ok: $1: $images images have one frame each"
}

# begin BENCH COUNT: starts odud with that bench, for jobs of so many images.
begin() {
  images=$2
  python3 /opt/odu/test/codes.py make $images 6 /run/images.npy /run/layers.npy
  start_daemon "$1"
}

# announced SUBSYSTEM: when udev last announced such a device.
announced() { sed -n "s/^UDEV *\[\([0-9.]*\)\] add .*($1)$/\1/p" "$out/udev.log" | tail -n 1; }

# outage UNPLUG PLUG SUBSYSTEM NAME: sets gap, in seconds.
outage() {
  local before
  begin_job
  wait_for 120 job_runs
  $1
  wait_for 60 pauses_for "$4"
  echo "ok: the job says: $(job | grep '^message')"
  check "the device is listed as disconnected" eval "odu-ctl devices | grep -qE '$4.* disconnected'"
  check "the panel shows the safe level" panel_is_safe
  before=$(announced "$3")
  $2
  end_job "$4"
  [ -n "$(announced "$3")" ] && [ "$(announced "$3")" != "$before" ] || fail "udev announced nothing"
  gap=$(python3 /host/events.py gap "$out/events" "$(announced "$3")")
}

# resumes WHAT UNPLUG PLUG SUBSYSTEM NAME: what was measured decides; the time is a figure, since the machine is emulated.
resumes() {
  local number
  for number in 1 2 3; do
    outage "${@:2}"
    figure "$1, attempt $number: the next frame $gap s after udev announced it"
    if python3 -c "exit($gap > $limit)"; then return; fi
  done
  figure "$1: goal missed, which is $limit s"
}

modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
modprobe -a vhci-hcd usbhid
load_vkms
mkdir -p $usb
start udev stdbuf -oL udevadm monitor --udev
wait_for 30 grep -q 'will print' "$out/udev.log"
plug_panel
wait_for 60 controller
udevadm settle

begin /host/micromirrors.yaml 60
resumes "modulator" unplug_panel plug_panel usb ODU0001
end odud

begin /host/bench.yaml 150
resumes "camera" unplug_camera plug_camera video4linux vivid

# Unplugged while nothing is measured.
unplug_camera
begin_job
wait_for 60 pauses_for vivid
echo "ok: a job waits for what was unplugged before: $(job | grep '^message')"
plug_camera
end_job "a job that begins without a camera"

# Cancelled in the meantime.
begin_job
wait_for 120 job_runs
unplug_camera
wait_for 60 pauses_for vivid
check "a job that is paused can be cancelled" odu-ctl jobs cancel "$(printf '%04d-measure' $jobs)"
wait_for 30 job_is cancelled
if wait "${pids[job]}"; then fail "the cancelled job succeeded"; fi
unset "pids[job]"
check "the panel shows the safe level" panel_is_safe
end events
plug_camera
udevadm settle
begin_job
end_job "the job after it"
