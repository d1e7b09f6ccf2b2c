import Arrays
import Measuring

/// What may be wrong with a bench when no fit makes its twin agree with its frames.
public struct Suspicion: Sendable, Codable, Equatable {
  /// The things that are often wrong.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Samples are clipped.
    case saturation
    /// Most of what the twin misses is noise.
    case light
    /// The camera shows the plane mirrored or turned.
    case orientation
    /// The camera sees another part of the plane.
    case cameraPlace
    /// Wavelength or distances are others.
    case distance
    /// The light meets the layers in another order.
    case layerOrder
    /// The modulator turns the phase the other way.
    case phaseSign
    /// A turn is full at another level.
    case turn
  }

  /// What may be wrong.
  public var kind: Kind
  /// Pearson discrepancy on the frames by which the fit is judged, with the suspicion taken for the truth and the alignment
  /// fitted again; nil where the frames alone show it.
  public var discrepancy: Double?
  /// What was seen, and what to change.
  public var words: String

  public init(kind: Kind, discrepancy: Double? = nil, words: String) {
    self.kind = kind
    self.discrepancy = discrepancy
    self.words = words
  }
}
