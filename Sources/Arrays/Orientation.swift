/// How a picture shows a plane: one of the eight ways to turn and to mirror it.
///
/// The plane is mirrored from left to right first, where the name says so, and then turned clockwise, that is from x towards
/// y. `mirroredRotated180` is the plane upside down.
public enum Orientation: String, Sendable, Codable, CaseIterable {
  case upright, rotated90, rotated180, rotated270
  case mirrored, mirroredRotated90, mirroredRotated180, mirroredRotated270

  /// - Parameter quarterTurns: clockwise; any number.
  public init(quarterTurns: Int, isMirrored: Bool) {
    let turns = ((quarterTurns % 4) + 4) % 4
    self = Self.allCases[isMirrored ? turns + 4 : turns]
  }

  /// Whether the plane is mirrored from left to right before it is turned.
  public var isMirrored: Bool {
    switch self {
    case .upright, .rotated90, .rotated180, .rotated270: false
    case .mirrored, .mirroredRotated90, .mirroredRotated180, .mirroredRotated270: true
    }
  }

  /// Clockwise, 0 to 3.
  public var quarterTurns: Int {
    switch self {
    case .upright, .mirrored: 0
    case .rotated90, .mirroredRotated90: 1
    case .rotated180, .mirroredRotated180: 2
    case .rotated270, .mirroredRotated270: 3
    }
  }

  /// The orientation that undoes this one.
  public var inverse: Orientation { isMirrored ? self : Orientation(quarterTurns: -quarterTurns, isMirrored: false) }

  /// A picture that shows in this way a picture that shows a plane in the other way.
  public func after(_ other: Orientation) -> Orientation {
    Orientation(
      quarterTurns: quarterTurns + (isMirrored ? -other.quarterTurns : other.quarterTurns),
      isMirrored: isMirrored != other.isMirrored)
  }

  /// Width and height of the picture of a plane.
  public func size(ofPlane width: Int, _ height: Int) -> (width: Int, height: Int) {
    quarterTurns.isMultiple(of: 2) ? (width, height) : (height, width)
  }

  /// Where the picture shows the samples of a plane of this width and height.
  public func placement(ofPlane width: Int, _ height: Int) -> Placement {
    var placement = Placement(origin: (0, 0), perColumn: (1, 0), perRow: (0, 1))
    if isMirrored { placement = Placement(origin: (width - 1, 0), perColumn: (-1, 0), perRow: (0, 1)) }
    var height = height
    var width = width
    for _ in 0..<quarterTurns {
      placement = Placement(
        origin: (height - 1 - placement.origin.y, placement.origin.x),
        perColumn: (-placement.perColumn.y, placement.perColumn.x), perRow: (-placement.perRow.y, placement.perRow.x))
      (width, height) = (height, width)
    }
    return placement
  }

  /// Sample (x, y) of the plane is at origin + x·perColumn + y·perRow of the picture.
  public struct Placement: Sendable {
    /// The place of sample (0, 0) in the picture.
    public var origin: (x: Int, y: Int)
    /// The step in the picture from a sample to the one on its right in the plane.
    public var perColumn: (x: Int, y: Int)
    /// The step in the picture from a sample to the one below it in the plane.
    public var perRow: (x: Int, y: Int)

    public init(origin: (x: Int, y: Int), perColumn: (x: Int, y: Int), perRow: (x: Int, y: Int)) {
      (self.origin, self.perColumn, self.perRow) = (origin, perColumn, perRow)
    }

    /// Also for samples beyond the plane.
    public func callAsFunction(_ x: Int, _ y: Int) -> (x: Int, y: Int) {
      (origin.x + x * perColumn.x + y * perRow.x, origin.y + x * perColumn.y + y * perRow.y)
    }
  }

  /// The pictures of planes.
  public func pictures<Scalar>(of planes: Stack<Scalar>) -> Stack<Scalar> {
    guard self != .upright else { return planes }
    let size = size(ofPlane: planes.width, planes.height)
    let placement = placement(ofPlane: planes.width, planes.height)
    var pictures = Stack<Scalar>(count: planes.count, height: size.height, width: size.width)
    for plane in 0..<planes.count {
      for y in 0..<planes.height {
        for x in 0..<planes.width {
          let place = placement(x, y)
          pictures[plane, place.y, place.x] = planes[plane, y, x]
        }
      }
    }
    return pictures
  }

  /// The planes that pictures show.
  public func planes<Scalar>(in pictures: Stack<Scalar>) -> Stack<Scalar> { inverse.pictures(of: pictures) }
}
