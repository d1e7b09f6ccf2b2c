import Arrays
import Optics

/// What a bench looks like to the twin: its geometry, the source, how an image is put on the beam, the modulator of the
/// layers, and how the detector samples the output. The fixed part of a bench file; what can be calibrated, with its values, is
/// ``TwinParameters``.
public struct TwinDescription: Sendable, Codable, Equatable {
  /// Where the planes are.
  public var geometry: GeometryDescription
  /// How an image is put on the beam.
  public var input: InputDescription
  /// How the output plane is sampled.
  public var detector: DetectorDescription
  /// How a layer shows its phases.
  public var modulator: PhaseModulatorDescription
  /// The light before the first plane.
  public var source: SourceDescription

  public init(
    geometry: GeometryDescription, input: InputDescription, detector: DetectorDescription,
    modulator: PhaseModulatorDescription = PhaseModulatorDescription(), source: SourceDescription = SourceDescription()
  ) {
    self.geometry = geometry
    self.input = input
    self.detector = detector
    self.modulator = modulator
    self.source = source
  }
}

extension TwinDescription {
  /// - Throws: ``TwinError/description(_:)`` when no bench can look like this.
  func validate() throws(TwinError) {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(TwinError) {
      guard condition else { throw .description(message()) }
    }
    let geometry = geometry
    try require(geometry.grid >= 2 && geometry.grid <= 8192, "the grid has \(geometry.grid) samples, expected 2…8192")
    try require(geometry.layers >= 1, "there are \(geometry.layers) layers, expected at least 1")
    try require(geometry.sampling >= 1 && geometry.sampling <= 8, "sampling is \(geometry.sampling), expected 1…8")
    try require(
      geometry.padding.isFinite && geometry.padding >= 1 && geometry.padding <= 8,
      "padding is \(geometry.padding), expected 1…8")
    let side = Double(geometry.grid) * Double(geometry.sampling) * geometry.padding
    try require(
      side <= 16384,
      "grid × sampling × padding is \(Int(side)) samples, expected at most 16384 along each side")
    for (name, value) in [("wavelength", geometry.wavelength), ("pitch", geometry.pitch)] {
      try require(value.isFinite && value > 0, "\(name) is \(value), expected a positive number of metres")
    }
    try require(geometry.distance.isFinite, "the distance is \(geometry.distance), expected a finite number of metres")
    try require(
      input.size >= 1 && input.block >= 1 && input.size <= geometry.grid / input.block,
      "an image of \(input.size) pixels in blocks of \(input.block) does not fit a grid of \(geometry.grid)")
    let region = detector.region ?? Region(grid: geometry.grid)
    try require(
      region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.width <= geometry.grid && region.height <= geometry.grid
        && region.x <= geometry.grid - region.width && region.y <= geometry.grid - region.height,
      "the detector region \(region) lies outside a grid of \(geometry.grid)")
    try validateModulator()
    try forms.validate(for: geometry)
    if let amplitude = source.amplitude {
      try require(
        amplitude.count == 1 && amplitude.height == geometry.grid && amplitude.width == geometry.grid,
        "the source's amplitude has the shape [\(amplitude.count), \(amplitude.height), \(amplitude.width)], expected "
          + "[1, \(geometry.grid), \(geometry.grid)]")
      try require(
        amplitude.values.allSatisfy { $0.isFinite && $0 >= 0 }, "the source's amplitude is negative or not finite")
    }
  }

  private func validateModulator() throws(TwinError) {
    if let levels = modulator.levels {
      guard (2...65536).contains(levels) else { throw .description("levels is \(levels), expected 2…65536") }
    }
    if let levels = input.levels {
      guard (2...65536).contains(levels) else { throw .description("input levels is \(levels), expected 2…65536") }
    }
    if let response = modulator.response {
      guard response.count >= 2, response.allSatisfy(\.isFinite) else {
        throw .description("the modulator's response needs at least 2 finite phases, from command 0 to 2π")
      }
    }
    guard (0...PhaseInverse.mostRegions).contains(modulator.regions), modulator.regions <= geometry.grid else {
      throw .description("regions is \(modulator.regions), expected 0…\(PhaseInverse.mostRegions)")
    }
    guard modulator.inverse?.serves(layers: geometry.layers) ?? true else {
      throw .description(
        "what chooses the commands of phases was made for another number of layers than \(geometry.layers)")
    }
    if let kernel = modulator.crosstalkKernel { _ = try CrosstalkKernel(kernel, grid: geometry.grid) }
  }
}
