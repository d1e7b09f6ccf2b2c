import Foundation

/// The one map by which frames of images look as predicted, from nothing: coarse, then fine.
enum MapSearch {
  /// Candidates that are refined a little, and of these to the end.
  private static let (candidates, finalists) = (10, 4)
  /// What a map may leave unexplained to be an answer; and how much more the second best has to leave than the best to be none.
  private static let (acceptable, margin) = (0.5, 1.5)
  /// Two answers are the same where they differ by less than these samples of the plane.
  private static let same = 2.0

  /// - Throws: ``CalibrationError/registrationNotFound(unexplained:)``, ``CalibrationError/registrationAmbiguous(_:)``.
  static func find(frames: [Picture], predicted: [Picture]) throws -> MapFit.Result {
    guard let search = CoarseSearch(frames: frames, predicted: predicted) else {
      throw CalibrationError.registrationNotFound(unexplained: 1)
    }
    func refined(_ map: SensorMap, _ blurs: [Double]) throws -> MapFit.Result {
      try MapFit.refined(map, frames: frames, predicted: predicted, blurs: blurs)
    }
    let coarse = try search.candidates(candidates).map { try refined($0.map, MapFit.coarse) }
    let first = coarse.sorted { $0.unexplained < $1.unexplained }.prefix(finalists)
    let found = try first.map { try refined($0.map, MapFit.fine) }.sorted { $0.unexplained < $1.unexplained }
    guard let best = found.first, best.unexplained < acceptable else {
      throw CalibrationError.registrationNotFound(unexplained: found.first?.unexplained ?? 1)
    }
    let others = found.dropFirst().filter { !isSame($0.map, best.map, predicted) }
    if let second = others.first, second.unexplained < margin * best.unexplained + 1e-3 {
      throw CalibrationError.registrationAmbiguous([best, second].map(words))
    }
    return best
  }

  /// Whether both maps see the light's middle and what is around it at the same places.
  private static func isSame(_ first: SensorMap, _ second: SensorMap, _ predicted: [Picture]) -> Bool {
    guard let light = predicted.first?.spread(above: 0.2) else { return true }
    return [(0.0, 0.0), (1, 0), (0, 1), (-1, 0), (0, -1)].allSatisfy { x, y in
      let point = SIMD2(light.x + x * light.radius, light.y + y * light.radius)
      let other = second(first.pixel(seeing: point))
      return max(abs(other.x - point.x), abs(other.y - point.y)) < same
    }
  }

  /// An answer for people.
  private static func words(_ result: MapFit.Result) -> String {
    let orientation = result.map.orientation
    let place = CameraPlace(orientation, result.map)
    let turn = String(format: "%.1f", place.rotation * 180 / .pi)
    let scale = String(format: "%.3g", place.scale)
    let left = String(format: "%.2g", 100 * result.unexplained)
    return "\(orientation.rawValue), turned by \(turn)°, \(scale) samples per pixel (leaves \(left) % unexplained)"
  }
}
