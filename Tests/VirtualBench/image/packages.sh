# What the image is made of. Sourced by the other scripts.

# In the guest.
guest_packages="systemd systemd-sysv udev kmod procps libdrm2 libdrm-tests libusb-1.0-0 libv4l-0 libudev1 v4l-utils
  python3-minimal python3-numpy usbutils acl"

# The libraries that the package of odu depends on, by the names that they have in this suite.
guest_packages+=" $(apt-cache depends libfftw3-dev libhdf5-dev libpng-dev libsqlite3-dev zlib1g-dev 2>/dev/null |
  sed -nE 's/^ *Depends: (libfftw3-(double|single)[0-9].*|lib(hdf5-|png|sqlite3-)[0-9].*|zlib1g.*)/\1/p' |
  sed '/-dev$/d' | sort -u | tr '\n' ' ' || true)"

# Kernel modules that the guest can load; everything else of the kernel package is left out. vkms is not in it and is
# built of Debian's source of the same kernel, v4l2loopback of its package.
guest_modules="virtio_pci virtio_blk virtio_console virtio_rng ext4 9p 9pnet_virtio
  vivid v4l2loopback uvcvideo bochs virtio-gpu vfb vkms vhci-hcd usbhid hid-generic xhci-pci usbmon ipv6 af_packet"

first_dependency() { # PACKAGE PREFIX: the package beginning with PREFIX that PACKAGE depends on
  apt-cache depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \($2.*\)/\1/p" | head -n 1
}

# The packages of the newest kernel that the host's apt knows, one per line.
kernel_image_package() { first_dependency linux-image-amd64 linux-image-; }
kernel_packages() {
  local image headers
  image=$(kernel_image_package)
  headers=${image/linux-image-/linux-headers-}
  printf '%s\n' "$image" "$headers" v4l2loopback-dkms
  first_dependency "$headers" linux-headers-
  first_dependency "$headers" linux-kbuild-
  first_dependency linux-source linux-source-
}

package_versions() { # PACKAGE…: the versions that apt would install
  apt-cache policy "$@" | sed -n 's/^\([a-z0-9].*\):$/\1/p; s/^ *Candidate: //p'
}

# The Debian archives that the host's apt uses, as lines of a sources.list.
debian_sources() {
  apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
    sed -n 's/^Debian|\([^|]*\)|\([^|]*\)|\([^|]*\)$/deb \1 \2 \3/p' | sort -u
}

# What the host's apt says about proxies and other ways to the archive.
apt_transport_options() { apt-config dump | grep -E '^Acquire::(http|https)::' || true; }
