import CFFTW
import COptics
import Numerics

/// The precisions in which optics is computed: `Float` in the hot path, `Double` for tests, fits and references.
///
/// A scalar brings its elementwise kernels and its FFTW interface; everything else is written once.
public protocol OpticsScalar: Real, BinaryFloatingPoint, Sendable {
  /// A handle of an FFTW plan in this precision.
  associatedtype PlanHandle

  static func multiply(_ field: UnsafeMutablePointer<Self>, by factor: UnsafePointer<Self>, count: Int)
  static func multiplyConjugate(_ field: UnsafeMutablePointer<Self>, by factor: UnsafePointer<Self>, count: Int)
  static func multiply(
    _ field: UnsafeMutablePointer<Self>, by factor: UnsafePointer<Self>, saving saved: UnsafeMutablePointer<Self>,
    count: Int)
  static func weight(_ field: UnsafeMutablePointer<Self>, by weight: UnsafePointer<Self>, count: Int)
  static func addIntensity(of field: UnsafePointer<Self>, to sum: UnsafeMutablePointer<Self>, count: Int)
  static func addPhaseGradient(
    adjoint: UnsafePointer<Self>, field: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>, count: Int)
  static func phasor(of phase: UnsafePointer<Self>, into phasor: UnsafeMutablePointer<Self>, count: Int)
  static func adam(
    _ value: UnsafeMutablePointer<Self>, gradient: UnsafePointer<Self>, mean: UnsafeMutablePointer<Self>,
    square: UnsafeMutablePointer<Self>, count: Int, beta1: Self, beta2: Self, rate: Self, correction: Self,
    epsilon: Self)

  /// Plans `lines.count` transforms of equal length that lie side by side in memory.
  static func plan(_ lines: TransformLines, direction: TransformDirection, aligned: Bool) -> PlanHandle?
  static func execute(
    _ plan: PlanHandle, from source: UnsafeMutablePointer<Self>, to destination: UnsafeMutablePointer<Self>)
  static func destroy(_ plan: PlanHandle)
}

/// The sign of the exponent of a transform; neither direction is normalised.
public enum TransformDirection: Int32, Sendable {
  case forward = -1
  case inverse = 1
}

/// Equal one-dimensional transforms, described as FFTW's advanced interface does; distances are in complex elements.
public struct TransformLines: Sendable {
  var length: Int
  var count: Int
  var sourceStride: Int
  var sourceDistance: Int
  var destinationStride: Int
  var destinationDistance: Int
  var inPlace: Bool
}
