import Arrays
import Foundation
import Optics
import Testing
import Twin

/// What a fit says about how sure it is, against frames of which the truth is known.
@Suite struct FitStatisticsTests {
  private static let alignment = ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"]
  private static let placement = ["ShiftX", "ShiftY"].flatMap { axis in (1...3).map { "plane\($0)\(axis)" } }
  private static let registration = ["detectorShiftX", "detectorShiftY", "detectorRotation", "detectorScale"]

  /// The light stays on the layers, as on a bench, and edges are resolved.
  private static let description: TwinDescription = {
    var description = TwinDescription.small(
      .cavity, grid: 48, distance: 2.4e-3, padding: 1.5, sampling: 2, input: InputDescription(size: 8, block: 4))
    description.geometry.pitch = 18.4e-6
    return description
  }()

  private static let tilted = [
    "mirrorGap": 2.43e-3, "mirrorTiltX": 1.2e-3, "mirrorTiltY": -0.8e-3, "beamTiltX": -1.1e-3,
  ]

  /// A bench whose layers and camera are out of place.
  private func example(seed: UInt64) throws -> FitExample {
    let draws = CounterRandom(seed: seed).stream(named: "placement")
    var changes = Self.tilted
    for (index, name) in Self.placement.enumerated() { changes[name] = 4e-6 * draws.normal(at: UInt64(index)) }
    changes["detectorShiftX"] = 9e-6
    changes["detectorScale"] = 1.003
    return try FitExample(changes, noise: 0.02, seed: seed, description: Self.description)
  }

  @Test(
    "with layers that may move, 90 % of the parameters lie within two standard deviations, angles included")
  func coverage() throws {
    var scores: [Double] = []
    let names = Self.alignment + Self.placement + Self.registration
    for seed in 1...4 as ClosedRange<UInt64> {
      let example = try example(seed: seed)
      var options = FitOptions()
      options.refusesSingular = false
      let report = try example.start().fit(example.data, free: names, options: options)
      #expect(report.verdict.isSufficient, "\(report.verdict.words)")
      scores += report.entries.map { abs($0.value - example.truth[$0.name]) / $0.standardDeviation }
    }
    let within = Double(scores.count { $0 <= 2 }) / Double(scores.count)
    #expect(within >= 0.9, "\(within) of \(scores.count) within two, the worst at \(scores.max() ?? 0)")
    // Standard deviations that cover everything would say nothing.
    #expect(scores.contains { $0 > 0.5 }, "the worst at \(scores.max() ?? 0)")
  }

  @Test("layers and camera that follow the light of a tilted beam are named as what the frames leave to the priors")
  func gauges() throws {
    let example = try example(seed: 1)
    var options = FitOptions()
    options.refusesSingular = false
    let names = Self.alignment + Self.placement + Self.registration
    // Layers that move follow the light, on trial or not.
    options.stages = [FitStage(sampling: 1, iterations: 0)]
    let report = try example.start(example.truthValues(names)).fit(example.data, free: names, options: options)
    for axis in ["X", "Y"] {
      let skewed = report.identifiability.weaknesses.filter { weakness in
        weakness.isLeftToPrior && weakness.combination.contains { $0.name.hasSuffix("Shift" + axis) }
      }
      #expect(skewed.contains { $0.combination.contains { $0.name == "detectorShift" + axis } }, "\(axis): \(skewed)")
    }
  }

  @Test("a camera that is three pixels out of place is found, and angles stay right")
  func shiftedCamera() throws {
    var changes = Self.tilted
    changes["detectorShiftX"] = 3 * Self.description.geometry.pitch
    changes["detectorShiftY"] = -2 * Self.description.geometry.pitch
    let example = try FitExample(changes, noise: 0.02, description: Self.description)
    let names = Self.alignment + Self.registration
    let report = try example.start().fit(example.data, free: names)
    #expect(report.verdict.isSufficient && report.attempts == 1)
    for name in Self.alignment + ["detectorShiftX", "detectorShiftY"] {
      let error = abs(report.parameters[name] - example.truth[name])
      #expect(error < (name.contains("Tilt") ? 20e-6 : 2e-6), "\(name) is off by \(error)")
    }
  }

  @Test("layers that sit where they should are left alone: held-out frames gain nothing by moving them")
  func untouchedLayers() throws {
    let example = try FitExample(
      ["mirrorTiltX": 1.2e-3, "beamTiltY": -0.8e-3], noise: 0.02, description: Self.description)
    var options = FitOptions()
    options.refusesSingular = false
    let report = try example.start().fit(example.data, free: Self.alignment + Self.placement, options: options)
    #expect(report.untouched == Self.placement)
    for entry in report.entries where Self.placement.contains(entry.name) {
      #expect(entry.value == 0 && abs(entry.standardDeviation - 10e-6) < 1e-9, "\(entry)")
    }
    // What layers out of place would do to the angles is part of how sure they are.
    let alone = try example.start().fit(example.data, free: Self.alignment)
    for name in ["mirrorTiltX", "beamTiltY"] {
      let (with, without) = [report, alone].map { $0.entries.first { $0.name == name }?.standardDeviation ?? 0 }.pair
      #expect(with > 5 * without, "\(name): \(with) and \(without)")
    }
  }

  @Test(
    "a parameter that ends at its bound is not accepted, whatever the discrepancy; one whose effect is absent there is")
  func bounds() throws {
    let example = try FitExample(["mirrorTiltX": 0.3e-3], noise: 0.05)
    let stopped = try example.start { parameter in
      guard parameter.name == "mirrorTiltX" else { return }
      parameter.maximum = 0.28e-3
    }.fit(example.data, free: ["mirrorTiltX"])
    #expect(stopped.entries[0].isAtBound && stopped.after.pearson < 0.03)
    #expect(!stopped.verdict.isSufficient && stopped.verdict.words.contains("mirrorTiltX"))
    let full = try example.start().fit(example.data, free: ["mirrorTiltX", "fillFactor"])
    #expect(full.verdict.isSufficient, "\(full.verdict.words)")
  }

  @Test("a fit that ends in a local minimum is made again from the nominal values, as a calibration is")
  func secondAttempt() throws {
    let example = try FitExample(["mirrorTiltX": 0.3e-3], noise: 0.02)
    let report = try example.start([
      "mirrorTiltX": -5.5e-3, "mirrorTiltY": 5.5e-3, "beamTiltX": 5e-3, "beamTiltY": -5e-3,
    ])
    .fit(example.data, free: Self.alignment)
    #expect(report.verdict.isSufficient, "\(report.verdict.words)")
    #expect(report.entries.first { $0.name == "mirrorTiltX" }?.start == -5.5e-3)
  }

  @Test("samples vary by what the twin lacks as a sum of random light does", arguments: [0, 0.3, 4])
  func lack(intensity: Double) {
    let (part, mean, draws) = (0.02, 1.5, CounterRandom(seed: 9))
    let (count, field) = (200_000, intensity.squareRoot())
    let size = (part * mean / 2).squareRoot()
    let values = (0..<count).map { index in
      let (x, y) = (size * draws.normal(at: UInt64(2 * index)), size * draws.normal(at: UInt64(2 * index + 1)))
      return (field + x) * (field + x) + y * y
    }
    let average = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count)
    let camera = FrameNoise(read: 0.01, shot: 0.002)
    let expected = camera.with(lack: part, mean: mean).variance(at: intensity) - camera.variance(at: intensity)
    #expect(abs(variance - expected) < 0.02 * expected, "\(variance) of \(expected)")
  }

  @Test("two frames of a scene tell read noise and shot noise, whatever the laser did")
  func repeatedFrames() {
    let draws = CounterRandom(seed: 4)
    func frame(_ stream: String, power: Double) -> [Double] {
      let draws = draws.stream(named: stream)
      return (0..<40_000).map { index in
        let intensity = power * 0.9 * Double(index % 200) / 200
        return intensity + (1e-5 + 4e-4 * intensity).squareRoot() * draws.normal(at: UInt64(index))
      }
    }
    let noise = FrameNoise(of: frame("one", power: 1), and: frame("two", power: 0.93))
    #expect(abs(noise.read * noise.read - 1e-5) < 1e-5 && abs(noise.shot - 4e-4) < 4e-5, "\(noise)")
    let still = frame("one", power: 1)
    #expect(FrameNoise(of: still, and: still).variance(at: 1) < 1e-25)
    #expect(FrameNoise(of: [0, 0], and: [0, 0]) == FrameNoise())
  }
}

extension [Double] {
  fileprivate var pair: (Double, Double) { (self[0], self[1]) }
}

@Suite struct StoredParameterTests {
  @Test("parameters that were stored before they had groups are read")
  func withoutGroup() throws {
    let stored = #"""
      {"all": [{"name": "mirrorGap", "value": 0.0047, "unit": "m", "scale": 1e-4, "prior": 1e-4, "minimum": 0.004,
        "maximum": 0.005, "isFree": true}]}
      """#
    let parameters = try JSONDecoder().decode(TwinParameters.self, from: Data(stored.utf8))
    #expect(parameters["mirrorGap"] == 0.0047 && parameters.all.first?.isFree == true)
  }
}
