import BenchAPI
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// An answer of one JSON document.
  package static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try APICoding.encode(value) + [UInt8(ascii: "\n")])))
  }
}
