import ReadableNumbers

/// A camera that sees another part of the plane, by some samples.
struct CameraPlaceTrial: SuspicionTrial {
  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let names = ["detectorShiftX", "detectorShiftY"]
    let shifted = bench.hypothesis { $0.alsoFree = names }
    guard let (_, outcome) = try bench.best(of: [shifted]) else { return [] }
    let pitch = bench.twin.description.geometry.pitch
    let samples = names.map { brief(outcome.parameters[$0] / pitch) }
    return [
      Suspicion(
        kind: .cameraPlace, discrepancy: outcome.discrepancy,
        words: "The frames fit a camera that sees the plane \(samples[0]) samples further along x and \(samples[1]) "
          + "along y than it should: correct x and y of layout.camera, or free detectorShiftX and detectorShiftY.")
    ]
  }
}
