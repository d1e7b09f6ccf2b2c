import Arrays
import BenchAPI
import BenchClient
import BenchFile
import Calibration
import Doctor
import Files
import Foundation
import Twin

/// Gathers what an examination needs from a daemon.
struct BenchExamination {
  /// Cycles of black, white and, where levels are brightness, two levels between.
  static let looks = 8
  /// White images one after the other, behind black ones from which an automatic gain has to come back.
  static let (series, rest) = (32, 8)
  /// Images that are compared with the twin's.
  static let pictures = 3
  /// Parts of the image along each side whose light is compared.
  static let parts = 5

  private let client: BenchClient

  init(_ client: BenchClient) { self.client = client }

  /// - Returns: what is known, and why images could not be measured.
  func patient() async throws -> (Patient, unmeasured: String?) {
    let status = try await client.status()
    var patient = Patient(
      devices: try await client.devices(), calibrations: try await client.calibrations(),
      calibrationJobs: try await client.jobs().filter { $0.kind == "calibrate" && $0.state.isTerminal },
      drift: try? await client.drift())
    if status.state == .degraded {
      patient.absence = Patient.Absence(cause: status.cause, message: status.message ?? "its devices were not found")
    }
    let (file, bench) = try await client.knownBench()
    patient.know(bench, of: file)
    let looks = BenchLooks(client, file: file, bench: bench)
    var before = status.frames
    do {
      // Frames that others took since the last measurement are missing in the first of this one, and not lost.
      try await looks.warmUp()
      before = try await client.status().frames
      try await looks.look(into: &patient)
      patient.frames = try await counted(since: before)
      let frame = try NPY.decode(try await client.frame(), source: "the camera's frame")
      if case .uint16(let pixels) = frame.elements { patient.pixels = pixels }
      return (patient, nil)
    } catch let error as BenchClientError {
      patient.frames = try await counted(since: before)
      return (patient, "\(error)")
    }
  }

  private func counted(since before: [String: Int]) async throws -> [String: Int] {
    let now = try await client.status().frames
    return now.reduce(into: [:]) { $0[$1.key] = max(0, $1.value - (before[$1.key] ?? 0)) }
  }
}

extension Patient {
  /// What bench file and calibrations in force say.
  fileprivate mutating func know(_ bench: CalibratedBench, of file: BenchFile) {
    let geometry = bench.description.geometry
    (wavelength, pitch) = (geometry.wavelength, geometry.pitch)
    for stated in bench.stated.parameters.all {
      guard let error = bench.posterior.standardDeviation(of: stated.name),
        let found = bench.parameters.parameter(named: stated.name)
      else { continue }
      parameters[stated.name] = Parameter(value: found.value, error: error, stated: stated.value, prior: stated.prior)
    }
    if bench.meaning == .phases { response = Response(bench, of: file) }
  }
}

extension Patient.Response {
  fileprivate init(_ bench: CalibratedBench, of file: BenchFile) {
    let variances = bench.posterior.names.filter { $0.hasPrefix("responseKnot") }.compactMap { bench.posterior[$0, $0] }
    self.init(
      measured: bench.description.response(bench.parameters),
      error: variances.isEmpty ? 0 : (variances.reduce(0, +) / Double(variances.count)).squareRoot(),
      stated: file.twin.modulator.response, levels: file.levelsOfTurn)
  }
}

/// Images that are shown and measured for an examination.
private struct BenchLooks {
  private let client: BenchClient
  private let file: BenchFile
  private let bench: CalibratedBench
  private var geometry: GeometryDescription { bench.description.geometry }
  private var input: InputDescription { bench.description.input }

  /// Samples of a frame up to which pixels are looked at singly.
  private static let mostSamples = 1 << 18

  init(_ client: BenchClient, file: BenchFile, bench: CalibratedBench) {
    (self.client, self.file, self.bench) = (client, file, bench)
  }

  func warmUp() async throws { _ = try await measure(uniform([1])) }

  func look(into patient: inout Patient) async throws {
    try await brightness(into: &patient)
    patient.series = try await series()
    // The light of phases has no shape that a rough twin predicts.
    guard input.encoding != .phase else { return }
    patient.turn = try await turn()
    patient.parts = try await parts()
  }

  // MARK: - Brightness

  private func brightness(into patient: inout Patient) async throws {
    // One image of phases is as bright as another, so that there are no black ones.
    let levels: [Float] = input.encoding == .phase ? [1] : [0, 1] + highLevels
    let cycles = (0..<BenchExamination.looks).flatMap { _ in levels }
    let measured = try await measure(uniform(cycles))
    func looks(_ level: Float) -> [Patient.Look] {
      cycles.indices.filter { cycles[$0] == level }.map { measured.look($0) }
    }
    (patient.black, patient.white) = (looks(0), looks(1))
    if let clipped = highLevels.first, let below = highLevels.last, input.encoding != .phase {
      patient.highLevels = Patient.HighLevels(clipped: looks(clipped), below: looks(below))
    }
  }

  /// Values of images that the input's panel shows at the levels in question; none where it shows other levels.
  private var highLevels: [Float] {
    guard let layout = file.devices?.layout.input, layout.fullLevel == 255, layout.values == nil, layout.mirrors == nil
    else { return [] }
    return [Patient.HighLevels.clipped, Patient.HighLevels.below].map { Float($0) / 255 }
  }

  // MARK: - Series

  private func series() async throws -> Patient.Series {
    let measured = try await measure(
      uniform(Array(repeating: 0, count: BenchExamination.rest) + Array(repeating: 1, count: BenchExamination.series)),
      singly: true)
    let frames = (BenchExamination.rest..<measured.frames.count).map {
      Array(measured.frames.values[measured.frames.range(ofPlane: $0)])
    }
    let places = ImagePlaces(of: frames, width: measured.frames.width)
    let pixels = Double(measured.pixels)
    let moments = measured.evidence.images.suffix(frames.count).enumerated().map { index, image in
      Patient.Series.Moment(
        time: (Double(image.exposureStart) + Double(image.exposureEnd)) / 2e9, sequence: image.sequence,
        mean: measured.look(BenchExamination.rest + index).mean, x: (places?.shifts[index].x ?? 0) * pixels,
        y: (places?.shifts[index].y ?? 0) * pixels)
    }
    return Patient.Series(
      moments: Array(moments), exposure: measured.evidence.settings?.exposure ?? 0,
      placeError: places?.error.map { $0 * pixels })
  }

  // MARK: - Orientation

  private func turn() async throws -> Patient.Turn? {
    guard let known = file.devices?.layout.camera.orientation else { return nil }
    let images = OrientationComparison.images(BenchExamination.pictures, size: input.size)
    let measured = try await measure(images, singly: true)
    let predicted = try await predicted(images, block: measured.block)
    guard predicted.height == measured.frames.height, predicted.width == measured.frames.width else { return nil }
    return Patient.Turn(
      known: bench.layout?.camera.orientation ?? known,
      correlations: OrientationComparison.correlations(frames: measured.frames, predicted: predicted))
  }

  // MARK: - Parts of the image

  private func parts() async throws -> [Double] {
    let (count, side) = (BenchExamination.parts, input.size / BenchExamination.parts)
    guard side > 0 else { return [] }
    let first = (input.size - side * count) / 2
    // A black one comes first.
    var images = Stack<Float>(count: 1 + count * count, height: input.size, width: input.size)
    for part in 0..<count * count {
      let (left, top) = (first + part % count * side, first + part / count * side)
      for y in top..<top + side { for x in left..<left + side { images[1 + part, y, x] = 1 } }
    }
    let measured = try await measure(images)
    let predicted = try await predicted(images, block: measured.block)
    return (1..<images.count).map { part in
      let expected = predicted.values[predicted.range(ofPlane: part)].reduce(0) { $0 + Double($1) }
      return expected > 0 ? (measured.look(part).mean - measured.look(0).mean) / expected : 0
    }
  }

  /// What the twin computes with all that is known.
  private func predicted(_ images: Stack<Float>, block: Int?) async throws -> Stack<Float> {
    let description = bench.description.showing(bench.inverse(for: bench.meaning))
    let twin = try Twin<Float>(description, parameters: bench.parameters, threads: 2)
    return try await twin.intensities(
      layers: Stack(count: geometry.layers, height: geometry.grid, width: geometry.grid), inputs: images, block: block)
  }

  // MARK: - Measuring

  private struct Looked {
    let frames: Stack<Float>
    let evidence: MeasureEvidence
    /// As it was asked for.
    let block: Int?
    /// Camera pixels along each side of a sample.
    let pixels: Int

    func look(_ index: Int) -> Patient.Look {
      let image = evidence.images.indices.contains(index) ? evidence.images[index] : nil
      let values = frames.values[frames.range(ofPlane: index)]
      return Patient.Look(
        mean: values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count)), clipped: image?.clipped ?? 0,
        evidence: image?.evidence)
    }
  }

  /// Images of one value each.
  private func uniform(_ values: [Float]) -> Stack<Float> {
    Stack(
      count: values.count, height: input.size, width: input.size,
      values: values.flatMap { Array(repeating: $0, count: input.size * input.size) })
  }

  /// Behind flat layers.
  ///
  /// - Parameter singly: whether pixel by pixel, unless there are very many.
  private func measure(_ inputs: Stack<Float>, singly: Bool = false) async throws -> Looked {
    let camera = file.devices?.layout.camera
    let isSmall = camera.map { $0.width * $0.height <= Self.mostSamples } ?? false
    let block = singly && isSmall ? 1 : nil
    let name = "doctor-\(UInt64.random(in: 0..<UInt64.max))"
    let flat = Stack<Float>(count: geometry.layers, height: geometry.grid, width: geometry.grid)
    try await client.put(array: "\(name)-layers", npy: NPY.encode(NPYArray(flat)))
    try await client.put(array: "\(name)-inputs", npy: NPY.encode(NPYArray(inputs)))
    let outcome: Result<MeasureResponse, any Error>
    do {
      outcome = .success(
        try await client.measureWithEvidence(
          MeasureRequest(layers: "\(name)-layers", inputs: "\(name)-inputs", block: block)))
    } catch {
      outcome = .failure(error)
    }
    for part in ["layers", "inputs"] { try? await client.delete(array: "\(name)-\(part)") }
    let answer = try outcome.get()
    let frames = try Stack<Float>(npy: NPY.decode([UInt8](answer.frames), source: "the daemon's answer"))
    guard frames.count == inputs.count else {
      throw BenchClientError.broken(reason: "\(frames.count) frames of \(inputs.count) images")
    }
    let widest = camera.map { $0.orientation.inverse.size(ofPlane: $0.width, $0.height).width } ?? frames.width
    return Looked(
      frames: frames, evidence: answer.evidence, block: block, pixels: max(1, widest / max(1, frames.width)))
  }
}
