import Arrays
import BenchTestKit
import Foundation
import MeasurementFiles
import Measuring
import Testing

@Suite struct RecordingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let attributes = RecordingAttributes(
    software: "1", revision: "r", kind: "measure", parameters: "{}", bench: "", configuration: "{}", date: "",
    clockOffset: 0)
  private static let shapes = RecordingShapes(layers: [1, 8, 8], input: [4, 4], frame: [6, 5])

  private func recording(
    _ name: String = "measured-1.h5", limit: Int = 1 << 20, reserve: Int = 0
  ) throws -> RunRecording {
    try RunRecording(
      path: folder.file(name), attributes: Self.attributes, shapes: Self.shapes, limit: limit, reserve: reserve)
  }

  /// Two images; 4·(64 + 32 + 60) bytes with the layers and 4·(32 + 60) without.
  private func append(to recording: RunRecording, layer: Float = 0, inputs: Int = 2) throws {
    try recording.append(
      layers: Stack(count: 1, height: 8, width: 8, repeating: layer),
      inputs: Stack(count: inputs, height: 4, width: 4), frames: Stack(count: 2, height: 6, width: 5),
      timings: [1, 2].map { ImageTiming(sequence: $0, presented: 0, exposureStart: 0) })
  }

  @Test("at the byte limit recording ends and says so once; the calls after it do nothing")
  func limit() throws {
    let recording = try recording(limit: 624 + 368 + 367)
    try append(to: recording)
    try append(to: recording)
    #expect(throws: RecordingError.limitReached(file: recording.path, limit: 1359, images: 4)) {
      try append(to: recording)
    }
    #expect(!recording.isRecording)
    try append(to: recording)
    #expect(recording.images == 4)
  }

  @Test("layers count again only when they change")
  func changedLayers() throws {
    let recording = try recording(limit: 2 * 624 + 368)
    try append(to: recording, layer: 1)
    try append(to: recording, layer: 1)
    try append(to: recording, layer: 2)
    #expect(recording.isRecording && recording.images == 6)
    #expect(throws: RecordingError.self) { try append(to: recording, layer: 2) }
  }

  @Test("a block of another shape is refused by name instead of being written")
  func shape() throws {
    let recording = try recording()
    #expect(
      throws: RecordingError.shape(file: recording.path, of: "inputs", expected: [2, 4, 4], found: [3, 4, 4])
    ) { try append(to: recording, inputs: 3) }
    try append(to: recording)
    #expect(recording.images == 0 && !recording.isRecording)
  }

  @Test("how each frame came about is read as it was recorded, to the last nanosecond")
  func exposures() throws {
    let kinds: [PresentationEvidence] = [.flipEvent, .verticalBlank, .acknowledged, .estimated(bound: 40)]
    // More than a floating-point number holds.
    let start: UInt64 = (1 << 53) + 1
    let exposures = kinds.enumerated().map { index, evidence in
      let time = start + 100 * UInt64(index)
      return Exposure(
        presented: time, evidence: evidence, settled: time + 1, start: time + 2, end: time + 3,
        sequence: UInt64(index) + 9, rejected: index, clipped: 3 * index)
    }
    let settings = Measuring.CameraSettings(exposure: 1.25e-3, gain: 2, frameRate: 50)
    var attributes = Self.attributes
    (attributes.block, attributes.camera) = (1, settings)
    let recording = try RunRecording(
      path: folder.file("measured-1.h5"), attributes: attributes, shapes: Self.shapes, reserve: 0)
    for exposure in exposures {
      try recording.append(
        layers: Stack(count: 1, height: 8, width: 8), inputs: Stack(count: 1, height: 4, width: 4),
        frames: Stack(count: 1, height: 6, width: 5), timings: [ImageTiming(exposure)])
    }
    recording.close()
    let read = try MeasuredFrames(reading: folder.path)
    #expect(read.exposures == exposures && read.settings == settings)
    let chosen = try #require(read.exposures(of: [2, 0]))
    #expect(chosen.images == [exposures[2], exposures[0]] && chosen.settings == settings)
  }

  @Test("of frames whose exposure was not recorded, nothing is said")
  func unknownExposures() throws {
    var attributes = Self.attributes
    attributes.block = 1
    let recording = try RunRecording(
      path: folder.file("measured-1.h5"), attributes: attributes, shapes: Self.shapes, reserve: 0)
    try append(to: recording)
    recording.close()
    let read = try MeasuredFrames(reading: folder.path)
    #expect(read.exposures == [nil, nil] && read.settings == nil && read.exposures(of: [0]) == nil)
  }

  @Test("a recording is never written over")
  func exists() throws {
    let first = try recording()
    try append(to: first)
    first.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: first.path))
    #expect(throws: RecordingError.exists(file: first.path)) { try recording() }
    #expect(try Data(contentsOf: URL(fileURLWithPath: first.path)) == bytes)
  }

  @Test("the part of the disk that is kept for checkpoints stays free")
  func reserve() throws {
    #expect {
      try recording(reserve: 1 << 60)
    } throws: { error in
      if case RecordingError.diskFull(_, _, 1 << 60, 0) = error { true } else { false }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("a folder that is not there, and shapes that no file can have, are errors with the reason")
  func refused() throws {
    #expect {
      try recording("none/measured-1.h5")
    } throws: { "\($0)".contains("No such file or directory") }
    for shape in [[], [0, 4], [-1, 4], [Int.max, Int.max], [4, 4, 4]] {
      var shapes = Self.shapes
      shapes.frame = shape
      #expect(throws: RecordingError.self) {
        try RunRecording(path: folder.file("m.h5"), attributes: Self.attributes, shapes: shapes)
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("each life of the daemon gets a file of its own")
  func names() throws {
    #expect(RunRecording.nextPath(in: folder.path) == folder.file("measured-1.h5"))
    for name in ["measured-9.h5", "measured-10.h5", "measured-11.h5.tmp", "measured-x.h5", "remeasured-12.h5"] {
      #expect(FileManager.default.createFile(atPath: folder.file(name), contents: nil))
    }
    #expect(RunRecording.nextPath(in: folder.path) == folder.file("measured-11.h5"))
  }

  @Test("recordings of several threads at once do not disturb each other")
  func concurrent() async throws {
    let recordings = try (0..<4).map { try recording("measured-\($0).h5") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, recording) in recordings.enumerated() {
        group.addTask {
          for step in 0..<20 { try append(to: recording, layer: Float(index * 100 + step)) }
          recording.close()
        }
      }
      try await group.waitForAll()
    }
    #expect(recordings.map(\.images) == [40, 40, 40, 40])
  }
}
