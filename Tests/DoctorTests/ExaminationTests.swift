import BenchAPI
import Doctor
import Foundation
import Testing

/// Protects what the doctor says of what it was told: each fault is found, and nothing is found on a bench that is well.
@Suite("Examinations")
struct ExaminationTests {
  private static func calibration(stale: Bool) -> CalibrationSummary {
    CalibrationSummary(
      id: "0003", date: Date(timeIntervalSince1970: 0), age: 90_000, inForce: true,
      reason: stale ? "it is older than a day" : nil, kind: "twin", run: "0003-calibrate", discrepancyBefore: 1,
      discrepancyAfter: 0.001, parameters: [])
  }

  /// Eight images of a laser that varies by 1 %, and a camera with a little noise.
  private static let healthy = Patient(
    devices: [DeviceStatus(name: "camera", kind: .camera, driver: "simulated", width: 8, height: 8, state: "ready")],
    calibrations: [calibration(stale: false)],
    black: (0..<8).map { Patient.Look(mean: 0.001 + 1e-5 * Double($0 % 3), clipped: 0, evidence: "flipEvent") },
    white: (0..<8).map { Patient.Look(mean: 0.3 * (1 + 0.01 * Double($0 % 3 - 1)), clipped: 0, evidence: "flipEvent") },
    pixels: (0..<64).map { UInt16($0 * 7 + 3) },
    response: Patient.Response(measured: (0...256).map { 2 * .pi * Double($0) / 256 }, error: 0.001))

  @Test("a bench that is well has no findings, and one of which nothing is known none but a missing calibration")
  func well() {
    #expect(ExaminationCatalogue.findings(in: Self.healthy) == [])
    #expect(ExaminationCatalogue.findings(in: Patient()).map(\.code) == ["calibration.missing"])
  }

  private static let faults: [(code: String, measured: Double, make: @Sendable (inout Patient) -> Void)] = [
    (
      "device.fault", 1,
      {
        $0.devices[0].state = "fault"
        $0.devices[0].message = "it was unplugged"
      }
    ),
    ("device.warning", 1, { $0.devices[0].warnings = ["automatic exposure stays on"] }),
    ("presentation.estimated", 8, { for index in 0..<8 { $0.white[index].evidence = "estimated" } }),
    ("camera.dark", 0.0001, { for index in 0..<8 { $0.white[index].mean = $0.black[index].mean + 1e-4 } }),
    ("frames.lost", 5, { $0.frames = ["accepted": 16, "missing": 3, "erroneous": 2, "tooEarly": 9] }),
    ("frames.clock", 1, { $0.frames = ["accepted": 16, "implausibleTime": 1, "duplicated": 2] }),
    ("camera.saturated", 7, { $0.white[3].clipped = 7 }),
    (
      "light.background", 0.5,
      { patient in
        for index in 0..<8 { patient.black[index].mean = patient.white[index].mean / 2 }
      }
    ),
    (
      "light.flicker", 0.05,
      { for index in 0..<8 { $0.white[index].mean = 0.3 * (1 + 0.0468 * Double(index % 2 * 2 - 1)) } }
    ),
    ("camera.leftJustified", 4, { $0.pixels = $0.pixels.map { $0 << 4 } }),
    ("response.table", 0.0447, { $0.response?.stated = (0...256).map { 2 * .pi * 1.155 * Double($0) / 256 } }),
    ("response.range", 0.9, { $0.response?.measured = (0...256).map { 2 * .pi * 0.9 * Double($0) / 256 } }),
    ("calibration.missing", 0, { $0.calibrations[0].inForce = false }),
    (
      "bench.drifted", 3,
      {
        let reading = DriftReading(
          date: Date(timeIntervalSince1970: 0), calibrations: ["0003"], discrepancy: 0.03, noiseFloor: 0.001,
          start: 0.01,
          frames: 8, benchTime: 0.2, group: "alignment")
        $0.drift = DriftResponse(policy: "ask", every: 600, threshold: 1.5, drifted: true, readings: [reading])
      }
    ),
    ("calibration.stale", 90_000, { $0.calibrations = [calibration(stale: true)] }),
  ]

  @Test("each fault is found, alone, with what was measured and what to do", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    var patient = Self.healthy
    fault.make(&patient)
    let findings = ExaminationCatalogue.findings(in: patient)
    #expect(findings.map(\.code) == [fault.code])
    let finding = try #require(findings.first)
    #expect(abs(finding.measured - fault.measured) <= 0.02 * fault.measured, "\(finding.measured)")
    #expect(!finding.words.isEmpty && !finding.advice.isEmpty)
  }

  @Test("every examination has a fault here")
  func complete() {
    #expect(Set(Self.faults.map(\.code)) == Set(ExaminationCatalogue.standard.declarations.map(\.name)))
  }
}
