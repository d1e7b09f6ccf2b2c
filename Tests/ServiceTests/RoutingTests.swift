import Arrays
import BenchAPI
import BenchService
import BenchTestKit
import Catalogues
import Files
import Foundation
import Hummingbird
import HummingbirdTesting
import Jobs
import Measuring
import Testing

/// The routes without a socket.
@Suite struct RoutingTests {
  @Test("an unknown route, job, array, artefact or modulator is 404 with a reason")
  func unknown() async throws {
    try await withRoutes { client in
      for path in ["v1/nothing", "status", "v1/jobs/0001-none", "v1/arrays/none", "v1/jobs/a/artefacts/..%2Fjob.json"] {
        let error = try await client.refusal(.get, "/\(path)", status: .notFound)
        #expect(error.code == "not-found")
      }
      _ = try await client.refusal(.post, "/v1/slm/show?device=x", body: #"{"pattern":"blank"}"#, status: .notFound)
      _ = try await client.refusal(.get, "/v1/simulated/truth", status: .notFound)
    }
  }

  @Test(
    "a body that is no JSON, or not the JSON of the route, is 400 and names the place",
    arguments: [
      ("jobs", "{", "JSON"), ("jobs", "[]", ""), ("jobs", #"{"kind":"count",}"#, "JSON"), ("jobs", "{}", "kind"),
      ("measure", #"{"layers": 3}"#, "layers"),
      ("jobs", #"{"kind":"count","parameters":{"stage":"s"}}"#, "steps"), ("slm/show", "blank", "JSON"),
      ("jobs", #"{"kind":"count","parameters":{"stage":"s","steps":-1}}"#, "negative"),
      ("jobs", #"{"kind":"count","parameters":{"stage":"s","steps":1,"step":2}}"#, "step: unknown"),
      ("jobs", #"{"kind":"count","parameters":{"stage":"s","steps":1e30}}"#, "too large"),
      ("jobs", #"{"kind":"unheard"}"#, "count"),
    ])
  func malformed(route: String, body: String, word: String) async throws {
    try await withRoutes { client in
      let error = try await client.refusal(.post, "/v1/\(route)", body: body, status: .badRequest)
      #expect(error.code == "invalid")
      #expect(word.isEmpty || error.message.contains(word))
    }
  }

  @Test(
    "a path that has not the method of a request is 405 with the methods that it has, and HEAD is GET without a body")
  func methods() async throws {
    try await withRoutes { client in
      for (method, path, allowed) in [
        (HTTPRequest.Method.put, "/v1/jobs", "GET, HEAD, POST"), (.delete, "/v1/status", "GET, HEAD"),
        (.post, "/v1/arrays/a", "DELETE, GET, HEAD, PUT"), (.get, "/v1/measure", "POST"),
        (.patch, "//v1//jobs/0001-a/", "GET, HEAD"),
      ] {
        try await client.execute(uri: path, method: method) { response in
          #expect(response.status == .methodNotAllowed && response.headers[.allow] == allowed, "\(method) \(path)")
        }
      }
      try await client.upload("a", Stack(count: 2, height: 3, width: 4))
      for path in ["/v1/status", "/v1/arrays/a", "/v1/jobs", "/", "/metrics", "/v1/arrays/none"] {
        let get = try await client.execute(uri: path, method: .get) { $0 }
        let head = try await client.execute(uri: path, method: .head) { $0 }
        #expect(head.status == get.status && head.body.readableBytes == 0, "\(path)")
        #expect(head.headers[.contentType] == get.headers[.contentType])
      }
    }
  }

  @Test("a part of a file is what stands there")
  func ranges() async throws {
    try await withRoutes { client in
      try await client.upload("a", Stack(count: 1, height: 4, width: 4, values: (0..<16).map { Float($0) }))
      let whole = try await client.bytes(.get, "/v1/arrays/a")
      for (range, part) in [
        ("0-0", 0..<1), ("10-19", 10..<20), ("-5", whole.count - 5..<whole.count), ("190-", 190..<whole.count),
      ] {
        try await client.execute(uri: "/v1/arrays/a", method: .get, headers: [.range: "bytes=\(range)"]) { response in
          #expect(
            response.status == .partialContent && [UInt8](buffer: response.body) == Array(whole[part]), "\(range)")
          #expect(response.headers[.contentRange] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(whole.count)")
        }
      }
      for range in ["bytes=1000-", "bytes=-0"] {
        try await client.execute(uri: "/v1/arrays/a", method: .get, headers: [.range: range]) { response in
          #expect(response.status == .rangeNotSatisfiable)
        }
      }
      for range in ["bytes=0-1,3-4", "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes="] {
        try await client.execute(uri: "/v1/arrays/a", method: .get, headers: [.range: range]) { response in
          #expect(response.status == .ok && [UInt8](buffer: response.body) == whole, "\(range)")
        }
      }
    }
  }

  @Test("phases that the twin could not answer are refused by the bench, too")
  func absurdPhases() async throws {
    try await withRoutes { client in
      try await client.upload("absurd", Stack(count: 2, height: 8, width: 8, repeating: 1e30))
      let error = try await client.refusal(.post, "/v1/measure", body: #"{"layers":"absurd"}"#, status: .badRequest)
      #expect(error.message.contains("10⁴"))
    }
  }

  @Test("no message repeats all that a client sent")
  func longTexts() async throws {
    try await withRoutes { client in
      let long = String(repeating: "x", count: 900)
      let error = try await client.refusal(.post, "/v1/jobs", body: #"{"kind":"\#(long)"}"#, status: .badRequest)
      #expect(error.message.utf8.count < 2500)
      let path = try await client.refusal(.get, "/v1/" + String(repeating: "y", count: 10_000), status: .notFound)
      #expect(path.message.utf8.count < 2500)
    }
  }

  @Test("a body above the bound is 413, by its announced length and by its real one")
  func oversized() async throws {
    try await withRoutes { client in
      let text = String(repeating: " ", count: 2000)
      _ = try await client.refusal(.post, "/v1/jobs", body: text, status: .contentTooLarge)
      _ = try await client.refusal(.put, "/v1/arrays/a", body: text, status: .contentTooLarge)
    }
  }

  @Test("an upload that is no usable array is 400 and is not kept")
  func badArrays() async throws {
    let good = NPY.encode(NPYArray(shape: [1, 2], elements: .float32([1, 2])))
    let bad: [[UInt8]] = [
      Array("no array".utf8), Array(good.dropLast()), NPY.encode(NPYArray(shape: [2], elements: .float32([1, 2]))),
      NPY.encode(NPYArray(shape: [1, 2], elements: .float32([1, .nan]))),
      NPY.encode(NPYArray(shape: [1, 2], elements: .uint8([1, 2]))),
    ]
    try await withRoutes { client in
      for bytes in bad {
        _ = try await client.refusal(.put, "/v1/arrays/a", body: ByteBuffer(bytes: bytes), status: .badRequest)
      }
      _ = try await client.refusal(.put, "/v1/arrays/.hidden", body: ByteBuffer(bytes: good), status: .badRequest)
      let list = try await client.json(.get, "/v1/arrays", as: ArrayList.self)
      #expect(list.arrays.isEmpty)
    }
  }

  @Test("patterns and images that do not fit the bench are 400 with both shapes")
  func wrongShapes() async throws {
    try await withRoutes { client in
      try await client.upload("small", Stack(count: 2, height: 4, width: 4))
      try await client.upload("layers", Stack(count: 2, height: 8, width: 8))
      let wrongLayers = try await client.refusal(
        .post, "/v1/measure", body: #"{"layers":"small"}"#, status: .badRequest)
      #expect(wrongLayers.message.contains("[2, 4, 4]") && wrongLayers.message.contains("[2, 8, 8]"))
      let wrongInputs = try await client.refusal(
        .post, "/v1/measure", body: #"{"layers":"layers","inputs":"small"}"#, status: .badRequest)
      #expect(wrongInputs.message.contains("[batch, 3, 3]"))
      _ = try await client.refusal(.post, "/v1/measure", body: #"{"layers":"none"}"#, status: .notFound)
      let pattern = NPY.encode(NPYArray(shape: [2, 2], elements: .uint8([0, 1, 2, 3])))
      _ = try await client.refusal(.post, "/v1/slm/show", body: ByteBuffer(bytes: pattern), status: .badRequest)
    }
  }

  @Test("measure answers what the bench measured for the uploaded patterns and images")
  func measure() async throws {
    try await withRoutes { client in
      try await client.upload("layers", Stack(count: 2, height: 8, width: 8, repeating: 0.25))
      let images = Stack<Float>(count: 2, height: 3, width: 3, values: (0..<18).map { Float($0) / 18 })
      try await client.upload("images", images)
      let answer = try await client.bytes(.post, "/v1/measure", body: #"{"layers":"layers","inputs":"images"}"#)
      let frames = try Stack<Float>(npy: NPY.decode(answer, source: "answer"))
      // 128 phases of 0.25 sum to 32.
      #expect(frames.values == images.values.map { $0 * 32 })
      let white = try await client.bytes(.post, "/v1/measure", body: #"{"layers":"layers"}"#)
      #expect(try Stack<Float>(npy: NPY.decode(white, source: "")).values == [Float](repeating: 32, count: 9))
    }
  }

  @Test("measure answers as JSON how the frames were made, beside the same frames")
  func measureWithEvidence() async throws {
    let exposure = Exposure(
      presented: 9_007_199_254_740_993, evidence: .estimated(bound: 40), settled: 9_007_199_254_741_000,
      start: 9_007_199_254_742_000, end: 9_007_199_254_743_000, sequence: 7, rejected: 2, clipped: 1)
    var matching = MatchingReport()
    (matching.accepted, matching.tooEarly) = (1, 2)
    let exposures = Exposures(
      images: [exposure], matching: matching, settings: CameraSettings(exposure: 1e-3, gain: 2))
    let bench = FakeBench()
    bench.unit.expose { _ in exposures }
    try await withRoutes(bench) { client in
      try await client.upload("layers", Stack(count: 2, height: 8, width: 8, repeating: 0.25))
      let alone = try await client.bytes(.post, "/v1/measure", body: #"{"layers":"layers"}"#)
      let answer = try await client.bytes(.post, "/v1/measure?format=json", body: #"{"layers":"layers"}"#)
      let measured = try APICoding.decode(MeasureResponse.self, from: Data(answer))
      #expect([UInt8](measured.frames) == alone)
      let evidence = measured.evidence
      #expect(evidence.settings == exposures.settings && evidence.matching == exposures.matching)
      let image = try #require(evidence.images.first)
      #expect(image.presented == exposure.presented && image.evidence == "estimated" && image.bound == 40)
      #expect(image.settled == exposure.settled && image.exposureStart == exposure.start)
      #expect(image.exposureEnd == exposure.end && image.sequence == 7 && image.rejected == 2 && image.clipped == 1)
      _ = try await client.refusal(
        .post, "/v1/measure?format=png", body: #"{"layers":"layers"}"#, status: .badRequest)
    }
  }

  @Test("a camera frame keeps the sensor's numbers as npy and as png")
  func frame() async throws {
    try await withRoutes { client in
      let npy = try NPY.decode(try await client.bytes(.get, "/v1/camera/frame"), source: "frame")
      #expect(npy.shape == [2, 3])
      #expect(npy.elements == .uint16(FakeBench.pixels))
      let png = try await client.bytes(.get, "/v1/camera/frame?format=png")
      #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
      _ = try await client.refusal(.get, "/v1/camera/frame?format=gif", status: .badRequest)
    }
  }

  @Test("slm show puts exactly the sent levels on the panel, and blank the safe pattern")
  func show() async throws {
    let bench = FakeBench()
    try await withRoutes(bench) { client in
      let levels = (0..<12).map { UInt8($0 * 20) }
      let npy = NPY.encode(NPYArray(shape: [3, 4], elements: .uint8(levels)))
      _ = try await client.bytes(.post, "/v1/slm/show", body: ByteBuffer(bytes: npy), status: .noContent)
      #expect(bench.modulator.present.shown?.levels == levels)
      let png = try PNG.encode(gray8: levels.reversed(), width: 4, height: 3)
      _ = try await client.bytes(
        .post, "/v1/slm/show?device=layers", body: ByteBuffer(bytes: png), status: .noContent)
      #expect(bench.modulator.present.shown?.levels == levels.reversed())
      _ = try await client.bytes(.post, "/v1/slm/show", body: #"{"pattern":"blank"}"#, status: .noContent)
      #expect(bench.modulator.present.shown == nil && bench.modulator.present.safeCount == 1)
    }
  }

  @Test("devices and bench say what the bench file and the drivers say")
  func description() async throws {
    try await withRoutes { client in
      let devices = try await client.json(.get, "/v1/devices", as: DeviceList.self).devices
      #expect(devices.map(\.name) == ["layers", "camera"])
      #expect(devices.map(\.width) == [4, 3])
      let bench = try await client.json(.get, "/v1/bench", as: JSONValue.self)
      #expect(bench["twin"]?["geometry"]?["wavelength"]?.double == 850e-9)
      let health = try await client.json(.get, "/v1/healthz", as: [String: String].self)
      #expect(health == ["status": "ok"])
    }
  }
}

/// The routes of a server without a socket; JSON bodies are bounded to 1000 bytes, arrays to 1500.
func withRoutes(
  _ bench: FakeBench = FakeBench(), kinds: [String: [Declaration]] = [:],
  _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
  try await withFolder { folder in
    var configuration = testConfiguration(Stage())
    configuration.limits.jsonBytes = 1000
    configuration.limits.arrayBytes = 1500
    configuration.kinds = kinds
    let server = try BenchServer(
      bench: bench.equipment(), state: StateFolder(path: folder.path), configuration: configuration)
    try await server.application.test(.router, body)
  }
}

extension TestClientProtocol {
  func bytes(
    _ method: HTTPRequest.Method, _ path: String, body: ByteBuffer? = nil, status: HTTPResponse.Status = .ok
  ) async throws -> [UInt8] {
    try await execute(uri: path, method: method, body: body) { response in
      #expect(response.status == status, "\(method) \(path)")
      return [UInt8](buffer: response.body)
    }
  }

  func bytes(
    _ method: HTTPRequest.Method, _ path: String, body: String, status: HTTPResponse.Status = .ok
  ) async throws -> [UInt8] {
    try await bytes(method, path, body: ByteBuffer(string: body), status: status)
  }

  func json<Value: Decodable>(_ method: HTTPRequest.Method, _ path: String, as type: Value.Type) async throws -> Value {
    try APICoding.decode(type, from: Data(try await bytes(method, path)))
  }

  func refusal(
    _ method: HTTPRequest.Method, _ path: String, body: ByteBuffer? = nil, status: HTTPResponse.Status
  ) async throws -> ErrorResponse.Reason {
    let answer = try await bytes(method, path, body: body, status: status)
    let reason = try APICoding.decode(ErrorResponse.self, from: Data(answer)).error
    // Every refusal has a cause of the published list, of the class that the code names.
    let cause = try #require(Cause(rawValue: reason.cause ?? ""), "\(path): \(reason)")
    #expect(cause.code.rawValue == reason.code)
    return reason
  }

  func refusal(
    _ method: HTTPRequest.Method, _ path: String, body: String, status: HTTPResponse.Status
  ) async throws -> ErrorResponse.Reason {
    try await refusal(method, path, body: ByteBuffer(string: body), status: status)
  }

  func upload(_ name: String, _ stack: Stack<Float>) async throws {
    _ = try await bytes(
      .put, "/v1/arrays/\(name)", body: ByteBuffer(bytes: NPY.encode(NPYArray(stack))), status: .created)
  }
}
