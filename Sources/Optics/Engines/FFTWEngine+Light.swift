import Arrays

extension FFTWEngine {
  func multiply(
    _ field: UnsafePointer<Scalar>, by factor: UnsafePointer<Scalar>, into product: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.multiply(field, by: factor, into: product, count: plane.count)
  }

  // MARK: - Forward

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func enter(amplitude rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>) {
    eachRow(of: state.field, inverse: false, forward: true) { row, offset in
      Scalar.widen(rowMajor + offset, into: row, count: plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func enter(field: UnsafePointer<Scalar>, _ state: EngineState<Scalar>) { enter(field, to: state.field) }

  private func enter(_ field: UnsafePointer<Scalar>, to destination: AlignedBuffer<Scalar>) {
    eachRow(of: destination, inverse: false, forward: true) { row, offset in
      row.update(from: field + 2 * offset, count: 2 * plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func enter(
    amplitude rowMajor: UnsafePointer<Scalar>, times factor: UnsafePointer<Scalar>,
    saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: false, forward: true) { row, offset in
      Scalar.weight(factor + 2 * offset, by: rowMajor + offset, scale: 1, into: row, count: plane.width)
      if let saved { (saved + 2 * offset).update(from: row, count: 2 * plane.width) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func hop(_ transfer: TransferFunction<Scalar>, conjugate: Bool, _ state: EngineState<Scalar>) {
    let (field, scratch) = (state.field.pointer, state.scratch.pointer)
    eachColumnBlock { start, offset, passes in
      let factor = transfer.factors.pointer + 2 * offset
      Scalar.execute(passes.forward, from: field + 2 * start, to: scratch)
      if conjugate {
        Scalar.multiplyConjugate(scratch, by: factor, count: passes.count * canvas.height)
      } else {
        Scalar.multiply(scratch, by: factor, into: scratch, count: passes.count * canvas.height)
      }
      Scalar.execute(passes.inverse, from: scratch, to: scratch)
      store(scratch, columns: passes.count, to: field + 2 * start)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func cross(
    _ transmission: UnsafePointer<Scalar>, saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: true, forward: true) { row, offset in
      if let saved { (saved + 2 * offset).update(from: row, count: 2 * plane.width) }
      Scalar.multiply(row, by: transmission + 2 * offset, into: row, count: plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func leave(
    field: UnsafeMutablePointer<Scalar>?, intensity rowMajor: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: true, forward: false) { row, offset in
      if let field { (field + 2 * offset).update(from: row, count: 2 * plane.width) }
      Scalar.intensity(of: row, into: rowMajor + offset, count: plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func leave(field: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>) {
    eachRow(of: state.field, inverse: true, forward: false) { row, offset in
      (field + 2 * offset).update(from: row, count: 2 * plane.width)
    }
  }

  // MARK: - Adjoint

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func enterAdjoint(
    field: UnsafePointer<Scalar>, weights rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: false, forward: true) { row, offset in
      Scalar.weight(field + 2 * offset, by: rowMajor + offset, scale: 2, into: row, count: plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>,
    phaseGradient: UnsafeMutablePointer<Scalar>, continues: Bool, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: true, forward: continues) { row, offset in
      Scalar.multiplyConjugate(row, by: transmission + 2 * offset, count: plane.width)
      Scalar.addPhaseGradient(
        adjoint: row, field: before + 2 * offset, to: phaseGradient + offset, count: plane.width)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
    continues: Bool, _ state: EngineState<Scalar>
  ) {
    eachRow(of: state.field, inverse: true, forward: continues) { row, offset in
      Scalar.addGradient(adjoint: row, field: before + 2 * offset, to: gradient + 2 * offset, count: plane.width)
      if continues { Scalar.multiplyConjugate(row, by: transmission + 2 * offset, count: plane.width) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func hopBack(
    _ transfer: TransferFunction<Scalar>, source: UnsafePointer<Scalar>,
    spectrumGradient: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    enter(source, to: state.source)
    let (field, scratch) = (state.field.pointer, state.scratch.pointer)
    let sourceScratch = state.sourceScratch.pointer
    eachColumnBlock { start, offset, passes in
      let count = passes.count * canvas.height
      Scalar.execute(passes.forward, from: field + 2 * start, to: scratch)
      Scalar.execute(passes.forward, from: state.source.pointer + 2 * start, to: sourceScratch)
      Scalar.multiplyConjugate(scratch, by: transfer.factors.pointer + 2 * offset, count: count)
      Scalar.addPhaseGradient(adjoint: scratch, field: sourceScratch, to: spectrumGradient + offset, count: count)
      Scalar.execute(passes.inverse, from: scratch, to: scratch)
      store(scratch, columns: passes.count, to: field + 2 * start)
    }
  }
}
