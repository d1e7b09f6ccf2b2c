import Catalogues
import Diffusion

extension Recipe {
  /// The recipe with its names looked up.
  ///
  /// - Throws: ``TrainingError/argument(_:)``, `DiffusionError`, `UnknownName` and `UnfitOption` for what no training can be
  ///   done with.
  @discardableResult
  public func checked(_ catalogues: TrainingCatalogues = .standard) throws -> Method {
    let schedule = try schedule.make()
    let policy = try TimePolicy(edges: edges)
    try TrainingError.require(
      policy.steps == schedule.steps, "edges up to step \(schedule.steps), found \(policy.steps)")
    try TrainingError.require(
      shares.count == policy.sets && shares.allSatisfy { (1e-6...1e6).contains($0) },
      "\(policy.sets) shares from 1e-6 to 1e6, found \(shares)")
    try TrainingError.require((0..<policy.sets).contains(firstSet), "a first set of 0 to \(policy.sets - 1)")
    try TrainingError.require((1...65536).contains(batch), "a batch of 1 to 65536 images, found \(batch)")
    try checkNumbers()
    for stage in stages { try stage.check(catalogues.trainers) }
    try TrainingError.require(!stages.isEmpty, "at least one stage")
    let sampler = try catalogues.samplers.member(named: sampling.sampler)
    _ = try Options(sampling.options, of: sampler.declaration)
    return try Method(self, catalogues)
  }

  private func checkNumbers() throws {
    let rates =
      [phaseRate, warmPhaseRate, readoutRate] + stages.flatMap { [$0.phaseRate, $0.readoutRate] }.compactMap(\.self)
    try TrainingError.require(
      rates.allSatisfy { (0...100).contains($0) }, "learning rates from 0 to 100, found \(rates)")
    try TrainingError.require((0...10).contains(start.phaseSpread), "a phase spread from 0 to 10 radians")
    let momenta = [optimiser.beta1, optimiser.beta2]
    try TrainingError.require(
      momenta.allSatisfy { (0..<1).contains($0) }, "momenta from 0 to below 1, found \(momenta)")
    try TrainingError.require(
      optimiser.warmUp >= 0 && (0...1).contains(optimiser.end), "a warm-up of 0 steps or more and an end from 0 to 1")
    let images = [judging.freezingImages, judging.evaluationImages]
    try TrainingError.require(
      images.allSatisfy { (1...1_000_000).contains($0) }, "1 to 1000000 images that fix and judge, found \(images)")
    try TrainingError.require(
      (1...schedule.steps).contains(sampling.steps), "1 to \(schedule.steps) steps of the sampler")
    try TrainingError.require(
      sampling.lastStep.map { (1...schedule.steps).contains($0) } ?? true, "a last step of 1 to \(schedule.steps)")
    try TrainingError.require(sampling.clip.map { (0.1...1000).contains($0) } ?? true, "a clip from 0.1 to 1000")
    try TrainingError.require(
      sampling.contrast.map { (0.1...10).contains($0.gain) } ?? true, "a contrast gain from 0.1 to 10")
  }
}

extension Stage {
  fileprivate func check(_ trainers: Catalogue<any Trainer.Type>) throws {
    _ = try Options(options, of: trainers.member(named: trainer).declaration)
    let (amount, most) =
      switch budget {
      case .images(let images): (images, 100_000_000)
      case .steps(let steps): (steps, 1_000_000)
      }
    try TrainingError.require(
      (0...most).contains(amount), "0 to \(most) images or steps of \(trainer), found \(amount)")
    try TrainingError.require((1...1_000_000).contains(saveEvery), "a checkpoint every 1 to 1000000 steps")
  }
}
