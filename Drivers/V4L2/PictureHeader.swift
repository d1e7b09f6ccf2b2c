/// What a JPEG picture says of itself.
///
/// libv4lconvert hands pictures whose sampling it does not know to a decoder of its own that can be made to write past
/// its buffers (seen with version 1.22.1), so a picture is only given to it after this was read.
struct PictureHeader {
  let width: Int
  let height: Int
  /// Samples of each component in a block of the picture, horizontally and vertically.
  let sampling: [(horizontal: UInt8, vertical: UInt8)]

  /// nil when it is not the header of one baseline picture.
  init?(_ picture: UnsafeRawBufferPointer) {
    guard picture.count >= 4, picture[0] == 0xff, picture[1] == 0xd8 else { return nil }
    var frame: UnsafeRawBufferPointer?
    var position = 2
    while position + 4 <= picture.count, picture[position] == 0xff {
      let marker = picture[position + 1]
      let length = Int(picture[position + 2]) << 8 | Int(picture[position + 3])
      guard length >= 2, position + 2 + length <= picture.count else { return nil }
      let segment = UnsafeRawBufferPointer(rebasing: picture[(position + 4)..<(position + 2 + length)])
      switch marker {
      case Self.baseline, Self.extended:
        guard frame == nil else { return nil }
        frame = segment
      case Self.tables, Self.comment, Self.quantisation, Self.restart, Self.applications: break
      case Self.scan:
        guard let frame else { return nil }
        self.init(frame: frame)
        return
      default: return nil
      }
      position += 2 + length
    }
    return nil
  }

  private init?(frame: UnsafeRawBufferPointer) {
    guard frame.count >= 6, frame[0] == 8, frame.count == 6 + 3 * Int(frame[5]) else { return nil }
    height = Int(frame[1]) << 8 | Int(frame[2])
    width = Int(frame[3]) << 8 | Int(frame[4])
    sampling = (0..<Int(frame[5])).map { component in
      let factors = frame[6 + 3 * component + 1]
      return (factors >> 4, factors & 15)
    }
  }

  /// Whether libjpeg decodes it: luma with chroma at half the resolution, in one direction or both.
  var isCommon: Bool {
    sampling.count == 3 && sampling[0].horizontal == 2 && (1...2).contains(sampling[0].vertical)
      && sampling[1...].allSatisfy { $0 == (1, 1) }
  }

  private static let baseline: UInt8 = 0xc0
  private static let extended: UInt8 = 0xc1
  private static let tables: UInt8 = 0xc4
  private static let scan: UInt8 = 0xda
  private static let quantisation: UInt8 = 0xdb
  private static let restart: UInt8 = 0xdd
  private static let applications: ClosedRange<UInt8> = 0xe0...0xef
  private static let comment: UInt8 = 0xfe
}
