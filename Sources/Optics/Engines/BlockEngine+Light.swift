import COptics

extension BlockEngine {
  private func light(_ state: EngineState<Scalar>) -> optics_block_light {
    optics_block_light(
      columns: state.field.pointer, rows: state.turned.pointer, scratch: state.scratch.pointer)
  }

  // MARK: - Forward

  func enter(amplitude rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>) {
    var light = light(state)
    kernels.enter_amplitude(geometry, &light, rowMajor)
  }

  func enter(field: UnsafePointer<Scalar>, _ state: EngineState<Scalar>) {
    var light = light(state)
    kernels.enter_field(geometry, &light, field)
  }

  func enter(
    amplitude rowMajor: UnsafePointer<Scalar>, times factor: UnsafePointer<Scalar>,
    saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.enter_product(geometry, &light, rowMajor, factor, saved)
  }

  func hop(_ transfer: TransferFunction<Scalar>, conjugate: Bool, _ state: EngineState<Scalar>) {
    var light = light(state)
    kernels.hop(geometry, &light, transfer.factors.pointer, conjugate ? 1 : 0)
  }

  func cross(
    _ transmission: UnsafePointer<Scalar>, saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.cross(geometry, &light, transmission, saved)
  }

  func leave(
    field: UnsafeMutablePointer<Scalar>?, intensity rowMajor: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.leave(geometry, &light, field, rowMajor)
  }

  func leave(field: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>) {
    var light = light(state)
    kernels.leave(geometry, &light, field, nil)
  }

  // MARK: - Adjoint

  func enterAdjoint(
    field: UnsafePointer<Scalar>, weights rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.enter_adjoint(geometry, &light, rowMajor, field)
  }

  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>,
    phaseGradient: UnsafeMutablePointer<Scalar>, continues: Bool, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.cross_back_phase(geometry, &light, transmission, before, phaseGradient, continues ? 1 : 0)
  }

  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
    continues: Bool, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    kernels.cross_back(geometry, &light, transmission, before, gradient, continues ? 1 : 0)
  }

  func hopBack(
    _ transfer: TransferFunction<Scalar>, source: UnsafePointer<Scalar>,
    spectrumGradient: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>
  ) {
    var light = light(state)
    // The source is only ever turned to columns.
    var sourceLight = optics_block_light(
      columns: state.source.pointer, rows: nil, scratch: state.sourceScratch.pointer)
    kernels.enter_field(geometry, &sourceLight, source)
    kernels.hop_back(geometry, &light, transfer.factors.pointer, &sourceLight, spectrumGradient)
  }
}
