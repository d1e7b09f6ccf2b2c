import Arrays

/// Layers that the light meets in the reverse order.
struct LayerOrderTrial: SuspicionTrial {
  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    guard bench.twin.description.geometry.layers > 1 else { return [] }
    let reversed = bench.hypothesis { hypothesis in
      hypothesis.data.patterns = hypothesis.data.patterns.map { $0.planes(at: Array((0..<$0.count).reversed())) }
    }
    guard let (_, outcome) = try bench.best(of: [reversed]) else { return [] }
    return [
      Suspicion(
        kind: .layerOrder, discrepancy: outcome.discrepancy,
        words: "The frames fit layers that the light meets in the reverse order: turn the list layout.layers.origins "
          + "round.")
    ]
  }
}
