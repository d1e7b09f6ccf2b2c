import Arrays
import BenchFile
import Calibration
import Devices
import DriverCatalogue
import Foundation
import Measuring
import Optics
import Testing
import Twin

/// Benches that are not what their files say: each calibration is refused, and the refusal names the lie.
@Suite("What is wrong with a bench", .serialized) struct LiesTests {
  /// The profile `simulated` with some of its text replaced.
  private static func file(_ changes: [(String, String)] = []) throws -> BenchFile {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Calibration/Profiles/simulated.yaml").path
    var text = try String(contentsOfFile: path, encoding: .utf8)
    for (old, new) in changes {
      #expect(text.contains(old), "\(old)")
      text = text.replacingOccurrences(of: old, with: new)
    }
    return try BenchFile(yaml: text, path: "b.yaml", drivers: .standard)
  }

  /// Calibrates a bench that truly is as one file says by a twin that is as another says.
  private static func calibrate(
    true bench: BenchFile, stated: BenchFile
  ) async throws -> (report: SquareFit.Outcome, truth: [String: Double]) {
    let assembled = try await bench.assemble()
    try await assembled.bench.start()
    // Fewer frames than usual, so that the table does not take minutes.
    let report = try await jointFit(
      on: assembled.bench, twin: try Twin<Double>(stated.twin, parameters: stated.parameters),
      layout: stated.devices?.layout, seed: 2, frames: (8, 4))
    try await assembled.bench.stop()
    return (report, try #require(assembled.truth))
  }

  struct Lie: Sendable, CustomTestStringConvertible {
    var name: String
    /// What is true of the bench and not in the file.
    var truth: [(String, String)]
    var kind: Suspicion.Kind
    var words: String
    var testDescription: String { name }

    init(_ name: String, _ truth: [(String, String)], _ kind: Suspicion.Kind, _ words: String) {
      (self.name, self.truth, self.kind, self.words) = (name, truth, kind, words)
    }

    static func plant(_ name: String, _ section: String, _ kind: Suspicion.Kind, _ words: String) -> Lie {
      Lie(name, [("  noise:\n", section + "\n  noise:\n")], kind, words)
    }
  }

  private static let lies: [Lie] = [
    .plant("mirrored camera", "  imaging: {orientation: mirrored}", .orientation, "orientation: mirrored."),
    .plant("camera at 90 degrees", "  imaging: {orientation: rotated90}", .orientation, "orientation: rotated90."),
    .plant("camera at 180 degrees", "  imaging: {orientation: rotated180}", .orientation, "orientation: rotated180."),
    Lie("633 nm for 850 nm", [("wavelength: 850e-9", "wavelength: 633e-9")], .distance, "633 nm"),
    Lie(
      "gap longer by 2 mm",
      [
        ("mirrorGap: 4.8e-3", "mirrorGap: 6.8e-3"),
        (
          "{start: 4.8e-3, prior: 0.1e-3, minimum: 4.0e-3, maximum: 5.6e-3}",
          "{start: 6.8e-3, prior: 0.1e-3, minimum: 6e-3, maximum: 7.6e-3}"
        ),
      ],
      .distance, "mirrorGap of 6."),
    .plant("phase the other way", "  modulator: {slope: -2}", .phaseSign, "the other way"),
    .plant(
      "a turn at 0.8 of the levels", "  modulator: {slope: 0.25}", .turn,
      "by 125 % of what it should: set layout.layers.levelsPerTurn to 80"),
    .plant("camera shifted by 3 pixels", "  imaging: {shiftX: 55.2e-6}", .cameraPlace, "3.0 samples further along x"),
    Lie(
      "20 electrons of light",
      [("fullWell: 20e3", "fullWell: 200"), ("fullScaleIntensity: 4}", "fullScaleIntensity: 40}")],
      .light, "too little light"),
  ]

  @Test("each lie of the table is refused and named", arguments: lies)
  func named(lie: Lie) async throws {
    let (report, _) = try await Self.calibrate(true: Self.file(lie.truth), stated: Self.file())
    let isAccepted = report.isAccepted
    #expect(!isAccepted)
    let first = try #require(report.suspicions.first, "D \(report.fit.after.pearson)")
    #expect(first.kind == lie.kind, "\(report.suspicions)")
    #expect(first.words.contains(lie.words), "\(first.words)")
  }

  /// A bench that the light passes in another order than its list of layers says.
  private struct ReorderedUnit: OpticalUnit {
    let bench: Bench
    let order: [Int]

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      try await bench.measure(layers: layers.planes(at: order), inputs: inputs, block: block)
    }

  }

  @Test(
    "layers in another order are refused and named",
    arguments: [
      ([3, 2, 1, 0], "reverse the list layout.layers.origins"), ([1, 0, 2, 3], "in the order 2, 1, 3, 4."),
      ([0, 2, 3, 1], "in the order 1, 3, 4, 2."),
    ])
  func layerOrder(order: [Int], says: String) async throws {
    let file = try Self.file()
    let assembled = try await file.assemble()
    try await assembled.bench.start()
    let report = try await jointFit(
      on: ReorderedUnit(bench: assembled.bench, order: order),
      twin: try Twin<Double>(file.twin, parameters: file.parameters), seed: 2, frames: (8, 4))
    try await assembled.bench.stop()
    let isAccepted = report.isAccepted
    #expect(!isAccepted)
    #expect(try #require(report.suspicions.first).words.contains(says), "\(report.suspicions)")
  }

  @Test("a bench that is as its file says is accepted, and nothing is suspected")
  func honest() async throws {
    let (report, truth) = try await Self.calibrate(true: Self.file(), stated: Self.file())
    let (isAccepted, suspicions) = (report.isAccepted, report.suspicions)
    #expect(isAccepted && suspicions.isEmpty && report.fit.after.pearson < 2e-3)
    for entry in report.fit.entries where entry.unit == "rad" {
      #expect(abs(entry.value - (truth[entry.name] ?? 0)) < 5e-6, "\(entry.name)")
    }
  }

  @Test("a camera that lies as the file says is calibrated as well as one that is upright")
  func statedOrientation() async throws {
    let turned = try Self.file([
      ("  noise:\n", "  imaging: {orientation: mirroredRotated90}\n  noise:\n"),
      (
        "camera: {x: 8, y: 8, width: 80, height: 80}",
        "camera: {x: 8, y: 8, width: 80, height: 80, orientation: mirroredRotated90}"
      ),
    ])
    let (report, truth) = try await Self.calibrate(true: turned, stated: turned)
    let (isAccepted, pearson) = (report.isAccepted, report.fit.after.pearson)
    #expect(isAccepted && pearson < 2e-3)
    for entry in report.fit.entries where entry.unit == "rad" {
      #expect(abs(entry.value - (truth[entry.name] ?? 0)) < 5e-6, "\(entry.name)")
    }
  }

  @Test("a wrong orientation is named as it must be stated, whatever is stated now")
  func composed() async throws {
    let turned = try Self.file([
      ("  noise:\n", "  imaging: {orientation: rotated90}\n  noise:\n"),
      (
        "camera: {x: 8, y: 8, width: 80, height: 80}",
        "camera: {x: 8, y: 8, width: 80, height: 80, orientation: mirrored}"
      ),
    ])
    let (report, _) = try await Self.calibrate(true: turned, stated: turned)
    let isAccepted = report.isAccepted
    #expect(!isAccepted)
    #expect(try #require(report.suspicions.first).words.contains("orientation: rotated90."))
  }
}
