import ArgumentParser
import Foundation

/// Looks at the command line before it is parsed, for what the parser has no good words for.
enum CommandWords {
  /// - Throws: `ValidationError` for a command that there is not.
  static func requireCommand(_ arguments: [String]) throws {
    var command: any ParsableCommand.Type = OduCtl.self
    var path = "odu-ctl"
    for word in arguments {
      let known = command.configuration.subcommands
      let isHelp = path == "odu-ctl" && word == "help"
      if known.isEmpty || word.hasPrefix("-") || isHelp { return }
      guard let next = known.first(where: { name(of: $0) == word }) else {
        let names = known.map { name(of: $0) }.joined(separator: ", ")
        throw ValidationError("There is no command '\(word)' of \(path). There are \(names).")
      }
      command = next
      path += " " + word
    }
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    if let name = command.configuration.commandName { return name }
    return command._commandName
  }
}
