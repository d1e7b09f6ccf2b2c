# What cases use in the guest. Sourced by a case's guest.sh: . /opt/odu/test/library.sh
set -euo pipefail
export PATH=/opt/odu/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export XDG_STATE_HOME=/run/state XDG_RUNTIME_DIR=/run/runtime
out=/host/out
exec 2>&1
exec 9>"$out/trace.log"
BASH_XTRACEFD=9
set -x

echo /opt/odu/lib >/etc/ld.so.conf.d/odu.conf
ldconfig

note() { echo "note: $*"; }
figure() { echo "figure: $*"; } # is shown in the summary of the run
fail() {
  echo "FAILED: $*"
  exit 1
}
skip() {
  echo "$*" >"$out/skipped"
  exit 77
}
set -E
trap 'echo "guest.sh, line $LINENO: $BASH_COMMAND: status $?"' ERR
trap end_all EXIT

# check WHAT COMMAND…: the command must succeed.
check() {
  local what=$1
  shift
  if "$@" >"$out/check.log" 2>&1; then
    echo "ok: $what"
  else
    local status=$?
    cat "$out/check.log"
    fail "$what (status $status: $*)"
  fi
}

# refuses WHAT TEXT COMMAND…: the command must fail, and print TEXT (an extended regular expression).
refuses() {
  local what=$1 text=$2
  shift 2
  if "$@" >"$out/check.log" 2>&1; then
    cat "$out/check.log"
    fail "$what: it succeeded"
  fi
  grep -qE -- "$text" "$out/check.log" || {
    cat "$out/check.log"
    fail "$what: the message does not say '$text'"
  }
  echo "ok: $what: $(grep -E -m 1 -- "$text" "$out/check.log")"
}

# misses WHAT TEXT BENCH [OPTION…]: odud cannot have that bench, and says TEXT (an extended regular expression) of it.
misses() {
  local what=$1 text=$2 pid end
  shift 2
  odud --bench "$@" >"$out/check.log" 2>&1 &
  pid=$!
  end=$(($(date +%s) + 60))
  until grep -qE -- "$text" "$out/check.log" || ! kill -0 $pid 2>/dev/null || [ "$(date +%s)" -gt $end ]; do sleep 0.1; done
  kill $pid 2>/dev/null || true
  wait $pid || true
  grep -qE -- "$text" "$out/check.log" || {
    cat "$out/check.log"
    fail "$what: the message does not say '$text'"
  }
  echo "ok: $what: $(grep -E -m 1 -- "$text" "$out/check.log")"
}

# wait_for SECONDS COMMAND…: tries until the command succeeds.
wait_for() {
  local end=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -le $end ] || fail "waited in vain for: $*"
    sleep 0.1
  done
}

# monitor COMMAND…: has QEMU's monitor do it, and prints its answer. Paths below /host are the same for both.
# value FILE KEY…: a value of a JSON file.
value() {
  python3 -c 'import functools, json, sys
print(functools.reduce(lambda found, key: found.get(key, 0), sys.argv[2:], json.load(open(sys.argv[1]))))' "$@"
}

monitor_count=0
monitor() {
  monitor_count=$((monitor_count + 1))
  echo "@@monitor $*" >/dev/hvc0
  wait_for 60 test -e "$out/monitor.$monitor_count"
  cat "$out/monitor.$monitor_count"
}

# MARK: processes

# start NAME COMMAND…: runs it in the background, with its output in out/NAME.log; ends with the case.
declare -A pids=()
start() {
  local name=$1
  shift
  "$@" >"$out/$name.log" 2>&1 &
  pids[$name]=$!
}

# end NAME [SIGNAL]: ends what was started, and waits for it.
end() {
  local pid=${pids[$1]:-}
  [ -n "$pid" ] || return 0
  unset "pids[$1]"
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

end_all() {
  local name
  for name in "${!pids[@]}"; do end "$name" KILL; done
}

# start_plant OPTION…: starts the plant and waits until the camera has its format.
start_plant() {
  start plant plant "$@"
  wait_for 60 grep -q ready "$out/plant.log"
}

# start_daemon BENCH [OPTION…]: starts odud and waits until it answers.
start_daemon() {
  start odud odud --bench "$@"
  local end=$(($(date +%s) + 120))
  until odu-ctl status >/dev/null 2>&1; do
    kill -0 "${pids[odud]}" 2>/dev/null || {
      cat "$out/odud.log"
      fail "odud ended"
    }
    [ "$(date +%s)" -le $end ] || fail "odud does not answer"
    sleep 0.2
  done
}

# hold PID DEVICE: the device stays as that process leaves it, until `end hold`.
hold() {
  start hold python3 /opt/odu/test/hold.py "$@"
  wait_for 30 grep -q held "$out/hold.log"
}

# evidence_is KIND: how it was known when the first modulator showed its pattern.
evidence_is() { odu-ctl devices --json | grep -qE "\"evidence\" ?: ?\"$1\""; }

# MARK: devices

load_vkms() { # a display with a vertical blank at 60 Hz: sets card to its node, connector to its name
  modprobe vkms
  udevadm settle
  card=$(readlink -f /dev/dri/by-path/platform-vkms-card)
  connector=$(basename /sys/class/drm/"$(basename "$card")"-*)
  connector=${connector#*-}
}

load_camera() { # [NUMBER [BUFFERS]]: a camera that the plant writes to, as $camera
  camera=/dev/video${1:-10}
  modprobe v4l2loopback video_nr="${1:-10}" card_label="Plant" exclusive_caps=0 max_buffers="${2:-16}"
  udevadm settle
}

shared_memory() { # the file of the memory shared with the host
  local device
  for device in /sys/bus/pci/devices/*; do
    if [ "$(cat "$device/vendor" "$device/device" | tr -d '\n')" = 0x1af40x1110 ]; then
      echo "$device/resource2"
      return
    fi
  done
  fail "the machine has no shared memory; ask for it in boot.json"
}
