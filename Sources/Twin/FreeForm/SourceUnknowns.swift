import Fitting

/// What a fit of the source moves, as one vector: named parameters in units of their scales, then the coefficients of the map's phase and
/// of the logarithm of its amplitude.
package struct SourceUnknowns: Sendable {
  /// Their values are where the priors stand.
  package let moving: [TwinParameter]
  /// Coefficients of the map along each side; nil for no map.
  package let fineness: Int?
  /// What is believed of the map before: standard deviations of a coefficient of the phase in radians, and of the log amplitude.
  private let deviations: (phase: Double, logAmplitude: Double)

  package init(moving: [TwinParameter], fineness: Int?, deviations: (phase: Double, logAmplitude: Double)) {
    (self.moving, self.fineness, self.deviations) = (moving, fineness, deviations)
  }

  private var coefficients: Int { fineness.map { $0 * $0 } ?? 0 }

  package var count: Int { moving.count + 2 * coefficients }

  /// The unit of a coefficient: one of them moves a part of the light that falls with their number, and should move frames as much as a
  /// parameter does.
  private var unit: Double { 0.2 * Double(fineness ?? 1) }

  package func values(of parameters: TwinParameters, _ map: SourceMap?) -> [Double] {
    let zeros = [Double](repeating: 0, count: coefficients)
    return moving.values(of: parameters)
      + (map.map { $0.phase + $0.logAmplitude } ?? zeros + zeros).map { $0 / unit }
  }

  /// The parameters that a vector stands for, the others as they are in `base`.
  package func parameters(at values: [Double], in base: TwinParameters) -> TwinParameters {
    moving.parameters(at: values, in: base)
  }

  package func map(at values: [Double]) -> SourceMap? {
    fineness.map { fineness in
      var map = SourceMap(fineness: fineness)
      let first = moving.count
      map.phase = values[first..<first + coefficients].map { $0 * unit }
      map.logAmplitude = values[(first + coefficients)...].map { $0 * unit }
      return map
    }
  }

  func direction(_ vector: [Double]) -> TwinDirection {
    TwinDirection(
      parameters: Dictionary(
        zip(moving, vector).map { ($0.name, $1 * $0.scale) }, uniquingKeysWith: { first, _ in first }),
      map: map(at: vector))
  }

  /// The vector of derivatives, from those by parameters and coefficients in their own units.
  func gradient(_ slopes: TwinDirection) -> [Double] {
    let zeros = [Double](repeating: 0, count: coefficients)
    return moving.map { (slopes.parameters[$0.name] ?? 0) * $0.scale }
      + (slopes.map.map { $0.phase + $0.logAmplitude } ?? zeros + zeros).map { $0 * unit }
  }

  package var bounds: [ClosedRange<Double>] {
    moving.bounds
      + [ClosedRange<Double>](repeating: -Self.widest / unit...Self.widest / unit, count: 2 * coefficients)
  }

  /// - Parameter noise: the standard deviation of a residual, which priors are weighed against.
  package func priors(noise: Double) -> PriorRows {
    PriorRows(
      expected: moving.map { $0.value / $0.scale } + [Double](repeating: 0, count: 2 * coefficients),
      weights: moving.map { noise * $0.scale / $0.prior }
        + [Double](repeating: noise * unit / deviations.phase, count: coefficients)
        + [Double](repeating: noise * unit / deviations.logAmplitude, count: coefficients))
  }

  /// No coefficient of a wavefront that a layer samples is larger, in radians.
  private static let widest = 100.0
}
