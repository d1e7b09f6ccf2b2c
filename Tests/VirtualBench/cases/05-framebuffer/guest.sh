# Panels behind framebuffers hold exactly the picture that is shown, with 8 to 32 bits for each pixel and on a screen.
. /opt/odu/test/library.sh
. /host/bench.sh

framebuffer() { python3 /host/framebuffer.py "$@"; }
number_of() { sed -n "s/^\([0-9]*\) .*$1.*/\1/p" /proc/fb; }
name_of() { sed -n "s/^$1 //p" /proc/fb; }
screen_shows() {
  monitor screendump /host/out/screen.ppm
  framebuffer screen "$out/screen.ppm" "$1"
}

modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
modprobe vfb vfb_enable=1 videomemorysize=8388608
udevadm settle
camera=$(readlink -f /dev/v4l/by-path/platform-vivid.0-video-index0)
# The console's cursor must not blink in the pictures.
for console in /sys/class/vtconsole/vtcon*; do echo 0 >"$console/bind" || true; done
cat /proc/fb

# MARK: each number of bits

virtual=$(number_of Virtual)
framebuffer picture 640 480 256 /run/256.npy 640 480 32 /run/32.npy 640 480 33 /run/level.npy 480 640 32 /run/size.npy
for bits in 8 16 24 32; do
  levels=$([ $bits -eq 16 ] && echo 32 || echo 256)
  bench "$(name_of "$virtual")" $levels "bits: $bits" "width: 640" "height: 480" "safeLevel: 9"
  start_daemon /run/bench.yaml
  check "$bits bits: the safe level is there first" framebuffer shows "/dev/fb$virtual" $bits 9
  check "$bits bits: a picture of $levels levels is shown" odu-ctl slm show /run/$levels.npy
  check "$bits bits: it is only estimated when it was shown" evidence_is estimated
  check "$bits bits: the memory holds exactly that" framebuffer shows "/dev/fb$virtual" $bits /run/$levels.npy
  if [ $bits -eq 16 ]; then
    refuses "a level that the panel does not have" 'level 32, the panel has 0…31' odu-ctl slm show /run/level.npy
    refuses "a picture of another size" 'panel has \[640, 480\]' odu-ctl slm show /run/size.npy
    check "nothing of those was on the panel" framebuffer shows "/dev/fb$virtual" $bits /run/$levels.npy
    end odud
    check "the safe level is there at the end" framebuffer shows "/dev/fb$virtual" $bits 9
  fi
  end odud
done

# MARK: a real screen

screen=$(number_of bochs)
IFS=, read -r width height <"/sys/class/graphics/fb$screen/virtual_size"
framebuffer picture "$width" "$height" 256 /run/picture.npy "$width" "$height" 255 /run/wrong.npy
bench "/dev/fb$screen" 256
start_daemon /run/bench.yaml
odu-ctl slm show /run/picture.npy
wait_for 60 screen_shows /run/picture.npy
echo "ok: the screen of $width x $height pixels shows exactly the picture"
refuses "another picture is told from it" 'values differ' screen_shows /run/wrong.npy
end odud

# MARK: what is refused

bench fb_absent 256
misses "a framebuffer that is not there" "here are .*/dev/fb$virtual" /run/bench.yaml
bench /dev/null 256
misses "something else" '/dev/null: this is another device, not a framebuffer' /run/bench.yaml
bench "$virtual" 256 "bits: 12"
misses "bits that no panel has" '8, 16, 24 or 32' /run/bench.yaml
bench "$screen" 256 "width: 4000" "height: 3000"
misses "a size that cannot be had" "supported; there is .*$width × $height" /run/bench.yaml
bench "$virtual" 256 "bits: 16" "width: 640" "height: 480"
misses "more levels than the panel has" 'levelsPerTurn is 256; give 2…32' /run/bench.yaml
