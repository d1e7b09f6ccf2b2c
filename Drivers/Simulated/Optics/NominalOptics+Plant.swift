import Devices

extension NominalOptics {
  /// The distance from one layer to the next in metres.
  var hop: Double { kind == .cavity ? 2 * distance : distance }

  /// The number of stretches of free space: one behind each layer, and in `planes` one before the first.
  var hops: Int { kind == .cavity ? layers : layers + 1 }

  /// A canvas that light leaving the patch at the steepest angle of a layer does not wrap around on, and at least four
  /// thirds of the grid; a multiple of 16 samples.
  var defaultCanvas: Int {
    let walk = hop * wavelength / (2 * pitch * pitch)
    let width = Double(grid) + max(Double(grid) / 3, walk)
    return Int((width / 16).rounded(.up)) * 16
  }

  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)``.
  func validate() throws {
    let lengths = [
      ("wavelength", wavelength, 100e-9...1e-3), ("pitch", pitch, 1e-7...1e-2), ("distance", distance, 0...100),
    ]
    for (key, length, range) in lengths where !range.contains(length) {
      throw SimulatedError.invalid(
        key: key, value: "\(length)", accepted: "\(range.lowerBound)…\(range.upperBound) metres")
    }
    let counts = [
      ("grid", grid, 1...4096), ("layers", layers, 1...64), ("imageSize", imageSize, 1...4096),
      ("imageBlock", imageBlock, 1...4096),
    ]
    for (key, count, range) in counts where !range.contains(count) {
      throw SimulatedError.invalid(key: key, value: "\(count)", accepted: "\(range.lowerBound)…\(range.upperBound)")
    }
    guard imageSize * imageBlock <= grid else {
      throw SimulatedError.invalid(
        key: "imageSize·imageBlock", value: "\(imageSize * imageBlock)", accepted: "at most the grid, \(grid)")
    }
  }
}
