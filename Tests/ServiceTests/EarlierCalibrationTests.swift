import BenchFile
import BenchTestKit
import Calibration
import DriverCatalogue
import Files
import Foundation
import Jobs
import Logging
import Records
import ServiceCore
import Testing

/// The state folder of version 0.1, as its daemon left it after a calibration of the simulated bench.
@Suite("Calibrations of version 0.1") struct EarlierCalibrationTests {
  private static let identifier = "0002"
  private static let marks = #"{"ca08f0e6cea4ac1abd417292de919c418845d453e2907dabe7e55f036a784a0d":["0002"]}"#

  private func withStore(_ body: (CalibrationStore, BenchFile) throws -> Void) async throws {
    try await withFolder { folder in
      let calibrations = folder.appendingPathComponent("calibrations").path
      try AtomicFile.makeFolder(calibrations)
      let packed = try #require(Data(base64Encoded: Self.fixture, options: .ignoreUnknownCharacters))
      let bytes = try Gzip.inflate([UInt8](packed), source: "the fixture")
      for suffix in ["", ".previous"] {
        try AtomicFile.write(bytes, to: "\(calibrations)/\(Self.identifier).state\(suffix)")
      }
      try StateFile(path: calibrations + "/in-force.marks", schema: 1).save(Array(Self.marks.utf8))
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      let store = CalibrationStore(
        folder: calibrations, numbers: NumberCounter(path: folder.appendingPathComponent("numbers.state").path),
        index: try RecordIndex(path: folder.appendingPathComponent("odu.sqlite").path, logger: logger) { _ in nil },
        clock: Stage().clock, logger: logger)
      let profile = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/bench-0.1.yaml")
      try body(
        store, try BenchFile(yaml: String(contentsOf: profile, encoding: .utf8), path: "bench.yaml", drivers: .standard)
      )
    }
  }

  @Test("its calibration is in force on its bench, with its values and standard deviations")
  func read() async throws {
    try await withStore { store, file in
      let bench = try store.bench(of: file)
      let product = try #require(bench.products.first)
      #expect(product.kind == .twin && bench.products.count == 1)
      // As jq reads them from the file.
      let expected = [
        "mirrorGap": 0.004710265049379217,
        "mirrorTiltX": 0.001675298675286256,
        "mirrorTiltY": -0.0011473534420872859,
        "beamTiltX": -0.0029591515390043903,
        "beamTiltY": -0.0018880202539037446,
      ]
      for (name, value) in expected { #expect(bench.parameters[name] == value, "\(name)") }
      let free = file.parameters.free.map(\.name)
      #expect(Set(free) == Set(expected.keys) && bench.parameters.free.map(\.name) == free)
      for estimate in product.report.estimates {
        let found = try #require(bench.posterior.standardDeviation(of: estimate.name))
        #expect(abs(found - estimate.standardDeviation) <= 1e-12 * estimate.standardDeviation)
      }
      #expect(bench.description == file.twin && bench.timing == file.devices?.layout.timing)
      let summary = try #require(store.summaries(on: BenchIdentity(file)).first)
      #expect(summary.id == Self.identifier && summary.inForce && summary.kind == "twin" && summary.routine == nil)
    }
  }

  @Test("a calibration of this version replaces it, and it can be restored")
  func replaced() async throws {
    try await withStore { store, file in
      var product = try #require(try store.bench(of: file).products.first)
      product.provenance = Provenance(routine: "twin", seed: 3, software: "now", revision: "r")
      try store.prepare([product], on: BenchIdentity(file), run: "0007-calibrate")
      store.publish(run: "0007-calibrate")
      #expect(try store.latest(on: file) == "0003" && store.bench(of: file).products == [product])
      try store.restore(Self.identifier, on: BenchIdentity(file))
      #expect(try store.latest(on: file) == Self.identifier)
    }
  }

  /// `calibrations/0002.state`.
  private static let fixture = """
    H4sIAAAAAAACA82bS2/bOBDH7/spCp0TL98PAz10t+gusIddND3UXfTASHQsVJYESkrbLfLdl5SdWHIkP1olnRwciJLIHx8z/HvMKZLmsqpNbV9U8cqu
    zUv8InYxJS+5QGQpZPwis/lNvXqJBWP8l29RXOS1zeto/i0yWRbN//0W3biiKaO5v05v8nW4eRGl1RtnbTSvXWMvorX5kq6bdTRHM4S48AVpvitgF1Fu
    1v5hX+xc4f4wpa+hdGnhNg8gfBFVscns7rLJ0zq84B+8NVmzvcMkRkRwxDSVmmB5d3E2XRfuclvQo3uXZvV7X0dum9oZPwKox0rGUJ1J+rBYSE60Cp9K
    EC6eCnbxo7BtzRgzSTlljCAlieJ6Wtxra9ZHRpaeDks015hjTrVfE/6DPg3sYhJYrJRCBJFASyVjvYWQpN4689hWHdilyap9WrJPSx5oV0WJX2+rGQfu
    2Bi2l6GzAyY2PRkBS0bBkrEnICszE9s9oxgiQ3wfLZRs2XwlucVXq3Q5ZscBhv9ktMXzox3wJRuwI65vfAPs7ypPxrb4GWy4T4b3uN4WXrekRX7q9jYV
    GO6BoZneX2Rtkx0ofBLUjgh3iZaZqXNbHfIYBHUHKlz1eD5Yl6efLBsbJ94BOmWMJiPi4IgEOCIJjkiBI9LgiDCCh4SnQppuPyZwpQKBKhUIYKlAgEoF
    AlQqEGBSgYCTCgScVCDgpAIBJxUIOKlAwEkFAk8qEMBSgcKVChSqVKCApQIFKhUoUKlAgUkFCk4qUHBSgYKTChScVKDgpAIFJxUoPKlAAUsFBlcqMKhS
    gQGWCgyoVGBApQIDJhUYOKnAwEkFBk4qMHBSgYGTCgycVGDwpAKbXCqsi6TxVP7lAz6yi7Rz3M5WZZFXdpSlt5eQAd84NQkBQ0Kfj4RvpM5uD3uAiV1R
    VbXJPg3D8I0qOksjnTs0aLY7bbNMs+yNiTcvD++n/Njo4HNhZHee5APLf9YVf7vEun9Wpho5+9M9dkZOMKWqaFx7jmh0YFD71yHaDvq9iRef7ejY4LOG
    5ihL71TUbo78FDW+vJVivzfu1tSNGz0a1TuXx4+t5SmQrrKitO+B8Syei2dsa3iwg6nF4XRIHB6SgIck4SEpeEgaHtJ0EnFCpsk0orOZ+XoAiXaJ6ANQ
    YmsbP4FXmgaHw8IRsHAkLBwFC0fDwpnO+0zEM6HnuUkrX802MngwYEyFehQybsv2IA9GtGeK9SPHm4LjX4yejHTx00j3EifII77jMVt+dsz2RDrS+47J
    Hw/d4bAtPy9sOxHUq6r0/5+b6oSJvFpZ486fxR+bQozpjBAmqBQKY65ZD3Po7h71X/ZrVRf52PdBMlMUifZVRJRWnHW6wYXAhGKlGOJSy12f8K9rIN1a
    PE+37ps95rSwYoNBprJI8/qqdLY16QFgPSP9QNOpjuoEsm1E5XFQZfczzo1J8zGTOy/cdDrPaITHfimLai+i8v1Bnu8doMtu6ZasWC4rW58UtRx2AB/v
    LryJxIVLQjrztc3j1Z+mWoUwpEFqiayIrWEmxuY6YVgSTRKrsY5ZWK08YZxaopFMzLWVlvOl3xGNVMygsKwSUwdIv+KFN6FLit4hPedsjviHcDetYmdL
    k8dfXy1re/9TJldCEswZ5VproXvP/WaXhbO7B7WmEktBEW/Xeeo7Efk7bUC5SCv7Nph9WLuMa8UU8z3gQvMwR6Vxfgh9s1WbwD2QfR0SDBPjktf2Nt24
    D2/FHAtBqe+9t1dCg4nIczKxB9OoBxoK1kaJ5sRbMKfUV9SzvZMSqQezoAfbEtrPLJN+Rv1UaaXG2xrPgx5IYh5oi80Q87NAOWp9HSdHmhrMYh5IQR5o
    is4k1QRpIhTBLDjCY916lIT80dtGk2/X1KW3pPTahSXt2yuW9WcTlmLkzWwWlPytdUkah6rjYl1mtn3uszWfwk9HNqyyj3d3/wPU/DDobEAAAA==
    """
}
