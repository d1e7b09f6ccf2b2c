import BenchAPI
import Catalogues
import Foundation
import HTTPTypes
import JobKinds
import Jobs
import ServiceCore
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

  @Test(
    "a job that cannot be made says which parameter is to blame, and why, by a cause of its own",
    arguments: [
      (#"{"dataset": "glyphs", "mode": "onlin"}"#, Cause.parameterUnknownName, "did you mean online?"),
      (#"{"dataset": "glyphs", "recipe": "papr"}"#, .parameterUnknownName, "did you mean paper?"),
      (#"{"dataset": "glyphs", "recipe": "name: mine\nsummary: short"}"#, .parameterInvalid, "recipe"),
      (#"{"dataset": "glyphs", "benchSteps": -1}"#, .parameterInvalid, "benchSteps: -1 is not in 0…1000000"),
      (#"{"dataset": "glyphs", "steps": 1}"#, .parameterUnknown, "steps: unknown"),
      (#"{"dataset": 3}"#, .parameterInvalid, "dataset"), (#"{}"#, .parameterInvalid, "dataset"),
      (#"{"dataset": "glyphs:here"}"#, .datasetUnusable, "glyphs:here"),
    ])
  func refusals(parameters: String, cause: Cause, words: String) throws {
    try Self.expect(cause, words, ofTraining: APICoding.decode(JSONValue.self, from: Data(parameters.utf8)))
  }

  @Test("a trainer that a recipe has no stage for is a mistake of its own, not an unknown name")
  func misfit() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let whole = try String(contentsOf: root.appendingPathComponent("Recipes/recognisable.yaml"), encoding: .utf8)
    let (begin, end) = (whole.range(of: "  - trainer: online"), whole.range(of: "judging:"))
    let recipe = try whole.replacingCharacters(in: #require(begin).lowerBound..<(#require(end).lowerBound), with: "\n")
    try Self.expect(
      .parameterInvalid, "has no stage on the bench",
      ofTraining: .object(["dataset": .string("glyphs"), "mode": .string("online"), "recipe": .string(recipe)]))
  }

  private static func expect(_ cause: Cause, _ words: String, ofTraining parameters: JSONValue) throws {
    let refusal = #expect(throws: ServiceError.self) {
      try JobCatalogue.standard.routine(for: JobRequest(kind: "train", parameters: parameters))
    }
    #expect(refusal?.cause == cause && refusal?.description.contains(words) == true, "\(refusal.map { "\($0)" } ?? "")")
  }
}
