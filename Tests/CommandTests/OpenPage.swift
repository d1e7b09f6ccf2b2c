import Foundation
import Glibc

/// An `odu-ctl open --print` that runs.
final class OpenPage {
  enum Failure: Error {
    case address(String)
    case connection(String)
  }

  let program: RunningProgram
  let port: UInt16
  let token: String

  init(socket: String) throws {
    program = try RunningProgram(["open", "--print"], socket: socket)
    guard let match = program.words.wholeMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/#token=([0-9a-f]{64})\n/),
      let port = UInt16(match.1)
    else { throw Failure.address(program.words) }
    (self.port, token) = (port, String(match.2))
  }

  func get(_ path: String, _ fields: [String] = [], host: String? = nil) throws -> (status: Int, text: String) {
    try send("GET", path, fields, host: host)
  }

  /// Sends a request on a connection of its own and reads until that is closed.
  func send(
    _ method: String, _ path: String, _ fields: [String] = [], body: String = "", host: String? = nil
  ) throws -> (status: Int, text: String) {
    let connection = try connect()
    defer { close(connection) }
    let head = [
      "\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close",
      "Content-Length: \(body.utf8.count)",
    ]
    let request = Array(((head + fields).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    guard Glibc.send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw Failure.connection(String(cString: strerror(errno)))
    }
    var (answer, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    let capacity = part.count
    while case let count = recv(connection, &part, capacity, 0), count > 0 { answer += part[..<count] }
    let text = String(decoding: answer, as: UTF8.self)
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text)
  }

  private func connect() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw Failure.connection(String(cString: strerror(errno)))
    }
    return descriptor
  }
}
