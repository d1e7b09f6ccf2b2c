import BenchAPI
import Foundation
import Hummingbird
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
    }
  }

  /// The value that a JSON body describes.
  func json<Value: Decodable>(_ type: Value.Type, limit: Int) async throws -> Value {
    try APICoding.decode(type, from: Data(try await bytes(limit: limit)))
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
