import CBenchmark
import Foundation
import Optics

/// Runs everything, ours and theirs in turn, so that a busy moment of the machine meets all of them.
struct Benchmark {
  var python: String
  var script: String
  var rounds = 5
  /// Seconds that each implementation gets in each round.
  var budget = 0.2

  static let sizes = [(128, 1), (256, 1), (320, 1), (512, 1), (128, 2), (256, 2)]
  static let curve = [128, 192, 256, 320, 384, 512, 640, 768, 1024, 1536, 2048]

  func run() throws -> Results {
    let load = currentLoad()
    // Large tensors come and go with every step. Whether it is faster to give their memory back or to keep it differs between
    // sizes, so PyTorch runs both ways and the faster one counts.
    let kept = ["MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"]
    let pytorch = [
      try PyTorch(python: python, script: script), try PyTorch(python: python, script: script, environment: kept),
    ]
    let losses = try [1, 2].map { try checkLosses(padding: $0, pytorch[0]) }
    var cells: [Results.Cell] = []
    for (size, padding) in Self.sizes {
      cells += try measure([1, 2].map { Work(size: size, padding: padding, threads: $0) }, pytorch)
    }
    cells = [1, 2].flatMap { threads in cells.filter { $0.work.threads == threads } }
    let work = Work(size: 256, padding: 1, threads: 1)
    let allocations = [
      Results.Allocation(
        implementation: .engine, work: work, count: try EngineWorker(work).allocationsPerStep()),
      Results.Allocation(implementation: .twin, work: work, count: try TwinWorker(work).allocationsPerStep()),
    ]
    let machine = Results.Machine(
      processor: processorName(), processors: ProcessInfo.processInfo.activeProcessorCount,
      load: [load, currentLoad()], system: ProcessInfo.processInfo.operatingSystemVersionString,
      date: ISO8601DateFormatter().string(from: Date()), fftw: String(cString: benchmark_fftw_version()),
      pytorch: try pytorch[0].version())
    return Results(
      machine: machine, losses: losses, cells: cells, curve: try Self.curve.map(curvePoint),
      bandwidth: memoryBandwidth(threads: 1), allocations: allocations)
  }

  private func checkLosses(padding: Int, _ pytorch: PyTorch) throws -> Results.LossCheck {
    var work = Work(size: 128, padding: padding, threads: 1)
    work.batch = 4
    let (engine, twin) = (try EngineWorker(work), try TwinWorker(work))
    return Results.LossCheck(
      work: work, expected: padding == 1 ? 0.12538421171 : 0.12778927386,
      losses: [
        "engine": (0..<3).map { _ in engine.train() }, "twin": try (0..<3).map { _ in try twin.train() },
        "pytorch": try pytorch.losses(work, steps: 3),
      ])
  }

  /// One and two threads take turns within a round, so that their ratio means something, too.
  private func measure(_ works: [Work], _ pytorch: [PyTorch]) throws -> [Results.Cell] {
    let workers = try works.map { work -> [(Results.Implementation, any Worker)] in
      [(.engine, try EngineWorker(work)), (.twin, try TwinWorker(work)), (.bare, try BareTransforms(work))]
    }
    let engine = try EngineWorker(works[0]).engine.name
    return try Kind.allCases.flatMap { kind in
      var times = works.map { _ in [Results.Implementation: [Double]]() }
      for _ in 0..<rounds {
        for (index, work) in works.enumerated() {
          for (implementation, worker) in workers[index] {
            times[index][implementation, default: []].append(try worker.time(kind, budget: budget))
          }
          let theirs = try pytorch.map { try $0.time(kind, work, seconds: budget) }
          times[index][.pytorch, default: []].append(theirs.min() ?? .nan)
        }
      }
      return zip(works, times).map { work, times in
        let cell = Results.Cell(work: work, kind: kind, engine: engine, times: times)
        print(Report.progress(cell))
        return cell
      }
    }
  }

  private func curvePoint(_ size: Int) throws -> Results.CurvePoint {
    var work = Work(size: size, padding: 1, threads: 1)
    work.batch = 2
    let worker = try EngineWorker(work)
    let time = try worker.time(.train, budget: 2 * budget) / Double(work.batch)
    let samples = Double(work.planeCount)
    let transforms = Double(2 * (2 * Work.layers + 1))
    work.batch = 1
    let memory = try TwinWorker(work).memory
    return Results.CurvePoint(
      size: size, seconds: time, bytes: Self.planesMoved * 8 * samples, stateBytes: worker.stateBytes,
      twinBytes: memory.perThread, imageBytes: memory.perImage, operations: transforms * 5 * samples * log2(samples))
  }

  /// Complex planes that the passes of one image read and write, all layers of a training step together: what enters and
  /// leaves, three for a hop, four for a layer, five for a layer on the way back.
  private static var planesMoved: Double {
    let layers = Double(Work.layers)
    return 1.5 + 3 * (layers + 1) + 4 * layers + 2.5 + 2.5 + 3 * layers + 5 * layers - 1
  }

  /// How many programs run at this moment, this one not counted, averaged over a fifth of a second.
  private func currentLoad() -> Double {
    let samples = (0..<20).map { _ -> Double in
      usleep(10_000)
      let fields = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ") ?? []
      let running = fields.count > 3 ? fields[3].split(separator: "/").first.flatMap { Double($0) } : nil
      return max(0, (running ?? 1) - 1)
    }
    return samples.reduce(0, +) / Double(samples.count)
  }

  private func processorName() -> String {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }
}
