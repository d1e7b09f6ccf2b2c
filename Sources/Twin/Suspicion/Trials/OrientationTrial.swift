import Arrays

/// The eight ways in which a camera can show the plane.
struct OrientationTrial: SuspicionTrial {
  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let frames = bench.data.frames
    // A frame that is not square has the right shape only in half of the orientations.
    let others = Orientation.allCases.filter { orientation in
      orientation != .upright && orientation.size(ofPlane: frames.width, frames.height) == (frames.width, frames.height)
    }
    let hypotheses = others.map { orientation in
      bench.hypothesis { $0.data.frames = orientation.planes(in: frames) }
    }
    guard let (index, outcome) = try bench.best(of: hypotheses) else { return [] }
    let found = bench.orientation.after(others[index])
    return [
      Suspicion(
        kind: .orientation, discrepancy: outcome.discrepancy,
        words: "The frames fit a camera that shows the plane \(found.words): set layout.camera.orientation: "
          + "\(found.rawValue).")
    ]
  }
}

extension Orientation {
  /// As in "shows the plane turned by 90 degrees".
  fileprivate var words: String {
    let turn = quarterTurns == 0 ? nil : "rotated by \(90 * quarterTurns)°" + (quarterTurns == 2 ? "" : " clockwise")
    switch (isMirrored, turn) {
    case (false, nil): return "upright"
    case (false, let turn?): return turn
    case (true, nil): return "mirrored from left to right"
    case (true, _?) where quarterTurns == 2: return "mirrored from top to bottom"
    case (true, let turn?): return "mirrored from left to right and then \(turn)"
    }
  }
}
