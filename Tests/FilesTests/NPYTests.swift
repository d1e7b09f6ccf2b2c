import Arrays
import BenchTestKit
import Files
import Testing

@Suite struct NPYTests {
  static let arrays: [NPYArray] = [
    NPYArray(shape: [2, 3], elements: .float32([1, -2, 0.5, 3e-30, 4, 5])),
    NPYArray(shape: [3], elements: .float64([1, .pi, -1e300])),
    NPYArray(shape: [1, 2], elements: .complex64([1, 2, 3, 4])),
    NPYArray(shape: [2, 1, 1], elements: .complex128([1, 2, 3, -4])),
    NPYArray(shape: [4], elements: .uint8([0, 1, 128, 255])),
    NPYArray(shape: [2], elements: .uint16([258, 65535])),
    NPYArray(shape: [], elements: .int32([-7])),
    NPYArray(shape: [0, 5], elements: .int64([])),
  ]

  @Test("every type and rank comes back as it was", arguments: arrays)
  func roundTrip(array: NPYArray) throws {
    let back = try NPY.decode(NPY.encode(array), source: "bytes")
    #expect(back.shape == array.shape)
    #expect(back.elements == array.elements)
  }

  @Test("the header is NumPy's: magic, version, alignment to 64, dictionary")
  func header() {
    let bytes = NPY.encode(NPYArray(shape: [3], elements: .float32([0, 0, 0])))
    #expect(Array(bytes[..<8]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
    #expect((bytes.count - 12) % 64 == 0)
    #expect(
      String(decoding: bytes[10...], as: UTF8.self).hasPrefix(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"))
  }

  @Test("versions 2.0 and 3.0, other spacing and double quotes are read", arguments: [UInt8(2), 3])
  func versions(version: UInt8) throws {
    let bytes = file(
      "{ \"shape\": (2L,1), 'descr': '<u2','fortran_order':False}\n", version: version, data: [1, 0, 2, 1])
    let array = try NPY.decode(bytes, source: "bytes")
    #expect(array.shape == [2, 1])
    #expect(array.elements == .uint16([1, 258]))
  }

  @Test(
    "what cannot be used is refused with file, place and expectation",
    arguments: [
      ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4, "descr"),
      ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "descr"),
      ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, "header"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, "data"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 5, "data"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, "header"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 4, "shape"),
      ("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }", 4, "data"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 4, "header"),
      ("{'descr': '<f4', 'fortran_order': False}", 4, "header"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } rubbish", 4, "header"),
      ("", 0, "header"),
    ])
  func refusals(header: String, dataCount: Int, place: String) {
    let bytes = file(header, version: 1, data: [UInt8](repeating: 0, count: dataCount))
    expectRefusal(place) { _ = try NPY.decode(bytes, source: "F.npy") }
  }

  @Test("Fortran order, as MATLAB and Julia write it, is read as the array that it is")
  func fortranOrder() throws {
    // numpy.asfortranarray(numpy.arange(24, dtype="u1").reshape(2, 3, 4)), written down by its definition: the element
    // [i, j, k] stands at i + 2·j + 6·k and is 12·i + 4·j + k.
    let stored = (0..<24).map { (place: Int) -> UInt8 in
      let (i, j, k) = (place % 2, place / 2 % 3, place / 6)
      return UInt8(12 * i + 4 * j + k)
    }
    let array = try NPY.decode(
      file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4)}\n", version: 1, data: stored), source: "bytes")
    #expect(array.shape == [2, 3, 4])
    #expect(array.elements == .uint8([UInt8](0..<24)))
    // A complex element stays together; one dimension, none and empty arrays have one order only.
    let parts: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let complex = try NPY.decode(
      file(
        "{'descr': '<c8', 'fortran_order': True, 'shape': (2, 2)}", version: 1,
        data: parts.flatMap { withUnsafeBytes(of: $0) { Array($0) } }), source: "bytes")
    #expect(complex.elements == .complex64([1, 2, 5, 6, 3, 4, 7, 8]))
    for (shape, data) in [("(3,)", [7, 8, 9]), ("()", [7]), ("(0, 2)", [])] as [(String, [UInt8])] {
      let text = "{'descr': '|u1', 'fortran_order': True, 'shape': \(shape)}"
      #expect(try NPY.decode(file(text, version: 1, data: data), source: "bytes").elements == .uint8(data))
    }
  }

  @Test("a file cut anywhere is refused")
  func truncation() {
    let whole = NPY.encode(NPYArray(shape: [2], elements: .float64([1, 2])))
    for length in 0..<whole.count {
      #expect(throws: FilesError.self) { try NPY.decode(Array(whole[..<length]), source: "F.npy") }
    }
  }

  @Test("stacks take rank 2 and 3 of float32 and float64 only, and no NaN or infinity unless asked")
  func stacks() throws {
    let flat = try Stack<Float>(npy: NPYArray(shape: [1, 2], elements: .float64([1, 2])))
    #expect(flat == Stack<Float>(count: 1, height: 1, width: 2, values: [1, 2]))
    let deep = Stack<Double>(count: 2, height: 1, width: 1, values: [0.1, .pi])
    #expect(try Stack<Double>(npy: NPY.decode(NPY.encode(NPYArray(deep)), source: "bytes")) == deep)
    expectRefusal("shape") {
      _ = try Stack<Float>(npy: NPYArray(shape: [2], elements: .float32([1, 2]), source: "F.npy"))
    }
    expectRefusal("dtype") {
      _ = try Stack<Float>(npy: NPYArray(shape: [1, 1], elements: .complex64([1, 2]), source: "F.npy"))
    }
    let hole = NPYArray(shape: [2, 2], elements: .float32([1, 2, .nan, 4]), source: "F.npy")
    expectRefusal("[1, 0]") { _ = try Stack<Float>(npy: hole) }
    #expect(try Stack<Double>(npy: hole, allowNonFinite: true).values[2].isNaN)
    expectRefusal("[0, 0]") {
      _ = try Stack<Float>(npy: NPYArray(shape: [1, 1], elements: .float64([1e300]), source: "F.npy"))
    }
  }

  @Test("a written file is read back; a missing one is named")
  func files() throws {
    let folder = try TemporaryFolder()
    let array = NPYArray(shape: [1], elements: .int64([42]))
    try NPY.write(array, to: folder.file("A.npy"))
    #expect(try NPY.read(folder.file("A.npy")).elements == array.elements)
    #expect(throws: FilesError.unreadable(file: folder.file("B.npy"), reason: "No such file or directory")) {
      try NPY.read(folder.file("B.npy"))
    }
  }

  private func file(_ header: String, version: UInt8, data: [UInt8]) -> [UInt8] {
    let length = UInt8(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [version, 0, length, 0] + (version > 1 ? [0, 0] : []) + Array(header.utf8)
      + data
  }

  private func expectRefusal(_ place: String, _ body: () throws -> Void) {
    do {
      try body()
      Issue.record("nothing was refused")
    } catch {
      let message = "\(error)"
      #expect(message.hasPrefix("F.npy: ") && message.contains(place) && !message.contains("\n"), "\(message)")
    }
  }
}
