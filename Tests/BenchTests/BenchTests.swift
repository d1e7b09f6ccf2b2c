import Arrays
import Devices
import Measuring
import Testing

/// What every bench must do, whatever it is made of. `ODU_TEST_BENCH=FILE make test-bench` runs it on a real one.
@Suite("A bench, simulated or real", .serialized)
struct BenchTests {
  @Test("each image gets its own frame: frames of one image are closer to one another than to those of the other")
  func matching() async throws {
    try await TestedBench.run { tested in
      let measured = try await tested.bench.measure(layers: tested.flat, inputs: tested.halves(12), block: nil)
      let frames = measured.intensities
      func distance(_ first: Int, _ second: Int) -> Double {
        Discrepancy(frames.planes(first..<first + 1), frames.planes(second..<second + 1)).pearson
      }
      let same = (0..<10).map { distance($0, $0 + 2) }.max() ?? 1
      let other = (0..<11).map { distance($0, $0 + 1) }.min() ?? 0
      #expect(same < other, "the farthest two frames of one image: \(same); the closest of two images: \(other)")
    }
  }

  @Test("every exposure began when its pattern was at rest and ended before the next one was shown")
  func times() async throws {
    try await TestedBench.run { tested in
      let measured = try await tested.bench.measure(layers: tested.flat, inputs: tested.halves(8), block: nil)
      let exposures = try #require(measured.exposures)
      #expect(exposures.images.count == 8 && exposures.matching.accepted == 8)
      for exposure in exposures.images {
        #expect(exposure.presented <= exposure.settled && exposure.settled <= exposure.start)
        #expect(exposure.start < exposure.end)
      }
      for (earlier, later) in zip(exposures.images, exposures.images.dropFirst()) {
        #expect(earlier.end <= later.presented && earlier.sequence < later.sequence)
      }
      let settings = await tested.instrument.camera.settings
      #expect(exposures.settings == settings)
    }
  }

  @Test("the camera sees the light: a bright image gives more than a dark one, and neither clips")
  func light() async throws {
    try await TestedBench.run { tested in
      // A phase is as bright as another; its light stays where it is.
      guard tested.file.twin.input.encoding != .phase else { return }
      let measured = try await tested.bench.measure(layers: tested.flat, inputs: tested.images([1, 0]), block: nil)
      let (bright, dark) = (mean(measured.intensities, 0), mean(measured.intensities, 1))
      #expect(bright > 1.5 * dark, "bright \(bright), dark \(dark), parts of full scale")
      #expect(!measured.isSaturated, "give less exposure or light")
    }
  }

  @Test("half the exposure gives half the signal above the dark frames")
  func exposure() async throws {
    try await TestedBench.run { tested in
      let instrument = tested.instrument
      let present = await instrument.camera.settings
      var half = present
      half.exposure = present.exposure / 2
      guard let range = await instrument.camera.limits.exposure, range.contains(half.exposure) else { return }
      // The image stays on its panel when the bench is asked for nothing more.
      _ = try await tested.bench.measure(layers: tested.flat, inputs: tested.images([1]), block: nil)
      let settle = instrument.clock.now
      let full = try await instrument.expose(from: settle)
      let less = try await instrument.expose(with: half, from: settle)
      let (black, blackLess) = (try await instrument.exposeDark(), try await instrument.exposeDark(with: half))
      let ratio = (total(less) - total(blackLess)) / (total(full) - total(black))
      let expected = less.settings.exposure / full.settings.exposure
      #expect(abs(ratio - expected) < 0.1, "\(ratio) of the signal at \(expected) of the exposure")
      #expect(await instrument.camera.settings == present)
    }
  }

  @Test("a measurement that is cancelled leaves the bench ready and safe")
  func cancellation() async throws {
    try await TestedBench.run { tested in
      let (flat, inputs) = (tested.flat, tested.halves(50))
      let task = Task {
        try await tested.bench.measure(layers: flat, inputs: inputs, block: nil) { done in
          if done == 2 { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(await tested.bench.state == .ready)
      let again = try await tested.bench.intensities(layers: flat, inputs: tested.halves(1), block: nil)
      #expect(again.count == 1)
    }
  }

  private func mean(_ frames: Stack<Float>, _ plane: Int) -> Double {
    frames.values[frames.range(ofPlane: plane)].reduce(0) { $0 + Double($1) } / Double(frames.planeSize)
  }

  private func total(_ series: BenchInstrument.Series) -> Double {
    series.frames.reduce(0) { $0 + $1.pixels.reduce(0) { $0 + Double($1) } }
  }
}
