import Foundation

/// Where things are when no option says so: what systemd made for the service, else after the XDG base directory
/// specification.
enum DefaultPaths {
  static var bench: String {
    let installed = "/etc/odu/bench.yaml"
    return FileManager.default.fileExists(atPath: installed) ? installed : "simulated"
  }

  static var state: String { absolute("STATE_DIRECTORY") ?? states + "/odu" }

  static var socket: String {
    absolute("RUNTIME_DIRECTORY").map { $0 + "/odud.sock" } ?? (absolute("XDG_RUNTIME_DIR") ?? states)
      + "/odu/odud.sock"
  }

  private static var states: String {
    absolute("XDG_STATE_HOME") ?? home + "/.local/state"
  }

  private static var home: String { absolute("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path }

  /// The first of the paths in a variable of the environment.
  private static func absolute(_ variable: String) -> String? {
    let value = ProcessInfo.processInfo.environment[variable]?.split(separator: ":").first.map(String.init)
    return value.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }
}
