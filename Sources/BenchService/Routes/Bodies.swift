import Access
import BenchAPI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import ServiceCore

extension Request {
  /// The whole body, as far as there is room for it.
  func bytes(
    limit: Int, tooLarge cause: Cause = .requestTooLarge, within budget: ByteBudget, _ context: BenchRequestContext
  ) async throws -> [UInt8] {
    let size = try announcedSize(limit: limit, tooLarge: cause)
    let share = try budget.take(size ?? limit, for: context.caller)
    defer { withExtendedLifetime(share) {} }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size ?? 0)
    try await pieces(limit: limit, tooLarge: cause, context) { bytes.append(contentsOf: $0.readableBytesView) }
    return bytes
  }

  /// Hands the body over piece by piece as it arrives.
  func pieces(
    limit: Int, tooLarge cause: Cause = .requestTooLarge, _ context: BenchRequestContext,
    _ use: (ByteBuffer) async throws -> Void
  ) async throws {
    _ = try announcedSize(limit: limit, tooLarge: cause)
    try await invite(context)
    var count = 0
    var iterator = body.makeAsyncIterator()
    while let piece = try await next(&iterator) {
      count += piece.readableBytes
      guard count <= limit else { throw ServiceError.tooLarge(limit: limit, cause) }
      try await use(piece)
    }
  }

  private func next(_ iterator: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
    do {
      return try await iterator.next()
    } catch let error as CancellationError {
      throw error
    } catch {
      throw ServiceError(.requestMalformed, "the body is broken, or shorter than its head says")
    }
  }

  /// What the head says of the size; nil when the body comes in chunks.
  func announcedSize(limit: Int, tooLarge cause: Cause = .requestTooLarge) throws -> Int? {
    guard let text = headers[.contentLength] else { return nil }
    // What does not fit a number is no smaller for that.
    guard let size = Int(text), (0...limit).contains(size) else { throw ServiceError.tooLarge(limit: limit, cause) }
    return size
  }

  /// Tells a client to continue that holds back its body to see whether the request is accepted at all.
  private func invite(_ context: BenchRequestContext) async throws {
    guard headers[.expect]?.lowercased() == "100-continue" else { return }
    try? await context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
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
  func json<Value: Decodable>(
    _ type: Value.Type, limit: Int, within budget: ByteBudget, _ context: BenchRequestContext
  ) async throws -> Value {
    try JSONBody.decode(type, from: await bytes(limit: limit, within: budget, context))
  }
}

/// JSON from clients.
enum JSONBody {
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    try StrictJSON.check(bytes)
    return try APICoding.decode(type, from: Data(bytes))
  }
}

extension Response {
  /// Bytes that were made for this answer; `name` decides the content type. They count against the budget until the client
  /// has taken them.
  static func bytes(
    _ bytes: [UInt8], name: String, within budget: ByteBudget, to context: BenchRequestContext
  ) throws -> Response {
    try self.bytes(ByteBuffer(bytes: bytes), name: name, within: budget, to: context)
  }

  static func bytes(
    _ buffer: ByteBuffer, name: String, within budget: ByteBudget, to context: BenchRequestContext
  ) throws -> Response {
    let share = try budget.take(buffer.readableBytes, for: context.caller)
    return Response(
      status: .ok, headers: [.contentType: contentType(of: name)],
      body: ResponseBody(contentLength: buffer.readableBytes) { writer in
        defer { withExtendedLifetime(share) {} }
        try await writer.write(buffer, as: context.channel)
        try await writer.finish(nil)
      })
  }

  /// Bytes of an answer that are handed to its connection at a time.
  static let pieceBytes = 128 << 10

  static func contentType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "json": "application/json"
    case "png": "image/png"
    case "txt", "log": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}

extension ResponseBodyWriter {
  /// Writes a large buffer as fast as the client of a connection takes it. The next write waits until the client has taken all but
  /// some KiB of this one, of which nothing else holds the buffer.
  mutating func write(_ buffer: ByteBuffer, as channel: any Channel) async throws {
    let isSmall = buffer.readableBytes <= Response.pieceBytes
    var rest = buffer
    while let piece = rest.readSlice(length: min(Response.pieceBytes, rest.readableBytes)), piece.readableBytes > 0 {
      try await write(isSmall ? piece : ByteBuffer(bytes: piece.readableBytesView))
      // A write returns before the connection has the piece. Once it has, it knows whether the client can take more.
      try await channel.eventLoop.submit {}.get()
    }
  }
}
