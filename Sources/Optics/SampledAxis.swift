/// One axis of a canvas and the walks of its waves.
struct SampledAxis: Sendable, Equatable {
  let space: FreeSpace
  /// Samples of the plane and of the canvas.
  let plane: Int
  let canvas: Int
  let pitch: Double
  let offset: Double

  /// No canvas is longer, in samples.
  static let longestCanvas = 1 << 17

  var criticalDistance: Double {
    max(0, (Double(canvas) * pitch - 2 * abs(offset)) * pitch / space.wavelength)
  }

  /// Frequencies from −1/(2·pitch) to 1/(2·pitch) whose walk the canvas holds.
  private var band: (lower: Double, upper: Double, edge: Double) {
    let edge = 1 / (2 * pitch)
    guard space.distance != 0 else { return (-edge, edge, edge) }
    let half = Double(canvas) * pitch / 2
    let limits = [space.frequency(walk: half - offset), space.frequency(walk: -half - offset)].sorted()
    return (max(-edge, min(edge, limits[0])), max(-edge, min(edge, limits[1])), edge)
  }

  var partKept: Double { (band.upper - band.lower) / (2 * band.edge) }

  var sufficientPadding: Double {
    let needed = (abs(space.distance) * space.wavelength / pitch + 2 * abs(offset)) / pitch
    guard needed < Double(Self.longestCanvas) else { return needed / Double(plane) }
    var length = max(plane, Int((needed * (1 - 1e-12)).rounded(.up)))
    // Canvases have fast lengths: fewer samples may be rounded up to enough.
    while length - 1 > plane, Double(PlaneGrid.fastLength(atLeast: length - 1)) >= needed * (1 - 1e-12) { length -= 1 }
    return Double(length) / Double(plane)
  }
}
