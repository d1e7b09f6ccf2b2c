import BenchAPI
import Catalogues
import Foundation
import JobKinds
import Jobs
import Testing

/// What documents and the page's tests list of the kinds is what the code offers.
@Suite struct KindDocumentTests {
  private static let jobs = JobCatalogue.standard.declarations

  @Test("the page of the API lists the parameters of every kind of job")
  func parameters() throws {
    let rows = Self.jobs.flatMap { job in job.parameters.map { "| `\(job.name)` | \($0.row) |\n" } }
    try Document("Docs/reference/api.md").compare(
      "| kind | parameter | values | default | meaning |\n|---|---|---|---|---|\n" + rows.joined(),
      between: "<!-- parameters: written by KindDocumentTests with ODU_WRITE_DOCS=1 -->\n\n",
      and: "\n<!-- end of parameters -->")
  }

  @Test("the OpenAPI document has the same parameters, with the same ranges and words", arguments: jobs)
  func openAPI(_ job: Declaration) throws {
    let schema = try Document("Docs/openapi.yaml").lines(ofSchema: Self.schemas[job.name] ?? "")
    for parameter in job.parameters {
      let place = try #require(
        schema.firstIndex {
          $0.hasPrefix("        \(parameter.name):") || $0.hasPrefix("        \"\(parameter.name)\":")
        },
        "\(job.name) has no \(parameter.name) in openapi.yaml")
      for word in parameter.kind.words {
        #expect(schema[place].contains(word) || schema[place].contains("$ref"), "\(parameter.name): \(word)")
      }
    }
  }

  private static let schemas = [
    "measure": "MeasureParameters", "calibrate": "CalibrateRequest", "train": "TrainRequest",
    "compare": "CompareRequest", "generate": "GenerateRequest",
  ]

  @Test("the stand-in of the page's tests offers what odud offers")
  func standIn() throws {
    let kinds = KindsResponse(JobNames.standard.merging(["jobs": Self.jobs]) { $1 })
    let file = try Document("Tests/Page/kinds.json")
    try file.compare(String(decoding: APICoding.encode(kinds), as: UTF8.self) + "\n", between: "", and: "")
  }
}

extension Parameter {
  /// Cells of a table, without the first and the last bar.
  fileprivate var row: String {
    let fallback = standard.map { "`\($0.text)`" } ?? (isRequired ? "required" : "")
    return "`\(name)` | \(kind.text)\(unit.map { " \($0)" } ?? "") | \(fallback) | \(summary)"
  }
}

extension Parameter.Kind {
  fileprivate var text: String {
    switch self {
    case .flag: "true or false"
    case .integer(let range) where range.upperBound == .max && range.lowerBound == .min: "whole numbers"
    case .integer(let range) where range.upperBound == .max: "from \(range.lowerBound)"
    case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .number(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .text: "text"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(let kind): "list of \(kind.text)"
    case .object: "object"
    }
  }

  /// What a schema of such a parameter has to say.
  fileprivate var words: [String] {
    switch self {
    case .choice(let words): ["enum: [\(words.joined(separator: ", "))"]
    case .list(let kind): kind.words
    case .integer(let range) where range.upperBound != .max:
      ["minimum: \(range.lowerBound)", "maximum: \(range.upperBound)"]
    default: []
    }
  }
}

extension Parameter.Value {
  fileprivate var text: String {
    switch self {
    case .flag(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let values): values.map(\.text).joined(separator: ", ")
    }
  }
}
