# The udev rules: names, groups, access lists and tags, and what `odu-ctl devices` says with and without them.
. /opt/odu/test/library.sh

# as USER GROUP COMMAND…: runs it without any other group.
as() { setpriv --reuid "$1" --regid "$2" --clear-groups -- "${@:3}"; }
# may_open GROUP NODE…, may_not_open GROUP NODE…: all of them, none of them.
may_open() { as nobody "$1" bash -c 'for node; do true <>"$node" || exit 1; done' - "${@:2}"; }
may_not_open() { as nobody "$1" bash -c 'for node; do ! true <>"$node" || exit 1; done' - "${@:2}"; }
are_units() {
  local node
  for node; do systemctl is-active --quiet "$(systemd-escape --path --suffix device "$node")" || return; done
}
leads_to() { [ -e "$1" ] && [ "$(readlink -f "$1")" = "$2" ]; }
owned_by() { [ "$(stat -c %G:%a "$2")" = "$1:660" ]; }
tagged() { udevadm info --query property --name "$2" | grep -q "^CURRENT_TAGS=.*:$1:"; }
devices() { odu-ctl devices --socket /run/none.sock "$@"; }
controller() { grep -lsx c900 /sys/bus/usb/devices/*/idProduct; }
plug() {
  start usb python3 /opt/odu/test/usb/dlpc900-emulator.py /run/usb --serial ODU0001
  wait_for 60 controller
  udevadm settle
}

command -v setfacl >/dev/null || fail "the image lacks setfacl; add the package acl"
printf 'g odu -\n' | systemd-sysusers -
modprobe -a vhci-hcd usbhid
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
load_vkms
load_camera
mkdir -p /run/usb
plug
start plant plant --panel "drm:$card" --camera "$camera" --size 64x64 --pass 0,0 --sync rate:20

# Without the rules.
refuses "the missing rules are named" "70-odu.rules" devices --bench /host/bench.yaml
[ ! -e /dev/odu ] || fail "/dev/odu exists before the rules do"

mkdir -p /etc/udev/rules.d
cp /opt/odu/udev/70-odu.rules /etc/udev/rules.d/
udevadm control --reload
udevadm trigger
udevadm settle

vivid=$(ls -d /dev/v4l/by-path/platform-vivid.0-video-index0)
framebuffer=/dev/fb$(sed -n 's/ .*vkms.*//p' /proc/fb)
usb=$(udevadm info --query name --root --path "$(dirname "$(controller)")")
check "a controller is named by its serial number" leads_to /dev/odu/slm-ODU0001 "$usb"
check "and by its port" leads_to "$(ls /dev/odu/slm-*-usb-*)" "$usb"
check "a loopback camera by the name of its card" leads_to /dev/odu/camera-Plant "$camera"
check "another camera by its path" leads_to /dev/odu/camera-platform-vivid.0 "$(readlink -f "$vivid")"
check "a display controller by its path" leads_to /dev/odu/slm-card-platform-vkms "$card"
check "a framebuffer by its path" leads_to /dev/odu/slm-fb-platform-vkms "$framebuffer"

for node in slm-ODU0001 camera-Plant camera-platform-vivid.0; do
  check "$node belongs to the group odu" owned_by odu "$(readlink -f "/dev/odu/$node")"
  check "$node is given to the seat" tagged uaccess "/dev/odu/$node"
done
check "panels still belong to the group video" owned_by video "$card"
check "and framebuffers" owned_by video "$framebuffer"
check "which can still open them" may_open video "$card" "$framebuffer"
check "the group odu can open everything" may_open odu /dev/odu/*
check "others cannot" may_not_open nogroup /dev/odu/*
check "a hub is left alone" may_not_open odu /dev/bus/usb/001/001
check "a camera and a controller are units" are_units /dev/odu/camera-Plant /dev/odu/slm-ODU0001

# What the command says.
check "every expected device is there" devices --bench /host/bench.yaml
check "for a member of the group, too" as nobody odu env PATH="$PATH" odu-ctl devices --bench /host/bench.yaml
refuses "the group that has access is named" "group odu" \
  as nobody nogroup env PATH="$PATH" odu-ctl devices --bench /host/bench.yaml
refuses "what is there instead is named" "HDMI-A-9: .*$connector" devices --bench /host/elsewhere.yaml
refuses "the driver that is meant is named" "did you mean v4l2" devices --bench /host/elsewhere.yaml

# Unplugged and plugged in again.
end usb
wait_for 30 test ! -e /dev/odu/slm-ODU0001
plug
wait_for 30 test -e /dev/odu/slm-ODU0001
echo "ok: the name goes with the device and comes back"

# Left alone on request.
echo 'SUBSYSTEM=="video4linux", ATTR{name}=="Plant", ENV{ODU_IGNORE}="1"' >/etc/udev/rules.d/60-local.rules
udevadm control --reload
udevadm trigger --settle --subsystem-match=video4linux
check "a device to be ignored gets no name" test ! -e /dev/odu/camera-Plant
check "and the others keep theirs" test -e /dev/odu/camera-platform-vivid.0
