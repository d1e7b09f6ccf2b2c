import BenchAPI
import Foundation
import HTTPTypes
import Hummingbird
import Locks
import NIOCore

extension Request {
  /// The whole body.
  func bytes(limit: Int) async throws -> [UInt8] {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw ServiceError.tooLarge(limit: limit)
    }
    do {
      return [UInt8](buffer: try await body.collect(upTo: limit))
    } catch is NIOTooManyBytesError {
      throw ServiceError.tooLarge(limit: limit)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw ServiceError.invalid("the body is broken, or shorter than its head says")
    }
  }

  /// The whole of a body that may be large, while there is room for it.
  func bytes(limit: Int, within budget: BodyBudget) async throws -> [UInt8] {
    let size = min(headers[.contentLength].flatMap { Int($0) } ?? limit, limit)
    return try await budget.whileReserving(size) { try await bytes(limit: limit) }
  }

  /// A number of the query in decimal digits; nil when it is none.
  func number(_ name: String, default preset: Double) -> Double? {
    guard let text = query(name) else { return preset }
    return text.allSatisfy { "0123456789.eE+-".contains($0) } ? Double(text) : nil
  }

  /// A value of the query, in which `+` stands for a blank as browsers write it.
  func query(_ name: String) -> String? {
    uri.queryParameters[Substring(name)].map { $0.replacingOccurrences(of: "+", with: " ") }
  }

  /// The lease that the request belongs to.
  var leaseToken: String? { headers[Self.leaseField] }

  private static let leaseField = HTTPField.Name("Odu-Lease") ?? .authorization

  /// The value that a JSON body describes.
  func json<Value: Decodable>(_ type: Value.Type, limit: Int) async throws -> Value {
    try APICoding.decode(type, from: Data(try await bytes(limit: limit)))
  }
}

/// The memory that large bodies may take together while they arrive.
final class BodyBudget: Sendable {
  private let reserved = Locked(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  func whileReserving<Value>(_ bytes: Int, _ body: () async throws -> Value) async throws -> Value {
    let fits = reserved.withLock { reserved in
      guard reserved + bytes <= limit else { return false }
      reserved += bytes
      return true
    }
    guard fits else { throw ServiceError.full("other uploads are under way; try again when they are done") }
    defer { reserved.withLock { $0 -= bytes } }
    return try await body()
  }
}

extension Response {
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try APICoding.encode(value) + [UInt8(ascii: "\n")])))
  }

  /// A file; `name` decides the content type.
  static func file(_ bytes: [UInt8], name: String) -> Response {
    let type =
      switch name.split(separator: ".").last {
      case "json": "application/json"
      case "png": "image/png"
      case "txt", "log": "text/plain; charset=utf-8"
      default: "application/octet-stream"
      }
    return Response(
      status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
