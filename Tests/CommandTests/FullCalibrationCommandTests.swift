import Foundation
import Testing

/// Protects a calibration without names with the routines that there are, on a small simulated bench: what each finds, against what the
/// bench hides and only its file says, and what becomes of the rest when one is interrupted or refused.
@Suite("A full calibration of a small bench", .serialized)
struct FullCalibrationCommandTests {
  /// What the bench hides.
  private struct Hidden {
    var spacing = 4.02e-3
    var beam = (x: 1.2e-3, y: -0.8e-3)
    /// What the panel of the layers shows for u of a turn is u·(1 + slope) + quadratic·u·(1 − u).
    var panel = (slope: 0.03, quadratic: 0.02, fillFactor: 0.97, crosstalk: 3e-6)
    /// In metres on the plane; the camera is turned by half a turn besides.
    var shift = (x: 40e-6, y: -24e-6)
    var layers = (latency: 1.5e-3, settle: 3e-3)
    var input = (latency: 60e-6, settle: 80e-6)
    let noise = (fullWell: 20e3, read: 5.0)
    let dark = 0.01
    let hot = 3
    /// What the bench file frees besides the alignment.
    var free = ["response1", "response2", "crosstalk", "fillFactor"]

    static let (pitch, corner) = (16e-6, 8)

    var yaml: String {
      """
      geometry: {kind: planes, wavelength: 850e-9, pitch: \(Self.pitch), grid: 48, layers: 2, spacing: 4e-3, padding: 1.5,
        sampling: 2}
      input: {size: 12, block: 3, encoding: amplitude}
      detector: {block: 4, region: {x: 4, y: 4, width: 40, height: 40}}
      parameters:
        spacing: {prior: 0.05e-3}
      \(free.map { "  \($0): {free: true}\n" }.joined())
      devices:
        layerModulator: {driver: simulated}
        inputModulator: {driver: simulated}
        camera: {driver: simulated}
      layout:
        layers: {origins: [{x: 0, y: 0}, {x: 96, y: 0}], scale: 2}
        input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
        camera: {x: \(Self.corner), y: \(Self.corner), width: 40, height: 40}
        timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6}
      simulated:
        seed: 1
        misalignment: {exact: {distance: \(spacing), mirrorX: 0, mirrorY: 0, beamX: \(beam.x), beamY: \(beam.y)}}
        noise: {laser: 0.01, shot: true, fullWell: \(noise.fullWell), read: \(noise.read)}
        modulator: {slope: \(panel.slope), quadratic: \(panel.quadratic), fillFactor: \(panel.fillFactor),
          crosstalk: \(panel.crosstalk)}
        imaging: {orientation: rotated180, shiftX: \(shift.x), shiftY: \(shift.y), offset: \(dark)}
        pixels: {hot: \(hot)}
        layerPanel: {width: 192, height: 96, latency: \(layers.latency), settle: \(layers.settle)}
        inputPanel: {width: 12, height: 12, refreshRate: 2000, latency: \(input.latency), settle: \(input.settle)}
        camera: {width: 64, height: 60, bits: 12, frameRate: 500, exposure: 1e-3, fullScaleIntensity: 6}
      """
    }
  }

  /// What `odu-ctl calibrate --json` says of each routine.
  private struct Answer: Decodable {
    struct Number: Decodable {
      var name: String
      var value: Double
      var standardDeviation: Double
    }
    struct Result: Decodable {
      var parameters: [Number]

      func value(_ name: String) throws -> Double {
        try #require(parameters.first { $0.name == name }?.value, "\(name)")
      }
    }
    struct Outcome: Decodable {
      var routine: String
      var state: String
      var reason: String?
      var result: Result?
    }
    var routines: [Outcome]

    func states(_ state: String) -> [String] { routines.filter { $0.state == state }.map(\.routine) }

    func number(_ name: String, of routine: String) throws -> Number {
      try #require(
        routines.first { $0.routine == routine }?.result?.parameters.first { $0.name == name }, "\(routine): \(name)")
    }

    func value(_ name: String, of routine: String) throws -> Double { try number(name, of: routine).value }
  }

  private struct Plan: Decodable {
    struct Step: Decodable {
      var routine: String
      var runs: Bool
    }
    var steps: [Step]
  }

  private func answer(_ program: Program) throws -> Answer {
    try JSONDecoder().decode(Answer.self, from: program.output)
  }

  private func plan(_ daemon: RunningDaemon) throws -> [String] {
    let shown = try daemon.run("calibrate", "--plan", "--json")
    return try JSONDecoder().decode(Plan.self, from: shown.output).steps.filter(\.runs).map(\.routine)
  }

  /// Ends a calibration as Ctrl-C does, as soon as a routine takes frames.
  private func interrupt(_ daemon: RunningDaemon, in routine: String) throws {
    let (process, errors) = (Process(), Pipe())
    process.executableURL = Program.url(of: "odu-ctl")
    process.arguments = ["calibrate"]
    process.environment = ["PATH": "/usr/bin:/bin", "ODU_SOCKET": daemon.socket]
    (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
    process.standardError = errors
    try process.run()
    var words = ""
    while !words.contains("\(routine): acquire") {
      let data = errors.fileHandleForReading.availableData
      try #require(!data.isEmpty, "\(words)")
      words += String(decoding: data, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGINT)
    _ = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
  }

  private func off(_ value: Double, from truth: Double) -> Double { abs(value / truth - 1) }

  @Test("interrupted, it goes on with what is missing; each routine finds what is hidden, and the next plan is empty")
  func whole() throws {
    let hidden = Hidden()
    let daemon = try RunningDaemon { _ in hidden.yaml }
    let all = ["camera", "timing", "registration", "twin", "response", "source", "crosstalk"]
    let cold = try plan(daemon)
    #expect(cold == all)
    try interrupt(daemon, in: "registration")
    let left = try plan(daemon)
    #expect(left == Array(all.dropFirst(2)), "what was found before is kept")
    let early = try ["0001", "0002"].map { id -> Answer.Result in
      let kept = try daemon.run("cal", "show", id, "--json")
      return try JSONDecoder().decode(Answer.Result.self, from: kept.output)
    }
    let program = try daemon.run("calibrate", "--json")
    #expect(program.status == 0, "\(program.errors)")
    let found = try answer(program)
    #expect(found.states("found") == Array(all.dropFirst(2)) && found.states("inForce") == ["camera", "timing"])
    #expect(found.states("covered") == ["alignment"])
    let next = try plan(daemon)
    #expect(next.isEmpty)

    func camera(_ name: String) throws -> Double { try early[0].value(name) }
    let (gain, noise, dark) = (try camera("systemGain"), try camera("readNoise"), try camera("darkLevel"))
    #expect(off(gain, from: 1 / hidden.noise.fullWell) < 0.02)
    #expect(off(noise, from: hidden.noise.read / hidden.noise.fullWell) < 0.02)
    #expect(off(dark, from: hidden.dark) < 0.02)
    let hot = try camera("hotPixels")
    #expect(hot == Double(hidden.hot))
    for (panel, truth) in [("layers", hidden.layers), ("input", hidden.input)] {
      let (latency, settle) = (try early[1].value(panel + ".rise.latency"), try early[1].value(panel + ".rise.settle"))
      // The camera takes a frame every 2 ms.
      #expect(abs(latency - truth.latency) < 0.05 * 2e-3)
      // The light changes in a straight line, of which 1 % is missing after 0.99 of its time.
      #expect(off(settle, from: 0.99 * truth.settle) < 0.1)
    }

    func place(_ name: String) throws -> Double { try found.value(name, of: "registration") }
    let (turns, mirrored) = (try place("quarterTurns"), try place("mirrored"))
    #expect(turns == 2 && mirrored == 0)
    // A camera that is turned by half a turn sees smaller x with larger columns.
    let columns = try place("regionX") - Double(Hidden.corner)
    let rows = try place("regionY") - Double(Hidden.corner)
    let shift = (x: try place("detectorShiftX"), y: try place("detectorShiftY"))
    #expect(abs(shift.x - (hidden.shift.x - columns * Hidden.pitch)) < 0.05 * Hidden.pitch)
    #expect(abs(shift.y - (hidden.shift.y - rows * Hidden.pitch)) < 0.05 * Hidden.pitch)
    let (scale, rotation) = (try place("detectorScale"), try place("detectorRotation"))
    #expect(abs(scale - 1) < 1e-3 && abs(rotation) < 1e-3)

    for (name, truth) in [("spacing", hidden.spacing), ("beamTiltX", hidden.beam.x), ("beamTiltY", hidden.beam.y)] {
      let number = try found.number(name, of: "twin")
      #expect(abs(number.value - truth) < 3 * number.standardDeviation, "\(name): \(number)")
    }
    func twin(_ name: String) throws -> Double { try found.value(name, of: "twin") }
    let (spacing, beam) = (try twin("spacing"), (x: try twin("beamTiltX"), y: try twin("beamTiltY")))
    #expect(abs(spacing - hidden.spacing) < 5e-6)
    #expect(abs(beam.x - hidden.beam.x) < 50e-6 && abs(beam.y - hidden.beam.y) < 50e-6)
    let slope = try twin("response1")
    #expect(abs(slope - hidden.panel.slope) < 0.02)
    let crosstalk = try found.value("crosstalk", of: "crosstalk")
    let fillFactor = try found.value("fillFactor", of: "crosstalk")
    #expect(off(crosstalk, from: hidden.panel.crosstalk) < 0.05)
    #expect(abs(fillFactor - hidden.panel.fillFactor) < 0.005)
    // The light has no aberration. Defocus is left out: a distance that is a little wrong looks like it.
    let waves = try [5, 6, 7, 8, 9, 10, 11].map { try found.value("modulatorZernike\($0)", of: "source") / (2 * .pi) }
    #expect(waves.reduce(0) { $0 + $1 * $1 }.squareRoot() < 0.05, "\(waves)")
  }

  @Test("a routine that is refused stops what needs it and nothing else, and what was found before is in force")
  func refused() throws {
    var hidden = Hidden()
    // A panel that the twin does not know, and nothing is free to find it.
    (hidden.panel, hidden.free) = ((slope: 0.03, quadratic: 0.2, fillFactor: 0.9, crosstalk: 6e-6), [])
    let daemon = try RunningDaemon { [hidden] _ in hidden.yaml }
    let program = try daemon.run("calibrate", "--json")
    #expect(program.status == 1)
    let found = try answer(program)
    #expect(found.states("found") == ["camera", "timing"])
    #expect(found.states("failed") == ["registration", "twin", "alignment"])
    #expect(found.states("lacks") == ["response", "source", "crosstalk"])
    for outcome in found.routines where outcome.state == "lacks" {
      #expect(outcome.reason?.contains("twin") == true, "\(outcome)")
    }
    let next = try plan(daemon)
    #expect(next == ["registration", "twin", "response", "source", "crosstalk"])
  }
}
