import Catalogues

extension Recipe {
  /// Whether a stage takes frames of the bench.
  public func usesBench(trainers: Catalogue<any Trainer.Type> = TrainerCatalogue.standard) -> Bool {
    stages.contains { stage in (try? trainers.member(named: stage.trainer))?.usesBench ?? false }
  }

  /// The recipe with another trainer.
  ///
  /// A trainer that uses the bench takes the place of the recipe's trainers on the bench; any other one that of those on the
  /// twin, and there is no stage on the bench.
  ///
  /// - Throws: ``TrainingError/argument(_:)`` when the recipe has no stage for it, `UnknownName`.
  public func training(
    by name: String, trainers: Catalogue<any Trainer.Type> = TrainerCatalogue.standard
  ) throws -> Recipe {
    let usesBench = try trainers.member(named: name).usesBench
    var changed = self
    changed.stages = try stages.compactMap { stage in
      guard try trainers.member(named: stage.trainer).usesBench == usesBench else { return usesBench ? stage : nil }
      guard stage.trainer != name else { return stage }
      var other = stage
      (other.trainer, other.options) = (name, [:])
      return other
    }
    guard changed.stages.contains(where: { $0.trainer == name }) else {
      throw TrainingError.argument(
        "the recipe \(self.name) has no stage on the \(usesBench ? "bench" : "twin"), so \(name) has nothing to do")
    }
    return changed
  }

  /// The recipe with other sizes of its stages.
  ///
  /// - Parameters:
  ///   - images: of each stage that shares images out; as they are when nil.
  ///   - benchSteps: of each stage on the bench; as they are when nil.
  public func spending(
    images: Int?, benchSteps: Int?, trainers: Catalogue<any Trainer.Type> = TrainerCatalogue.standard
  ) throws -> Recipe {
    var changed = self
    for index in stages.indices {
      if try trainers.member(named: stages[index].trainer).usesBench {
        if let benchSteps { changed.stages[index].budget = .steps(benchSteps) }
      } else if let images {
        changed.stages[index].budget = .images(images)
      }
    }
    return changed
  }
}
