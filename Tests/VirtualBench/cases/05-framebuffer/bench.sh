# bench DEVICE LEVELS [SETTING…]: writes a bench whose panel is that framebuffer to /run/bench.yaml.
bench() {
  local device=$1 levels=$2 setting settings
  shift 2
  settings="device: \"$device\""
  for setting; do settings+=", $setting"; done
  cat >/run/bench.yaml <<Y
geometry: {kind: planes, wavelength: 633e-9, pitch: 10e-6, grid: 64, layers: 1, spacing: 0.01}
input: {size: 8, block: 8}
detector: {block: 8}
devices:
  layerModulator: {driver: framebuffer, settings: {$settings}}
  camera: {driver: v4l2, settings: {device: "$camera", format: GREY, width: 320, height: 180}}
layout:
  layers: {origins: [{x: 128, y: 0}], levelsPerTurn: $levels}
  input: {origin: {x: 0, y: 0}, scale: 8, fullLevel: $((levels - 1)), onLayerModulator: true}
  camera: {x: 0, y: 0, width: 64, height: 64}
Y
}
