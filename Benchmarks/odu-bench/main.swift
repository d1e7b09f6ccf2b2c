import Foundation

// odu-bench loop --output <folder>
// odu-bench --python <interpreter> --script <work.py> --output <folder> [--rounds <count>] [--budget <seconds>]

func option(_ name: String) -> String? {
  let arguments = CommandLine.arguments
  guard let index = arguments.firstIndex(of: "--\(name)"), index + 1 < arguments.count else { return nil }
  return arguments[index + 1]
}

/// Writes results as JSON and as a page, and prints the page.
func write(_ results: some Encodable, _ page: String, as name: String, into folder: String) throws {
  let folder = URL(fileURLWithPath: folder)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(results).write(to: folder.appending(path: "\(name).json"))
  try Data(page.utf8).write(to: folder.appending(path: "\(name).md"))
  print(page)
}

func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("odu-bench: \(message)\n".utf8))
  exit(status)
}

if CommandLine.arguments.dropFirst().first == "loop" {
  guard let output = option("output") else { fail("loop needs --output <folder>", status: 2) }
  do {
    let results = try await LoopBenchmark().run()
    try write(results, results.markdown, as: "loop", into: output)
    exit(0)
  } catch {
    fail("\(error)", status: 1)
  }
}

guard let python = option("python"), let script = option("script"), let output = option("output") else {
  fail("give --python <interpreter>, --script <work.py> and --output <folder>; see Benchmarks/run", status: 2)
}

do {
  var benchmark = Benchmark(python: python, script: script)
  if let rounds = option("rounds").flatMap(Int.init) { benchmark.rounds = max(1, rounds) }
  if let budget = option("budget").flatMap(Double.init) { benchmark.budget = budget }
  let results = try benchmark.run()
  try write(results, Report(results: results).markdown, as: "speed", into: output)
  // Speed is not judged here, but what computes something else is not worth timing.
  if results.losses.contains(where: { $0.difference >= 1e-6 }) { exit(1) }
} catch {
  fail("\(error)", status: 1)
}
