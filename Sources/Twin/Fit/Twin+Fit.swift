import Fitting

extension Twin where Scalar == Double {
  /// Refines parameters until the twin computes what the bench measured.
  ///
  /// The residual of a frame is (a·y + b − d)/σ(d) with the best gain a, and where frames have a dark level the best offset
  /// b, so that neither the laser's power nor the camera's scale plays a part. What was known before, the parameters'
  /// priors around their present values, is weighed against what the frames say; see ``PrincipalDirection``.
  ///
  /// The result is judged on the held-out frames, and on the fitted ones when none is held out: parameters that do no better
  /// than the given ones are not returned. When it does not suffice, a second search starts from the nominal values with a
  /// wider blur.
  ///
  /// - Parameters:
  ///   - free: names of the parameters that move.
  ///   - progress: called whenever some frames have been worked on, on the caller's thread.
  /// - Throws: ``FitError`` and ``TwinError`` for what cannot be fitted; `CancellationError`.
  public func fit(
    _ data: FitData, free: [String], options: FitOptions = FitOptions(),
    progress: @escaping @Sendable (FitProgress) -> Void = { _ in }
  ) throws -> FitReport {
    let meter = FitMeter(progress)
    let first = try TwinFit(self, data, free: free, options, meter)
    let found = try first.search()
    var report = try first.finish(found)
    guard options.stages == nil, !report.verdict.isSufficient else {
      meter.finish()
      return report
    }
    var again = options
    again.believed = options.believed ?? parameters
    again.stages = FitStage.standard(
      first.free, sampling: description.geometry.sampling, blurs: [2 * (FitStage.blurs.first ?? 8)] + FitStage.blurs)
    // What is singular was refused already, or is to be put up with.
    again.refusesSingular = false
    let second = try TwinFit(try with(nominal(free)), data, free: free, again, meter)
    let other = try second.search()
    report.attempts = 2
    // The rest is dear, and a search that has come no further than the first would end no better.
    if other.isAhead(of: found) {
      report = report.better(of: try second.finish(other), isHeldOut: !data.heldOut.isEmpty)
    }
    meter.finish()
    return report
  }

  /// The present parameters with the free ones at their nominal values, within their bounds.
  private func nominal(_ free: [String]) -> TwinParameters {
    var result = parameters
    for parameter in TwinParameters(nominalFor: description).all where free.contains(parameter.name) {
      result[parameter.name] = parameter.value
    }
    return result.clamped()
  }
}

extension FitReport {
  /// This report or that of another search for the same, as though it had started where this one did.
  fileprivate func better(of other: FitReport, isHeldOut: Bool) -> FitReport {
    let isBetter = isHeldOut ? other.after.pearson < after.pearson : other.residualAfter < residualAfter
    guard isBetter else { return self }
    var result = other
    result.attempts = attempts
    result.before = before
    result.residualBefore = residualBefore
    result.isImproved = true
    for index in result.entries.indices { result.entries[index].start = entries[index].start }
    return result
  }
}

extension TwinParameters {
  /// The same parameters, with their bounds and switches, at the values of others; what those do not have stays, and what only
  /// they have is left out.
  public func replacingValues(_ others: TwinParameters) -> TwinParameters {
    var result = self
    for parameter in others.all where self.parameter(named: parameter.name) != nil {
      result[parameter.name] = parameter.value
    }
    return result
  }
}
