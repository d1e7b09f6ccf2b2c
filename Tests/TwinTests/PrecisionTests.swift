import Arrays
import Optics
import Testing
import Twin

/// Single against double precision, and one engine against another, on a plane of 512 samples.
@Suite struct PrecisionTests {
  private static func evaluate<Scalar: OpticsScalar>(
    _ engine: EngineChoice, side: Int, in precision: Scalar.Type
  ) throws -> (loss: Double, gradient: Stack<Double>, engine: String) {
    let description = TwinDescription(
      geometry: GeometryDescription(
        kind: .planes, wavelength: 850e-9, pitch: 8e-6, grid: side, layers: 3, distance: 0.02, engine: engine),
      input: InputDescription(size: 20, block: side * 3 / 80), detector: DetectorDescription(block: 1))
    let twin = try Twin<Scalar>(description)
    let layers = Stack<Double>.normal(3, side, deviation: 1.5, seed: 1).converted(to: Scalar.self)
    let inputs = Stack<Double>.uniform(2, 20, seed: 2).converted(to: Scalar.self)
    let tape = try twin.record(layers: layers, inputs: inputs)
    let targets = Stack<Double>.uniform(2, side, seed: 3).converted(to: Scalar.self)
    let (loss, slope) = meanSquare(tape.intensities, targets)
    let gradient = try twin.gradient(tape, intensityGradient: slope).layers
    return (loss, gradient.converted(), twin.engineName)
  }

  @Test("single precision agrees with double at 512 samples: the loss within 1e-5, the gradient within 1e-4")
  func singleAgainstDouble() throws {
    let exact = try Self.evaluate(.automatic, side: 512, in: Double.self)
    let fast = try Self.evaluate(.automatic, side: 512, in: Float.self)
    #expect(abs(fast.loss / exact.loss - 1) < 1e-5)
    #expect(fast.gradient.difference(from: exact.gradient) < 1e-4)
  }

  /// The derivatives by parameters of every kind on a bench that is off its alignment, at 512 computed samples.
  private static func parameters<Scalar: OpticsScalar>(in precision: Scalar.Type) throws -> [String: Double] {
    let description = TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 16e-6, grid: 256, layers: 2, distance: 0.01, sampling: 2),
      input: InputDescription(size: 20, block: 10), detector: DetectorDescription(block: 4))
    let names = [
      "mirrorGap", "mirrorTiltX", "beamTiltY", "hop1Distance", "plane2ShiftX", "plane2TiltY", "plane2Rotation",
      "plane1Scale", "plane2Zernike5", "response1", "crosstalk", "fillFactor", "illuminationCurvature",
      "modulatorZernike5", "detectorZernike4", "detectorShiftX", "detectorScale", "pointSpread",
    ]
    var parameters = try TwinParameters(nominalFor: description).freeing(names)
    for (index, parameter) in parameters.free.enumerated() {
      parameters[parameter.name] = parameter.released + Double(1 + index % 3) * parameter.scale * (index < 3 ? 5 : 0.5)
    }
    parameters["fillFactor"] = 0.93
    let twin = try Twin<Scalar>(description, parameters: parameters)
    let layers = Stack<Double>.normal(2, 256, deviation: 0.5, seed: 1).converted(to: Scalar.self)
    let inputs = Stack<Double>.uniform(1, 20, seed: 2).converted(to: Scalar.self)
    let tape = try twin.record(layers: layers, inputs: inputs)
    let targets = Stack<Double>.uniform(1, 64, seed: 3).converted(to: Scalar.self)
    let slope = meanSquare(tape.intensities, targets).gradient
    return try twin.gradient(tape, intensityGradient: slope, ofParameters: true).parameters
  }

  @Test("the gradients by parameters of every kind agree between single and double precision within 1e-4")
  func parameters() throws {
    let exact = try Self.parameters(in: Double.self)
    let fast = try Self.parameters(in: Float.self)
    #expect(exact.count == 18)
    for (name, value) in exact {
      let found = try #require(fast[name])
      #expect(abs(found / value - 1) < 1e-4, "\(name): \(found), \(value)")
    }
  }

  @Test("every engine that this machine can run gives the same loss and gradient", arguments: EngineChoice.allCases)
  func engines(choice: EngineChoice) throws {
    let reference = try Self.evaluate(.fftw, side: 128, in: Double.self)
    guard let found = try? Self.evaluate(choice, side: 128, in: Double.self) else {
      #expect(choice != .automatic && choice != .fftw && choice != .block && choice != .blockBaseline)
      return print("SKIPPED: this machine has no \(choice.rawValue)")
    }
    #expect(abs(found.loss / reference.loss - 1) < 1e-12)
    #expect(found.gradient.difference(from: reference.gradient) < 1e-10)
    if choice != .automatic { #expect(found.engine.hasPrefix(choice == .fftw ? "fftw" : "block")) }
  }
}
