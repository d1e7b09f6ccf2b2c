/// A stack of equally sized real planes, `[count, height, width]`, row-major, origin top-left, x right, y down.
///
/// Images, phase layers, camera frames and gradients all have this shape.
public struct Stack<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// The number of planes.
  public let count: Int
  /// Rows of a plane.
  public let height: Int
  /// Columns of a plane.
  public let width: Int
  /// All values, plane after plane, row after row; `count * height * width` of them.
  public var values: [Scalar]

  /// A stack in which every value is `value`.
  public init(count: Int, height: Int, width: Int, repeating value: Scalar = 0) {
    self.init(
      count: count, height: height, width: width, values: [Scalar](repeating: value, count: count * height * width))
  }

  /// A stack of the given values; their number must be `count * height * width`.
  public init(count: Int, height: Int, width: Int, values: [Scalar]) {
    precondition(values.count == count * height * width, "a stack needs count·height·width values")
    self.count = count
    self.height = height
    self.width = width
    self.values = values
  }

  /// The number of values in one plane.
  public var planeSize: Int { height * width }

  /// The value of plane `plane` at row `y` and column `x`.
  public subscript(plane: Int, y: Int, x: Int) -> Scalar {
    get { values[(plane * height + y) * width + x] }
    set { values[(plane * height + y) * width + x] = newValue }
  }

  /// The range of `values` that holds plane `plane`.
  public func range(ofPlane plane: Int) -> Range<Int> { plane * planeSize..<(plane + 1) * planeSize }

  /// The planes of `range` as a stack of their own.
  public func planes(_ range: Range<Int>) -> Stack {
    Stack(
      count: range.count, height: height, width: width,
      values: Array(values[range.lowerBound * planeSize..<range.upperBound * planeSize]))
  }

  /// The planes with the given indices, in that order.
  public func planes(at indices: [Int]) -> Stack {
    var gathered: [Scalar] = []
    gathered.reserveCapacity(indices.count * planeSize)
    for index in indices { gathered.append(contentsOf: values[range(ofPlane: index)]) }
    return Stack(count: indices.count, height: height, width: width, values: gathered)
  }

  /// The same stack in another precision.
  public func converted<Other>(to: Other.Type = Other.self) -> Stack<Other> {
    Stack<Other>(count: count, height: height, width: width, values: values.map { Other($0) })
  }
}
