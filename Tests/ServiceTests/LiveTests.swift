import BenchAPI
import BenchClient
import Files
import Foundation
import Testing

/// Looking on: frames, patterns, metrics, leases.
@Suite struct LiveTests {
  @Test("the newest frame is there for all, with its histogram; only saturated pixels are white in its picture")
  func frames() async throws {
    try await withDaemon { daemon in
      let absent = await #expect(throws: BenchClientError.self) { try await daemon.client.latestFrame() }
      #expect("\(try #require(absent))".contains("no frame"))
      _ = try await daemon.client.frame()
      let array = try NPY.decode(try await daemon.client.latestFrame(as: .npy), source: "")
      #expect(array.shape == [2, 3] && array.elements == .uint16(FakeBench.pixels))
      let picture = try PNG.decode(gray8: try await daemon.client.latestFrame(as: .png), source: "")
      // 12 bits: 1000·255/4095 is 62.3, and 4094 is just not white.
      #expect(picture.pixels == [0, 0, 0, 62, 254, 255])
      let histogram = try await daemon.client.histogram()
      #expect(histogram.saturated == 1 && histogram.largest == 4095 && histogram.fullScale == 4095)
      #expect(histogram.bins[0] == 3 && histogram.bins[15] == 1 && histogram.bins[63] == 2)
      #expect(abs(histogram.mean * 6 - 9192) < 1e-9)
    }
  }

  @Test("what a modulator shows can be looked at, and is the safe pattern again after blank")
  func patterns() async throws {
    try await withDaemon { daemon in
      let levels = (0..<12).map { UInt8($0 * 20) }
      try await daemon.client.show(pattern: NPY.encode(NPYArray(shape: [3, 4], elements: .uint8(levels))))
      let shown = try NPY.decode(try await daemon.client.shownPattern(on: "layers", as: .npy), source: "")
      #expect(shown.elements == .uint8(levels))
      try await daemon.client.showBlank()
      let blank = try NPY.decode(try await daemon.client.shownPattern(on: "layers", as: .npy), source: "")
      #expect(blank.elements == .uint8([UInt8](repeating: 0, count: 12)))
    }
  }

  @Test("metrics count jobs, requests and frames")
  func metrics() async throws {
    try await withDaemon { daemon in
      #expect(try await daemon.events(of: try await daemon.count(1).id).states.last == .succeeded)
      let text = try await daemon.client.metrics()
      #expect(text.contains("\nodu_jobs{state=\"succeeded\"} 1.0\n"))
      #expect(text.contains("\nodu_bench_ready 1.0\n"))
      #expect(text.contains("odu_http_requests_total{status=\"202\"} 1.0"))
    }
  }
}
