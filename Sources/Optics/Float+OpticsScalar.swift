import CFFTW
import COptics
import Numerics

extension Float: OpticsScalar {
  public static func multiply(
    _ field: UnsafePointer<Self>, by factor: UnsafePointer<Self>, into product: UnsafeMutablePointer<Self>, count: Int
  ) {
    optics_multiply_f(field, factor, product, Int64(count))
  }

  public static func multiplyConjugate(
    _ field: UnsafeMutablePointer<Self>, by factor: UnsafePointer<Self>, count: Int
  ) {
    optics_multiply_conjugate_f(field, factor, Int64(count))
  }

  public static func widen(_ amplitude: UnsafePointer<Self>, into field: UnsafeMutablePointer<Self>, count: Int) {
    optics_widen_f(amplitude, field, Int64(count))
  }

  public static func weight(
    _ field: UnsafePointer<Self>, by weight: UnsafePointer<Self>, scale: Self,
    into weighted: UnsafeMutablePointer<Self>, count: Int
  ) {
    optics_weight_f(field, weight, scale, weighted, Int64(count))
  }

  public static func intensity(
    of field: UnsafePointer<Self>, into intensity: UnsafeMutablePointer<Self>, count: Int
  ) {
    optics_intensity_f(field, intensity, Int64(count))
  }

  public static func addPhaseGradient(
    adjoint: UnsafePointer<Self>, field: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>, count: Int
  ) {
    optics_add_phase_gradient_f(adjoint, field, gradient, Int64(count))
  }

  public static func addGradient(
    adjoint: UnsafePointer<Self>, field: UnsafePointer<Self>, to gradient: UnsafeMutablePointer<Self>, count: Int
  ) {
    optics_add_gradient_f(adjoint, field, gradient, Int64(count))
  }

  public static func phasor(of phase: UnsafePointer<Self>, into phasor: UnsafeMutablePointer<Self>, count: Int) {
    optics_phasor_f(phase, phasor, Int64(count))
  }

  public static func adam(
    _ value: UnsafeMutablePointer<Self>, gradient: UnsafePointer<Self>, mean: UnsafeMutablePointer<Self>,
    square: UnsafeMutablePointer<Self>, count: Int, beta1: Self, beta2: Self, rate: Self, correction: Self,
    epsilon: Self
  ) {
    optics_adam_f(value, gradient, mean, square, Int64(count), beta1, beta2, rate, correction, epsilon)
  }

  public static func convolveRows(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, weights: [Double]
  ) {
    optics_convolve_rows_f(source, target, Int64(side), weights, Int64(weights.count))
  }

  public static func convolveColumns(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, weights: [Double]
  ) {
    optics_convolve_columns_f(source, target, Int64(side), weights, Int64(weights.count))
  }

  public static func convolveRows(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, sidedWeights: [Double]
  ) {
    optics_convolve_rows_sided_f(source, target, Int64(side), sidedWeights, Int64(sidedWeights.count / 2))
  }

  public static func convolveColumns(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Self>, side: Int, sidedWeights: [Double]
  ) {
    optics_convolve_columns_sided_f(source, target, Int64(side), sidedWeights, Int64(sidedWeights.count / 2))
  }

  public static func resample(
    _ plane: UnsafePointer<Self>, at points: TurnedPoints, into output: UnsafeMutablePointer<Self>
  ) {
    optics_resample_f(plane, output, Int64(points.side), points.x, points.y, points.c, points.s)
  }

  public static func addResampleAdjoint(
    _ gradient: UnsafePointer<Self>, at points: TurnedPoints, to output: UnsafeMutablePointer<Self>
  ) {
    optics_resample_adjoint_f(gradient, output, Int64(points.side), points.x, points.y, points.c, points.s)
  }

  public static func resampleSlopes(
    _ gradient: UnsafePointer<Self>, of plane: UnsafePointer<Self>, at points: TurnedPoints
  ) -> SIMD4<Double> {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { sums in
      guard let base = sums.baseAddress else { return .zero }
      optics_resample_slopes_f(
        gradient, plane, Int64(points.side), points.x, points.y, points.c, points.s, points.center, base)
      return SIMD4(base[0], base[1], base[2], base[3])
    }
  }

  public static func addResampleTangent(
    of plane: UnsafePointer<Self>, at points: TurnedPoints, turn: Double, growth: Double,
    to output: UnsafeMutablePointer<Self>
  ) {
    optics_resample_tangent_f(
      plane, output, Int64(points.side), points.x, points.y, points.c, points.s, points.center, turn, growth)
  }

  public static func blockKernels(_ instructions: InstructionSet) -> UnsafePointer<optics_block_kernels>? {
    optics_block_kernels_f(instructions.selector)
  }

  public static func plan(
    _ lines: TransformLines, direction: TransformDirection, aligned: Bool
  ) -> fftwf_plan? {
    // FFTW forbids overlap of unequal source and destination, but with ESTIMATE it never touches them while planning.
    let elements = lines.length * max(lines.sourceStride, lines.destinationStride, lines.count) * 2 + 16
    guard let source = fftwf_alloc_complex(elements) else { return nil }
    defer { fftwf_free(source) }
    guard let destination = lines.inPlace ? source : fftwf_alloc_complex(elements) else { return nil }
    defer { if !lines.inPlace { fftwf_free(destination) } }
    let flags = UInt32(FFTW_ESTIMATE) | (aligned ? 0 : UInt32(FFTW_UNALIGNED))
    var length = Int32(lines.length)
    odu_fftw_lock()
    defer { odu_fftw_unlock() }
    return fftwf_plan_many_dft(
      1, &length, Int32(lines.count), source, nil, Int32(lines.sourceStride), Int32(lines.sourceDistance),
      destination, nil, Int32(lines.destinationStride), Int32(lines.destinationDistance), direction.rawValue, flags)
  }

  public static func execute(
    _ plan: fftwf_plan, from source: UnsafeMutablePointer<Self>, to destination: UnsafeMutablePointer<Self>
  ) {
    fftwf_execute_dft(
      plan, UnsafeMutableRawPointer(source).assumingMemoryBound(to: fftwf_complex.self),
      UnsafeMutableRawPointer(destination).assumingMemoryBound(to: fftwf_complex.self))
  }

  public static func destroy(_ plan: fftwf_plan) {
    odu_fftw_lock()
    defer { odu_fftw_unlock() }
    fftwf_destroy_plan(plan)
  }
}
