import Foundation

/// Where things are when no option says so, after the XDG base directory specification.
enum DefaultPaths {
  static var state: String { states + "/odu" }

  static var socket: String { folder("XDG_RUNTIME_DIR", or: states) + "/odu/odud.sock" }

  private static var states: String { folder("XDG_STATE_HOME", or: home + "/.local/state") }

  private static var home: String { FileManager.default.homeDirectoryForCurrentUser.path }

  private static func folder(_ variable: String, or fallback: String) -> String {
    let value = ProcessInfo.processInfo.environment[variable] ?? ""
    return value.hasPrefix("/") ? value : fallback
  }
}
