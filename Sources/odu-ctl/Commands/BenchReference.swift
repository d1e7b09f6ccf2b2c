import ArgumentParser
import BenchFile
import Catalogues
import Devices
import DriverCatalogue

struct BenchReference: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Lists the keys of bench files with their units, defaults and ranges.",
    discussion: """
      With --json as JSON Schema. The guide has the same tables.

      Example: odu-ctl bench reference layout.timing
      """)

  @Argument(help: "A section, such as geometry or layout.timing; otherwise all.")
  var section: String?
  @Option(help: ArgumentHelp("The settings of this driver instead.", valueName: "name"))
  var driver: String?
  @Flag(help: "Print the table as Markdown.")
  var markdown = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if driver != nil, section != nil { throw ValidationError("Give a section or --driver, not both.") }
    if markdown, output.json { throw ValidationError("Give --markdown or --json, not both.") }
  }

  func run() throws {
    let parameters = try parameters()
    try output.print(JSONSchema(parameters)) {
      let table = ParameterTable(parameters)
      return markdown ? table.markdown : table.text
    }
  }

  private func parameters() throws -> [Parameter] {
    if let driver { return try DriverRegistry.standard.settings(ofDriver: driver) }
    return try (section ?? "").split(separator: ".").reduce(BenchKeys.all(of: .standard)) { parameters, name in
      let sections = parameters.filter { if case .object = $0.kind { true } else { false } }
      guard let found = sections.first(where: { $0.name == name }), case .object(let inner) = found.kind else {
        throw UnknownName(String(name), noun: "section", known: sections.map(\.name))
      }
      return inner
    }
  }
}
