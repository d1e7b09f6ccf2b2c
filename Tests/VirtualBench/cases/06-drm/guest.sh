# Panels behind DRM: what is shown is exact and in turn in different buffers; what cannot be shown is refused before.
. /opt/odu/test/library.sh

# bench CONNECTOR SETTINGS [X,Y OF THE LAYER]: writes a bench with that panel to /run/bench.yaml.
bench() {
  local at=${3:-128,0}
  cat >/run/bench.yaml <<Y
geometry: {kind: planes, wavelength: 633e-9, pitch: 10e-6, grid: 64, layers: 1, spacing: 0.01}
input: {size: 8, block: 8}
detector: {block: 8}
devices:
  layerModulator: {driver: drm, settings: {device: "$1", safeLevel: 90, $2}}
  camera: {driver: v4l2, settings: {device: $vivid, format: GREY, width: 320, height: 180}}
layout:
  layers: {origins: [{x: ${at%,*}, y: ${at#*,}}]}
  input: {origin: {x: 0, y: 0}, scale: 8, onLayerModulator: true}
  camera: {x: 0, y: 0, width: 64, height: 64}
Y
}
odud_refuses() { misses "$1" "$2" /run/bench.yaml --socket /run/other.sock --state /run/other; }
picture() { python3 /host/picture.py "$@"; }
panel_is() {
  panel snapshot "drm:$card" "$out/panel.pgm"
  picture is "$1" "$out/panel.pgm"
}
screen_is() {
  monitor screendump /host/out/screen.ppm
  picture is "$1" "$out/screen.ppm"
}
scanned_out() { # the number of the buffer that the kernel scans out to the panel
  grep -m 1 -A 3 '^plane' "$debug/state" |
    sed -n 's/^[[:space:]]*fb=\([1-9][0-9]*\).*/\1/p'
}

modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
load_vkms
debug=/sys/kernel/debug/dri/${card#/dev/dri/card}
vivid=$(readlink -f /dev/v4l/by-path/platform-vivid.0-video-index0)
picture make 640 480 /run/one.npy /run/two.npy
picture make 480 640 /run/size.npy
python3 -c 'import numpy; numpy.save("/run/type.npy", numpy.zeros((480, 640), numpy.uint16))'

# MARK: what is refused from the start

bench HDMI-A-9 "mode: 640x480"
odud_refuses "a wrong connector" "HDMI-A-9: .*here are .*$connector \(connected"
bench "$connector" "mode: 641x480"
odud_refuses "an absent mode" 'mode 641x480 is not supported; there is .*640x480@'
bench "$connector" "mode: 640x480@120"
odud_refuses "a rate that the mode does not have" 'mode 640x480@120.* is not supported; there is .*640x480@'
bench /dev/null "mode: 640x480"
odud_refuses "not a graphics card" '/dev/null: this is another device, not a graphics card'
bench /host/guest.sh "mode: 640x480"
odud_refuses "a file" '/host/guest.sh: this is a file, not a graphics card'
bench "$connector" "mode: 640x480" 600,450
odud_refuses "a layer that does not fit on the panel" 'layer 0 .* does not fit on .* 640 × 480 pixels'
bench "$connector" "mode: 640x480"
install -d -o nobody -m 700 /run/nobody
refuses "a user without permission" "$card: you may not open it; members of the group video may" \
  setpriv --reuid nobody --regid nogroup --clear-groups env XDG_STATE_HOME=/run/nobody XDG_RUNTIME_DIR=/run/nobody \
  timeout 15 odud --bench /run/bench.yaml

# MARK: what is shown

start_daemon /run/bench.yaml
check "the safe level is there first" panel_is 90
check "nothing on the way to the panel changes levels" bash -c "! odu-ctl devices | grep '^warning: $connector'"
odud_refuses "a card that another odud drives" "odud \(process ${pids[odud]}\) drives this card: stop it"
safe=$(scanned_out)
for name in one two; do
  odu-ctl slm show /run/$name.npy
  check "the card reported when it was shown" evidence_is flipEvent
  check "picture $name is on the panel" panel_is /run/$name.npy
  shown=$(scanned_out)
  check "in buffer $shown, which is not that of the safe pattern, $safe" test "$((shown))" -ne "$((safe))"
done
refuses "the pictures are told from each other" "values differ" panel_is /run/one.npy
refuses "a picture of another size" 'has \[480, 640\] pixels.* panel has \[640, 480\]' odu-ctl slm show /run/size.npy
refuses "a picture of other numbers" 'expected uint8' odu-ctl slm show /run/type.npy
refuses "a panel that is not there" "there is no modulator HDMI-A-9; there are $connector" \
  odu-ctl slm show /run/one.npy --device HDMI-A-9
check "nothing of those was on the panel" panel_is /run/two.npy
end odud

# MARK: another master

start master bash -c "sleep 600 | modetest -M vkms -s $(
  modetest -M vkms -c | sed -n "s/^\([0-9]*\).*$connector.*/\1/p" | head -n 1
):640x480"
wait_for 60 grep -qE 'modetest +[0-9]+ +[0-9]+ +y' "$debug/clients"
odud_refuses "a card that another program drives" 'modetest \(process [0-9]+\) drives this card: stop it'
end master
pkill -x -P $$ sleep || true

# MARK: a real screen

bochs=$(readlink -f /dev/dri/by-path/pci-*-card)
number=$(ls -d /sys/class/drm/"$(basename "$bochs")"-*)
bench "$(basename "$number")" "mode: 1024x768"
picture make 1024 768 /run/screen.npy
start_daemon /run/bench.yaml
wait_for 60 screen_is 90
echo "ok: the screen shows the safe level"
odu-ctl slm show /run/screen.npy
wait_for 60 screen_is /run/screen.npy
echo "ok: the screen shows exactly the picture"
