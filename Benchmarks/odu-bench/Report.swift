import Foundation

/// The results as a page to read.
struct Report {
  let results: Results

  static func progress(_ cell: Results.Cell) -> String {
    let work = cell.work
    return "\(work.size) padding \(work.padding) threads \(work.threads) \(cell.kind.rawValue): "
      + "\(number(cell.imagesPerSecond(.twin))) images/s, \(spread(cell.ratios(.twin, .pytorch))) times PyTorch"
  }

  var markdown: String {
    [header, goals, table, threads, curve, rest].joined(separator: "\n\n") + "\n"
  }

  private var header: String {
    let machine = results.machine
    let differences = results.losses.map { "\(Self.scientific($0.difference)) (padding \($0.work.padding))" }
    let agrees = results.losses.allSatisfy { $0.difference < 1e-6 }
    return """
      # Speed

      Written by `make bench` on \(machine.date).

      \(machine.processor), \(machine.processors) processors, \(machine.system); other \
      programs running: \(machine.load.map { String(format: "%.1f", $0) }.joined(separator: " before, ")) after. FFTW \
      \(machine.fftw), PyTorch \(machine.pytorch), engine `\(results.cells.first?.engine ?? "")`.

      The work: four phase layers, five band-limited hops, intensity, mean squared error, adjoint, Adam; single precision, \
      batches of \(results.cells.first?.work.batch ?? 0). *Twin* is the public interface, *engine* the same work on the \
      propagation engine alone, *FFTW* its transforms alone with patient plans and nothing else. PyTorch runs with glibc's \
      default allocation and with large blocks kept, and the faster counts. Rounds take turns; a ratio is given as median \
      (least–most) over the rounds. \(busy)

      The implementations compute the same: losses of the first three steps differ by at most \
      \(differences.joined(separator: ", ")), relative. \(agrees ? "" : "**That is more than single precision explains.**")
      """
  }

  /// A warning when others worked on the machine at the beginning.
  private var busy: String {
    let load = results.machine.load.first ?? 0
    guard load > 0.3 else { return "" }
    return "**The machine was busy with other work: read every figure with doubt, those of two threads most of all.**"
  }

  private var goals: String {
    let train = results.cells.filter { $0.kind == .train }
    let padded = results.cells.filter { $0.work.padding == 2 }
    let twin = singles.compactMap { gain($0, .twin)?.middle }
    let engine = singles.compactMap { gain($0, .engine)?.middle }
    func verdict(_ gains: [Double]) -> String { gains.allSatisfy { $0 >= 1.8 } ? "met" : "missed" }
    func worst(_ one: Results.Implementation, _ other: Results.Implementation, _ cells: [Results.Cell]) -> String {
      let ratios = cells.compactMap { $0.ratios(one, other)?.middle }
      return Self.number(ratios.min() ?? .nan)
    }
    func met(_ one: Results.Implementation, _ other: Results.Implementation, _ cells: [Results.Cell], _ goal: Double)
      -> String
    {
      cells.allSatisfy { ($0.ratios(one, other)?.middle ?? 0) >= goal } ? "met" : "missed"
    }
    return """
      | goal | smallest median, twin | | engine alone | |
      |---|---|---|---|---|
      | 4 times PyTorch, every size, forward and training | \(worst(.twin, .pytorch, results.cells)) | \
      \(met(.twin, .pytorch, results.cells, 4)) | \(worst(.engine, .pytorch, results.cells)) | \
      \(met(.engine, .pytorch, results.cells, 4)) |
      | 6 times PyTorch with padding 2 | \(worst(.twin, .pytorch, padded)) | \
      \(met(.twin, .pytorch, padded, 6)) | \(worst(.engine, .pytorch, padded)) | \
      \(met(.engine, .pytorch, padded, 6)) |
      | a training step no slower than FFTW's transforms alone | \(worst(.twin, .bare, train)) | \
      \(met(.twin, .bare, train, 1)) | \(worst(.engine, .bare, train)) | \(met(.engine, .bare, train, 1)) |
      | two threads 1.8 times one, training | \(Self.number(twin.min() ?? .nan)) | \(verdict(twin)) | \
      \(Self.number(engine.min() ?? .nan)) | \(verdict(engine)) |
      """
  }

  private var table: String {
    let rows = results.cells.map { cell in
      let work = cell.work
      let columns = [
        "\(work.size)", "\(work.padding)", "\(work.threads)", cell.kind.rawValue,
        Self.number(cell.imagesPerSecond(.twin)), Self.number(cell.imagesPerSecond(.engine)),
        Self.number(cell.imagesPerSecond(.bare)), Self.number(cell.imagesPerSecond(.pytorch)),
        Self.spread(cell.ratios(.twin, .pytorch)), Self.spread(cell.ratios(.engine, .pytorch)),
        Self.spread(cell.ratios(.twin, .bare)),
      ]
      return "| " + columns.joined(separator: " | ") + " |"
    }
    return """
      Images per second:

      | n | padding | threads | | twin | engine | FFTW | PyTorch | twin / PyTorch | engine / PyTorch | twin / FFTW |
      |---|---|---|---|---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }

  /// What the second thread brings in training, in each round.
  private func gain(_ one: Results.Cell, _ implementation: Results.Implementation) -> Spread? {
    guard
      let two = results.cells.first(where: {
        $0.work.threads == 2 && $0.kind == one.kind && $0.work.size == one.work.size
          && $0.work.padding == one.work.padding
      }), let alone = one.times[implementation], let together = two.times[implementation], !alone.isEmpty
    else { return nil }
    return Spread(zip(alone, together).map { $0 / $1 })
  }

  private var singles: [Results.Cell] { results.cells.filter { $0.work.threads == 1 && $0.kind == .train } }

  private var threads: String {
    let rows = singles.map { cell in
      let gains = [Results.Implementation.twin, .engine, .bare, .pytorch].map { Self.spread(gain(cell, $0)) }
      return "| \(cell.work.size) | \(cell.work.padding) | \(gains.joined(separator: " | ")) |"
    }
    return """
      What the second thread brings in training. FFTW's column is independent transforms with nothing shared: what this \
      machine gives at all.

      | n | padding | twin | engine | FFTW | PyTorch |
      |---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }

  private var curve: String {
    let rows = results.curve.map { point in
      let columns = [
        "\(point.size)", Self.number(point.seconds * 1e3), Self.number(point.operations / point.seconds * 1e-9),
        Self.number(point.bytes * 1e-6), Self.number(point.bytes / results.bandwidth * 1e3),
        Self.number(Double(point.stateBytes) / 1_048_576), Self.number(Double(point.twinBytes) / 1_048_576),
        Self.number(Double(point.imageBytes) / 1_048_576),
      ]
      return "| " + columns.joined(separator: " | ") + " |"
    }
    return """
      The cost of a training step by size, engine alone, one thread, padding 1. Beside it the time that the memory would take \
      for what the passes read and write, at the \(Self.number(results.bandwidth * 1e-9)) GB/s that a triad reaches on one \
      thread: a bound where the planes are larger than the caches, and none where they are not. The stages themselves work \
      on a block of lines, with AVX-512 128·n bytes, which outgrows a first-level cache of 48 KiB at n=384. The \
      memory is that in which one thread works, and what the twin keeps of each image of a batch for the gradient.

      | n | ms per image | GFLOP/s (5 N log₂N) | MB moved | ms of memory | MiB per thread, engine | twin | MiB per image kept |
      |---|---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }

  private var rest: String {
    let counts = results.allocations.map { "\($0.implementation.rawValue) \($0.count)" }
    return "Allocations of one training step in its steady state (n=256, one thread): "
      + counts.joined(separator: ", ") + "."
  }

  /// Three digits.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "–" }
    let digits = max(0, 2 - Int(log10(value).rounded(.down)))
    return String(format: "%.\(digits)f", value)
  }

  private static func scientific(_ value: Double) -> String { String(format: "%.1e", value) }

  private static func spread(_ spread: Spread?) -> String {
    guard let spread else { return "–" }
    return "\(number(spread.middle)) (\(number(spread.least))–\(number(spread.most)))"
  }
}
