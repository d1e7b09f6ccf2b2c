import Foundation

/// What standard error is connected to, and what may be written there.
struct Terminal: Sendable {
  let isInteractive: Bool
  /// Whether colour is welcome: on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is dumb.
  let hasColour: Bool

  static let standardError: Terminal = {
    let environment = ProcessInfo.processInfo.environment
    let isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    return Terminal(isInteractive: isInteractive, hasColour: isInteractive && (environment["NO_COLOR"] ?? "").isEmpty)
  }()

  /// Columns of the terminal as it is now.
  var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  func dimmed(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  func accented(_ text: String) -> String { hasColour ? "\u{1B}[36m\(text)\u{1B}[0m" : text }
  func green(_ text: String) -> String { hasColour ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
}
