import Arrays

/// Images with values in 0…1 and, where known, the class of each.
public struct ImageDataset: Sendable {
  public var name: String
  /// `[count, height, width]` in 0…1.
  public var images: Stack<Float>
  /// One class per image; empty when the classes are not known.
  public var labels: [UInt8]

  /// There are as many labels as images, or none.
  public init(name: String, images: Stack<Float>, labels: [UInt8]) {
    precondition(labels.isEmpty || labels.count == images.count, "a dataset has one label per image or none")
    self.name = name
    self.images = images
    self.labels = labels
  }

  /// How many images there are of each class that occurs.
  public var classCounts: [UInt8: Int] { labels.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  /// The images brought to `size`×`size` pixels by exact area overlap.
  ///
  /// - Throws: ``DatasetError/argument(name:found:expected:)`` for a size outside 1…4096.
  public func resampled(to size: Int) throws -> ImageDataset {
    guard (1...4096).contains(size) else {
      throw DatasetError.argument(name: "image size", found: "\(size)", expected: "a number of pixels from 1 to 4096")
    }
    return ImageDataset(name: name, images: AreaResampling.resample(images, height: size, width: size), labels: labels)
  }
}
