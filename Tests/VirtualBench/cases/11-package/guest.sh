# The package, installed: a simulated bench runs at once, in its sandbox, and systemd keeps it running.
. /opt/odu/test/library.sh
# Only what the package and its dependencies brought.
rm /etc/ld.so.conf.d/odu.conf
grep -lr path-exclude /etc/dpkg/dpkg.cfg.d | xargs rm -f
ldconfig
unset XDG_STATE_HOME XDG_RUNTIME_DIR
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
case=/host

property() { systemctl show -P "$1" "${2:-odud.service}"; }
service() { python3 $case/service.py "$@"; }
answers() { odu-ctl status; }
is_ready() { [ "$(service GET /v1/status state)" = '"ready"' ]; }
# shellcheck disable=SC1072,SC1073 # the operator is an argument
has_answer() { [ "$(service GET "$1" "$2")" "$3" "$4" ]; }
restarted_since() { # PID: the service runs again, as another process, and answers
  local pid
  pid=$(property MainPID)
  [ "$pid" != 0 ] && [ "$pid" != "$1" ] && [ "$(property ActiveState)" = active ] && answers
}

# MARK: installed

wait_for 1500 test -e "$out/odu.deb" -o -e "$out/no-package" -o -e "$out/package-failed"
[ ! -e "$out/package-failed" ] || fail "the package could not be made; see host.log"
[ -e "$out/odu.deb" ] || skip "$(cat "$out/no-package")"
check "the package can be installed" dpkg -i "$out/odu.deb"
check "the daemon answers with no further step" answers
wait_for 60 is_ready
check "its bench is simulated" has_answer /v1/status simulated = true
check "it runs as its own user" test "$(ps -o user= -p "$(property MainPID)")" = odu
check "there is the group of those who look" getent group odu-observe
check "it has said what it does" test -n "$(property StatusText)"
check "the units are as they should be" systemd-analyze verify --man=no odud.service odud.socket
for page in man8/odud.8 man1/odu-ctl.1 man5/odu-bench.5; do
  check "there is the page $page" test -s "/usr/share/man/$page.gz"
done
check "bash completes odu-ctl" bash -c '. /usr/share/bash-completion/completions/odu-ctl && complete -p odu-ctl'

# MARK: who may do what

useradd --no-create-home stranger
useradd --no-create-home --groups odu-observe observer
useradd --no-create-home --groups odu worker
as() { setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}"; }
refuses "a stranger learns nothing" "the group odu-observe" as stranger odu-ctl status
check "an observer may look" as observer odu-ctl status
refuses "an observer may not touch" "the group odu:" as observer odu-ctl slm show blank
check "an operator may" as worker odu-ctl slm show blank

# MARK: the sandbox

load_vkms
load_camera
check "the rules are in force: the camera is the group's" test "$(stat -c %G "$camera")" = odu
udevadm test "$(udevadm info -q path -n "$camera")" >"$out/udev.log" 2>&1 || true
check "udev reads the rules" grep -q 70-odu.rules "$out/udev.log"
check "and finds no mistake in them" sh -c "! grep -E '70-odu.rules.*(nvalid|nknown|ailed|gnoring)' $out/udev.log"
chmod 666 /dev/vda /dev/ttyS0 /dev/hvc0 /dev/kmsg
sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/python3 /run/probe.py|' -e 's/^Type=.*/Type=oneshot/' \
  -e '/^\(Requires\|After\|WatchdogSec\|Restart.*\|NotifyAccess\)=/d' \
  /lib/systemd/system/odud.service >/run/systemd/system/probe.service
cp $case/probe.py /run/
systemctl daemon-reload
status=0
systemctl start probe.service || status=$?
journalctl -b -u probe.service -o cat --no-pager
[ $status = 0 ] || fail "the sandbox is not as it should be"
pid=$(property MainPID)
check "the daemon itself has no capabilities" \
  sh -c "! grep '^Cap' /proc/$pid/status | grep -v '0000000000000000\$'"
check "and cannot get any" grep -qE '^NoNewPrivs:[[:space:]]*1' "/proc/$pid/status"

# MARK: kept running

python3 -c 'import numpy; numpy.save("/run/layers.npy", numpy.zeros((4, 96, 96), numpy.float32))'
check "the simulated bench measures" odu-ctl measure --patterns /run/layers.npy --output /run/frames.npy
jobs=$(service GET /v1/jobs)

pid=$(property MainPID)
kill -KILL "$pid"
wait_for 120 restarted_since "$pid"
echo "ok: killed, it is started again"
check "and knows its jobs" test "$(service GET /v1/jobs)" = "$jobs"

pid=$(property MainPID)
kill -STOP "$pid"
wait_for 300 restarted_since "$pid"
journalctl -b -u odud.service --no-pager | grep -qi watchdog || fail "it was not the watchdog"
echo "ok: stopped in its tracks, it is started again by the watchdog"
check "and knows its jobs" test "$(service GET /v1/jobs)" = "$jobs"

# MARK: the bench file

start_plant() { start plant /opt/odu/bin/plant "$@"; wait_for 60 grep -q ready "$out/plant.log"; }
start_plant --panel "drm:$card" --camera "$camera" --size 64x64 --pass 0,0 --sync rate:60 --report "$out/plant.json"
pid=$(property MainPID)
cp $case/bench.yaml /etc/odu/bench.yaml
check "a new bench file is read" systemctl reload odud
wait_for 120 has_answer /v1/status simulated = false
wait_for 120 is_ready
odu-ctl devices
check "real devices give frames in the sandbox" odu-ctl camera grab --output /run/frame.npy

sed -i 's/wavelength/wave/' /etc/odu/bench.yaml
systemctl reload odud || true
wait_for 60 has_answer /v1/configuration problem != '""'
service GET /v1/configuration problem
check "with a wrong bench file the old bench goes on" odu-ctl camera grab --output /run/frame.npy
check "and the same daemon" test "$(property MainPID)" = "$pid"
cp $case/bench.yaml /etc/odu/bench.yaml

# MARK: stopped and woken

last_shown() { tail -n 1 "$out/panel.log" | cut -d ' ' -f 2-; }
has_more_lines() { [ "$(wc -l <"$out/panel.log")" -gt "$lines" ]; }
shows() { [[ "$(last_shown)" = "$1"* ]]; }
start watch /opt/odu/bin/panel watch "drm:$card" "$out/panel.log"
python3 -c 'import numpy
rows, columns = numpy.indices((480, 640))
numpy.save("/run/pattern.npy", ((rows + columns) % 200 + 20).astype(numpy.uint8))'
odu-ctl slm show /run/pattern.npy
wait_for 30 shows "pattern 20 219"
lines=$(wc -l <"$out/panel.log")
begin=$(date +%s%N)
systemctl stop odud.service
figure "stopped in $((($(date +%s%N) - begin) / 1000000)) ms"
check "it ended by itself" test "$(property Result) $(property ExecMainCode) $(property ExecMainStatus)" = "success 1 0"
wait_for 30 has_more_lines
sed -n "$((lines + 1))p" "$out/panel.log" | cut -d ' ' -f 2- | grep -qx "level 90" ||
  fail "the panel shows after the stop: $(tail -n "+$((lines + 1))" "$out/panel.log")"
echo "ok: it left the safe pattern"
check "its socket still listens" test "$(property ActiveState odud.socket)" = active
check "a client wakes it" answers
check "and it runs" test "$(property ActiveState)" = active

# MARK: refused

systemctl stop odud.service
end plant
sed -i 's/wavelength/wave/' /etc/odu/bench.yaml
refuses "it does not start with a wrong bench file" "odud.service failed" systemctl start odud.service
check "status 78 says so" test "$(property ExecMainStatus)" = 78
check "and it is not tried again" test "$(property ActiveState)" = failed
says_why() { journalctl -b -u odud.service -o cat --no-pager | grep 'geometry.wave: unknown key'; }
wait_for 60 says_why
echo "ok: and its log says what is wrong"
starts() { journalctl -b -u odud.service -o cat --no-pager | grep -c 'Failed to start'; }
before=$(starts)
refuses "a client is turned away" . odu-ctl status
check "and has woken it once" test "$(starts)" = $((before + 1))
check "the socket still listens" test "$(property SubState odud.socket)" = listening

cp /usr/share/odu/profiles/simulated.yaml /etc/odu/bench.yaml
check "with the file corrected it starts at once" systemctl restart odud.service
check "and answers" answers

# MARK: gone

check "it can be purged" dpkg -P odu
for path in /etc/odu /run/odu /usr/lib/odu /lib/udev/rules.d/70-odu.rules /lib/systemd/system/odud.service \
  /etc/systemd/system/multi-user.target.wants/odud.service /etc/systemd/system/sockets.target.wants/odud.socket; do
  check "$path is gone" test ! -e "$path"
done
check "what was measured is not" test -n "$(find /var/lib/odu -type f)"
