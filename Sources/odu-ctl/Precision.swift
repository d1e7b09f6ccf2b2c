import Arrays
import Files
import Optics

/// A precision in which a command computes and writes its arrays.
protocol CommandScalar: OpticsScalar {
  static func stack(_ array: NPYArray) throws -> Stack<Self>
  static func array(_ stack: Stack<Self>) -> NPYArray
}

extension Float: CommandScalar {
  static func stack(_ array: NPYArray) throws -> Stack<Float> { try Stack<Float>(npy: array) }
  static func array(_ stack: Stack<Float>) -> NPYArray { NPYArray(stack) }
}

extension Double: CommandScalar {
  static func stack(_ array: NPYArray) throws -> Stack<Double> { try Stack<Double>(npy: array) }
  static func array(_ stack: Stack<Double>) -> NPYArray { NPYArray(stack) }
}
