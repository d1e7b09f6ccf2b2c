/// What can vary in the detector of a bench: where its samples lie on the output plane, its optics and its electronics.
package struct DetectorVariables: Sendable, Equatable {
  /// The point of the output plane that the detector's origin sees, in metres.
  package var shiftX = 0.0
  package var shiftY = 0.0
  /// Angle by which the detector is turned from x towards y, in radians.
  package var rotation = 0.0
  /// Length on the output plane of a unit length on the detector; positive.
  package var scale = 1.0
  /// The scale along x divided by the scale along y, at equal area; positive.
  package var aspect = 1.0
  /// How far x is displaced per unit of y.
  package var shear = 0.0
  /// Relative growth of the distance per metre along x and y, as of a detector that is tilted; 1/m.
  package var keystoneX = 0.0
  package var keystoneY = 0.0
  /// Standard deviation of the Gaussian point spread, in metres on the output plane. Its derivative at 0 is 0, because
  /// only its square matters: a fit starts it above 0.
  package var pointSpread = 0.0
  /// Output per unit of intensity, exposure and power.
  package var gain = 1.0
  package var exposure = 1.0
  /// Output in the dark.
  package var offset = 0.0
  /// Power of the source.
  package var power = 1.0

  /// An ideal detector that lies on the output plane sample by sample.
  package static let neutral = DetectorVariables()

  package init() {}

  package enum Index: Int, CaseIterable, Sendable {
    case shiftX, shiftY, rotation, scale, aspect, shear, keystoneX, keystoneY
    case pointSpread
    case gain, exposure, offset, power

    fileprivate var path: WritableKeyPath<DetectorVariables, Double> {
      switch self {
      case .shiftX: \.shiftX
      case .shiftY: \.shiftY
      case .rotation: \.rotation
      case .scale: \.scale
      case .aspect: \.aspect
      case .shear: \.shear
      case .keystoneX: \.keystoneX
      case .keystoneY: \.keystoneY
      case .pointSpread: \.pointSpread
      case .gain: \.gain
      case .exposure: \.exposure
      case .offset: \.offset
      case .power: \.power
      }
    }
  }

  package subscript(index: Index) -> Double {
    get { self[keyPath: index.path] }
    set { self[keyPath: index.path] = newValue }
  }

  /// - Throws: ``TwinError/registration(_:)`` or ``TwinError/description(_:)`` when no detector can have these values.
  func validate() throws(TwinError) {
    for index in Index.allCases where !self[index].isFinite {
      throw .description("the detector's \(index) is \(self[index]), expected a finite number")
    }
    guard scale > 0, aspect > 0 else {
      throw .registration("scale \(scale) and aspect \(aspect) of the detector have to be positive")
    }
    guard pointSpread >= 0 else {
      throw .description("the detector's point spread is \(pointSpread) m, expected 0 or more")
    }
  }
}
