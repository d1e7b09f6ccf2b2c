import Foundation
import Testing

/// Protects the doctor on benches of which it is known what is wrong: the plant is told to have the fault.
@Suite("odu-ctl doctor")
struct DoctorCommandTests {
  private static let faults: [(code: String, from: String, to: String)] = [
    ("camera.saturated", "fullScaleIntensity: 4", "fullScaleIntensity: 0.01"),
    ("camera.dark", "fullScaleIntensity: 4", "fullScaleIntensity: 40000"),
    ("light.flicker", "laser: 0.01", "laser: 0.2"),
    ("light.mains", "laser: 0.01", "laser: 0.01\n    flicker: 0.05\n    flickerFrequency: 100"),
    ("light.mains", "laser: 0.01", "laser: 0.01\n    flicker: 0.05\n    flickerFrequency: 120"),
    ("exposure.refresh", "laser: 0.01", "laser: 0.01\n    flicker: 0.05\n    flickerFrequency: 60"),
    ("camera.automatic", "fullScaleIntensity: 4}", "fullScaleIntensity: 16, automaticGain: 0.02}"),
    (
      "panel.limitedRange", "inputPanel: {width: 96,", "inputPanel: {limited: true, width: 96,"
    ),
    (
      "image.moving", "\nsimulated:\n",
      "\nsimulated:\n  drift: {interval: 1e-3, vibration: {cameraX: 8e-6}, vibrationFrequency: 37}\n"
    ),
    ("camera.orientation", "\nsimulated:\n", "\nsimulated:\n  imaging: {orientation: mirrored}\n"),
    ("camera.orientation", "\nsimulated:\n", "\nsimulated:\n  imaging: {orientation: rotated180}\n"),
    ("camera.orientation", "\nsimulated:\n", "\nsimulated:\n  imaging: {orientation: mirroredRotated90}\n"),
    ("beam.clipped", "\nsimulated:\n", clippedBeam),
    ("frames.lost", "\nsimulated:\n", "\nsimulated:\n  faults: {erroneous: 0.2}\n"),
  ]

  /// Light on three eighths of the image hardly comes to it.
  private static let clippedBeam: String = {
    func rows(_ value: (Int) -> String) -> String { (0..<64).map(value).joined(separator: ", ") }
    let map = "{phase: [\(rows { _ in "0" })], logAmplitude: [\(rows { $0 % 8 < 3 ? "-4" : "0" })]}"
    return "\nsimulated:\n  source: {map: \(map)}\n"
  }()

  @Test("what the plant has wrong is found, with exit status 1 and advice", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    let daemon = try RunningDaemon { $0.replacing(fault.from, with: fault.to) }
    let program = try daemon.run("doctor")
    #expect(program.status == 1)
    let lines = String(decoding: program.output, as: UTF8.self).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(fault.code + ": ") }, "\(lines)")
    // Nothing was calibrated; nothing else is wrong.
    let codes = lines.filter { !$0.hasPrefix(" ") }.compactMap { $0.split(separator: ":").first.map(String.init) }
    #expect(Set(codes).subtracting(["nothing could be measured"]) == [fault.code, "calibration.missing"])
  }

  @Test("a bench that is well and calibrated has no findings, and exit status 0")
  func well() throws {
    let daemon = try RunningDaemon()
    #expect(try daemon.run("calibrate", "twin").status == 0)
    let program = try daemon.run("doctor")
    #expect(program.status == 0)
    #expect(String(decoding: program.output, as: UTF8.self) == "nothing was found\n")
    // Frames that others take between two measurements are not lost.
    #expect(try daemon.run("camera", "grab", "--output", daemon.folder.file("frame.npy")).status == 0)
    let document = try daemon.json("doctor")
    #expect((document["findings"] as? [Any])?.isEmpty == true && document["unmeasured"] == nil)
  }

  @Test("what a calibration finds is said: a distance, a zero order and a focus that are far off")
  func calibrated() throws {
    let daemon = try RunningDaemon { text in
      text.replacing(
        "\nparameters:\n",
        with: """

          parameters:
            fillFactor: {start: 0.9, prior: 0.2, free: true}
            zeroOrderPhase: {start: 0, prior: 2, free: true}
            detectorZernike4: {prior: 1, free: true}

          """
      ).replacing("mirrorGap: {start: 4.8e-3, prior: 0.1e-3,", with: "mirrorGap: {start: 4.4e-3, prior: 0.05e-3,")
        .replacing(
          "\nsimulated:\n",
          with: """

            simulated:
              modulator: {fillFactor: 0.7, deadPhase: 0.7}
              imaging: {aberration: {exact: [2]}}

            """)
    }
    let calibration = try daemon.run("calibrate", "twin")
    #expect(calibration.status == 0, "\(calibration.errors)")
    let program = try daemon.run("doctor", "--json")
    #expect(program.status == 1)
    let document = try #require(try program.json() as? [String: Any])
    let findings = try #require(document["findings"] as? [[String: Any]])
    let measured = findings.map { ($0["code"] as? String ?? "", $0["measured"] as? Double ?? 0) }
    #expect(
      measured.map(\.0) == ["geometry.distance", "modulator.zeroOrder", "camera.defocus"], "\(measured)")
    let values = Dictionary(measured, uniquingKeysWith: { first, _ in first })
    // The plant of this seed has its mirror 310 µm further than the bench file says.
    #expect(abs((values["geometry.distance"] ?? 0) - 0.31e-3) < 0.01e-3, "\(measured)")
    #expect(abs((values["modulator.zeroOrder"] ?? 0) - 0.3) < 0.02, "\(measured)")
    #expect(abs((values["camera.defocus"] ?? 0) - 2) < 0.1, "\(measured)")
  }

  /// Of plants that differ by their seed. `ODU_DOCTOR_SEEDS=50` examines as many of each profile.
  private static let seeds =
    ProcessInfo.processInfo.environment["ODU_DOCTOR_SEEDS"].flatMap { Int($0) } ?? 2

  @Test("nothing is found on a bench that is well, whatever its seed", arguments: ["simulated", "realistic"])
  func healthy(profile: String) throws {
    for seed in 1...Self.seeds {
      let daemon = try RunningDaemon(profile: profile) { $0.replacing("\n  seed: 1 ", with: "\n  seed: \(seed) ") }
      let program = try daemon.run("doctor")
      let lines = String(decoding: program.output, as: UTF8.self).split(separator: "\n")
      // Nothing was calibrated.
      let others = lines.filter { !$0.hasPrefix(" ") && !$0.hasPrefix("calibration.missing: ") }
      #expect(others.isEmpty && !lines.isEmpty, "seed \(seed): \(others) \(program.errors)")
    }
  }

  @Test("a bench that somebody else holds is not disturbed: the doctor says that nothing could be measured")
  func held() throws {
    let daemon = try RunningDaemon()
    let program = try daemon.run(
      "lease", "--seconds", "30", "--", "/bin/sh", "-c",
      """
      unset ODU_LEASE; "\(Program.url(of: "odu-ctl").path)" doctor
      """)
    #expect(program.status == 1)
    #expect(String(decoding: program.output, as: UTF8.self).contains("nothing could be measured: "))
  }

  @Test("the list of findings needs no daemon, and fits the guide's table")
  func list() throws {
    let program = try Program.run(["doctor", "--list"])
    #expect(program.status == 0)
    let rows = String(decoding: program.output, as: UTF8.self).split(separator: "\n")
    #expect(rows.count > 20 && rows.contains { $0.hasPrefix("| `light.mains` | ") })
  }
}
