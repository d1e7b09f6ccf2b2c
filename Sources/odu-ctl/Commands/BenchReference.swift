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

      Examples: odu-ctl bench reference layout.timing
                odu-ctl bench reference --parameters
      """)

  @Argument(help: "A section, such as geometry or layout.timing; otherwise all.")
  var section: String?
  @Option(help: ArgumentHelp("The settings of this driver instead.", valueName: "name"))
  var driver: String?
  @Flag(help: "The parameters of the twin instead: what each of them does.")
  var parameters = false
  @Flag(help: "Print the table as Markdown.")
  var markdown = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if [driver != nil, section != nil, parameters].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of a section, --driver and --parameters.")
    }
    if markdown, output.json { throw ValidationError("Give --markdown or --json, not both.") }
  }

  func run() throws {
    let listed = try listed()
    try output.print(JSONSchema(listed)) {
      let table = ParameterTable(listed)
      return markdown ? table.markdown : table.text
    }
  }

  private func listed() throws -> [Parameter] {
    if parameters { return BenchKeys.twinParameters }
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
