import Numerics

extension SampledAxis {
  /// What the expected error is made of: sums over all pairs of samples in the plane, for light that is uncorrelated between
  /// samples, so that it has the mean power Σ|h(m − n)|² behind a kernel h.
  private struct Sums {
    var exact = 0.0
    var limited = 0.0
    var product = Complex<Double>.zero

    init?(_ axis: SampledAxis) {
      // No wave walks out of this canvas and back into the plane, unless it walks beyond all sense.
      let edge = 1 / (2 * axis.pitch)
      let walks = [edge, -edge].map { abs(axis.space.walk(fx: $0, fy: 0) + axis.offset) / axis.pitch }
      let walk = min(walks.max() ?? 0, Double(SampledAxis.longestCanvas))
      let length = min(SampledAxis.longestCanvas, max(4 * axis.plane, 2 * axis.plane + Int(2.5 * walk)))
      guard
        let exact = axis.kernel(canvas: PlaneGrid.fastLength(atLeast: length), isLimited: false),
        let limited = axis.kernel(canvas: axis.canvas, isLimited: true)
      else { return nil }
      for (index, (h, approximation)) in zip(exact, limited).enumerated() {
        let pairs = Double(axis.plane - abs(index - (axis.plane - 1)))
        self.exact += pairs * h.lengthSquared
        self.limited += pairs * approximation.lengthSquared
        product += Complex(pairs, 0) * approximation.conjugate * h
      }
    }
  }

  /// The light at a distance of −(N − 1)…N − 1 samples from one bright sample, N the samples of the plane.
  private func kernel(canvas length: Int, isLimited: Bool) -> [Complex<Double>]? {
    let line = PlaneGrid(height: 1, width: plane, pitch: pitch)
    let canvas = PlaneGrid(height: 1, width: length, pitch: pitch)
    guard let engine: any PropagationEngine<Double> = try? Engines.make(plane: line, canvas: canvas) else { return nil }
    let half = Double(length) * pitch / 2
    let transfer = engine.makeTransfer { fx, _ in
      guard let wavenumber = space.wavenumber(fx: fx, fy: 0) else { return nil }
      if isLimited, abs(space.walk(fx: fx, fy: 0) + offset) > half { return nil }
      return wavenumber * space.distance - 2 * .pi * fx * offset
    }
    return propagated(fromSample: plane - 1, engine, transfer).dropLast()
      + propagated(fromSample: 0, engine, transfer)
  }

  private func propagated(
    fromSample sample: Int, _ engine: any PropagationEngine<Double>, _ transfer: TransferFunction<Double>
  ) -> [Complex<Double>] {
    var field = Field<Double>(grid: engine.plane)
    field[0, sample] = .one
    return engine.filtered(field, by: transfer).values
  }

  /// The kernel of a plane is taken as the product of those of its axes, which is paraxial.
  static func expectedError(_ x: SampledAxis, _ y: SampledAxis) -> Double? {
    guard let sumsX = Sums(x), let sumsY = x == y ? sumsX : Sums(y) else { return nil }
    let exact = sumsX.exact * sumsY.exact
    guard exact > 0 else { return nil }
    let difference = exact + sumsX.limited * sumsY.limited - 2 * (sumsX.product * sumsY.product).real
    return (max(0, difference) / exact).squareRoot()
  }
}
