import BenchAPI
import Foundation

/// Shows how far a job is: on a terminal one line that is redrawn, elsewhere a plain line when a phase begins and after
/// every tenth of it.
struct ProgressBar {
  private let terminal: Terminal
  /// What all phases are part of, and how long all of it took the last time in seconds; then one bar shows all of them, one after the other.
  private let whole: (name: String, took: Double?)?
  private let clock: () -> ContinuousClock.Instant
  private var began: ContinuousClock.Instant?
  private let write: (String) -> Void
  private var phase: String?
  private var tenth = -1
  private var isDrawn = false
  private var last: JobProgress?

  init(
    of whole: (name: String, took: Double?)? = nil, terminal: Terminal = .standardError,
    clock: @escaping () -> ContinuousClock.Instant = { .now }, write: @escaping (String) -> Void = StandardError.write
  ) {
    (self.whole, self.terminal, self.clock, self.write) = (whole, terminal, clock, write)
  }

  mutating func show(_ progress: JobProgress) {
    let progress = partOfWhole(progress)
    if let phase, phase != progress.phase {
      if whole == nil { finishPhase() } else { tenth = -1 }
    }
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

  /// The same under the name of the whole, of which more is left than of this phase.
  private mutating func partOfWhole(_ progress: JobProgress) -> JobProgress {
    guard let whole else { return progress }
    let start = began ?? clock()
    began = start
    var progress = progress
    progress.phase = "\(whole.name): \(progress.phase)"
    if let took = whole.took {
      let left = took - (clock() - start) / .seconds(1)
      progress.timeLeft = max(progress.timeLeft ?? 0, left)
    }
    return progress
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
