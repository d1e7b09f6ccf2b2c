import Arrays
import BenchAPI
import BenchClient
import Calibration
import Doctor
import Files
import Foundation
import Twin

/// Gathers what an examination needs from a daemon.
struct BenchExamination {
  static let looks = 8

  private let client: BenchClient

  init(_ client: BenchClient) { self.client = client }

  /// - Returns: what is known, and why images could not be measured.
  func patient() async throws -> (Patient, unmeasured: String?) {
    var patient = Patient(
      devices: try await client.devices(), calibrations: try await client.calibrations(),
      drift: try? await client.drift())
    patient.response = try await response()
    var before = try await client.status().frames
    do {
      // Frames that others took since the last measurement are missing in the first of this one, and not lost.
      _ = try await looks([1])
      before = try await client.status().frames
      (patient.black, patient.white) = try await looks(try await images())
      patient.frames = try await counted(since: before)
      let frame = try NPY.decode(try await client.frame(), source: "the camera's frame")
      if case .uint16(let pixels) = frame.elements { patient.pixels = pixels }
      return (patient, nil)
    } catch let error as BenchClientError {
      patient.frames = try await counted(since: before)
      return (patient, "\(error)")
    }
  }

  /// What the panel shows by the calibration in force, and by the bench file.
  private func response() async throws -> Patient.Response? {
    let (file, bench) = try await client.knownBench()
    guard bench.meaning == .phases else { return nil }
    let knots = bench.posterior.names.filter { $0.hasPrefix("responseKnot") }
    let variances = knots.compactMap { bench.posterior[$0, $0] }
    return Patient.Response(
      measured: bench.description.response(bench.parameters),
      error: variances.isEmpty ? 0 : (variances.reduce(0, +) / Double(variances.count)).squareRoot(),
      stated: file.twin.modulator.response)
  }

  private func counted(since before: [String: Int]) async throws -> [String: Int] {
    let now = try await client.status().frames
    return now.reduce(into: [:]) { $0[$1.key] = max(0, $1.value - (before[$1.key] ?? 0)) }
  }

  /// The levels of the images. One of phases is as bright as another, so that there are no black ones.
  private func images() async throws -> [Float] {
    let isOfPhases = try await description().input.encoding == .phase
    return (0..<Self.looks).flatMap { _ in isOfPhases ? [Float(1)] : [0, 1] }
  }

  private func description() async throws -> TwinDescription {
    try (try await client.bench()["twin"] ?? .null).decoded(as: TwinDescription.self)
  }

  private func looks(_ images: [Float]) async throws -> (black: [Patient.Look], white: [Patient.Look]) {
    let twin = try await description()
    let (geometry, size) = (twin.geometry, twin.input.size)
    let name = "doctor-\(UInt64.random(in: 0..<UInt64.max))"
    let flat = Stack<Float>(count: geometry.layers, height: geometry.grid, width: geometry.grid)
    let inputs = Stack<Float>(
      count: images.count, height: size, width: size,
      values: images.flatMap { Array(repeating: $0, count: size * size) })
    try await client.put(array: "\(name)-layers", npy: NPY.encode(NPYArray(flat)))
    try await client.put(array: "\(name)-inputs", npy: NPY.encode(NPYArray(inputs)))
    let outcome: Result<MeasureResponse, any Error>
    do {
      outcome = .success(
        try await client.measureWithEvidence(MeasureRequest(layers: "\(name)-layers", inputs: "\(name)-inputs")))
    } catch {
      outcome = .failure(error)
    }
    for part in ["layers", "inputs"] { try? await client.delete(array: "\(name)-\(part)") }
    let measured = try outcome.get()
    let frames = try Stack<Float>(npy: NPY.decode([UInt8](measured.frames), source: "the daemon's answer"))
    let looks = (0..<frames.count).map { index in
      let evidence = measured.evidence.images.indices.contains(index) ? measured.evidence.images[index] : nil
      let values = frames.values[frames.range(ofPlane: index)]
      return Patient.Look(
        mean: values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count)), clipped: evidence?.clipped ?? 0,
        evidence: evidence?.evidence)
    }
    let isWhite = images.map { $0 > 0 }
    return (
      zip(looks, isWhite).filter { !$0.1 }.map(\.0), zip(looks, isWhite).filter(\.1).map(\.0)
    )
  }
}
