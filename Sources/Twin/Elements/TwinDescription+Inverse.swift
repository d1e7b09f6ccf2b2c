extension TwinDescription {
  /// Chooses the commands of layers by what this modulator shows with these parameters.
  ///
  /// - Parameter count: commands of a turn.
  public func inverse(_ parameters: TwinParameters, count: Int) -> PhaseInverse {
    let side = max(1, modulator.regions)
    let planes = modulator.regions == 0 ? 1 : geometry.layers
    let curves = (0..<planes).flatMap { plane in
      let response = PhaseResponse(self, plane: plane, parameters)
      return (0..<side * side).map { region in
        let shown = (0..<count).map { response.shown(Double($0) / Double(count), region: region) }
        return PhaseInverse.Curve(phases: shown.map(\.value), slopes: shown.map(\.slope))
      }
    }
    let known = (0..<count).filter { command in
      // A command is a fraction, and its bound one that was rounded.
      let part = Double(command) / Double(count)
      return modulator.reach.map { $0.lowerBound - 1e-9 <= part && part <= $0.upperBound + 1e-9 } ?? true
    }
    let usable = (known.first ?? 0)...(known.last ?? count - 1)
    return PhaseInverse(count: count, regionsPerSide: side, curves: curves, usable: usable)
  }
}
