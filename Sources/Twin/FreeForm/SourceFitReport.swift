import Fitting
import Measuring
import Optics

/// How a fit of the source goes about it.
package struct SourceFitOptions: Sendable {
  /// Coefficients of the map along each side that are tried in this order, until a finer one does not pay.
  package var finenesses = [16, 32, 48]
  /// The part of the held-out cost that a finer map must save.
  package var worthwhile = 0.01
  /// What is believed of a coefficient of the phase in radians, and of the log amplitude.
  package var deviations = (phase: 0.3, logAmplitude: 0.1)
  /// What is believed of the layers; nil when they have no maps.
  package var roughness: LayerRoughness?
  /// Where the priors of named parameters stand; at the given values when nil.
  package var believed: TwinParameters?
  package var fitsOffset = false
  /// The largest held-out Pearson discrepancy of a twin that is good enough to train on.
  package var sufficientDiscrepancy = FitVerdict.sufficientDiscrepancy

  package init() {}
}

/// What a fit of the source found.
package struct SourceFitReport: Sendable {
  /// Of all parameters.
  package var parameters: TwinParameters
  /// A map of the source, and maps of the layers, where they do better than none.
  package var forms: FreeForms
  /// The parameters that were moved.
  package var moved: [String]
  /// The discrepancy on held-out frames for everything that was tried, without a map first.
  package var trials: [(shape: SourceShape, heldOut: Double)]
  /// On held-out frames: with the start's values, and with the chosen fineness before the frames were fitted together.
  package var before: Discrepancy
  package var after: Discrepancy
  /// On held-out frames, for the conjugate of the found light.
  package var conjugate: Discrepancy
  /// The wavefront's low polynomials by Noll's index, tilts included, with their covariance in that order, row by row.
  package var lowOrders: [Int]
  package var covariance: [Double]
  package var verdict: FitVerdict
  package var noiseRatio: Double?
  package var iterations: Int

  /// The standard deviation of a low polynomial.
  package func deviation(_ noll: Int) -> Double? {
    lowOrders.firstIndex(of: noll).map { max(0, covariance[$0 * lowOrders.count + $0]).squareRoot() }
  }
}

/// What a fit of the source finds beside parameters.
package struct SourceShape: Sendable, Equatable {
  /// Coefficients of the source's map along each side; nil for no map.
  package var fineness: Int?
  /// Whether the layers have maps.
  package var ofLayers = false
}
