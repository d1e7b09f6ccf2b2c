# The safe pattern is on the panel before anything else: after the start, a stop, a crash, an error, a lost camera.
. /opt/odu/test/library.sh

last_shown() { tail -n 1 "$out/panel.log" | cut -d ' ' -f 2-; }
shows() { [ "$(last_shown | cut -d ' ' -f "1-$(echo "$1" | wc -w)")" = "$1" ]; }
lines() { wc -l <"$out/panel.log"; }
since() { tail -n "+$(($1 + 1))" "$out/panel.log" | cut -d ' ' -f 2-3; } # what was shown after that many lines

start_all() {
  start_plant --panel "drm:$card" --camera "$camera" --size 64x64 --pass 0,0 --sync rate:60 --report "$out/plant.json"
  start_daemon /host/bench.yaml
}

# first_is_safe WHAT LINES: the first thing that odud put on the panel since is the safe pattern.
first_is_safe() {
  local shown
  shown=$(since "$2" | grep -vxE "$console" | head -n 1)
  [ "$shown" = "level 90" ] || fail "$1: the panel shows '$shown' first: $(since "$2" | tr '\n' ';')"
  echo "ok: $1: $(since "$2" | tr '\n' ';')"
}

load_vkms
load_camera
python3 - <<'P'
import numpy
rows, columns = numpy.indices((480, 640))
numpy.save("/run/pattern.npy", ((rows + columns) % 200 + 20).astype(numpy.uint8))
numpy.save("/run/layers.npy", numpy.zeros((1, 64, 64), numpy.float32))
numpy.save("/run/images.npy", numpy.random.default_rng(1).integers(0, 2, (500, 8, 8)).astype(numpy.float32))
P
start watch panel watch "drm:$card" "$out/panel.log"
wait_for 30 test -s "$out/panel.log"
# What the console shows while nobody else has the display: off, black, or text.
console='off|level 0|pattern 0'

before=$(lines)
start_all
first_is_safe "a start shows the safe pattern" "$before"
check "it stays" shows "level 90"

odu-ctl slm show /run/pattern.npy
wait_for 30 shows "pattern 20 219"
echo "ok: the pattern is on the panel"
before=$(lines)
hold "${pids[odud]}" "$card"
end odud TERM
wait_for 30 shows "level 90"
[ "$(since "$before")" = "level 90" ] || fail "a stop shows $(since "$before" | tr '\n' ';')"
echo "ok: a stop shows the safe pattern, and nothing after it"
end hold
end plant

start_all
odu-ctl slm show /run/pattern.npy
wait_for 30 shows "pattern 20 219"
before=$(lines)
end odud KILL
end plant
start_all
first_is_safe "a start after a crash shows the safe pattern" "$before"
check "it stays" shows "level 90"

# A job that fails: the camera falls silent in the middle.
start job odu-ctl measure --patterns /run/layers.npy --input /run/images.npy --output /run/frames.npy
wait_for 60 shows "pattern"
end plant KILL
wait_for 120 shows "level 90"
echo "ok: a camera that falls silent brings the safe pattern"
if wait "${pids[job]}"; then fail "the job succeeded without a camera"; fi
unset "pids[job]"
grep -q . "$out/job.log" || fail "the job failed without a message"
echo "ok: the job failed: $(tail -n 1 "$out/job.log")"
check "the safe pattern stays" shows "level 90"
