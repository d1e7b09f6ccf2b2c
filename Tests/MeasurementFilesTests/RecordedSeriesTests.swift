import Arrays
import BenchTestKit
import Files
import Foundation
import MeasurementFiles
import Testing

/// What a run recorded, read as measurements for a fit.
@Suite("Recordings as measurements") struct RecordedSeriesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let attributes = RecordingAttributes(
    software: "1", revision: "r", kind: "calibrate", parameters: "{}", bench: "text", configuration: "{}",
    orientation: .rotated90, block: 2, saturation: 0.5, date: "2026-01-02T03:04:05Z", clockOffset: 0)

  /// A frame whose numbers are `value`, of a pattern whose numbers are `pattern`.
  private struct Shot {
    var pattern: Float
    var input: Float = 1
    var value: Float
    var mark: FrameMark?

    init(_ pattern: Float, _ value: Float, _ series: Int?, _ use: FrameUse = .other, input: Float = 1) {
      (self.pattern, self.value, self.input) = (pattern, value, input)
      mark = series.map { FrameMark(series: $0, use: use) }
    }
  }

  private func record(_ shots: [Shot], as name: String = "measured-1.h5") throws {
    let recording = try RunRecording(
      path: folder.file(name), attributes: Self.attributes,
      shapes: RecordingShapes(layers: [1, 4, 4], input: [2, 2], frame: [2, 3]), reserve: 0)
    for (index, shot) in shots.enumerated() {
      try recording.append(
        layers: Stack(count: 1, height: 4, width: 4, repeating: shot.pattern),
        inputs: Stack(count: 1, height: 2, width: 2, repeating: shot.input),
        frames: Stack(count: 1, height: 2, width: 3, repeating: shot.value),
        timings: [ImageTiming(sequence: UInt64(index), presented: 1, exposureStart: 2)], mark: shot.mark)
    }
    recording.close()
  }

  /// The series that was given up, then the one that counts, with a frame for something else in between.
  private static let shots = [
    Shot(1, 0.1, 0, .fitted), Shot(2, 0.5, 0, .fitted),
    Shot(1, 0.11, 1, .fitted, input: 0.8), Shot(9, 0.9, nil), Shot(2, 0.12, 1, .fitted, input: 0.8),
    Shot(3, 0.13, 1, .heldOut, input: 0.8), Shot(1, 0.14, 1, .repeated, input: 0.8),
  ]

  private func check(_ read: Measurements) {
    #expect(read.patterns.map { $0.values[0] } == [1, 2, 3] && read.patterns[0].values.count == 16)
    #expect(
      read.frames.count == 3
        && read.frames.values.map { Float($0) } == [0.11, 0.12, 0.13].flatMap { [$0, $0, $0, $0, $0, $0] })
    #expect(read.inputs.count == 1 && Float(read.inputs.values[0]) == 0.8)
    #expect(read.heldOut == [2] && read.block == 2 && read.orientation == .rotated90 && read.bench == "text")
    #expect(read.repeats.map(\.frame) == [0] && read.repeats.map { Float($0.second.values[0]) } == [0.14])
    #expect(read.camera == MeasuredCamera(saturation: 0.5))
  }

  @Test(
    "the last series is read with its held-out and its repeated frames; one that was given up and other frames are not")
  func lastSeries() throws {
    try record(Self.shots)
    check(try Measurements.read(folder.file("measured-1.h5")))
    check(try Measurements.read(folder.path))
  }

  @Test("a series that a later life of the daemon completed is read from the recordings of both", arguments: 0...7)
  func severalFiles(cut: Int) throws {
    try record(Array(Self.shots[..<cut]), as: "measured-9.h5")
    try record(Array(Self.shots[cut...]), as: "measured-10.h5")
    check(try Measurements.read(folder.path))
  }

  @Test("without marks all frames are read, and what recordings of several shapes leave open is asked")
  func unmarked() throws {
    try record([Shot(1, 0.1, nil), Shot(2, 0.2, nil, input: 0.5)])
    let read = try Measurements.read(folder.path)
    #expect(read.frames.count == 2 && read.heldOut.isEmpty && read.inputs.count == 2)
    let other = try RunRecording(
      path: folder.file("measured-2.h5"), attributes: Self.attributes,
      shapes: RecordingShapes(layers: [1, 4, 4], input: [2, 2], frame: [1, 1]), reserve: 0)
    try other.append(
      layers: Stack(count: 1, height: 4, width: 4), inputs: Stack(count: 1, height: 2, width: 2),
      frames: Stack(count: 1, height: 1, width: 1),
      timings: [ImageTiming(sequence: 0, presented: 0, exposureStart: 0)])
    other.close()
    #expect { try Measurements.read(folder.path) } throws: { "\($0)".contains("name the one file that is meant") }
    #expect(try Measurements.read(folder.file("measured-1.h5")) == read)
  }

  @Test(
    "measurements that were read from a recording are written and read back in every form", arguments: ["m", "m.h5"])
  func roundTrip(name: String) throws {
    try record(Self.shots)
    let read = try Measurements.read(folder.path)
    try read.write(to: folder.file(name))
    #expect(try Measurements.read(folder.file(name)) == read)
  }

  @Test("a recording of version 0.1, which says neither block nor use, is read up to its last whole frame")
  func earlier() throws {
    let packed = try #require(Data(base64Encoded: Self.fixture, options: .ignoreUnknownCharacters))
    try AtomicFile.write(try Gzip.inflate([UInt8](packed), source: "the fixture"), to: folder.file("old.h5"))
    let read = try Measurements.read(folder.file("old.h5"))
    #expect(read.frames.count == 3 && read.frames.values == (0..<18).map { Double($0) / 4 })
    #expect(read.patterns.map { $0.values[0] } == [0, 0, 1.5] && read.inputs.values.last == 11.0 / 64)
    #expect(read.block == 2 && read.heldOut.isEmpty && read.repeats.isEmpty && read.orientation == .mirrored)
  }

  /// Written by h5py 3: five frames, of which the last two are of a block that was not written to its end.
  private static let fixture = """
    H4sIAAAAAAACA+1be0xTVxj/7qOlQKkFARGzccGpTB4WhkiYusKAscQHQ5YYsiClvYVOaOvtZZYYAi4zTDTOabbEbNOJIdHFbP5hXGJctikhbjqNWeZ0
    m4uSRadu7mG2JXOTnXvPueW2pgoSp8TzS9rvnO9+v/P4zq/ntj3t+uqKqoS49DjOZAINwwTpxbhuI/4N57b/ubS6opbNbLMnrNQ/rjJskp6pIY4FBiAl
    CXiAeSxu5TNijYmALhpbHR2iFCgzEGeq4oxXnSs8XpcYBCEs3OP1t8uBN7PCnG7J0SYGcmcQ52TFaQqIq9pFr1M8PIu4pypuixj0+wLtkrgiIDskefls
    cjFZuRjrl8SA6JVF17Vc4p+k+PmALPpfmUPS8C883PhxV4+jqra6BhTFsGCFW4Szg8H1X8hSK8sfZgniR9kjr2PiprORTS/UfLnD7+wvr6uuQCNCPSJN
    gCu7jNP60Ho5uiDjhaplKAq08TEQbkf6q4Eg6kO78m0M9k+DcHtzt9tdXreoCvXbqtRnKikA6Du3NBOCCnUednTsOTAPtigRpdjRlWUvB6MSUYwdTybu
    qYH5imM+diT5L9bDcR3FtbNWgg+UiKew4yu4uhEWKhH52NFUn/QR5LAjjT7f0XUYrimUBdjx6CN9pyAV5091rBs8dqNkYNVWoLhbqBsiAwyDdMXyDMNG
    aMoUYbXXSLTrXDIwiUIGEbwAU0wwpQuVDGgr5bh4MzAsg7pTdiWFlYbUyoIBOU0mnhd43hq32EiaevH/zIPjn569lWXo1cVMEngrH3eneCZiS3iDjDrD
    X/pWZdmz5cCE5pGGTVJ4AmEs1YcNjdPSXVXLllWGtmAG7XkOtbzkp29mjizDM08vXaQuhTV8WWKJ9bnaBVt+Qb72HiBS3pImW2LJfRxkyeHx6pZX463p
    DI/TNudm0dcmylJHqRDEN17ib9d4WVpEVqmAKpLHhQoluUIWfgOBKgWdqOYSZdEp+yQ1qqnV51yJSoXogiQ2e3xe1R1UgpGrg9jVHpfcgsrFqNwieppb
    ZFQp6uxUhhoT8fJs80iSTxJdWj2Z2EJbYXGerSDPVlhne6LUVlRqm1uvl/u7FrpVUlBQUFBQUFBQUFBQUNw/BBucjWmXz3cvOHi0moWbRxjVYzdsLGkB
    WA68UoO1xmmC49gn52EgwX4IXp0Ev3GCe5+z0QpNBqEYmmIECwzxQj4MGYVrMBRrn3/EAvsTzFywIWVgZ4q9Jq37VBc/Pe1T/lDixkZ++qHs3r7s3qEN
    6GnQ33npuzlDcz48XflYYc66nurElLkJ67evff34wPHDnw+eKLvww9DFC4szGvypz6GxNHeDJfuL2P7hXQz0brbGKsMTlI/W2cCEl28M7ygBKMicdZYu
    MgUFBQUFRQRCx1fJACzDMNr38tpBAmcGRjkawN9326MdQ6Wox1AsYzDhMyhzJmmnf4LkYUvOhVJ8fGW5q+OrOjLh2n57Lj6+0lKQRI6vLGF5hVHXHjYs
    nHx9XUiVRUiV3Igq2QircSL9YzxEnaKql2cMLEvOUPumk5bW3FdVDvRPPTMeVV4h0zjQc/I1rEptYgJR5UKqylHh/Utntt5JlVwUVXLjVSVHVFky84FQ
    ZVn9XH48quwm0/hSPmvGqtQm1kBUuYSqclTYdXLbpnt0Bz+RPcHu4L2ebevHo8rUx7GdcWXAgFWppWAvUeVkqspRYdPL762+R6p05UwwVeadeLt1PKrc
    SyZcsvv3JqxKLQUfE1WaqSpHBW/+5dP3SJV/500wVToO/jp7PKosz8e2yO29jlWppeAYVeWY0Hl1iXlUqjSNWZWbbRNMlbmLYpnxqPIMmfD3zpJ9WJVa
    Cr6mqhwTCv4arKyqrigP/WlDxc9yyh8cxKAsoowHnC1imwP0umR1a8JBAo5zKr/BXOFzuwOifEu0IRRtIK2Kogv0OzCr//wEsZCsRvnc8mqHJMJUpH8l
    2hrqWf0HAP71qmlEJSGmJL7kCXh83qhMRsdkychU5kqP1xWVZdCxOPURj1l+h/LXFFmUAlG5rI7Lq1wj5jaJXmdLVFq8jmZQaRZMc/q8bk9zu+SQbzfP
    dh3dqNLNmO6TPKJXvj3ZpCPH6JPkcsjRFyVZxzLRb14fdPwHTQfcNRo2AAA=
    """
}
