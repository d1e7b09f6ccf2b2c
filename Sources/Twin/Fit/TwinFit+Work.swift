extension TwinFit {
  /// What each stage usually takes, and at last what the frames say; in units of ``FitWork``.
  var expectedWork: [Double] {
    stages.indices.map { Double(data.fitted.count) * expectedWork(of: $0) } + [Double(data.fitted.count) * ofSettling]
  }

  /// For each frame.
  private func expectedWork(of index: Int) -> Double {
    let stage = stages[index]
    let moving = stage.names.map { names in free.filter { names.contains($0.name) } } ?? free
    let blur = FrameBlur(sigma: stage.blur)
    let frame = FitWork.frame(sampling: stage.sampling, blur: blur)
    let slope = FitWork.slope(sampling: stage.sampling)
    let derivatives = FitWork.derivatives(of: moving, sampling: stage.sampling, blur: blur)
    if options.optimiser(for: moving.count, blur: stage.blur) == .adam { return 20 * Double(stage.iterations) * slope }
    let reuses = reuses(index, moving: moving.count)
    let steps = min(Double(stage.iterations), stage.isTrial ? 12 : 5)
    let sets = 1 + (steps / Double(reuses + 1)).rounded(.down)
    return sets * derivatives + (steps + 1 - sets) * slope + 1.3 * steps * frame
  }

  private var ofSettling: Double {
    let doubted = options.doubtsSampling ? finest * 2 : finest
    return FitWork.information(free, sampling: finest, considered: considered, isDoubted: options.doubtsSampling)
      + 3 * (FitWork.frame(sampling: finest) + FitWork.slope(sampling: doubted))
  }
}
