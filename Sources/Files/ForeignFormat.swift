/// Formats in which people have their arrays and which are not read, with what to do about each.
public enum ForeignFormat: CaseIterable, Sendable {
  case matlab5, matlab73, hdf5, zip, pickle, png, tiff, jpeg, gzip, parquet, csv, ndjson, tar, strokes

  /// What a file is by its first bytes.
  public init?(bytes: some Sequence<UInt8>) {
    let start = Array(bytes.prefix(520))
    let found = Self.signatures.first { offset, signature, _ in
      start.dropFirst(offset).starts(with: signature)
    }
    guard let found else { return nil }
    self = found.format
  }

  /// What a file is by the end of its name.
  public init?(name: String) {
    let name = name.lowercased()
    guard let found = Self.endings.first(where: { name.hasSuffix($0.ending) }) else { return nil }
    self = found.format
  }

  private static let hdfSignature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]

  /// The likelier first: MATLAB's own header stands before the HDF5 file in files of its version 7.3.
  private static let signatures: [(offset: Int, signature: [UInt8], format: ForeignFormat)] = [
    (0, Array("MATLAB 7.3".utf8), .matlab73), (0, Array("MATLAB 5.0".utf8), .matlab5), (512, hdfSignature, .matlab73),
    (0, hdfSignature, .hdf5), (0, Array("PK".utf8) + [3, 4], .zip), (0, Array("PAR1".utf8), .parquet),
    (0, [0x80, 2], .pickle), (0, [0x80, 3], .pickle), (0, [0x80, 4], .pickle), (0, [0x80, 5], .pickle),
    (0, [0x89] + Array("PNG".utf8), .png), (0, Array("II*".utf8) + [0], .tiff), (0, Array("MM".utf8) + [0, 42], .tiff),
    (0, [0xFF, 0xD8, 0xFF], .jpeg), (0, [0x1F, 0x8B], .gzip),
  ]

  private static let endings: [(ending: String, format: ForeignFormat)] = [
    (".csv", .csv), (".csv.gz", .csv), (".tsv", .csv), (".npz", .zip), (".zip", .zip), (".mat", .matlab5),
    (".h5", .hdf5), (".hdf5", .hdf5), (".parquet", .parquet), (".ndjson", .ndjson), (".bin", .strokes),
    (".pkl", .pickle), (".pkl.gz", .pickle), (".pickle", .pickle), (".pt", .pickle), (".pth", .pickle), (".tar", .tar),
    (".tar.gz", .tar), (".tgz", .tar), (".png", .png), (".jpg", .jpeg), (".jpeg", .jpeg), (".tif", .tiff),
    (".tiff", .tiff),
  ]

  /// What it is and how to get a NumPy file from it.
  public var remedy: String {
    switch self {
    case .matlab5:
      "a MATLAB file; in Python, numpy.save('x.npy', scipy.io.loadmat('x.mat')['x']) writes its variable x as .npy, in "
        + "MATLAB writeNPY(x, 'x.npy') of npy-matlab does; give [count, height, width]"
    case .matlab73:
      "a MATLAB file of version 7.3, which is HDF5 with its axes reversed; in Python, numpy.save('x.npy', "
        + "h5py.File('x.mat')['x'][()].T) writes its variable x as .npy, in MATLAB writeNPY(x, 'x.npy') of npy-matlab does"
    case .hdf5: "an HDF5 file; in Python, numpy.save('x.npy', h5py.File('x.h5')['x'][()]) writes its dataset x as .npy"
    case .zip:
      "an archive, as .npz is; in Python, a = numpy.load('x.npz'); print(a.files) lists its arrays, and "
        + "numpy.save('x_train.npy', a['x_train']) writes one as .npy; unpack any other archive"
    case .pickle: "a Python pickle; load it where you trust it, and write the array with numpy.save('x.npy', array)"
    case .png, .jpeg, .tiff:
      "a picture; in Python, numpy.save('x.npy', numpy.asarray(PIL.Image.open('x.png').convert('L')) / 255.0) writes it "
        + "as .npy with values in 0 to 1"
    case .gzip: "compressed; unpack it with gunzip first"
    case .parquet:
      "a Parquet table; in Python, pandas.read_parquet reads it, and numpy.save('x.npy', array) writes an array as .npy"
    case .csv:
      "a table of text; in Python, a = numpy.loadtxt('train.csv', delimiter=',', skiprows=1, dtype=numpy.uint8); "
        + "numpy.save('train-images.npy', a[:, 1:]); numpy.save('train-labels.npy', a[:, 0]) writes images and labels, "
        + "and npy:train-images.npy reads both"
    case .ndjson, .strokes:
      "perhaps a file of strokes, as Quick, Draw! has them; its pictures are the files of numpy_bitmap, such as cat.npy"
    case .tar: "an archive; unpack it with tar xf first"
    }
  }
}
