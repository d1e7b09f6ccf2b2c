import CFFTW

/// A complex number: real and imaginary part.
package typealias Complex = SIMD2<Double>

/// One-dimensional transforms of lines of complex numbers from one place to another, which FFTW does without buffers of
/// its own; unnormalised both ways.
final class LineTransform: @unchecked Sendable {
  /// Lines that are transformed together.
  static let together = 8

  /// Numbers of a line.
  let length: Int
  /// Numbers from the start of a line to that of the next. Lines that lie a power of two apart would fall on the same
  /// places of the cache.
  let stride: Int

  // The plans never change, and FFTW may execute them on several threads at once.
  private let plans: (forward: Pair, inverse: Pair)

  private struct Pair {
    let one: fftw_plan
    let several: fftw_plan
  }

  /// - Throws: ``SimulatedError/transform(length:)`` when FFTW has no plan.
  init(length: Int) throws {
    self.length = length
    stride = (length + 3) / 4 * 4 + 4
    let (source, target) = (LineTransform.lines(stride: stride), LineTransform.lines(stride: stride))
    guard let forward = LineTransform.pair(length, source, target, FFTW_FORWARD),
      let inverse = LineTransform.pair(length, source, target, FFTW_BACKWARD)
    else { throw SimulatedError.transform(length: length) }
    plans = (forward, inverse)
  }

  private static func lines(stride: Int) -> ComplexBuffer { ComplexBuffer(count: stride * together) }

  private static func pair(_ length: Int, _ source: ComplexBuffer, _ target: ComplexBuffer, _ sign: Int32) -> Pair? {
    odu_fftw_lock()
    defer { odu_fftw_unlock() }
    func plan(_ lines: Int) -> fftw_plan? {
      var size = Int32(length)
      let distance = Int32(source.count / together)
      return fftw_plan_many_dft(
        1, &size, Int32(lines), fftw(source.pointer), nil, 1, distance, fftw(target.pointer), nil, 1, distance, sign,
        UInt32(FFTW_ESTIMATE))
    }
    guard let one = plan(1) else { return nil }
    guard let several = plan(together) else {
      fftw_destroy_plan(one)
      return nil
    }
    return Pair(one: one, several: several)
  }

  deinit {
    odu_fftw_lock()
    for plan in [plans.forward.one, plans.forward.several, plans.inverse.one, plans.inverse.several] {
      fftw_destroy_plan(plan)
    }
    odu_fftw_unlock()
  }

  /// Transforms `count` lines, at most ``together``.
  func forward(_ source: UnsafeMutablePointer<Complex>, to target: UnsafeMutablePointer<Complex>, count: Int) {
    execute(plans.forward, source, target, count)
  }

  /// Transforms `count` lines back, at most ``together``.
  func inverse(_ source: UnsafeMutablePointer<Complex>, to target: UnsafeMutablePointer<Complex>, count: Int) {
    execute(plans.inverse, source, target, count)
  }

  private func execute(
    _ pair: Pair, _ source: UnsafeMutablePointer<Complex>, _ target: UnsafeMutablePointer<Complex>, _ count: Int
  ) {
    if count == LineTransform.together {
      fftw_execute_dft(pair.several, LineTransform.fftw(source), LineTransform.fftw(target))
    } else {
      for line in 0..<count {
        fftw_execute_dft(
          pair.one, LineTransform.fftw(source + line * stride), LineTransform.fftw(target + line * stride))
      }
    }
  }

  private static func fftw(_ pointer: UnsafeMutablePointer<Complex>) -> UnsafeMutablePointer<fftw_complex> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: fftw_complex.self)
  }
}

/// Zeroed memory for complex numbers, aligned for vector instructions.
final class ComplexBuffer {
  let count: Int
  let pointer: UnsafeMutablePointer<Complex>

  init(count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * MemoryLayout<Complex>.stride, alignment: 64)
    self.count = count
    pointer = raw.initializeMemory(as: Complex.self, repeating: .zero, count: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}

/// Multiplies `count` complex numbers by those that begin at element `start` of `factors`.
@inline(__always)
func multiply(_ values: UnsafeMutablePointer<Complex>, by factors: [Complex], from start: Int = 0, count: Int) {
  factors.withUnsafeBufferPointer { factors in
    guard let base = factors.baseAddress else { return }
    let factors = base + start
    for i in 0..<count { values[i] = product(values[i], factors[i]) }
  }
}

/// The product of two complex numbers.
@inline(__always)
func product(_ a: Complex, _ b: Complex) -> Complex {
  a * Complex(repeating: b.x) + Complex(-a.y, a.x) * Complex(repeating: b.y)
}
