# Makes the package of the programs under test, while the guest boots.
set -eu
give_up() {
  echo "$1" >"$SHARE/out/no-package"
  exec sleep infinity
}

[ -n "${VIRTUAL_BENCH_PROJECT:-}" ] || give_up "nobody said where the project is"
for package in debhelper patchelf; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || give_up "$package is not installed"
done
# The guest has little to unpack it with.
export DPKG_DEB_COMPRESSOR_TYPE=gzip DPKG_DEB_COMPRESSOR_LEVEL=1
BIN=$VIRTUAL_BENCH_PROGRAMS DIST=$SHARE/dist "$VIRTUAL_BENCH_PROJECT/packaging/make-deb" || {
  touch "$SHARE/out/package-failed"
  exit 1
}
mv "$SHARE"/dist/odu_*.deb "$SHARE/out/odu.deb"
exec sleep infinity
