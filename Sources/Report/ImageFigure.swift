import Arrays
import Files
import Foundation

/// Images in rows and columns, as one picture inside the page.
public struct ImageFigure: Block {
  public var title: String
  /// What the images are, for the caption and for those who cannot see them.
  public var summary: String
  private let data: String

  /// - Parameters:
  ///   - images: values in 0…1, `[count, height, width]`.
  ///   - columns: images in a row.
  /// - Throws: `FilesError` when the picture cannot be encoded.
  public init(_ title: String, summary: String, images: Stack<Float>, columns: Int) throws {
    self.title = title
    self.summary = summary
    let scale = max(1, 40 / max(1, images.width))
    data = Data(try ImageGrid(images, columns: columns, scale: scale, gap: 2 * scale).png()).base64EncodedString()
  }

  public func html(id: String) -> String {
    """
    <figure>
    <figcaption><strong>\(escaped(title))</strong> \(escaped(summary))</figcaption>
    <img alt="\(escaped("\(title): \(summary)"))" src="data:image/png;base64,\(data)">
    </figure>

    """
  }
}
