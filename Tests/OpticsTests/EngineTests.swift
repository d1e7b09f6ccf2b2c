import Arrays
import Numerics
import Optics
import Testing

/// A plane in a canvas, and who carries its light.
struct EngineCase: Sendable, CustomStringConvertible {
  let height: Int
  let width: Int
  let canvasHeight: Int
  let canvasWidth: Int
  let choice: EngineChoice

  var description: String { "\(choice) \(height)×\(width) in \(canvasHeight)×\(canvasWidth)" }
  var plane: PlaneGrid { PlaneGrid(height: height, width: width, pitch: Bench.pitch) }
  var canvas: PlaneGrid { PlaneGrid(height: canvasHeight, width: canvasWidth, pitch: Bench.pitch) }

  static let choices: [EngineChoice] = [.fftw, .blockBaseline, .blockAVX2, .blockAVX512]

  // No padding, a half, three quarters, more than half, odd sides, thin planes, factors of 2, 3 and 5, and canvases that are
  // no multiple of the lanes.
  static let small = [
    (16, 16, 16, 16), (32, 48, 32, 48), (32, 24, 64, 48), (24, 36, 32, 48), (17, 30, 32, 32), (33, 9, 64, 80),
    (1, 160, 16, 160), (25, 7, 96, 16), (48, 50, 144, 240),
    (30, 30, 30, 30), (13, 21, 18, 30), (5, 6, 6, 10), (17, 16, 18, 50),
  ].flatMap { sizes in choices.map { EngineCase(sizes, $0) } }

  static let large = [(260, 260, 576, 576), (300, 384, 512, 512), (300, 300, 300, 300), (320, 320, 640, 640)].flatMap {
    sizes in
    choices.dropFirst().map { EngineCase(sizes, $0) }
  }

  init(_ sizes: (Int, Int, Int, Int), _ choice: EngineChoice) {
    (height, width, canvasHeight, canvasWidth) = sizes
    self.choice = choice
  }

  /// The engine, or nil with a line of print where this machine lacks the instructions.
  func harness<Scalar: OpticsScalar>(_ type: Scalar.Type) throws -> EngineHarness<Scalar>? {
    let instructions: InstructionSet? = choice == .blockAVX512 ? .avx512 : choice == .blockAVX2 ? .avx2 : nil
    if let instructions, Scalar.blockKernels(instructions) == nil {
      print("skipped \(self): this machine has no \(instructions.name)")
      return nil
    }
    return EngineHarness(try Engines.make(plane: plane, canvas: canvas, choice: choice))
  }
}

@Suite struct EngineTests {
  @Test("the whole path, forward and back, is that of transforms by definition", arguments: EngineCase.small)
  func path(sizes: EngineCase) throws {
    if let harness = try sizes.harness(Double.self) { try checkPath(harness, sizes, tolerance: 1e-12) }
    if let harness = try sizes.harness(Float.self) { try checkPath(harness, sizes, tolerance: 2e-6) }
  }

  private func checkPath<Scalar>(_ harness: EngineHarness<Scalar>, _ sizes: EngineCase, tolerance: Double) throws {
    let (engine, state) = (harness.engine, harness.state)
    let reference = EngineReference(plane: sizes.plane, canvas: sizes.canvas)
    let (source, layer) = (reference.random(1), reference.random(2))
    let amplitude = reference.random(3).map { $0.real }
    let weights = reference.random(4).map { $0.real }
    let transfer = engine.makeTransfer(phase: EngineReference.phase)
    let transmission = harness.packed(layer)

    let entered = zip(source, amplitude).map { $0 * Complex($1, 0) }
    let before = reference.hop(entered)
    let arrived = reference.hop(zip(before, layer).map { $0 * $1 })

    let (saved, crossed, end) = (harness.complex(), harness.complex(), harness.complex())
    var intensity = [Scalar](repeating: 0, count: sizes.plane.count)
    engine.enter(
      amplitude: amplitude.map { Scalar($0) }, times: harness.packed(source).pointer, saving: saved.pointer, state)
    engine.hop(transfer, conjugate: false, state)
    engine.cross(transmission.pointer, saving: crossed.pointer, state)
    engine.hop(transfer, conjugate: false, state)
    engine.leave(field: end.pointer, intensity: &intensity, state)
    #expect(difference(harness.unpacked(saved), entered) < tolerance)
    #expect(difference(harness.unpacked(crossed), before) < tolerance)
    #expect(difference(harness.unpacked(end), arrived) < tolerance)
    #expect(difference(intensity.map { Double($0) }, arrived.map { $0.lengthSquared }) < tolerance)

    let adjoint = zip(arrived, weights).map { $0 * Complex(2 * $1, 0) }
    let adjointBehind = reference.hop(adjoint, conjugate: true)
    let adjointBefore = zip(adjointBehind, layer).map { $0 * $1.conjugate }
    let (phaseGradient, gradient, back) = (harness.real(), harness.complex(), harness.complex())
    func begin() {
      engine.enterAdjoint(field: end.pointer, weights: weights.map { Scalar($0) }, state)
      engine.hop(transfer, conjugate: true, state)
    }
    begin()
    engine.crossBack(
      transmission.pointer, before: crossed.pointer, phaseGradient: phaseGradient.pointer, continues: true, state)
    engine.hop(transfer, conjugate: true, state)
    engine.leave(field: back.pointer, state)
    let adjointSource = reference.hop(adjointBefore, conjugate: true)
    #expect(difference(harness.unpacked(back), adjointSource) < tolerance)
    begin()
    engine.crossBack(
      transmission.pointer, before: crossed.pointer, gradient: gradient.pointer, continues: true, state)
    engine.hop(transfer, conjugate: true, state)
    engine.leave(field: back.pointer, state)
    #expect(difference(harness.unpacked(back), adjointSource) < tolerance)

    // A second time, to the sums.
    begin()
    engine.crossBack(
      transmission.pointer, before: crossed.pointer, phaseGradient: phaseGradient.pointer, continues: false, state)
    begin()
    engine.crossBack(
      transmission.pointer, before: crossed.pointer, gradient: gradient.pointer, continues: false, state)
    let expectedPhase = zip(before, adjointBefore).map { 2 * ($0.conjugate * $1).imaginary }
    let expected = zip(before, adjointBehind).map { $0.conjugate * $1 * Complex(2, 0) }
    #expect(difference(harness.unpackedReal(phaseGradient), expectedPhase) < tolerance)
    #expect(difference(harness.unpacked(gradient), expected) < tolerance)
  }

  @Test("the other ways in and out agree with the ones of the whole path", arguments: EngineCase.small)
  func entries(sizes: EngineCase) throws {
    guard let harness = try sizes.harness(Double.self) else { return }
    let (engine, state) = (harness.engine, harness.state)
    let reference = EngineReference(plane: sizes.plane, canvas: sizes.canvas)
    let transfer = engine.makeTransfer(phase: EngineReference.phase)
    let field = reference.random(1)
    let amplitude = field.map { $0.real }
    let (end, product) = (harness.complex(), harness.complex())
    engine.enter(field: harness.packed(field).pointer, state)
    engine.hop(transfer, conjugate: false, state)
    engine.leave(field: end.pointer, state)
    #expect(difference(harness.unpacked(end), reference.hop(field)) < 1e-12)

    engine.enter(amplitude: amplitude, state)
    engine.hop(transfer, conjugate: false, state)
    var intensity = [Double](repeating: 0, count: sizes.plane.count)
    engine.leave(field: nil, intensity: &intensity, state)
    let arrived = reference.hop(amplitude.map { Complex($0, 0) })
    #expect(difference(intensity, arrived.map { $0.lengthSquared }) < 1e-12)

    engine.multiply(end.pointer, by: harness.packed(field).pointer, into: product.pointer)
    let expected = zip(harness.unpacked(end), field).map { $0 * $1 }
    #expect(difference(harness.unpacked(product), expected) < 1e-15)
    let real = harness.real()
    engine.pack(real: amplitude, into: real.pointer)
    #expect(harness.unpackedReal(real) == amplitude)
  }

  @Test("the adjoint of hop, layer, hop passes the dot-product test", arguments: EngineCase.small)
  func adjoint(sizes: EngineCase) throws {
    guard let harness = try sizes.harness(Double.self) else { return }
    let (engine, state) = (harness.engine, harness.state)
    let reference = EngineReference(plane: sizes.plane, canvas: sizes.canvas)
    let (x, y) = (reference.random(5), reference.random(6))
    let layer = harness.packed(reference.random(7))
    let transfer = engine.makeTransfer(phase: EngineReference.phase)
    let (forward, back, before) = (harness.complex(), harness.complex(), harness.complex())
    engine.enter(field: harness.packed(x).pointer, state)
    engine.hop(transfer, conjugate: false, state)
    engine.cross(layer.pointer, saving: before.pointer, state)
    engine.hop(transfer, conjugate: false, state)
    engine.leave(field: forward.pointer, state)

    engine.enter(field: harness.packed(y).pointer, state)
    engine.hop(transfer, conjugate: true, state)
    engine.crossBack(
      layer.pointer, before: before.pointer, gradient: harness.complex().pointer, continues: true, state)
    engine.hop(transfer, conjugate: true, state)
    engine.leave(field: back.pointer, state)
    let (left, right) = (inner(harness.unpacked(forward), y), inner(x, harness.unpacked(back)))
    #expect((left - right).length < 1e-10 * left.length)
  }

  @Test("the gradient by the transfer function's phase is its definition", arguments: EngineCase.small)
  func spectrumGradient(sizes: EngineCase) throws {
    guard let harness = try sizes.harness(Double.self) else { return }
    let (engine, state) = (harness.engine, harness.state)
    let reference = EngineReference(plane: sizes.plane, canvas: sizes.canvas)
    let (source, adjoint) = (reference.random(8), reference.random(9))
    let transfer = engine.makeTransfer(phase: EngineReference.phase)
    let sums = harness.spectrum()
    let end = harness.complex()
    for _ in 0..<2 {
      engine.enter(field: harness.packed(adjoint).pointer, state)
      engine.hopBack(transfer, source: harness.packed(source).pointer, spectrumGradient: sums.pointer, state)
      engine.leave(field: end.pointer, state)
      #expect(difference(harness.unpacked(end), reference.hop(adjoint, conjugate: true)) < 1e-12)
    }
    let (there, back) = (reference.spectrum(of: source), reference.spectrum(of: adjoint))
    var expected = 0.0
    func weight(_ fx: Double, _ fy: Double) -> Double { 1 + Bench.pitch * (fx + 2 * fy) }
    for index in there.indices {
      let (ky, kx) = (index / sizes.canvasWidth, index % sizes.canvasWidth)
      let fx = PlaneGrid.frequency(bin: kx, length: sizes.canvasWidth, pitch: Bench.pitch)
      let fy = PlaneGrid.frequency(bin: ky, length: sizes.canvasHeight, pitch: Bench.pitch)
      let product = there[index].conjugate * reference.transfer(ky, kx).conjugate * back[index]
      expected += 2 * weight(fx, fy) * product.imaginary / Double(sizes.canvas.count)
    }
    #expect(abs(engine.sum(sums.pointer, weightedBy: engine.weights(weight)) - expected) < 1e-10 * abs(expected))
  }

  @Test("large canvases agree with FFTW", arguments: EngineCase.large)
  func large(sizes: EngineCase) throws {
    let fftw = EngineHarness<Double>(try Engines.make(plane: sizes.plane, canvas: sizes.canvas, choice: .fftw))
    let expected = twoHops(fftw, sizes)
    if let harness = try sizes.harness(Double.self) { #expect(difference(twoHops(harness, sizes), expected) < 1e-13) }
    if let harness = try sizes.harness(Float.self) { #expect(difference(twoHops(harness, sizes), expected) < 1e-6) }
  }

  private func twoHops<Scalar>(_ harness: EngineHarness<Scalar>, _ sizes: EngineCase) -> [Complex<Double>] {
    let reference = EngineReference(plane: sizes.plane, canvas: sizes.canvas)
    let transfer = harness.engine.makeTransfer(space: Bench.space(20e-3), bandLimit: true)
    let end = harness.complex()
    harness.engine.enter(field: harness.packed(reference.random(10)).pointer, harness.state)
    harness.engine.hop(transfer, conjugate: false, harness.state)
    harness.engine.cross(harness.packed(reference.random(11)).pointer, saving: nil, harness.state)
    harness.engine.hop(transfer, conjugate: false, harness.state)
    harness.engine.leave(field: end.pointer, harness.state)
    return harness.unpacked(end)
  }

  // Every length that the block engine takes up to 400, and long ones.
  static let lengths =
    (2...200).map { 2 * $0 }.filter { length in
      [2, 3, 5].reduce(length) { rest, factor in
        var rest = rest
        while rest % factor == 0 { rest /= factor }
        return rest
      } == 1
    } + [540, 576, 640, 900, 1024, 2048]

  @Test(
    "a transfer function of linear phase moves the light by whole samples, at every length",
    arguments: EngineCase.choices.dropFirst(), lengths)
  func shift(choice: EngineChoice, length: Int) throws {
    for (height, width) in [(16, length), (length, 16)] {
      let sizes = EngineCase((height, width, height, width), choice)
      guard let harness = try sizes.harness(Double.self) else { return }
      let field = EngineReference(plane: sizes.plane, canvas: sizes.canvas).random(12)
      let end = harness.complex()
      // x moves by 3 samples, y by −5.
      let transfer = harness.engine.makeTransfer { 2 * Double.pi * Bench.pitch * (-3 * $0 + 5 * $1) }
      harness.engine.enter(field: harness.packed(field).pointer, harness.state)
      harness.engine.hop(transfer, conjugate: false, harness.state)
      harness.engine.leave(field: end.pointer, harness.state)
      let moved = (0..<height * width).map { index in
        field[(index / width + 5) % height * width + (index % width + width - 3) % width]
      }
      #expect(difference(harness.unpacked(end), moved) < 1e-13)
    }
  }

  @Test("a forced engine that cannot do the size says so, and the automatic choice goes on")
  func refusal() throws {
    let plane = PlaneGrid(height: 14, width: 15, pitch: Bench.pitch)
    #expect(throws: OpticsError.self) {
      _ = try Engines.make(plane: plane, canvas: plane, choice: .block) as any PropagationEngine<Float>
    }
    let engine: any PropagationEngine<Float> = try Engines.make(plane: plane, canvas: plane)
    #expect(engine.name == "fftw")
    #expect(throws: OpticsError.self) {
      _ = try Engines.make(plane: Bench.grid(65), canvas: Bench.grid(64)) as any PropagationEngine<Float>
    }
    let wide: any PropagationEngine<Float> = try Engines.make(
      plane: Bench.grid(64), canvas: Bench.grid(128), choice: .blockBaseline)
    #expect(wide.name == "block/baseline")
  }
}
