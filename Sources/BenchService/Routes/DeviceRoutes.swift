import BenchAPI
import Devices
import Files
import Foundation
import Hummingbird

/// `/v1/slm/show`, `/v1/camera/frame` and `/v1/measure`: the bench by hand, refused while a job has it.
struct DeviceRoutes {
  let lease: BenchLease
  let shelf: ArrayShelf
  let limits: ServiceLimits

  func add(to group: RouterGroup<BasicRequestContext>) {
    group.post("slm/show", use: show)
    group.get("camera/frame", use: frame)
    group.post("measure", use: measure)
  }

  @Sendable private func show(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let body = try await request.bytes(limit: limits.arrayBytes)
    let name = request.uri.queryParameters["device"].map(String.init)
    let pattern = try PatternBody.pattern(body)
    try await lease.use(for: "slm show") { bench in
      let modulator = try bench.modulator(name)
      if let pattern { try modulator.description.validate([pattern]) }
      do {
        try await bench.show(pattern, on: modulator)
      } catch let error as DeviceError where error.mayRecover {
        // It may have been plugged in again since.
        try await modulator.reconnect()
        try await bench.show(pattern, on: modulator)
      }
    }
    return Response(status: .noContent)
  }

  @Sendable private func frame(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let format = request.uri.queryParameters["format"].map(String.init) ?? "npy"
    guard format == "npy" || format == "png" else {
      throw ServiceError.invalid("format: \"\(format)\" is neither npy nor png")
    }
    let frame = try await lease.use(for: "camera grab") { try await $0.grab() }
    if format == "png" {
      return Response.file(
        try PNG.encode(gray16: frame.pixels, width: frame.width, height: frame.height), name: "frame.png")
    }
    let array = NPYArray(shape: [frame.height, frame.width], elements: .uint16(frame.pixels))
    return Response.file(NPY.encode(array), name: "frame.npy")
  }

  @Sendable private func measure(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let wanted = try await request.json(MeasureRequest.self, limit: limits.jsonBytes)
    let frames = try await lease.use(for: "measure") { bench in
      let measurement = try Measurement(wanted, bench: bench, array: shelf.stack)
      guard measurement.inputs.count <= limits.measuredImages else {
        throw ServiceError.invalid(
          "\(measurement.inputs.count) images are too many for one request; submit a job of kind measure")
      }
      // A request does not wait for devices that are gone; a job does.
      await bench.unit.observe(nil)
      try await bench.unit.start()
      return try await measurement.frames()
    }
    return Response.file(NPY.encode(NPYArray(frames)), name: "frames.npy")
  }
}

/// A pattern as the body of a request.
private enum PatternBody {
  static let numpy: [UInt8] = [0x93] + Array("NUMPY".utf8)
  static let png: [UInt8] = [0x89] + Array("PNG".utf8)

  /// Nil for the safe pattern.
  static func pattern(_ bytes: [UInt8]) throws -> Pattern? {
    guard bytes.starts(with: numpy) || bytes.starts(with: png) else {
      switch try APICoding.decode(ShowRequest.self, from: Data(bytes)).pattern {
      case .blank: return nil
      }
    }
    do {
      if bytes.starts(with: png) {
        let image = try PNG.decode(gray8: bytes, source: "the pattern")
        return pattern(image.pixels, width: image.width, height: image.height)
      }
      let array = try NPY.decode(bytes, source: "the pattern")
      guard array.shape.count == 2, case .uint8(let levels) = array.elements else {
        throw ServiceError.invalid(
          "the pattern: expected uint8 [height, width], found \(array.elements.typeName) \(array.shape)")
      }
      return pattern(levels, width: array.shape[1], height: array.shape[0])
    } catch let error as FilesError {
      throw ServiceError.invalid("\(error)")
    }
  }

  private static func pattern(_ levels: [UInt8], width: Int, height: Int) -> Pattern {
    var pattern = Pattern(width: width, height: height)
    pattern.levels = levels
    return pattern
  }
}
