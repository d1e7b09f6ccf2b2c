import Arrays
import Files
import Foundation
import MeasurementFiles
import Testing

@Suite struct MeasurementsTests {
  private static let example: Measurements = {
    let random = CounterRandom(seed: 2)
    func stack(_ count: Int, _ height: Int, _ width: Int, _ stream: UInt64) -> Stack<Double> {
      Stack(
        count: count, height: height, width: width,
        values: (0..<count * height * width).map { random.child(stream).normal(at: UInt64($0)) })
    }
    return Measurements(
      patterns: (0..<3).map { stack(2, 4, 4, UInt64($0)) }, inputs: stack(1, 2, 2, 10), frames: stack(3, 5, 6, 11),
      block: 2, heldOut: [2], camera: MeasuredCamera(saturation: 1, readNoise: 0.25e-3),
      orientation: .mirroredRotated90, date: "2026-01-02T03:04:05Z",
      bench: "bänk")
  }()

  /// A folder of the test's own, removed with it.
  private func temporary(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// The message of the error that reading throws.
  private func complaint(_ path: String) -> String {
    do {
      _ = try Measurements.read(path)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test("what is written is read back", arguments: ["folder", "file.h5", "file.hdf5"])
  func roundTrip(name: String) throws {
    try temporary { folder in
      let path = folder + "/" + name
      try Self.example.write(to: path)
      #expect(try Measurements.read(path) == Self.example)
      var bare = Self.example
      (bare.heldOut, bare.camera, bare.date, bare.bench) = ([], MeasuredCamera(), "", "")
      try bare.write(to: path)
      #expect(try Measurements.read(path) == bare)
      #expect(try Measurements.read(path).frames(of: .mirroredRotated90) == Self.example.frames)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
    }
  }

  @Test("an index written by hand may name a file for each pattern, and leave out what is not known")
  func handWritten() throws {
    try temporary { folder in
      for index in 0..<2 {
        try NPY.write(
          NPYArray(shape: [1, 2, 2], elements: .float32([0, 1, 2, Float(index)])), to: folder + "/p\(index).npy")
      }
      try NPY.write(NPYArray(shape: [1, 1], elements: .uint8([1])), to: folder + "/x.npy")
      try NPY.write(NPYArray(shape: [2, 1, 2], elements: .uint16([1, 2, 3, 4095])), to: folder + "/y.npy")
      let text = "schema: 1\npatterns: [p0.npy, p1.npy]\ninputs: x.npy\nframes: y.npy\nblock: 1\n"
      try AtomicFile.write(Array(text.utf8), to: folder + "/index.yaml")
      let read = try Measurements.read(folder)
      #expect(read.patterns.map(\.values) == [[0, 1, 2, 0], [0, 1, 2, 1]])
      #expect(read.frames.values == [1, 2, 3, 4095] && read.inputs.values == [1] && read.heldOut.isEmpty)
    }
  }

  @Test("frames that were laid upright for one camera can be read as another's")
  func otherCamera() throws {
    // What the sensor delivered: the plane [[1, 2, 3]] turned clockwise by a quarter is the column 1, 2, 3.
    let sensor = Stack<Double>(count: 1, height: 3, width: 1, values: [1, 2, 3])
    var measured = Self.example
    (measured.orientation, measured.frames) = (.rotated270, Orientation.rotated270.planes(in: sensor))
    #expect(measured.frames.values == [3, 2, 1])
    #expect(measured.frames(of: .rotated90).values == [1, 2, 3] && measured.frames(of: .rotated90).width == 3)
    #expect(measured.frames(of: .upright) == sensor)
  }

  @Test("mistakes in an index are refused with the file and the place")
  func indexMistakes() throws {
    try temporary { folder in
      try Self.example.write(to: folder)
      let good = try String(contentsOfFile: folder + "/index.yaml", encoding: .utf8)
      func with(_ old: String, _ new: String) throws -> String {
        let text = good.replacingOccurrences(of: old, with: new)
        #expect(text != good, "\(old) is in the index")
        try AtomicFile.write(Array(text.utf8), to: folder + "/index.yaml")
        return complaint(folder)
      }
      #expect(try with("schema: 1", "schema: 7").contains("schema: expected 1, found 7"))
      #expect(try with("block: 2", "blok: 2").contains("key blok, line"))
      #expect(try with("block: 2\n", "").contains("block: expected this key, which is missing"))
      #expect(try with("block: 2", "block: two").contains("index.yaml: block"))
      #expect(try with("block: 2", "block: 0").contains("block: expected 1 to 8192, found 0"))
      #expect(try with("- 2", "- 3").contains("heldOut[0]: expected a frame of 0 to 2, found 3"))
      #expect(
        try with("orientation: mirroredRotated90", "orientation: askew").contains(
          "orientation: expected one of upright"))
      #expect(try with("frames.npy", "../frames.npy").contains("the name of a file in the folder"))
      #expect(try with("frames.npy", "none.npy").contains("none.npy: cannot be read"))
      #expect(try with("frames: frames.npy", "frames: inputs.npy").contains("patterns: expected one for each of the 1"))
      #expect(try with("patterns: patterns.npy", "patterns: frames.npy").contains("frames.npy: shape"))
      #expect(try with("schema: 1", "schema: [").contains("index.yaml: YAML"))
      #expect(try with("saturation: 1", "saturation: -1").contains("camera.saturation"))
    }
    try temporary { #expect(complaint($0).contains("index.yaml: cannot be read")) }
    #expect(complaint("/nowhere/at.h5").contains("cannot be read"))
  }

  @Test("a folder that was not written to its end has no index, not even an old one")
  func interrupted() throws {
    try temporary { folder in
      try Self.example.write(to: folder)
      // No array can take the place of a folder.
      try FileManager.default.removeItem(atPath: folder + "/inputs.npy")
      try FileManager.default.createDirectory(atPath: folder + "/inputs.npy", withIntermediateDirectories: false)
      #expect(throws: FilesError.self) { try Self.example.write(to: folder) }
      #expect(complaint(folder).contains("index.yaml: cannot be read"))
    }
  }

  @Test("frames that hold NaN are refused with their place")
  func nonFinite() throws {
    try temporary { folder in
      try Self.example.write(to: folder)
      var frames = Self.example.frames
      frames[1, 2, 3] = .nan
      try NPY.write(NPYArray(frames), to: folder + "/frames.npy")
      #expect(complaint(folder).contains("element [1, 2, 3]"))
    }
    var wrong = Self.example
    wrong.frames.values[7] = .infinity
    #expect(throws: FilesError.self) { try wrong.write(to: "/nowhere/at.h5") }
  }

  @Test("HDF5 files that are cut or changed at any place are refused or read, and never crash")
  func damaged() throws {
    try temporary { folder in
      let path = folder + "/m.h5"
      try Self.example.write(to: path)
      let bytes = try AtomicFile.read(path)
      for length in [0, 1, 7, 8, 100, 500, bytes.count / 2, bytes.count - 1] {
        try AtomicFile.write(Array(bytes[..<length]), to: path)
        #expect(complaint(path).contains("m.h5"), "\(length) bytes")
      }
      // The superblock and the first headers: what a reader trusts.
      for place in stride(from: 0, to: min(bytes.count, 2048), by: 41) {
        var changed = bytes
        changed[place] ^= 0xFF
        try AtomicFile.write(changed, to: path)
        let said = complaint(path)
        #expect(said == "none" || said.contains("m.h5"), "byte \(place)")
      }
      try AtomicFile.write(Array("schema: 1\n".utf8), to: path)
      #expect(complaint(path).contains("a whole HDF5 file"))
    }
  }

  @Test("an HDF5 file as h5py writes it is read: float32 frames, variable-length texts, integers of other sizes")
  func foreign() throws {
    let packed = try #require(Data(base64Encoded: Self.fixture, options: .ignoreUnknownCharacters))
    let bytes = try Gzip.inflate([UInt8](packed), source: "the fixture")
    try temporary { folder in
      try AtomicFile.write(bytes, to: folder + "/h5py.h5")
      try check(foreign: try Measurements.read(folder + "/h5py.h5"))
    }
  }

  @Test("an HDF5 file that claims more numbers than it can hold is refused before memory is taken for them")
  func hollow() throws {
    let packed = try #require(Data(base64Encoded: Self.hollowFixture, options: .ignoreUnknownCharacters))
    let bytes = try Gzip.inflate([UInt8](packed), source: "the fixture")
    try temporary { folder in
      try AtomicFile.write(bytes, to: folder + "/hollow.h5")
      #expect(complaint(folder + "/hollow.h5").contains("dataset frames: expected data for its 67108864 numbers"))
    }
  }

  private func check(foreign read: Measurements) throws {
    #expect(read.patterns.count == 2 && read.patterns[0].count == 2 && read.patterns[1].values.last == 15)
    #expect(read.frames.values == [1, 2, 3, 4, 5, 6.5, 7, 8])
    #expect(read.inputs.values == [0.5] && read.block == 2 && read.heldOut == [1])
    #expect(read.camera == MeasuredCamera(saturation: 4095) && read.bench == "elsewhere" && read.date.isEmpty)
  }

  /// Written by h5py 3: frames of 8192 by 8192 in chunks of which none was ever written.
  private static let hollowFixture = """
    H4sIAAAAAAACA+1XzU6DQBCe3YV2UzWhpxovcvTYY4+aFMNJG/XQo1hpamxrUzDx5lXfwEfwUXyrurAzVLABotFL97t8zA/sZPiGXV79/ule66AFCaQE
    Cxz4ihVi4ORtil8jM+QX5HdOfjuN7aPfwee/NbU9QP/Vhecl2asCaJ2upVmCwTbC905SqQzRPkL+4Pm8RRDH4XIekX03XzzGyhovg1kYrXXarbku6Zdu
    ZOBrtlhO98S8wFVxoSYjibXdQ9ASd6EjofOMcVspPolzzpnWv54kwWgUnELFwz99D5dn532mqnZp3hvl+TT3T3Z5Hs21K7ZDz9911dMsNuuqin+uIwdb
    bxUqnPxzPxq1+pEJz4VSf+1+CN2PHRVPLli2fhJncBuOp0EcZt2RuIDgFm1RWdks18Ter/pB+yQR7ZO7+OVi0FTXEqLRJJwFKk3SDB1v1IeBgYGBgYGB
    AaGNB4zif/v6nNFIzxk304fRPVSfMz4BG84b0lAQAAA=
    """

  /// Written by h5py 3: chunked and compressed float32 frames, float32 patterns, attributes of several types.
  private static let fixture = """
    H4sIAAAAAAACA+2ZT28SQRTA3+wCXVuM1Ni0Gk036sGToQmH3lhiUQ5GmuqBi4aVTqURthtYYm9t0kv9Bh49evQjcPToR+Aj+A3wDfOGLSsi0d
    R/fb/k5e3MvHmzzL75y9vK1sPLizcWQeE4kIIcnGVIeIXJtCmvkxakT0l/sEy+Mypbo/wc+X+3oNPblP9sp1xW1sMEpp18SmsHmItIpVwahUqN
    0vdIf7Im7UI/imQn6Jr0fhD2Ikztdfy27MZxmp+zXQFpXUeYdEXrlM4wzf+stnFkKE/L7jroEHdh1YHVIypP0/ixLEvo+NcjyRZmKHiJN66d63
    d4+qS6JfCtXTPeM7Ptzbg/TM+2M+PatS9GPH8bV5ta22JiPp1Xx3FUpL70oLAEhaH9ozjynOkza/M390dmZn+c27iydX8sYbl6EOLsuiVgV+61
    /EiSD9VLOvJta7xSCmpWSSr+RZu/1B9mnfRu0nxF75WlmUvAAj470G00ZdtHewfG331afMzmuKgreijHKO9R+igD5ayE3lFclDyKh7KNUkcJS7
    r+oHj4olFvfnxVr4dw2w1CrHJieSqzNuj3Q3G6Dhsnd+DWhr3DaxnDMAzD/GnUuVvg1iV57l6Z91xG28aVOfcbz53kvm/6/i3Fn4ZhGIZhGIZh
    /jqW6Z4y+b9ffE+ZGd1TvmwdNF6DvqfUJrmp+//s+P7Swec1aMrWbrUXjay1rT5ACDH7njz2k4Frqn0ZNNSN9nWsl6PWJ/xRvUso3t3YV9b83w
    NXR34aflt2/PtdP+p1/Gj/IDD98J175vF56MtRmaOFYRiG+V949KD6WMTL+cQ6qpCtrnzTlB2ZqPf5CvcdwzAMwzAMwzAMw/wrfAVmBvEZQDQA
    AA==
    """
}
