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
  /// A convolution along x, of `[side, side]` values that are 0 beyond, with the weights of the offsets 0, ±1, ±2 …
  static func convolveRows(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, weights: [Double])
  /// The same along y.
  static func convolveColumns(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, weights: [Double])
  /// A convolution along x, of `[side, side]` values that are 0 beyond, with the weights of an odd number of offsets, from the lowest
  /// to the highest, each to where a value arrives.
  static func convolveRows(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, sidedWeights: [Double])
  /// The same along y.
  static func convolveColumns(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, sidedWeights: [Double])
  /// A complex plane `[side, side]` at other points by Keys' cubic convolution (IEEE Trans. ASSP 29, 1153 (1981), a = −1/2); 0 beyond
  /// the plane.
  static func resample(
    _ plane: UnsafePointer<Self>, at points: TurnedPoints, into output: UnsafeMutablePointer<Self>)
  /// Adds the transpose of ``resample(_:at:into:)``.
  static func addResampleAdjoint(
    _ gradient: UnsafePointer<Self>, at points: TurnedPoints, to output: UnsafeMutablePointer<Self>)
  /// Σ Re conj(gradient)·δ, with δ the change of the values with the points: along x, along y, turned from x to y, and stretched.
  static func resampleSlopes(
    _ gradient: UnsafePointer<Self>, of plane: UnsafePointer<Self>, at points: TurnedPoints
  ) -> SIMD4<Double>
  /// Adds the change of the values when the plane is turned and stretched.
  static func addResampleTangent(
    of plane: UnsafePointer<Self>, at points: TurnedPoints, turn: Double, growth: Double,
    to output: UnsafeMutablePointer<Self>)

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
