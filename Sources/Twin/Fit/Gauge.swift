import Fitting

/// Combinations of parameters that no frame tells apart.
///
/// A tilt of the beam or of the mirror moves the light sideways, at each layer further; layers and detector that follow it
/// see what they saw before. What is left is a ramp on the detector, which no intensity shows.
package enum Gauge {
  /// The changes of parameters that compensate each other, in their units; without those of which a parameter is missing.
  package static func changes(_ geometry: GeometryDescription, _ parameters: [TwinParameter]) -> [[String: Double]] {
    let names = Set(parameters.map(\.name))
    var changes: [[String: Double]] = []
    for axis in ["X", "Y"] {
      changes.append(shift("beamTilt", axis, geometry, walks: beamWalks(geometry)))
      if geometry.kind == .cavity { changes.append(shift("mirrorTilt", axis, geometry, walks: mirrorWalks(geometry))) }
    }
    return changes.filter { $0.keys.allSatisfy { names.contains($0) } }
  }

  /// - Parameter walks: how far the light walks for a unit of the tilt, at each layer and at the detector.
  private static func shift(
    _ tilt: String, _ axis: String, _ geometry: GeometryDescription, walks: [Double]
  ) -> [String: Double] {
    var change = [tilt + axis: 1.0]
    // A positive angle deflects towards −x and −y.
    for (layer, walk) in walks.dropLast().enumerated() where walk != 0 {
      change["plane\(layer + 1)Shift\(axis)"] = -walk
    }
    change["detectorShift" + axis] = -(walks.last ?? 0)
    return change
  }

  /// The beam is tilted at the first layer, and in `planes` from the input on.
  private static func beamWalks(_ geometry: GeometryDescription) -> [Double] {
    let hop = geometry.kind == .cavity ? 2 * geometry.distance : geometry.distance
    let first = geometry.kind == .cavity ? 0 : 1
    return (0...geometry.layers).map { Double($0 + first) * hop }
  }

  /// The mirror stands in the middle of each hop but the last.
  private static func mirrorWalks(_ geometry: GeometryDescription) -> [Double] {
    let gap = geometry.distance
    return (0...geometry.layers).map { plane in
      (0..<min(plane, geometry.layers - 1)).reduce(0) { $0 + gap * Double(1 + 2 * (plane - 1 - $1)) }
    }
  }

  /// An orthonormal basis of what the vectors span.
  static func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for vector in vectors {
      var rest = vector
      for unit in basis {
        let share = NormalEquations.product(rest, unit)
        rest = zip(rest, unit).map { $0 - share * $1 }
      }
      let length = NormalEquations.product(rest, rest).squareRoot()
      guard length > 1e-9 * NormalEquations.product(vector, vector).squareRoot(), length > 0 else { continue }
      basis.append(rest.map { $0 / length })
    }
    return basis
  }

  /// (1 − Σ g·gᵀ)·A·(1 − Σ g·gᵀ) for orthonormal g.
  static func remove(_ basis: [[Double]], from matrix: [Double]) -> [Double] {
    var result = matrix
    for unit in basis {
      let count = unit.count
      let image = (0..<count).map { NormalEquations.product(Array(result[$0 * count..<($0 + 1) * count]), unit) }
      let form = NormalEquations.product(image, unit)
      for row in 0..<count {
        for column in 0..<count {
          result[row * count + column] +=
            form * unit[row] * unit[column] - image[row] * unit[column] - unit[row] * image[column]
        }
      }
    }
    return result
  }
}
