import Arrays
import BenchFile
import Calibration
import DriverCatalogue
import Foundation
import Measuring
import Optics
import Testing
import Twin

/// The twin that is told where every layer lies, against the plant that has them there: two programs, one rule.
@Suite("Layers out of place") struct LayerPlacementTests {
  /// What is out of place about all layers, in the words of the bench file, with the exact value for each layer.
  struct Placement: Sendable, CustomTestStringConvertible {
    var name: String
    /// Of the four layers.
    var entries: [String]
    var testDescription: String { name }

    /// Shifts in plant samples of 9.2 µm, other ones for each layer.
    static func shift(_ samples: Double) -> Placement {
      let parts = [(1.0, -0.5), (-0.7, 1), (0.4, 0.9), (1, 1)]
      return Placement(
        name: "shift \(samples)",
        entries: parts.map { "{shiftX: \($0.0 * samples * 9.2e-6), shiftY: \($0.1 * samples * 9.2e-6)}" })
    }

    static func rotation(_ angle: Double) -> Placement {
      Placement(name: "rotation \(angle)", entries: [1, -0.6, 0.8, -1].map { "{rotation: \($0 * angle)}" })
    }

    static func scale(_ part: Double) -> Placement {
      Placement(name: "scale \(part)", entries: [1, -0.6, 0.8, -1].map { "{scale: \(1 + $0 * part)}" })
    }
  }

  static let placements: [Placement] =
    [0, 0.1, 0.25, 0.5, 0.75, 1, 2, 3.3].map { .shift($0) } + [0.3e-3, 1e-3, 5e-3].map { .rotation($0) }
    + [0.3e-3, 1e-3, 5e-3].map { .scale($0) }

  @Test("twin and plant agree within the noise at the true placement", arguments: placements)
  func agree(placement: Placement) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Calibration/Profiles/simulated.yaml").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
      .replacingOccurrences(
        of: "  noise:\n", with: "  layers: {exact: [\(placement.entries.joined(separator: ", "))]}\n  noise:\n"
      ).replacingOccurrences(of: "laser: 0.01", with: "laser: 0")
      .replacingOccurrences(of: "shot: true", with: "shot: false").replacingOccurrences(
        of: "read: 5 ", with: "read: 0 "
      )
      .replacingOccurrences(of: "bits: 12", with: "bits: 16")
    let file = try BenchFile(yaml: text, path: "b.yaml", drivers: .standard)
    let assembled = try await file.assemble()
    var parameters = file.parameters
    for (name, value) in try #require(assembled.truth) { parameters[name] = value }
    try await assembled.bench.start()
    let geometry = file.twin.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(4, seed: 7)
    let size = file.twin.input.size
    let input = Stack<Float>(count: 1, height: size, width: size, repeating: 0.5)
    let twin = try Twin<Float>(file.twin, parameters: parameters)
    var worst = 0.0
    for pattern in patterns {
      let frame = try await assembled.bench.intensities(layers: pattern, inputs: input, block: 1)
      let computed = try twin.forward(layers: pattern, inputs: input, block: 1)
      worst = max(worst, Discrepancy(computed, frame).pearson)
    }
    // The noise of this bench alone makes 5e-4; a layer in its place, 2.1e-4, which is what sampling leaves.
    #expect(worst < 3.5e-4)
  }
}
