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

  @Test("the OpenAPI document has the same parameters, types, words, ranges and defaults", arguments: jobs)
  func openAPI(_ job: Declaration) throws {
    let document = try OpenAPIDocument(Document("Docs/openapi.yaml").text)
    let stated = try document.schema(Self.schemas[job.name] ?? "").rules
    let declared = try job.schema().rules
    for name in Set(job.parameters.map(\.name) + stated.propertyNames) {
      #expect(stated["properties"]?[name] == declared["properties"]?[name], "\(job.name): \(name)")
    }
    #expect(stated == declared, "\(job.name)")
  }

  private static let schemas = [
    "measure": "MeasureParameters", "calibrate": "CalibrateRequest", "train": "TrainRequest",
    "compare": "CompareRequest", "generate": "GenerateRequest",
  ]

  @Test(
    "a guide explains every member",
    arguments: [
      ("samplers", "explanation/recipes"), ("trainers", "explanation/recipes"), ("readouts", "explanation/recipes"),
      ("objectives", "explanation/recipes"), ("recipes", "explanation/recipes"), ("datasets", "reference/data-sets"),
      ("routines", "reference/glossary"),
    ])
  func guides(group: String, guide: String) throws {
    let text = try Document("Docs/\(guide).md").text
    for member in try #require(JobNames.standard[group]) {
      let isNamed = ["`", ":"].contains { text.contains("`\(member.name)\($0)") }
      #expect(isNamed, "\(guide).md says nothing of \(member.name)")
    }
  }

  @Test("the stand-in of the page's tests offers what odud offers")
  func standIn() throws {
    let kinds = try KindsResponse(JobNames.standard.merging(["jobs": Self.jobs]) { $1 })
    let text = String(decoding: try APICoding.encode(kinds), as: UTF8.self) + "\n"
    try Document("Tests/Page/kinds.json").compare(text, between: "", and: "")
    // Every page that opens asks for it.
    #expect(text.utf8.count < 16_000)
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
    case .number(let range): "\(range.lowerBound.short)…\(range.upperBound.short)"
    case .text: "text"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(let kind): "list of \(kind.text)"
    case .object: "object"
    }
  }
}

extension Parameter.Value {
  fileprivate var text: String {
    switch self {
    case .flag(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): value.short
    case .text(let value): value
    case .list(let values): values.map(\.text).joined(separator: ", ")
    }
  }
}

extension Double {
  /// Without the fraction of a whole number.
  fileprivate var short: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

extension JSONValue {
  fileprivate var propertyNames: [String] {
    if case .object(let properties)? = self["properties"] { Array(properties.keys) } else { [] }
  }
}
