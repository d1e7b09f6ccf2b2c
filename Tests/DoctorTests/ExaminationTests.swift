import Arrays
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

  /// One white image at 125 frames per second, of a laser that varies by 1 % and a picture that noise moves by 0.01 pixels; by a small
  /// generator of its own, so that no swing hides in it.
  private static func series(_ change: (Double) -> Double = { _ in 0 }, moving: Double = 0) -> Patient.Series {
    var state: UInt64 = 7
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53) - 0.5
    }
    let moments = (0..<32).map { index in
      let time = 1 + 0.008 * Double(index)
      return Patient.Series.Moment(
        time: time, sequence: UInt64(4 * index), mean: 0.3 * (1 + 0.0346 * random() + change(time)),
        x: 0.0346 * random() + moving * sin(2 * .pi * 37 * time), y: 0.0346 * random())
    }
    return Patient.Series(moments: moments, exposure: 1e-3, placeError: 0.01)
  }

  private static func job(_ state: JobState, _ cause: String? = nil) -> JobSummary {
    var job = JobSummary(
      id: "0004-calibrate", kind: "calibrate", parameters: .null, created: Date(timeIntervalSince1970: 0))
    (job.state, job.cause, job.message) = (state, cause, "the camera may be mirrored")
    return job
  }

  private static func looks(_ mean: Double) -> [Patient.Look] {
    (0..<8).map {
      Patient.Look(mean: mean * (1 + 0.01 * Double($0 % 3 - 1)), clipped: 0, evidence: "flipEvent")
    }
  }

  /// Eight images of a laser that varies by 1 %, and a camera with a little noise.
  private static let healthy = Patient(
    devices: [
      DeviceStatus(
        name: "panel", kind: .modulator, driver: "drm", width: 8, height: 8, state: "ready", rate: 60, bus: "usb1"),
      DeviceStatus(
        name: "camera", kind: .camera, driver: "v4l2", width: 8, height: 8, state: "ready", rate: 125, bus: "usb2"),
    ],
    calibrations: [calibration(stale: false)],
    black: (0..<8).map { Patient.Look(mean: 0.001 + 1e-5 * Double($0 % 3), clipped: 0, evidence: "flipEvent") },
    white: looks(0.3),
    highLevels: Patient.HighLevels(clipped: looks(0.3 * 0.857), below: looks(0.3 * 0.724)), series: series(),
    turn: Patient.Turn(known: .rotated90, correlations: [.upright: 0.8, .mirrored: 0.6, .rotated180: 0.3]),
    pixels: (0..<64).map { UInt16($0 * 7 + 3) },
    response: Patient.Response(measured: (0...256).map { 2 * .pi * Double($0) / 256 }, error: 0.001),
    parameters: [
      "mirrorGap": .init(value: 4.9e-3, error: 1e-6, stated: 4.8e-3, prior: 0.1e-3),
      "fillFactor": .init(value: 0.86, error: 0.01, stated: 0.97, prior: 0.05),
      "detectorZernike4": .init(value: -0.3, error: 0.1, stated: 0, prior: 0.3),
      "pointSpread": .init(value: 6e-6, error: 1e-6, stated: 4e-6, prior: 4e-6),
    ], wavelength: 850e-9, pitch: 18.4e-6, parts: (0..<25).map { exp(-0.07 * Double($0)) })

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
    ("device.fault", 1, { $0.absence = Patient.Absence(cause: "device.absent", message: "no camera") }),
    ("device.permission", 1, { $0.absence = Patient.Absence(cause: "device.noPermission", message: "/dev/video0") }),
    ("device.warning", 1, { $0.devices[0].warnings = ["the range of levels is unknown"] }),
    ("camera.automatic", 1, { $0.devices[1].warn("automatic") }),
    ("camera.automatic", -0.127, { $0.series = series { -0.169 * ($0 - 1) / 0.256 } }),
    ("panel.limitedRange", 1, { $0.devices[0].warn("limitedRange") }),
    ("panel.limitedRange", 0.003, { $0.highLevels?.clipped = looks(0.3 * 0.997) }),
    (
      "panel.limitedRange", 0,
      { $0.response?.measured = (0...256).map { 2 * .pi * min(1, max(0, (Double($0) - 16) / 219)) } }
    ),
    ("panel.dithering", 1, { $0.devices[0].warn("dithering") }),
    ("panel.scaling", 1, { $0.devices[0].warn("scaling") }),
    ("usb.shared", 2, { $0.devices[1].bus = "usb1" }),
    (
      "clock.jump", 0.5, { for index in 20..<32 { $0.series?.moments[index].time += 0.5 } }
    ),
    (
      "clock.jump", 7200,
      {
        $0.calibrations = [calibration(stale: true)]
        $0.calibrations[0].cause = "calibration.stale.clock"
        $0.calibrations[0].age = -7200
      }
    ),
    (
      "calibration.refused", 2,
      { $0.calibrationJobs = [job(.succeeded), job(.failed), job(.failed, "calibration.notAccepted")] }
    ),
    // Swings of 5 %: at the mains, which 125 frames per second show as 25 and 5 Hz, and at the panel's own rate.
    ("light.mains", 0.05, { $0.series = series { 0.05 * sin(2 * .pi * 100 * $0) } }),
    ("light.mains", 0.05, { $0.series = series { 0.05 * cos(2 * .pi * 120 * $0) } }),
    ("exposure.refresh", 0.05, { $0.series = series { 0.05 * sin(2 * .pi * 60 * $0) } }),
    ("image.moving", 0.35, { $0.series = series(moving: 0.5) }),
    ("camera.orientation", 0.3, { $0.turn?.correlations[.mirrored] = 1.1 }),
    (
      "geometry.distance", 0.5e-3,
      { $0.parameters["mirrorGap"] = .init(value: 5.3e-3, error: 1e-6, stated: 4.8e-3, prior: 0.1e-3) }
    ),
    ("modulator.zeroOrder", 0.3, { $0.parameters["fillFactor"]?.value = 0.7 }),
    ("camera.defocus", -1.5, { $0.parameters["detectorZernike4"]?.value = -1.5 }),
    ("camera.defocus", 1.5, { $0.parameters["pointSpread"]?.value = 1.5 * 18.4e-6 }),
    ("beam.clipped", 0.2, { for index in 0..<5 { $0.parts[5 * index] = 0.01 } }),
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
    // A series has noise, too.
    let isOfSeries = ["camera.automatic", "light.mains", "exposure.refresh", "image.moving"].contains(fault.code)
    let tolerance = isOfSeries ? 0.1 : 0.03
    #expect(abs(finding.measured - fault.measured) <= tolerance * abs(fault.measured), "\(finding.measured)")
    #expect(!finding.words.isEmpty && !finding.advice.isEmpty)
  }

  @Test("every examination has a fault here")
  func complete() {
    #expect(Set(Self.faults.map(\.code)) == Set(ExaminationCatalogue.standard.declarations.map(\.name)))
  }

  @Test("a mirror is said by the orientation that the bench file should have")
  func orientation() throws {
    var patient = Self.healthy
    patient.turn?.correlations[.mirrored] = 1.1
    let advice = try #require(ExaminationCatalogue.findings(in: patient).first?.advice)
    // What shows a mirrored plane, and is turned by a quarter.
    #expect(advice.hasPrefix("write orientation: mirroredRotated90 in layout.camera"))
  }

  @Test(
    "a calibration that was refused is forgotten once one succeeds, and one that was stopped says nothing of the bench")
  func refused() {
    var patient = Self.healthy
    patient.calibrationJobs = [Self.job(.failed, "calibration.notAccepted"), Self.job(.succeeded)]
    #expect(ExaminationCatalogue.findings(in: patient) == [])
    patient.calibrationJobs = [Self.job(.failed, "device.disconnected"), Self.job(.cancelled)]
    #expect(ExaminationCatalogue.findings(in: patient) == [])
  }

  @Test(
    "brightness that varies at no frequency is no swing, and one that the times of frames cannot show is not invented")
  func otherFlicker() {
    var patient = Self.healthy
    patient.white = Self.looks(0.3)
    for index in patient.white.indices { patient.white[index].mean *= 1 + 0.1 * Double(index % 2) }
    // A hundred swings between two frames: every frame sees the same.
    let unseen = (0..<32).map { Patient.Series.Moment(time: 0.01 * Double($0), sequence: UInt64($0), mean: 0.3) }
    patient.series = Patient.Series(moments: unseen, exposure: 1e-3)
    #expect(ExaminationCatalogue.findings(in: patient).map(\.code) == ["light.flicker"])
  }

  @Test("of a thousand series of a laser that only varies, none swings")
  func chance() {
    let random = CounterRandom(seed: 3)
    var patient = Self.healthy
    for seed in 0..<1000 as Range<UInt64> {
      let noise = random.child(seed)
      patient.series = Self.series { 0.05 * noise.normal(at: UInt64($0 * 1000)) }
      let codes = ExaminationCatalogue.findings(in: patient).map(\.code)
      #expect(codes == [], "\(seed)")
    }
  }

  @Test("every finding has a code of its own, and a threshold with its reason")
  func reference() {
    for member in ExaminationCatalogue.standard.members {
      #expect(!member.threshold.isEmpty && !member.threshold.contains("|"))
    }
    #expect(
      ExaminationCatalogue.markdown.split(separator: "\n").count == ExaminationCatalogue.standard.members.count + 2)
  }
}

extension DeviceStatus {
  fileprivate mutating func warn(_ kind: String) {
    warnings = ["what the driver says"]
    effects = [Effect(kind: kind, words: "what the driver says")]
  }
}
