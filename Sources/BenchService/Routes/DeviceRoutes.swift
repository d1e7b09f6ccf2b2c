import Access
import BenchAPI
import Devices
import Files
import Foundation
import Hummingbird
import Jobs
import Lending
import ServiceCore

/// `/v1/slm/show`, `/v1/camera/frame` and `/v1/measure`: the bench by hand, refused while somebody else has it.
struct DeviceRoutes {
  let lease: BenchLease
  let live: LiveView
  let shelf: ArrayShelf
  let limits: ServiceLimits
  let budgets: Budgets
  let calibrations: CalibrationStore

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("modulators/:name/pattern", use: shown)
    group.post("slm/show", use: show)
    group.get("camera/frame", use: frame)
    group.post("measure", use: measure)
  }

  @Sendable private func show(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let body = try await request.bytes(limit: limits.patternBytes, within: budgets.patterns, context)
    let name = request.query("device")
    let pattern = try PatternBody.pattern(body, limit: limits.patternBytes)
    try await lease.use(for: "slm show", token: request.leaseToken) { bench in
      let modulator = try bench.modulator(name)
      if let pattern { try modulator.description.validate([pattern]) }
      let instrument = bench.instrument(live)
      do {
        try await Self.show(pattern, on: modulator, by: instrument)
      } catch let error as DeviceError where error.mayRecover {
        // It may have been plugged in again since.
        try await modulator.reconnect()
        try await Self.show(pattern, on: modulator, by: instrument)
      }
    }
    return Response(status: .noContent)
  }

  /// Shows a pattern, or the safe ones when nil.
  private static func show(
    _ pattern: Pattern?, on modulator: any SpatialLightModulator, by instrument: BenchInstrument
  ) async throws {
    guard let pattern else { return try await instrument.showSafePatterns() }
    try await instrument.show(pattern, on: modulator.description.name)
  }

  @Sendable private func shown(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"])
    let given = try context.parameters.require("name")
    let name = given.removingPercentEncoding ?? given
    guard let bench = try await lease.present() else { throw await lease.absence }
    let panel = try bench.modulator(name).description
    let pattern = live.shown(on: name)?.pattern ?? Pattern(width: panel.width, height: panel.height)
    return try answer(format.encode(pattern), "pattern.\(format.rawValue)", context)
  }

  @Sendable private func frame(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"], default: .npy)
    let (frame, fullScale) = try await lease.use(for: "camera grab", token: request.leaseToken) { bench in
      (try await bench.instrument(live).frame(), bench.camera.description.fullScale)
    }
    if format == .png {
      let largest = max(fullScale, frame.pixels.max() ?? 0, 1)
      let picture = try PNG.encode(
        gray16: frame.pixels, width: frame.width, height: frame.height,
        significantBits: UInt16.bitWidth - largest.leadingZeroBitCount)
      return try answer(picture, "frame.png", context)
    }
    let array = NPYArray(shape: [frame.height, frame.width], elements: .uint16(frame.pixels))
    return try answer(NPY.encode(array), "frame.npy", context)
  }

  @Sendable private func measure(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try MeasuredFormat(query: request.query("format"))
    let wanted = try await request.json(MeasureRequest.self, limit: limits.jsonBytes, within: budgets.requests, context)
    let measured = try await lease.use(for: "measure", token: request.leaseToken) { bench in
      let measurement = try Measurement(
        wanted, bench: bench, array: shelf.stackFile,
        limit: format.frameBytes(in: budgets.answers.largestShare, images: limits.measuredImages),
        showing: wanted.areCommands ? nil : try await calibrations.inverse(on: bench))
      guard measurement.inputs.count <= limits.measuredImages else {
        throw ServiceError(
          .measurementTooLarge,
          "\(measurement.inputs.count) images are too many for one request; submit a job of kind measure")
      }
      // A request does not wait for devices that are gone; a job does.
      await bench.unit.observe(nil)
      try await bench.unit.start()
      return try await measurement.measured()
    }
    let frames = NPY.encode(NPYArray(measured.intensities))
    switch format {
    case .npy: return try answer(frames, "frames.npy", context)
    case .json:
      let response = MeasureResponse(frames: Data(frames), evidence: MeasureEvidence(measured))
      return try answer([UInt8](APICoding.encode(response)), "measured.json", context)
    }
  }

  private func answer(_ bytes: [UInt8], _ name: String, _ context: BenchRequestContext) throws -> Response {
    try Response.bytes(bytes, name: name, within: budgets.answers, to: context)
  }
}

/// How measured frames are answered.
private enum MeasuredFormat: String, CaseIterable {
  /// The frames alone.
  case npy
  /// A ``MeasureResponse``: the frames, and how they were made.
  case json

  init(query: String?) throws {
    guard let format = query.map(MeasuredFormat.init) ?? .npy else {
      throw ServiceError(.requestInvalid, "format: \"\(query ?? "")\" is not one of npy and json")
    }
    self = format
  }

  /// Bytes of frames for which an answer has room.
  func frameBytes(in answer: Int, images: Int) -> Int {
    switch self {
    case .npy: answer - Self.largestHeader
    // Three bytes are four characters.
    case .json: max(0, answer - Self.largestHeader - images * Self.imageBytes) / 4 * 3
    }
  }

  /// Bytes that an NPY file adds to the frames in it, at most.
  private static let largestHeader = 4096
  /// Bytes that JSON needs for what is known of one image.
  private static let imageBytes = 512
}

/// A pattern as the body of a request.
private enum PatternBody {
  static let numpy: [UInt8] = [0x93] + Array("NUMPY".utf8)
  static let png: [UInt8] = [0x89] + Array("PNG".utf8)

  /// Nil for the safe pattern.
  ///
  /// - Parameter limit: bytes of the pattern, unpacked.
  static func pattern(_ bytes: [UInt8], limit: Int) throws -> Pattern? {
    guard bytes.starts(with: numpy) || bytes.starts(with: png) else {
      switch try JSONBody.decode(ShowRequest.self, from: bytes).pattern {
      case .blank: return nil
      }
    }
    do {
      if bytes.starts(with: png) {
        let image = try PNG.decode(gray8: bytes, source: "the pattern", limit: limit)
        return pattern(image.pixels, width: image.width, height: image.height)
      }
      let array = try NPY.decode(bytes, source: "the pattern")
      guard array.shape.count == 2, case .uint8(let levels) = array.elements else {
        throw ServiceError(
          .patternInvalid,
          "the pattern: expected uint8 [height, width], found \(array.elements.typeName) \(array.shape)")
      }
      return pattern(levels, width: array.shape[1], height: array.shape[0])
    } catch let error as FilesError {
      throw ServiceError(.patternInvalid, "\(error)")
    }
  }

  private static func pattern(_ levels: [UInt8], width: Int, height: Int) -> Pattern {
    var pattern = Pattern(width: width, height: height)
    pattern.levels = levels
    return pattern
  }
}
