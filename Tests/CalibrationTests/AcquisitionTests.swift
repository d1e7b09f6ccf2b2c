import Arrays
import Calibration
import Concurrency
import Foundation
import MeasurementFiles
import Measuring
import Testing

@Suite struct AcquisitionTests {
  /// A bench whose frames tell what was shown and how often it was asked, and that records them as the daemon does.
  private final class TestBench: OpticalUnit {
    struct Failure: Error {}

    let saturation: Float?
    private let recording: RunRecording?
    private let asked = Locked<[FrameMark?]>([])
    /// How often it answers before it fails.
    private let lifetime: Int

    init(saturation: Float? = nil, recording: RunRecording? = nil, lifetime: Int = .max) {
      (self.saturation, self.recording, self.lifetime) = (saturation, recording, lifetime)
    }

    var marks: [FrameMark?] { asked.withLock { $0 } }

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      let count = asked.withLock { asked in
        asked.append(FrameMark.current)
        return asked.count
      }
      guard count <= lifetime else { throw Failure() }
      // As noise, the last part is another one each time.
      let light = inputs.values[0]
      let frame = Stack<Float>(
        count: 1, height: 1, width: 3, values: [light * layers.values[0], light, light * Float(count) / 1024])
      try recording?.append(
        layers: layers, inputs: inputs, frames: frame,
        timings: [ImageTiming(sequence: UInt64(count), presented: 0, exposureStart: 0)], mark: FrameMark.current)
      return Measured(intensities: frame, saturation: saturation)
    }
  }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("odu-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static let plan = FramePlan(
    patterns: (1...5).map { Stack(count: 1, height: 2, width: 2, repeating: Float($0)) },
    input: Stack(count: 1, height: 1, width: 1, repeating: 1), heldOut: 2)

  private func recording(_ number: Int) throws -> RunRecording {
    try RunRecording(
      path: folder.appendingPathComponent("measured-\(number).h5").path,
      attributes: RecordingAttributes(
        software: "1", revision: "r", kind: "calibrate", parameters: "{}", bench: "", configuration: "{}", block: 1,
        saturation: 4, date: "", clockOffset: 0),
      shapes: RecordingShapes(layers: [1, 2, 2], input: [1, 1], frame: [1, 3]), reserve: 0)
  }

  private static func acquire(on unit: any OpticalUnit) async throws -> AcquiredFrames {
    var acquisition = Acquisition(on: unit)
    return try await acquisition.frames(of: plan)
  }

  @Test(
    "a frame that saturates ends its series, and the next one is taken with less light; every frame says what it is for"
  )
  func dimming() async throws {
    let bench = TestBench(saturation: 4)
    let acquired = try await Self.acquire(on: bench)
    // Pattern 4 is too bright at 1, pattern 5 at 0.8, and none at 0.64.
    #expect(acquired.light == 0.8 * 0.8 && acquired.taken == 4 + 5 + 6)
    #expect(acquired.frames.count == 5 && acquired.repeats.count == 1)
    let uses: [FrameUse] = [.fitted, .fitted, .fitted, .heldOut, .heldOut, .repeated]
    let expected: [FrameMark?] = [(0, 4), (1, 5), (2, 6)].flatMap { series, count in
      uses.prefix(count).map { FrameMark(series: series, use: $0) }
    }
    #expect(bench.marks == expected)
    #expect(FrameMark.current == nil)
  }

  @Test("without light that is little enough nothing is acquired")
  func dazzled() async throws {
    await #expect(throws: CalibrationError.saturated) { try await Self.acquire(on: TestBench(saturation: 1e-6)) }
  }

  @Test("a recording answers as the bench did, dimming included, and is what a fit reads")
  func replay() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try recording(1)
    let acquired = try await Self.acquire(on: TestBench(saturation: 4, recording: file))
    file.close()
    let replayed = RecordedUnit(try MeasuredFrames(reading: folder.path))
    #expect(try await Self.acquire(on: replayed) == acquired)
    await #expect(throws: CalibrationError.notRecorded(frame: 15)) { try await Self.acquire(on: replayed) }
    let read = try Measurements.read(folder.path)
    let written = acquired.measurements
    #expect(read.patterns == written.patterns && read.inputs == written.inputs && read.frames == written.frames)
    #expect(read.heldOut == [3, 4] && read.heldOut == written.heldOut && read.repeats == written.repeats)
  }

  @Test("an acquisition that was interrupted continues with the frame that it lacks", arguments: [0, 1, 4, 7, 14])
  func resuming(after frames: Int) async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try recording(1)
    await #expect(throws: TestBench.Failure.self) {
      try await Self.acquire(on: TestBench(saturation: 4, recording: first, lifetime: frames))
    }
    first.close()
    let measured = frames == 0 ? nil : try MeasuredFrames(reading: folder.path)
    let second = try recording(2)
    let bench = TestBench(saturation: 4, recording: second)
    let unit: any OpticalUnit = measured.map { RecordedUnit($0, else: bench) } ?? bench
    let acquired = try await Self.acquire(on: unit)
    second.close()
    #expect(bench.marks.count == 15 - frames && acquired.taken == 15)
    let read = try Measurements.read(folder.path)
    #expect(read.frames == acquired.frames && read.repeats.map(\.second) == [acquired.repeats])
  }
}
