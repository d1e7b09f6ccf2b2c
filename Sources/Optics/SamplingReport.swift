import ReadableNumbers

/// How well a padded plane samples the transfer function of a distance.
///
/// A wave of frequency f walks z·tan θ, and the canvas holds walks of up to half its width. In the paraxial approximation,
/// which is the custom and the paper's, the wave at the pixels' own limit f = 1/(2·pitch) reaches that at N·pitch²/λ; the
/// exact walk is longer by the part (λ/2·pitch)²/2, 0.1 % for 850 nm and 9.2 µm.
public struct SamplingReport: Sendable, Equatable {
  /// The distance in metres.
  public let distance: Double
  /// The largest distance that the padded plane samples fully, in metres: N·pitch²/λ of its shorter side, less what an
  /// offset of the light costs.
  public let criticalDistance: Double
  /// The part of the frequency axis that the band limit keeps, of the axis that loses more; 1 when nothing is cut.
  public let partKept: Double
  /// The smallest padding that samples this distance fully.
  public let sufficientPadding: Double
  let x: SampledAxis
  let y: SampledAxis

  /// The root mean square error of the field in the plane relative to the field itself, with the band limit on, for a field
  /// of random phases that fills the plane: the light that the cut takes although it would have stayed in the plane, and the
  /// light that leaves the plane at one side and wrongly returns at the other. It is computed when it is asked for, by
  /// comparing the propagation with that on a canvas that nothing leaves; nil where no transform of that size can be made.
  public var expectedError: Double? { SampledAxis.expectedError(x, y) }

  /// Whether the distance is too long for the plane.
  public var isUndersampled: Bool { abs(distance) > criticalDistance * (1 + 1e-12) }

  /// One line for the user when the band limit is on and cuts.
  public var warning: String? {
    guard isUndersampled else { return nil }
    return """
      distance \(metres(distance)) exceeds \(limit) (N·pitch²/λ on the padded grid): the band limit \
      keeps \(percent(partKept)) of the frequency axis\(errorClause); padding \(roundedUp(sufficientPadding)) would keep \
      all of it
      """
  }

  /// One line for the user when the band limit is off.
  public var violation: String {
    """
    distance \(metres(distance)) undersamples the transfer function: the limit is \(limit) \
    (N·pitch²/λ on the padded grid); use padding \(roundedUp(sufficientPadding)) or more, a distance of at most \
    \(limit), or the band limit
    """
  }

  private var errorClause: String {
    expectedError.map { ", and a field of random phases is expected to be off by \(percent($0))" } ?? ""
  }
  private func metres(_ value: Double) -> String { "\((value * 1e9).rounded() / 1e6) mm" }
  // Printed larger than it is, the limit would be refused.
  private var limit: String { "\((criticalDistance * 1e9).rounded(.down) / 1e6) mm" }
  private func roundedUp(_ value: Double) -> String { "\((value * 1e4).rounded(.up) / 1e4)" }
}

extension FreeSpace {
  /// How well a plane in a zero-padded canvas, ``PlaneGrid/padded(by:)``, samples this stretch.
  ///
  /// - Parameter offset: where the wave of frequency zero arrives, in metres from the middle of the next plane: not zero
  ///   where that plane is shifted and the light does not travel towards it.
  public func sampling(
    of plane: PlaneGrid, padding: Double, offset: (x: Double, y: Double) = (0, 0)
  ) -> SamplingReport {
    let canvas = plane.padded(by: padding)
    let x = SampledAxis(space: self, plane: plane.width, canvas: canvas.width, pitch: plane.pitch, offset: offset.x)
    let y = SampledAxis(space: self, plane: plane.height, canvas: canvas.height, pitch: plane.pitch, offset: offset.y)
    return SamplingReport(
      distance: distance, criticalDistance: min(x.criticalDistance, y.criticalDistance),
      partKept: min(x.partKept, y.partKept), sufficientPadding: max(x.sufficientPadding, y.sufficientPadding), x: x,
      y: y)
  }
}
