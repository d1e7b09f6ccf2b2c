import Catalogues

/// A readout as it is asked for by name.
public struct ReadoutKind: Sendable {
  public let declaration: Declaration
  /// Detector columns that make one column of an image.
  public let samplesPerPixel: Int
  /// A readout at its initial values for this many detector samples per image.
  public let make: @Sendable (_ pixels: Int) -> any Readout

  public init(
    _ name: String, _ summary: String, samplesPerPixel: Int = 1,
    make: @escaping @Sendable (_ pixels: Int) -> any Readout
  ) {
    declaration = Declaration(name, summary)
    (self.samplesPerPixel, self.make) = (samplesPerPixel, make)
  }

  public var name: String { declaration.name }

  /// Whether its statistics are fixed after training.
  public var needsStatistics: Bool { type(of: make(1)).needsStatistics }
}

/// The readouts that can be asked for by name.
public enum ReadoutCatalogue {
  public static let standard = Catalogue(
    "readout",
    [
      ReadoutKind.zScore, .affine, .pixelAffine, .differential, .interleavedDifferential, .batchNormalised,
    ]
  ) { $0.declaration }
}
