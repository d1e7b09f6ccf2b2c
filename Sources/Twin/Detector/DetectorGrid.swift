import Arrays

/// Where the samples of a detector that lies exactly on the output plane are: blocks of computed samples inside a region.
struct DetectorGrid: Sendable, Equatable {
  /// Detector samples.
  let height: Int
  let width: Int
  /// Computed samples along each side of a detector sample.
  let block: Int
  /// The first computed sample of the region.
  let x: Int
  let y: Int
  /// Computed samples along each side of the plane.
  let side: Int
  /// Distance between two computed samples in metres.
  let step: Double
  /// The index, possibly half-way between two samples, of the plane's origin.
  let center: Double

  /// - Parameter block: grid samples along each side of a detector sample; the description's own when nil.
  init(_ detector: DetectorDescription, block: Int?, geometry: GeometryDescription) throws(TwinError) {
    let grid = geometry.grid
    let sampling = geometry.sampling
    let region = detector.region ?? Region(grid: grid)
    let size = block ?? detector.block
    guard size > 0, region.width % size == 0, region.height % size == 0 else {
      throw .description(
        "a detector region of \(region.width)×\(region.height) samples does not divide into blocks of \(size)")
    }
    height = region.height / size
    width = region.width / size
    self.block = size * sampling
    x = region.x * sampling
    y = region.y * sampling
    side = grid * sampling
    step = geometry.pitch / Double(sampling)
    center = geometry.originIndex
  }

  var count: Int { height * width }

  /// Distance in metres of a computed sample from the plane's origin.
  func position(_ index: Int) -> Double { (Double(index) - center) * step }

  /// The same of a point, of which there are `points` along each side of a computed sample, from the sample `first` on.
  @inline(__always)
  func position(ofPoint index: Int, from first: Int, points: Int) -> Double {
    (Double(first) - center + (Double(index) + 0.5) / Double(points) - 0.5) * step
  }
}

extension GeometryDescription {
  /// The computed sample at which the plane's origin lies, the middle of layer sample ⌊grid/2⌋; half-integer when that
  /// sample is divided evenly.
  var originIndex: Double { Double(grid / 2 * sampling) + Double(sampling - 1) / 2 }
}
