import Arrays
import Files

extension DatasetFormat {
  /// A folder with the four files of MNIST or of a data set in its form; with the data set's name behind it when there are
  /// several in the folder.
  public static let mnist = DatasetFormat(
    "mnist", "a folder with the four files of MNIST or of a data set in its form", place: "FOLDER"
  ) { place, request in
    let folder = try IDXFolder(place)
    let wanted: [IDXFolder.Part] = request.split == .all ? [.train, .test] : [request.split == .train ? .train : .test]
    let parts = try wanted.map { part in
      let (images, labels) = try folder.files(of: part)
      return try IDXFiles.labelled(images: images, labels: labels)
    }
    return try Selection(request).dataset(of: parts, size: request.size)
  }

  /// One IDX file of images; the labels stand beside it where the canonical name says.
  public static let idx = DatasetFormat("idx", "one IDX file of images, with its labels beside it", place: "FILE") {
    file, request in
    var part = try IDXFiles.part(file)
    part.range = try request.split.range(of: part.count, file: file)
    return try Selection(request).dataset(of: [part], size: request.size)
  }
}

/// Images and labels of IDX files.
private enum IDXFiles {
  static func labelled(images: String, labels: String) throws -> DatasetPart {
    let (images, labels) = try IDX.read(images: images, labels: labels)
    return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:))
  }

  static func part(_ file: String) throws -> DatasetPart {
    let images = try IDX.readImages(file)
    let name = file.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? file
    let folder = file.dropLast(name.count)
    let labelsName = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    let wide = labelsName.replacing("idx1-ubyte", with: "idx2-int")
    let candidates = [labelsName, wide].flatMap {
      [$0, $0 + ".gz", $0.hasSuffix(".gz") ? String($0.dropLast(3)) : $0]
    }
    let labels = candidates.filter { $0 != name }.map { folder + $0 }.first(where: AtomicFile.exists)
    if let labels {
      let (images, labels) = try IDX.read(images: file, labels: labels)
      return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:))
    }
    let names = (try? IDXFolder.names(in: folder.isEmpty ? "." : String(folder))) ?? []
    let similar = names.filter { $0.contains("labels") }
    let hint =
      "\(folder)\(labelsName)" + (similar.isEmpty ? "" : ", and there is \(similar.prefix(8).joined(separator: ", "))")
    return DatasetPart(labels: [], range: 0..<images.count, images: images.stack(of:), labelsHint: hint)
  }
}
