import AsyncHTTPClient
import BenchAPI
import Foundation
import NIOCore
import NIOHTTP1

/// The HTTP API of the daemon, typed. Every method throws ``BenchClientError``.
public struct BenchClient: Sendable {
  public let socket: String
  /// The lease that every request belongs to; see ``lease(seconds:)``.
  public let leaseToken: String?
  private let http: HTTPClient

  /// A client of the daemon on a Unix socket; ``HTTPClient/shared`` unless another is given.
  public init(socket: String, leaseToken: String? = nil, http: HTTPClient = .shared) {
    self.socket = socket
    self.leaseToken = leaseToken
    self.http = http
  }

  // MARK: Status

  public func status() async throws -> StatusResponse { try await get("status") }

  public func devices() async throws -> [DeviceStatus] { try await get("devices", as: DeviceList.self).devices }

  /// The bench file as JSON.
  public func bench() async throws -> JSONValue { try await get("bench") }

  /// The true values of a simulated bench.
  public func simulatedTruth() async throws -> JSONValue { try await get("simulated/truth") }

  /// What the daemon lets this user do: `none`, `observe`, `operate` or `administer`; nil when it does not say.
  public func role() async throws -> String? { try await answer(.get, "healthz").headers.first(name: "Odu-Role") }

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
    JobEvents { try await open(.get, "jobs/\(escape(id))/events?after=\(sequence)", timeout: Self.endless) }
  }

  // MARK: Arrays

  /// Uploads the bytes of an `.npy` file.
  public func put(array name: String, npy: [UInt8]) async throws {
    _ = try await send(.put, "arrays/\(escape(name))", body: npy)
  }

  /// The bytes of an uploaded `.npy` file.
  public func array(_ name: String) async throws -> [UInt8] { try await send(.get, "arrays/\(escape(name))") }

  public func arrays() async throws -> [ArrayStatus] { try await get("arrays", as: ArrayList.self).arrays }

  public func delete(array name: String) async throws { _ = try await send(.delete, "arrays/\(escape(name))") }

  // MARK: Requests

  enum Method: String { case get, put, post, delete }

  func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
    try decode(await send(.get, path))
  }

  func send(_ method: Method, _ path: String, body: [UInt8]? = nil) async throws -> [UInt8] {
    try await answer(method, path, body: body).body
  }

  /// A whole response with a status of success.
  func answer(
    _ method: Method, _ path: String, body: [UInt8]? = nil
  ) async throws -> (headers: HTTPHeaders, body: [UInt8]) {
    let response = try await open(method, path, body: body, timeout: .hours(1))
    do {
      return (response.headers, [UInt8](buffer: try await response.body.collect(upTo: Self.bodyLimit)))
    } catch let error as CancellationError {
      throw error
    } catch {
      throw BenchClientError.disconnected(reason: "\(error)")
    }
  }

  /// Sends a request and returns once its response has begun with a status of success. While the bench is being opened,
  /// it is sent again.
  ///
  /// - Parameter path: below `/v1/`, unless it starts with a slash.
  func open(
    _ method: Method, _ path: String, body: [UInt8]? = nil, timeout: TimeAmount
  ) async throws -> HTTPClientResponse {
    let whole = path.hasPrefix("/") ? path : "/v1/\(path)"
    if let failure = failure(ofSocket: socket) { throw BenchClientError.unreachable(socket: socket, failure) }
    guard let url = URL(httpURLWithSocketPath: socket, uri: whole) else {
      throw BenchClientError.unreachable(socket: socket, .system(reason: "its path makes no address"))
    }
    var request = HTTPClientRequest(url: url.absoluteString)
    request.method = .init(rawValue: method.rawValue.uppercased())
    if let leaseToken { request.headers.add(name: "Odu-Lease", value: leaseToken) }
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    let deadline = ContinuousClock.now + Self.openingPatience
    while true {
      let response = try await execute(request, timeout: timeout)
      if (200..<300).contains(response.status.code) { return response }
      let refusal = await refusal(response)
      guard refusal.cause == .benchOpening, ContinuousClock.now < deadline else { throw refusal }
      let pause = response.headers.first(name: "Retry-After").flatMap { Int($0) } ?? 1
      try await Task.sleep(for: .seconds(min(max(pause, 1), 10)))
    }
  }

  private func execute(_ request: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
    do {
      return try await http.execute(request, timeout: timeout)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw BenchClientError.disconnected(reason: "\(error)")
    }
  }

  private func refusal(_ response: HTTPClientResponse) async -> BenchClientError {
    let status = Int(response.status.code)
    let body = try? await response.body.collect(upTo: 1 << 20)
    guard let body, let answer = try? APICoding.decode(ErrorResponse.self, from: Data(body.readableBytesView)) else {
      return .refused(status: status, code: "unknown", cause: nil, message: response.status.reasonPhrase)
    }
    let reason = answer.error
    return .refused(status: status, code: reason.code, cause: reason.cause, message: reason.message)
  }

  func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    do {
      return try APICoding.decode(Value.self, from: Data(bytes))
    } catch {
      throw BenchClientError.broken(reason: "it makes no sense: \(error)")
    }
  }

  func encode(_ value: some Encodable) throws -> [UInt8] { [UInt8](try APICoding.encode(value)) }

  func escape(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._"))) ?? name
  }

  /// How long a request is sent again while the bench is being opened; every answer takes its time, too.
  private static let openingPatience = Duration.seconds(120)
  /// How long a stream may last.
  static let endless = TimeAmount.hours(24 * 365)
  /// Bytes of the largest answer.
  private static let bodyLimit = 2 << 30
}
