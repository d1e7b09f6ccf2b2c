import BenchFile
import Calibration
import DriverCatalogue

extension BenchFile {
  /// A profile of which something else is hidden.
  ///
  /// - Parameter altered: its text with what else is to differ.
  static func profile(
    _ name: String, seed: UInt64, altered: (String) -> String = { $0 }
  ) throws -> BenchFile {
    let text = try load(path: name, drivers: .standard).text
      .replacing(#/  seed: \d+ #/#, with: "  seed: \(seed) #")
    return try BenchFile(yaml: altered(text), path: "\(name).yaml", drivers: .standard)
  }

  var stated: StatedBench {
    StatedBench(
      description: twin, parameters: parameters, considered: considered, roughness: roughness,
      layout: devices?.layout)
  }
}

extension CalibratedBench {
  /// The bench with what a routine found.
  func adding(_ outcome: RoutineOutcome, seed: UInt64) throws -> CalibratedBench {
    try adding(
      Product(
        content: outcome.content, posterior: outcome.posterior, report: outcome.report,
        provenance: Provenance(routine: outcome.routine, seed: seed, software: "benchmark")))
  }
}
