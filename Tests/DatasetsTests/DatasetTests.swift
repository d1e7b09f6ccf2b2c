import Arrays
import BenchTestKit
import Datasets
import Files
import Foundation
import Scores
import Testing

@Suite struct DatasetTests {
  @Test("glyphs are the same for a seed, differ between seeds and splits, and have every class equally often")
  func glyphs() throws {
    func load(_ split: DatasetSplit, _ seed: UInt64) throws -> ImageDataset {
      try DatasetSource.glyphs.load(size: 20, split: split, count: 48, seed: seed)
    }
    let set = try load(.train, 1)
    #expect(try load(.train, 1).images == set.images)
    #expect(try load(.train, 2).images != set.images)
    #expect(try load(.test, 1).images != set.images)
    #expect(Glyph.allCases.count >= 10)
    #expect(set.classCounts.count == Glyph.allCases.count && set.classCounts.values.allSatisfy { $0 == 4 })
    #expect(set.images.values.allSatisfy { (0...1).contains($0) })
    #expect(try DatasetSource.glyphs.load(classes: [0, 3], count: 10, seed: 1).classCounts == [0: 5, 3: 5])
    #expect(throws: DatasetError.self) { try DatasetSource.glyphs.load(classes: [12], seed: 1) }
    #expect(throws: DatasetError.self) { try DatasetSource.glyphs.load(size: 2, seed: 1) }
  }

  @Test("glyphs look like handwritten digits to a statistic: dark edges, bright strokes, centred; classes differ")
  func glyphStatistics() throws {
    let set = try DatasetSource.glyphs.load(size: 20, count: 1200, seed: 3)
    let mean = set.images.values.reduce(0, +) / Float(set.images.values.count)
    #expect((0.1...0.2).contains(mean))
    #expect(Float(set.images.values.count { $0 > 0.9 }) > 0.07 * Float(set.images.values.count))
    for index in 0..<set.images.count {
      let edge = (0..<20).flatMap { [set.images[index, 0, $0], set.images[index, 19, $0], set.images[index, $0, 0]] }
      #expect(edge.max() ?? 1 < 1)
    }
    // The nearest class mean names most glyphs, so the classes are distinct.
    let prototypes = (0..<Glyph.allCases.count).map { label in
      let members = set.labels.indices.filter { Int(set.labels[$0]) == label }
      return (0..<400).map { pixel in
        members.reduce(Float(0)) { $0 + set.images.values[$1 * 400 + pixel] } / Float(members.count)
      }
    }
    let right = set.labels.indices.count { index in
      let distances = prototypes.map { prototype in
        (0..<400).reduce(Float(0)) { sum, pixel in
          let difference = prototype[pixel] - set.images.values[index * 400 + pixel]
          return sum + difference * difference
        }
      }
      return distances.indices.min { distances[$0] < distances[$1] } == Int(set.labels[index])
    }
    #expect(Double(right) > 0.85 * 1200)
  }

  @Test("resampling keeps means and weighs by the overlap")
  func resampling() {
    let row = Stack<Float>(count: 1, height: 1, width: 3, values: [3, 6, 9])
    let two = AreaResampling.resample(row, height: 1, width: 2)
    #expect(zip(two.values, [4, 8]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(AreaResampling.resample(row, height: 2, width: 3).values == [3, 6, 9, 3, 6, 9])
    var values = [Float](repeating: 0, count: 2 * 28 * 28)
    CounterRandom(seed: 1).fillNormal(into: &values)
    let images = Stack<Float>(count: 2, height: 28, width: 28, values: values)
    let small = AreaResampling.resample(images, height: 20, width: 20)
    for plane in 0..<2 {
      let before = images.values[images.range(ofPlane: plane)].reduce(0, +) / 784
      let after = small.values[small.range(ofPlane: plane)].reduce(0, +) / 400
      #expect(abs(before - after) < 1e-5)
    }
  }

  @Test("a folder of IDX files is read by its canonical names, filtered by class, in a seeded order")
  func mnistFolder() throws {
    let folder = try TemporaryFolder()
    try write(images: 30, to: folder.file("train-images-idx3-ubyte"))
    try write(labels: (0..<30).map { UInt8($0 % 3) }, to: folder.file("train-labels-idx1-ubyte"))
    let source = try DatasetSource(parsing: "mnist:\(folder.path)")
    let all = try source.load(size: 2, seed: 1)
    #expect(all.classCounts == [0: 10, 1: 10, 2: 10])
    for index in 0..<30 {
      // Image n is filled with 3n, and has the label n modulo 3.
      let number = Int((all.images.values[index * 4] * 255).rounded()) / 3
      #expect(Int(all.labels[index]) == number % 3)
    }
    #expect(try source.load(size: 2, seed: 1).labels == all.labels)
    #expect(try source.load(size: 2, seed: 2).labels != all.labels)
    #expect(try source.load(classes: [2], size: 2, count: 4, seed: 1).labels == [2, 2, 2, 2])
    #expect(throws: DatasetError.self) { try source.load(classes: [7], size: 2, seed: 1) }
    #expect(throws: DatasetError.self) { try source.load(size: 2, count: 31, seed: 1) }
    #expect(throws: FilesError.self) { try source.load(size: 2, split: .test, seed: 1) }
  }

  @Test("one IDX file finds its labels and is split nine to one without overlap")
  func idxFile() throws {
    let folder = try TemporaryFolder()
    try write(images: 20, to: folder.file("x-images-idx3-ubyte"))
    let source = DatasetSource.idx(file: folder.file("x-images-idx3-ubyte"))
    #expect(throws: DatasetError.self) { try source.load(classes: [0], size: 3, seed: 1) }
    let train = try source.load(size: 3, seed: 1)
    let test = try source.load(size: 3, split: .test, seed: 1)
    #expect(train.images.count == 18 && test.images.count == 2 && train.labels.isEmpty)
    #expect(Set(train.images.values).isDisjoint(with: test.images.values))
    try write(labels: [UInt8](repeating: 4, count: 20), to: folder.file("x-labels-idx1-ubyte"))
    #expect(try source.load(classes: [4], size: 3, split: .all, seed: 1).images.count == 20)
    try write(labels: [4], to: folder.file("x-labels-idx1-ubyte"))
    #expect(throws: FilesError.self) { try source.load(size: 3, seed: 1) }
  }

  @Test(
    "IDX files with a wrong magic number, a cut or a tail are refused with file and byte",
    arguments: [
      ([UInt8](), "byte 0"), ([0, 0, 8, 1, 0, 0, 0, 1, 5], "byte"), ([0, 0, 8], "byte 3"),
      ([0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5], "byte 0"),
      ([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5], "byte 17"),
      ([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6], "byte 17"),
      ([0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1], "byte 4"),
      ([0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], "byte"),
      ([0x1F, 0x8B, 8, 0], "gzip"),
    ])
  func idxRefusals(bytes: [UInt8], place: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(bytes, to: folder.file("images"))
    do {
      _ = try IDX.readImages(folder.file("images"))
      Issue.record("nothing was refused")
    } catch let error as FilesError {
      let message = error.description
      #expect(message.hasPrefix(folder.file("images") + ": ") && message.contains(place), "\(message)")
    }
  }

  @Test("a file of ten images or more has two for tests at least, and one of fewer is refused with that number")
  func smallSplits() throws {
    let folder = try TemporaryFolder()
    let source = DatasetSource.npy(file: folder.file("a.npy"))
    for count in 9...30 {
      let values = (0..<count * 4).map { UInt8($0) }
      try NPY.write(NPYArray(shape: [count, 2, 2], elements: .uint8(values)), to: folder.file("a.npy"))
      if count < 10 {
        let error = #expect(throws: FilesError.self) { try source.load(size: 2, split: .test, seed: 1) }
        #expect(error?.description.contains("at least 10") == true)
        continue
      }
      let (train, test) = (
        try source.load(size: 2, split: .train, seed: 1).images, try source.load(size: 2, split: .test, seed: 1).images
      )
      #expect(test.count >= 2 && train.count + test.count == count)
      #expect(throws: Never.self) { try GaussianBaseline(train, scored: test) }
    }
  }

  @Test("what is no IDX file is refused without telling what is in it")
  func noContent() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([201, 202, 203, 204] + [UInt8](repeating: 77, count: 40), to: folder.file("secret"))
    let error = #expect(throws: FilesError.self) { try IDX.readImages(folder.file("secret")) }
    // The folder's name may hold any number.
    let said = try #require(error?.description.replacing(folder.file("secret"), with: ""))
    #expect(["201", "202", "203", "204"].allSatisfy { !said.contains($0) })
  }

  @Test("NumPy images are taken as they are or scaled from bytes; values outside 0…1 are refused")
  func npyImages() throws {
    let folder = try TemporaryFolder()
    let source = DatasetSource.npy(file: folder.file("a.npy"))
    try NPY.write(NPYArray(shape: [1, 2, 2], elements: .uint8([0, 51, 102, 255])), to: folder.file("a.npy"))
    #expect(try source.load(size: 2, split: .all, seed: 1).images.values == [0, 0.2, 0.4, 1])
    try NPY.write(NPYArray(shape: [1, 2, 2], elements: .float32([0, 0, 1.5, 0])), to: folder.file("a.npy"))
    #expect(throws: FilesError.self) { try source.load(size: 2, split: .all, seed: 1) }
    try NPY.write(NPYArray(shape: [1, 1, 2], elements: .float32([0, 0])), to: folder.file("a.npy"))
    #expect(throws: DatasetError.self) { try source.load(size: 2, split: .all, seed: 1) }
  }

  @Test(
    "the files of a folder are found under the names that unpackers and relatives of MNIST give them",
    arguments: [
      "TRAIN-images-idx3-ubyte", "TRAIN-images.idx3-ubyte", "TRAIN_images_idx3_ubyte", "TRAIN-images-idx3-ubyte.idx",
      "emnist-letters-TRAIN-images-idx3-ubyte", "TRAIN-images-idx3-ubyte/TRAIN-images-idx3-ubyte",
    ])
  func otherNames(pattern: String) throws {
    let folder = try TemporaryFolder()
    for part in ["train", pattern.hasPrefix("emnist") ? "test" : "t10k"] {
      let images = pattern.replacing("TRAIN", with: part)
      let labels = images.replacing("images", with: "labels").replacing("idx3", with: "idx1")
      for name in [images, labels] where name.contains("/") {
        try AtomicFile.makeFolder(folder.file(String(name.prefix { $0 != "/" })))
      }
      try write(images: part == "train" ? 20 : 10, to: folder.file(images))
      try write(labels: [UInt8](repeating: 3, count: part == "train" ? 20 : 10), to: folder.file(labels))
    }
    let source = try DatasetSource(parsing: "mnist:\(folder.path)")
    #expect(try source.load(size: 3, seed: 1).classCounts == [3: 20])
    #expect(try source.load(size: 3, split: .test, seed: 1).classCounts == [3: 10])
    #expect(try source.load(size: 3, split: .all, seed: 1).images.count == 30)
  }

  @Test("a folder with several data sets asks for one by name, and a missing file is named with what is there")
  func ambiguousNames() throws {
    let folder = try TemporaryFolder()
    for set in ["emnist-letters", "emnist-digits"] {
      try write(images: 10, to: folder.file("\(set)-train-images-idx3-ubyte"))
      try write(
        labels: [UInt8](repeating: set == "emnist-digits" ? 1 : 2, count: 10),
        to: folder.file("\(set)-train-labels-idx1-ubyte"))
    }
    let error = #expect(throws: FilesError.self) { try DatasetSource.mnist(folder: folder.path).load(size: 3, seed: 1) }
    #expect(error?.description.contains("mnist:\(folder.path)/emnist-digits") == true)
    let one = DatasetSource.mnist(folder: folder.file("emnist-digits"))
    #expect(try one.load(size: 3, seed: 1).classCounts == [1: 10])
    let missing = #expect(throws: FilesError.self) { try one.load(size: 3, split: .test, seed: 1) }
    #expect(missing?.description.contains("emnist-digits-test-images-idx3-ubyte") == true)
    #expect(missing?.description.contains("and there is emnist-digits-train-images-idx3-ubyte") == true)
    // Beside canonical names others are of no concern.
    try write(images: 10, to: folder.file("train-images-idx3-ubyte"))
    try write(labels: [UInt8](repeating: 7, count: 10), to: folder.file("train-labels-idx1-ubyte"))
    #expect(try DatasetSource.mnist(folder: folder.path).load(size: 3, seed: 1).classCounts == [7: 10])
  }

  @Test("a picture in each row, as Quick, Draw! has it, is a square; what is no square or may be two things is refused")
  func flatImages() throws {
    let folder = try TemporaryFolder()
    let source = DatasetSource.npy(file: folder.file("q.npy"))
    func write(_ shape: [Int]) throws {
      let pixels = (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) }
      try NPY.write(NPYArray(shape: shape, elements: .uint8(pixels)), to: folder.file("q.npy"))
    }
    try write([20, 9])
    let flat = try source.load(size: 3, split: .all, seed: 1).images
    try write([20, 3, 3])
    #expect(try source.load(size: 3, split: .all, seed: 1).images == flat)
    for shape in [[20, 10], [9, 9], [20, 1]] {
      try write(shape)
      let error = #expect(throws: FilesError.self) { try source.load(size: 3, split: .all, seed: 1) }
      #expect(error?.description.contains("\(shape)") == true)
    }
  }

  @Test("images stored by columns, as EMNIST's, are turned when the source says so, and no others")
  func transposed() throws {
    let folder = try TemporaryFolder()
    // An upright stroke in the left column, and the same stored by columns.
    let stroke: [UInt8] = [255, 0, 0, 255, 0, 0, 255, 0, 0]
    let stored: [UInt8] = [255, 255, 255, 0, 0, 0, 0, 0, 0]
    for (name, pixels) in [("upright", stroke), ("stored", stored)] {
      try NPY.write(NPYArray(shape: [1, 3, 3], elements: .uint8(pixels)), to: folder.file(name))
    }
    let wanted = try DatasetSource.npy(file: folder.file("upright")).load(size: 3, split: .all, seed: 1).images
    let source = try DatasetSource(parsing: "npy:\(folder.file("stored")),transpose")
    #expect(try source.load(size: 3, split: .all, seed: 1).images == wanted)
    #expect(source.description == "npy:\(folder.file("stored")),transpose")
    #expect(try DatasetSource.npy(file: folder.file("stored")).load(size: 3, split: .all, seed: 1).images != wanted)
  }

  @Test("a class that there is not is refused with those that there are, and missing labels with their name")
  func classesOfLetters() throws {
    let folder = try TemporaryFolder()
    let source = DatasetSource.idx(file: folder.file("emnist-letters-train-images-idx3-ubyte"))
    try write(images: 20, to: folder.file("emnist-letters-train-images-idx3-ubyte"))
    let missing = #expect(throws: DatasetError.self) { try source.load(classes: [1], size: 3, seed: 1) }
    #expect(missing?.description.contains("emnist-letters-train-labels-idx1-ubyte") == true)
    try write(labels: (0..<20).map { UInt8(1 + $0 % 2) }, to: folder.file("emnist-letters-train-labels-idx1-ubyte"))
    let error = #expect(throws: DatasetError.self) { try source.load(classes: [0], size: 3, seed: 1) }
    #expect(error?.description.contains("[1, 2]") == true)
    #expect(try source.load(classes: [1], size: 3, split: .all, seed: 1).images.count == 10)
  }

  @Test("sources are parsed from one string and written back")
  func parsing() throws {
    for text in ["glyphs", "mnist:/data:x", "idx:a/b", "npy:c.npy", "idx:a/b,transpose", "npy:c,d.npy"] {
      #expect(try DatasetSource(parsing: text).description == text)
    }
    for text in ["", "glyphs:x", "mnist", "mnist:", "cifar:x", "idx:,transpose", ",transpose"] {
      #expect(throws: DatasetError.self) { try DatasetSource(parsing: text) }
    }
  }

  private func write(images count: Int, to path: String) throws {
    let pixels = (0..<count).flatMap { [UInt8](repeating: UInt8($0 * 3), count: 9) }
    try AtomicFile.write([0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 3, 0, 0, 0, 3] + pixels, to: path)
  }

  private func write(labels: [UInt8], to path: String) throws {
    try AtomicFile.write([0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels, to: path)
  }
}
