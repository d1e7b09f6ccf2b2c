import BenchAPI
import Catalogues
import Foundation
import HTTPTypes
import Testing

/// What a daemon offers by name is told in one place, from the declarations that it runs by.
@Suite struct KindTests {
  @Test("GET /v1/kinds gives the kinds of job in their order, with schemas, beside what the server was given")
  func route() async throws {
    try await withRoutes(kinds: ["lamps": [Declaration("neon", "A lamp")]]) { client in
      let answer = try await client.bytes(.get, "/v1/kinds", status: .ok)
      let kinds = try APICoding.decode(KindsResponse.self, from: Data(answer)).groups
      #expect(kinds["lamps"]?.map(\.name) == ["neon"])
      #expect(kinds["jobs"]?.map(\.name) == ["count", "fail"])
      #expect(kinds["jobs"]?[0].order == ["stage", "steps", "waits"])
      #expect(kinds["jobs"]?[0].parameters["required"] == .array([.string("stage"), .string("steps")]))
    }
  }
}
