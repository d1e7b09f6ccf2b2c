import Arrays
import Foundation
import MeasurementFiles

// recording-writer PATH BLOCKS [RESERVE [NEXT]]: records blocks of four images whose every number follows from the image's
// own, and says how many there are after each. The tests kill it, or give it a disk that is too small; it then makes
// another recording, NEXT, of five blocks.

func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

func stack(_ count: Int, _ side: Int, _ value: (Int) -> Float) -> Stack<Float> {
  Stack(
    count: count, height: side, width: side,
    values: (0..<count * side * side).map { value($0 / (side * side)) + Float($0 % 7) })
}

func record(_ blocks: Int, to path: String, reserve: Int, report: (String) -> Void) throws {
  let (images, grid, size, frame) = (4, 48, 24, 40)
  let attributes = RecordingAttributes(
    software: "odu 1.0", revision: "abcdef", kind: "train", parameters: #"{"mode":"online","größe":1}"#,
    seed: UInt64.max, bench: String(repeating: "# eine Bank mit ä\n", count: 20_000), configuration: "{}", block: 1,
    date: "2026-01-02T03:04:05Z", clockOffset: 1_700_000_000_123_456_789)
  let shapes = RecordingShapes(layers: [2, grid, grid], input: [size, size], frame: [frame, frame])
  let recording = try RunRecording(path: path, attributes: attributes, shapes: shapes, reserve: reserve)
  report("ready")
  for block in 0..<blocks {
    let first = block * images
    // The layers change with every second block.
    try recording.append(
      layers: stack(2, grid) { _ in Float(block / 2) }, inputs: stack(images, size) { Float(first + $0) },
      frames: stack(images, frame) { Float(2 * (first + $0)) },
      timings: (first..<first + images).map {
        ImageTiming(sequence: UInt64($0), presented: UInt64($0) * 1000, exposureStart: UInt64($0) * 1000 + 7)
      }, step: block)
    report("\(recording.images)")
  }
  recording.close()
  report("closed")
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let blocks = Int(arguments[2]) else {
  FileHandle.standardError.write(Data("usage: recording-writer PATH BLOCKS [RESERVE [NEXT]]\n".utf8))
  exit(64)
}
do {
  try record(blocks, to: arguments[1], reserve: arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0, report: say)
} catch {
  say("\(error)")
  if arguments.count > 4 {
    do {
      try record(5, to: arguments[4], reserve: 0) { _ in }
      say("next")
    } catch {
      say("\(error)")
    }
  }
  exit(3)
}
