extension TwinParameter {
  /// The same with its prior where it stands in others, as far as it is among them.
  func believed(by others: TwinParameters?) -> TwinParameter {
    var result = self
    if let believed = others?.parameter(named: name) { (result.value, result.prior) = (believed.value, believed.prior) }
    return result
  }

  /// Whether a value that a search found is at a bound; a neutral one may be meant.
  func isAtBound(_ value: Double) -> Bool { value != neutral && (value <= minimum || value >= maximum) }
}

/// Parameters that a search moves, as a vector in units of their scales.
extension [TwinParameter] {
  func values(of parameters: TwinParameters) -> [Double] { map { parameters[$0.name] / $0.scale } }

  var bounds: [ClosedRange<Double>] { map { $0.minimum / $0.scale...$0.maximum / $0.scale } }

  /// The parameters that a vector stands for, the others as they are in `base`.
  func parameters(at values: [Double], in base: TwinParameters) -> TwinParameters {
    var result = base
    for (value, parameter) in zip(values, self) {
      // The scale's rounding may carry a value at a bound beyond it.
      result[parameter.name] = Swift.min(Swift.max(value * parameter.scale, parameter.minimum), parameter.maximum)
    }
    return result
  }

  /// A start, off the bounds at which effects are absent; see ``TwinParameter/released``.
  func released(in base: TwinParameters) -> TwinParameters {
    reduce(into: base) { $0[$1.name] = (base.parameter(named: $1.name) ?? $1).released }
  }
}
