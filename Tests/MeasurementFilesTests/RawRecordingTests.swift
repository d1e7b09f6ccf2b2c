import BenchTestKit
import Devices
import Files
import MeasurementFiles
import Measuring
import Testing

@Suite("Recordings of raw steps") struct RawRecordingTests {
  private static let settings = CameraSettings(exposure: 1e-3, gain: 1)
  private static let camera = CameraFacts(
    description: CameraDescription(name: "c", driver: "d", width: 3, height: 2, bitDepth: 12, frameRate: 10),
    limits: CameraLimits(exposure: 1e-5...1), settings: settings,
    panels: [CameraFacts.Panel(width: 4, height: 2), CameraFacts.Panel(width: 2, height: 2)])
  private static let steps: [RawStep] = [
    RawStep(.dark, frames: 2), RawStep(.level(7, on: .input), settings: settings, frames: 1),
    RawStep(.pattern(Pattern(width: 4, height: 2), on: .layers), rest: 0.01, frames: 2),
    RawStep(
      .patterns(layers: Pattern(width: 4, height: 2, level: 3), input: Pattern(width: 2, height: 2, level: 5)),
      frames: 1),
    RawStep(.pattern(Pattern(width: 2, height: 2, level: 6), on: .input), frames: 1),
  ]

  /// What a camera might have taken.
  private static func taken(_ step: RawStep) -> RawFrames {
    RawFrames(
      settings: settings,
      frames: (0..<step.frames).map { number in
        Frame(
          width: 3, height: 2, pixels: [1, 2, 3, 4, 5, UInt16(number)], sequence: UInt64(number + 1), exposureStart: 5,
          exposureEnd: 9)
      })
  }

  private static func record(in folder: TemporaryFolder, camera: CameraFacts = camera) throws {
    let recording = try RawRecording(
      path: RawRecording.nextPath(in: folder.path),
      attributes: RecordingAttributes(
        software: "1", revision: "r", kind: "calibrate", parameters: "{}", bench: "b", configuration: "{}", date: "",
        clockOffset: 0), camera: camera, panels: [(4, 2), (2, 2)])
    for step in steps { try recording.append(step, taken(step)) }
    recording.close()
  }

  @Test("steps are read as they were taken")
  func whole() throws {
    let folder = try TemporaryFolder()
    try Self.record(in: folder)
    let read = try RecordedSteps(reading: folder.path)
    #expect(read.camera == Self.camera && read.bench == "b")
    #expect(read.entries.map(\.step) == Self.steps)
    #expect(read.entries.map(\.taken) == Self.steps.map(Self.taken))
  }

  @Test("frames that are not of the camera's size, and a camera that cannot be, are refused")
  func foreignCamera() throws {
    for (width, height, bits) in [(4, 2, 12), (-3, 2, 12), (3, 0, 12), (3, 2, 63)] {
      let folder = try TemporaryFolder()
      var camera = Self.camera
      (camera.description.width, camera.description.height) = (width, height)
      camera.description.bitDepth = bits
      // A recording of a camera that cannot be is not even begun, or it is not read.
      #expect(throws: (any Error).self, "\(width) × \(height), \(bits) bits") {
        try Self.record(in: folder, camera: camera)
        _ = try RecordedSteps(reading: folder.path)
      }
    }
  }

  @Test("a file that is cut or changed at any place is refused or read, and never crashes")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try Self.record(in: folder)
    let path = folder.file("raw-1.h5")
    let bytes = try AtomicFile.read(path)
    for length in [0, 8, 500, bytes.count / 2, bytes.count - 1] {
      try AtomicFile.write(Array(bytes[..<length]), to: path)
      #expect(throws: (any Error).self, "\(length) bytes") { try RecordedSteps(reading: folder.path) }
    }
    for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 400)) {
      var changed = bytes
      changed[place] ^= 0xFF
      try AtomicFile.write(changed, to: path)
      _ = try? RecordedSteps(reading: folder.path)
    }
  }
}
