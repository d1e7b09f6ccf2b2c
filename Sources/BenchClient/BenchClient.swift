import AsyncHTTPClient
import BenchAPI
import Foundation
import NIOCore

/// The HTTP API of the daemon, typed. Every method throws ``BenchClientError``.
public struct BenchClient: Sendable {
  public let socket: String
  private let http: HTTPClient

  /// A client of the daemon on a Unix socket; ``HTTPClient/shared`` unless another is given.
  public init(socket: String, http: HTTPClient = .shared) {
    self.socket = socket
    self.http = http
  }

  // MARK: Status

  public func status() async throws -> StatusResponse { try await get("status") }

  public func devices() async throws -> [DeviceStatus] { try await get("devices", as: DeviceList.self).devices }

  /// The bench file as JSON.
  public func bench() async throws -> JSONValue { try await get("bench") }

  /// The true values of a simulated bench.
  public func simulatedTruth() async throws -> JSONValue { try await get("simulated/truth") }

  // MARK: Jobs

  public func submit(_ request: JobRequest) async throws -> JobSummary {
    try decode(await send(.post, "jobs", body: encode(request)))
  }

  public func jobs() async throws -> [JobSummary] { try await get("jobs", as: JobList.self).jobs }

  public func job(_ id: String) async throws -> JobSummary { try await get("jobs/\(escape(id))") }

  public func cancel(_ id: String) async throws -> JobSummary {
    try decode(await send(.post, "jobs/\(escape(id))/cancel"))
  }

  /// What a job that succeeded answers.
  public func result<Value: Decodable>(of id: String, as type: Value.Type = JSONValue.self) async throws -> Value {
    try await get("jobs/\(escape(id))/result")
  }

  /// The bytes of a file that a job left.
  public func artefact(_ name: String, of id: String) async throws -> [UInt8] {
    try await send(.get, "jobs/\(escape(id))/artefacts/\(escape(name))")
  }

  /// A job's events, from the one after a sequence number until the job has ended.
  public func events(of id: String, after sequence: Int = 0) -> JobEvents {
    JobEvents { try await open(.get, "jobs/\(escape(id))/events?after=\(sequence)", timeout: .hours(24 * 365)) }
  }

  // MARK: Arrays and the bench by hand

  /// Uploads the bytes of an `.npy` file.
  public func put(array name: String, npy: [UInt8]) async throws {
    _ = try await send(.put, "arrays/\(escape(name))", body: npy)
  }

  /// The bytes of an uploaded `.npy` file.
  public func array(_ name: String) async throws -> [UInt8] { try await send(.get, "arrays/\(escape(name))") }

  public func arrays() async throws -> [ArrayStatus] { try await get("arrays", as: ArrayList.self).arrays }

  public func delete(array name: String) async throws { _ = try await send(.delete, "arrays/\(escape(name))") }

  /// Detector frames as the bytes of an `.npy` file, float32 `[batch, height, width]`.
  public func measure(_ request: MeasureRequest) async throws -> [UInt8] {
    try await send(.post, "measure", body: encode(request))
  }

  /// Shows a pattern: the bytes of an 8-bit greyscale PNG or a uint8 `.npy` of the panel's size.
  public func show(pattern: [UInt8], on device: String? = nil) async throws {
    _ = try await send(.post, "slm/show" + query(device), body: pattern)
  }

  /// Shows the pattern that is harmless to the bench.
  public func showBlank(on device: String? = nil) async throws {
    _ = try await send(.post, "slm/show" + query(device), body: encode(ShowRequest(pattern: .blank)))
  }

  /// The format of a camera frame.
  public enum FrameFormat: String, Sendable { case npy, png }

  /// The next camera frame: uint16 `[height, width]` as `.npy`, or a 16-bit PNG.
  public func frame(as format: FrameFormat = .npy) async throws -> [UInt8] {
    try await send(.get, "camera/frame?format=\(format.rawValue)")
  }

  // MARK: Requests

  private enum Method: String { case get, put, post, delete }

  private func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
    try decode(await send(.get, path))
  }

  private func send(_ method: Method, _ path: String, body: [UInt8]? = nil) async throws -> [UInt8] {
    let response = try await open(method, path, body: body, timeout: .hours(1))
    do {
      return [UInt8](buffer: try await response.body.collect(upTo: Self.bodyLimit))
    } catch {
      throw BenchClientError.broken(reason: "\(error)")
    }
  }

  /// Sends a request and returns once its response has begun with a status of success.
  private func open(
    _ method: Method, _ path: String, body: [UInt8]? = nil, timeout: TimeAmount
  ) async throws -> HTTPClientResponse {
    guard isAnswered(socket: socket), let url = URL(httpURLWithSocketPath: socket, uri: "/v1/\(path)") else {
      throw BenchClientError.notRunning(socket: socket)
    }
    var request = HTTPClientRequest(url: url.absoluteString)
    request.method = .init(rawValue: method.rawValue.uppercased())
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    let response: HTTPClientResponse
    do {
      response = try await http.execute(request, timeout: timeout)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw BenchClientError.broken(reason: "\(error)")
    }
    guard (200..<300).contains(response.status.code) else { throw await refusal(response) }
    return response
  }

  private func refusal(_ response: HTTPClientResponse) async -> BenchClientError {
    let status = Int(response.status.code)
    let body = try? await response.body.collect(upTo: 1 << 20)
    guard let body, let answer = try? APICoding.decode(ErrorResponse.self, from: Data(body.readableBytesView)) else {
      return .refused(status: status, code: "unknown", message: response.status.reasonPhrase)
    }
    return .refused(status: status, code: answer.error.code, message: answer.error.message)
  }

  private func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    do {
      return try APICoding.decode(Value.self, from: Data(bytes))
    } catch {
      throw BenchClientError.broken(reason: "it makes no sense: \(error)")
    }
  }

  private func encode(_ value: some Encodable) throws -> [UInt8] { [UInt8](try APICoding.encode(value)) }

  private func escape(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._"))) ?? name
  }

  private func query(_ device: String?) -> String { device.map { "?device=\(escape($0))" } ?? "" }

  /// Bytes of the largest answer.
  private static let bodyLimit = 2 << 30
}
