import Foundation

// odu-bench --python <interpreter> --script <work.py> --output <folder> [--rounds <count>] [--budget <seconds>]

func option(_ name: String) -> String? {
  let arguments = CommandLine.arguments
  guard let index = arguments.firstIndex(of: "--\(name)"), index + 1 < arguments.count else { return nil }
  return arguments[index + 1]
}

guard let python = option("python"), let script = option("script"), let output = option("output") else {
  FileHandle.standardError.write(
    Data("odu-bench needs --python <interpreter>, --script <work.py> and --output <folder>; see Benchmarks/run\n".utf8))
  exit(2)
}

do {
  var benchmark = Benchmark(python: python, script: script)
  if let rounds = option("rounds").flatMap(Int.init) { benchmark.rounds = max(1, rounds) }
  if let budget = option("budget").flatMap(Double.init) { benchmark.budget = budget }
  let results = try benchmark.run()
  let folder = URL(fileURLWithPath: output)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(results).write(to: folder.appending(path: "speed.json"))
  let page = Report(results: results).markdown
  try Data(page.utf8).write(to: folder.appending(path: "speed.md"))
  print(page)
  // Speed is not judged here, but what computes something else is not worth timing.
  if results.losses.contains(where: { $0.difference >= 1e-6 }) { exit(1) }
} catch {
  FileHandle.standardError.write(Data("odu-bench: \(error)\n".utf8))
  exit(1)
}
