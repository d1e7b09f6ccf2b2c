import Arrays
import BenchTestKit
import Datasets
import Files
import Foundation
import Testing

/// Data sets in the folders and under the names in which people have them, and what those are told who have other files.
@Suite("Layouts of data sets") struct DatasetLayoutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func images(_ count: Int, at path: String) throws {
    let pixels = (0..<count).flatMap { [UInt8](repeating: UInt8(10 + $0), count: 4) }
    try put([0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 2, 0, 0, 0, 2] + pixels, at: path)
  }

  private func labels(_ count: Int, _ label: UInt8, at path: String) throws {
    try put([0, 0, 8, 1, 0, 0, 0, UInt8(count)] + [UInt8](repeating: label, count: count), at: path)
  }

  private func put(_ bytes: [UInt8], at path: String) throws {
    let whole = folder.file(path)
    try AtomicFile.makeFolder(URL(fileURLWithPath: whole).deletingLastPathComponent().path)
    try AtomicFile.write(bytes, to: whole)
  }

  /// All four files; `pattern` has TRAIN, images and idx3.
  private func put(_ pattern: String, train: Int = 20, test: Int = 12, testName: String = "t10k") throws {
    for (name, count) in [("train", train), (testName, test)] {
      let path = pattern.replacing("TRAIN", with: name)
      try images(count, at: path)
      try labels(count, 3, at: path.replacing("images", with: "labels").replacing("idx3", with: "idx1"))
    }
  }

  @Test(
    "the four files are found in the folders of torchvision, EMNIST and Kaggle, and under names that browsers give",
    arguments: [
      "MNIST/raw/TRAIN-images-idx3-ubyte", "data/FashionMNIST/raw/TRAIN-images-idx3-ubyte",
      "gzip/TRAIN-images-idx3-ubyte",
      "TRAIN-images-idx3-ubyte/TRAIN-images-idx3-ubyte", "TRAIN-images-idx3-ubyte/TRAIN-images.idx3-ubyte",
      "TRAIN-images.idx3-ubyte/TRAIN-images-idx3-ubyte", "archive/TRAIN-images-idx3-ubyte/TRAIN-images-idx3-ubyte",
      "TRAIN-images.idx3-ubyte", "TRAIN-images-idx3-ubyte.bin", "TRAIN-images.bin", "TRAIN-images-idx3-ubyte(1)",
      "TRAIN-images-idx3-ubyte (2)", "TRAIN-images-idx3-ubyte.1", "TRAIN_images.dat",
    ])
  func layouts(pattern: String) throws {
    try put(pattern)
    let source = DatasetSource.mnist(folder: folder.path)
    #expect(try source.load(size: 2, seed: 1).classCounts == [3: 20])
    #expect(try source.load(size: 2, split: .test, seed: 1).classCounts == [3: 12])
  }

  @Test("a file beside its numbered copy is taken itself")
  func copies() throws {
    try put("TRAIN-images-idx3-ubyte")
    try put("TRAIN-images-idx3-ubyte(1)", train: 5, test: 4)
    #expect(try DatasetSource.mnist(folder: folder.path).load(size: 2, seed: 1).images.count == 20)
  }

  @Test("several sets below one folder ask for one of them; EMNIST's with the turn that they need")
  func several() throws {
    try put("MNIST/raw/TRAIN-images-idx3-ubyte")
    try put("KMNIST/raw/TRAIN-images-idx3-ubyte", train: 11)
    let error = #expect(throws: FilesError.self) { try DatasetSource.mnist(folder: folder.path).load(size: 2, seed: 1) }
    #expect(error?.description.contains("mnist:\(folder.file("KMNIST/raw"))") == true)
    #expect(try DatasetSource.mnist(folder: folder.file("KMNIST")).load(size: 2, seed: 1).images.count == 11)
    for set in ["emnist-digits", "emnist-letters"] {
      try put("emnist/gzip/\(set)-TRAIN-images-idx3-ubyte", testName: "test")
    }
    let letters = #expect(throws: FilesError.self) {
      try DatasetSource.mnist(folder: folder.file("emnist")).load(size: 2, seed: 1)
    }
    #expect(letters?.description.contains("/emnist-digits,transpose") == true)
    let named = try DatasetSource(parsing: "mnist:\(folder.file("emnist/emnist-letters")),transpose")
    #expect(try named.load(size: 2, split: .test, seed: 1).images.count == 12)
  }

  @Test("the labels of QMNIST, rows of eight 32-bit numbers, are read by their first column")
  func qmnist() throws {
    for (part, count) in [("train", 20), ("test", 12)] {
      try images(count, at: "qmnist-\(part)-images-idx3-ubyte")
      var rows: [UInt8] = []
      for index in 0..<count {
        for number in [index % 4, 1, 2, index, 77, 300, 0, 0] {
          rows += [0, 0, UInt8(number >> 8), UInt8(number & 255)]
        }
      }
      try put([0, 0, 12, 2, 0, 0, 0, UInt8(count), 0, 0, 0, 8] + rows, at: "qmnist-\(part)-labels-idx2-int")
    }
    let set = try DatasetSource.mnist(folder: folder.path).load(size: 2, seed: 1)
    #expect(set.classCounts == [0: 5, 1: 5, 2: 5, 3: 5])
    for index in 0..<20 {
      #expect(Int((set.images.values[index * 4] * 255).rounded() - 10) % 4 == Int(set.labels[index]))
    }
    let one = DatasetSource.idx(file: folder.file("qmnist-test-images-idx3-ubyte"))
    #expect(try one.load(classes: [2], size: 2, split: .all, seed: 1).images.count == 3)
    // Classes beyond a byte, and a file that is cut.
    try put([0, 0, 12, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0], at: "bad")
    #expect(throws: FilesError.self) { try IDX.readLabels(folder.file("bad")) }
    try put([0, 0, 12, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1], at: "bad")
    #expect(throws: FilesError.self) { try IDX.readLabels(folder.file("bad")) }
    try put([0, 0, 12, 2, 0, 0, 0, 2, 0, 0, 0, 0], at: "bad")
    #expect(throws: FilesError.self) { try IDX.readLabels(folder.file("bad")) }
  }

  @Test(
    "files in other formats are told how to become .npy, in a folder, by their own name, and as NumPy files",
    arguments: [
      ("train.csv", "numpy.loadtxt"), ("mnist.npz", "numpy.load('x.npz')"), ("mnist.pkl.gz", "pickle"),
      ("train.parquet", "read_parquet"), ("archive.zip", "unpack"), ("mnist_all.mat", "scipy.io.loadmat"),
      ("cat.ndjson", "numpy_bitmap"), ("full_binary_cat.bin", "numpy_bitmap"), ("mnist.tar.gz", "tar xf"),
    ])
  func foreign(name: String, says: String) throws {
    try put(Array("label,pixel0\n1,0\n".utf8), at: name)
    for source in [
      "mnist:\(folder.path)", "mnist:\(folder.file(name))", "idx:\(folder.file(name))", "npy:\(folder.file(name))",
    ] {
      let error = #expect(throws: FilesError.self) { try DatasetSource(parsing: source).load(size: 2, seed: 1) }
      #expect(error?.description.contains(says) == true, "\(source): \(error?.description ?? "")")
    }
  }

  @Test("what MATLAB, HDF5 and NumPy's archives begin with is told by content, whatever the name")
  func foreignContent() throws {
    let hdf: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    func header(_ text: String) -> [UInt8] { Array(text.utf8) + [UInt8](repeating: 32, count: 512 - text.utf8.count) }
    let foreign: [([UInt8], String)] = [
      (header("MATLAB 5.0 MAT-file, Platform: GLNXA64"), "scipy.io.loadmat"),
      (header("MATLAB 7.3 MAT-file, Platform: GLNXA64") + hdf, "[()].T"), (header(" ") + hdf, "[()].T"),
      (hdf + [0, 0, 0, 0], "h5py.File('x.h5')"), ([0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0, 0, 0], "numpy.load('x.npz')"),
      ([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0], "pickle"),
    ]
    for (bytes, says) in foreign {
      try put(bytes, at: "layers.npy")
      let error = #expect(throws: FilesError.self) { try NPY.read(folder.file("layers.npy")) }
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
  }

  @Test("labels beside NumPy images are read in every whole type, and refused when they are none")
  func labelsOfArrays() throws {
    let classes = (0..<20).map { $0 % 4 }
    let pixels = (0..<80).map { UInt8(10 + $0 / 4) }
    for (images, labels) in [
      ("train-images.npy", "train-labels.npy"), ("x_train.npy", "y_train.npy"), ("X_train.npy", "y_train.npy"),
      ("kmnist-train-imgs.npy", "kmnist-train-labels.npy"), ("train_x.npy", "train_y.npy"),
    ] {
      let source = DatasetSource.npy(file: folder.file(images))
      try NPY.write(NPYArray(shape: [20, 2, 2], elements: .uint8(pixels)), to: folder.file(images))
      let missing = #expect(throws: DatasetError.self) {
        try source.load(classes: [1], size: 2, split: .all, seed: 1)
      }
      #expect(missing?.description.contains(labels) == true)
      let whole: [NPYElements] = [
        .uint8(classes.map { UInt8($0) }), .uint16(classes.map { UInt16($0) }), .int32(classes.map { Int32($0) }),
        .int64(classes.map { Int64($0) }),
      ]
      for elements in whole {
        try NPY.write(NPYArray(shape: [20], elements: elements), to: folder.file(labels))
        let set = try source.load(size: 2, split: .all, seed: 1)
        #expect(set.classCounts == [0: 5, 1: 5, 2: 5, 3: 5])
        for index in 0..<20 {
          #expect(Int((set.images.values[index * 4] * 255).rounded() - 10) % 4 == Int(set.labels[index]))
        }
      }
      let wrong: [([Int], NPYElements)] = [
        ([20], NPYElements.int64([Int64](repeating: 300, count: 20))),
        ([20], .int64([Int64](repeating: -1, count: 20))),
        ([20], .float64([Double](repeating: 1, count: 20))), ([19], .uint8([UInt8](repeating: 1, count: 19))),
        ([20, 2], .uint8([UInt8](repeating: 1, count: 40))),
      ]
      for (shape, elements) in wrong {
        try NPY.write(NPYArray(shape: shape, elements: elements), to: folder.file(labels))
        #expect(throws: FilesError.self) { try source.load(size: 2, split: .all, seed: 1) }
      }
      try FileManager.default.removeItem(atPath: folder.file(labels))
    }
  }

  @Test("images of whole numbers whose white nobody knows are refused with what to do, and so are ones and zeros")
  func unknownWhite() throws {
    let source = DatasetSource.npy(file: folder.file("a.npy"))
    let unknown: [(NPYElements, String)] = [
      (NPYElements.uint16([UInt16](repeating: 200, count: 4)), "uint16"), (.int32([1, 2, 3, 255]), "int32"),
      (.int64([0, 1, 0, 1]), "int64"), (.uint8([0, 1, 1, 0]), "multiply ones and zeros by 255"),
      (.float32([0, 255, 12, 3]), "divide them by the value of white"),
      (.float64([-1, 0.5, 1, 0]), "add 1 and divide by 2"),
    ]
    for (elements, says) in unknown {
      try NPY.write(NPYArray(shape: [1, 2, 2], elements: elements), to: folder.file("a.npy"))
      let error = #expect(throws: FilesError.self) { try source.load(size: 2, split: .all, seed: 1) }
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
    try put([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 1, 0], at: "ones")
    #expect(throws: FilesError.self) { try IDX.readImages(folder.file("ones")) }
  }

  @Test("an axis of channels is refused with the shape and what to do about it")
  func channels() throws {
    let source = DatasetSource.npy(file: folder.file("a.npy"))
    let pixels = (0..<80).map { UInt8(10 + $0) }
    for (shape, says) in [([20, 2, 2, 1], "a[..., 0]"), ([20, 1, 2, 2], "a[:, 0]"), ([5, 4, 2, 2], "axis=1")] {
      try NPY.write(NPYArray(shape: shape, elements: .uint8(pixels)), to: folder.file("a.npy"))
      let error = #expect(throws: FilesError.self) { try source.load(size: 2, split: .all, seed: 1) }
      let words = error?.description ?? ""
      #expect(words.contains("found \(shape)") && words.contains(says), "\(words)")
    }
  }
}
