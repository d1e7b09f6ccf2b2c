import CFFTW
import COptics
import Numerics

/// The precisions in which optics is computed: `Float` in the hot path, `Double` for tests, fits and references.
///
/// A scalar brings its elementwise kernels and its FFTW interface; everything else is written once.
public protocol OpticsScalar: Real, BinaryFloatingPoint, SIMDScalar, Codable, BitwiseCopyable, Sendable {
  /// A handle of an FFTW plan in this precision.
  associatedtype PlanHandle

  /// product = field·factor; `product` may be `field`.
  static func multiply(
    _ field: UnsafePointer<Self>, by factor: UnsafePointer<Self>, into product: UnsafeMutablePointer<Self>, count: Int)
  /// field *= conj(factor)
  static func multiplyConjugate(_ field: UnsafeMutablePointer<Self>, by factor: UnsafePointer<Self>, count: Int)
  /// field = amplitude
  static func widen(_ amplitude: UnsafePointer<Self>, into field: UnsafeMutablePointer<Self>, count: Int)
  /// weighted = scale·weight·field, weight real
  static func weight(
    _ field: UnsafePointer<Self>, by weight: UnsafePointer<Self>, scale: Self,
    into weighted: UnsafeMutablePointer<Self>, count: Int)
  /// intensity = |field|²
  static func intensity(of field: UnsafePointer<Self>, into intensity: UnsafeMutablePointer<Self>, count: Int)
  /// gradient += Im(conj(field)·adjoint)
  static func addPhaseGradient(
    adjoint: UnsafePointer<Self>, field: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>, count: Int)
  /// gradient += conj(field)·adjoint
  static func addGradient(
    adjoint: UnsafePointer<Self>, field: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>, count: Int)
  static func phasor(of phase: UnsafePointer<Self>, into phasor: UnsafeMutablePointer<Self>, count: Int)
  static func adam(
    _ value: UnsafeMutablePointer<Self>, gradient: UnsafePointer<Self>, mean: UnsafeMutablePointer<Self>,
    square: UnsafeMutablePointer<Self>, count: Int, beta1: Self, beta2: Self, rate: Self, correction: Self,
    epsilon: Self)

  /// The block engine's kernels; nil when this machine lacks the instructions.
  static func blockKernels(_ instructions: InstructionSet) -> UnsafePointer<optics_block_kernels>?

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
