import ArgumentParser
import BenchAPI
import BenchClient
import ReadableNumbers

struct Kinds: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What the daemon can be asked for by name: jobs, samplers, trainers, drivers …",
    discussion: """
      Examples:
        odu-ctl kinds
        odu-ctl kinds samplers
        odu-ctl kinds generate
      """)

  @Argument(help: "A group, such as samplers, or one member of any (default: all).", completion: Completions.kinds)
  var name: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let all = try await connection.client.kinds()
    guard let name else { return try output.print(all) { all.text } }
    let found = all.selecting(name)
    guard !found.groups.isEmpty else {
      throw CommandFailure("there is nothing called \(name); there are \(all.sortedNames.joined(separator: ", "))")
    }
    try output.print(found) { all.groups[name] == nil ? found.details : found.text }
  }
}

extension KindsResponse {
  /// A group, or the members of this name of all groups.
  func selecting(_ name: String) -> KindsResponse {
    var selected = self
    if let group = groups[name] {
      selected.groups = [name: group]
    } else {
      selected.groups = groups.mapValues { $0.filter { $0.name == name } }.filter { !$0.value.isEmpty }
    }
    return selected
  }

  var sortedNames: [String] { groups.keys.sorted() }

  /// Names and summaries under the title of each group.
  var text: String {
    sortedNames.map { group in
      group.uppercased() + "\n" + columns((groups[group] ?? []).map { ["  " + $0.name, $0.summary] })
    }.joined(separator: "\n\n")
  }

  /// Everything about a few members.
  var details: String {
    sortedNames.flatMap { group in (groups[group] ?? []).map { "\($0.name) (\(group)): \($0.summary)\n\n\($0.table)" } }
      .joined(separator: "\n\n")
  }
}

extension KindsResponse.Kind {
  fileprivate var table: String {
    let rows = order.map { name in
      let schema = parameters["properties"]?[name] ?? .null
      return [name, schema.values, schema["default"].map(\.word) ?? standard(name), schema["description"]?.word ?? ""]
    }
    return odu_ctl.table(["PARAMETER", "VALUES", "DEFAULT", "MEANING"], rows, empty: "It takes no parameters.")
  }

  /// What to print for a parameter without a default.
  private func standard(_ name: String) -> String {
    guard case .array(let required)? = parameters["required"], required.contains(.string(name)) else { return "" }
    return "required"
  }
}

extension JSONValue {
  /// What a schema lets its value be, in a few words.
  fileprivate var values: String {
    if case .array(let choices)? = self["enum"] { return choices.map(\.word).joined(separator: ", ") }
    if let items = self["items"] { return "list of " + items.values }
    let unit = self["x-unit"].map { " " + $0.word } ?? ""
    guard self["minimum"] != nil || self["maximum"] != nil else { return typeName + unit }
    return "\(self["minimum"]?.word ?? "")…\(self["maximum"]?.word ?? "")\(unit)"
  }

  private var typeName: String { self["type"]?.word ?? "anything" }

  /// The value as people write it.
  fileprivate var word: String {
    switch self {
    case .null: ""
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): ReadableNumbers.number(value)
    case .string(let value): value
    case .array(let values): values.map(\.word).joined(separator: ",")
    case .object: "…"
    }
  }
}
