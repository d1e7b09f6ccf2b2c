import BenchAPI
import Foundation

/// Shows how far a job is: on a terminal one line that is redrawn, elsewhere a plain line when a phase begins and after
/// every tenth of it.
struct ProgressBar {
  private let terminal: Terminal
  private let write: (String) -> Void
  private var phase: String?
  private var tenth = -1
  private var isDrawn = false
  private var last: JobProgress?

  init(terminal: Terminal = .standardError, write: @escaping (String) -> Void = StandardError.write) {
    self.terminal = terminal
    self.write = write
  }

  mutating func show(_ progress: JobProgress) {
    if let phase, phase != progress.phase { finishPhase() }
    phase = progress.phase
    last = progress
    if terminal.isInteractive {
      write("\r\u{1B}[K" + line(for: progress))
      isDrawn = true
    } else {
      let tenth = Int(10 * progress.part)
      guard tenth != self.tenth else { return }
      self.tenth = tenth
      write("\(progress.phase): \(progress.counts)\(progress.remaining)\n")
    }
  }

  /// Writes a line above the bar.
  mutating func log(_ text: String) {
    if isDrawn { write("\r\u{1B}[K") }
    write(text + "\n")
    if isDrawn, let last { write(line(for: last)) }
  }

  /// Leaves the bar of the last phase standing.
  mutating func finishPhase() {
    if isDrawn { write("\n") }
    (phase, last, tenth, isDrawn) = (nil, nil, -1, false)
  }

  private func line(for progress: JobProgress) -> String {
    let name = progress.phase.padding(toLength: max(12, progress.phase.count), withPad: " ", startingAt: 0)
    let tail = " \(progress.counts)\(progress.remaining)"
    let space = terminal.width - name.count - tail.count - 2
    let bar = space >= 8 ? " " + self.bar(progress, width: min(space, 40)) : ""
    let plain = name.count + tail.count
    if plain > terminal.width { return String((name + tail).prefix(max(0, terminal.width - 1))) }
    return name + bar + terminal.dimmed(tail)
  }

  private func bar(_ progress: JobProgress, width: Int) -> String {
    let full = Int(progress.part * Double(width))
    return terminal.accented(String(repeating: "━", count: full))
      + terminal.dimmed(String(repeating: "─", count: width - full))
  }
}
