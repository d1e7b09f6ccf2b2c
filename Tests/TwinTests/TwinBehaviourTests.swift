import Arrays
import Measuring
import Optics
import Testing
import Twin

@Suite struct TwinBehaviourTests {
  @Test("counter-ramps make a tilted cavity with smooth layers behave like an aligned one", arguments: [0.5, 1])
  func counterRamps(scale: Double) throws {
    let description = TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 2.392e-3 / 80, grid: 80, layers: 4, distance: 17.1e-3, padding: 1.5,
        sampling: 2),
      input: InputDescription(size: 10, block: 5), detector: DetectorDescription(block: 4))
    let aligned = try Twin<Float>(description)
    let tilted = try aligned.with(.misaligned(description.geometry, scale: scale).nominalDistance(description.geometry))
    let layers = Stack<Float>.smooth(4, 80, seed: 1)
    let inputs = Stack<Float>.uniform(4, 10, seed: 2)
    let target = try aligned.forward(layers: layers, inputs: inputs)
    let without = Discrepancy(try tilted.forward(layers: layers, inputs: inputs), target)
    let ramped = layers.adding(tilted.counterRamps(), times: 1)
    let with = Discrepancy(try tilted.forward(layers: ramped, inputs: inputs), target)
    #expect(without.pearson > 0.5, "without: \(without.pearson), with: \(with.pearson)")
    #expect(with.pearson < 0.01, "without: \(without.pearson), with: \(with.pearson)")
    #expect(aligned.counterRamps().values.allSatisfy { $0 == 0 })
  }

  @Test("the counter-ramp of planes takes back the beam's tilt on the first layer")
  func planesRamp() throws {
    let description = TwinDescription.small(.planes)
    var parameters = TwinParameters(nominalFor: description.geometry)
    parameters["beamTiltX"] = 1e-3
    let ramps = try Twin<Double>(description, parameters: parameters).counterRamps()
    let slope = 2 * Double.pi / 850e-9 * 1e-3 * 8e-6
    #expect(abs(ramps[0, 5, 20] - ramps[0, 5, 19] - slope) < 1e-6 * slope)
    #expect(ramps.planes(1..<3).values.allSatisfy { $0 == 0 })
  }

  struct Run: Sendable, Equatable {
    var intensities: Stack<Float>
    var layers: Stack<Float>
    var parameters: [String: Double]
  }

  private func run(_ kind: GeometryDescription.Kind, threads: Int) throws -> Run {
    let description = TwinDescription.small(kind, sampling: 2, detector: DetectorDescription(block: 2))
    let twin = try Twin<Float>(description, parameters: .misaligned(description.geometry), threads: threads)
    let tape = try twin.record(layers: .normal(3, 32, seed: 1), inputs: .uniform(11, 6, seed: 2))
    let gradient = try twin.gradient(tape, intensityGradient: tape.intensities, ofParameters: true)
    return Run(intensities: tape.intensities, layers: gradient.layers, parameters: gradient.parameters)
  }

  @Test("the same numbers come out with any number of threads, and twice", arguments: GeometryDescription.Kind.allCases)
  func threads(kind: GeometryDescription.Kind) throws {
    let single = try run(kind, threads: 1)
    for threads in [1, 2, 3] { #expect(try run(kind, threads: threads) == single) }
  }

  @Test("forward, record and the optical unit give the same intensities")
  func threeWays() async throws {
    let description = TwinDescription.small(.cavity, detector: DetectorDescription(block: 4))
    let twin = try Twin<Float>(description, parameters: .misaligned(description.geometry))
    let (layers, inputs) = (Stack<Float>.normal(3, 32, seed: 1), Stack<Float>.uniform(3, 6, seed: 2))
    let forward = try twin.forward(layers: layers, inputs: inputs)
    #expect(try twin.record(layers: layers, inputs: inputs).intensities == forward)
    #expect(try await twin.intensities(layers: layers, inputs: inputs, block: nil) == forward)
    let fine = try await twin.intensities(layers: layers, inputs: inputs, block: 1)
    #expect(fine.pooled(by: 4).difference(from: forward) < 1e-6)
    #expect(try twin.forward(layers: layers, inputs: inputs.planes(1..<2)) == forward.planes(1..<2))
  }

  @Test("float32 agrees with float64 in intensities and every gradient", arguments: GeometryDescription.Kind.allCases)
  func precisions(kind: GeometryDescription.Kind) throws {
    let description = TwinDescription.small(kind, bandLimit: true)
    let parameters = TwinParameters.misaligned(description.geometry)
    let (layers, inputs) = (Stack<Double>.normal(3, 32, seed: 1), Stack<Double>.uniform(3, 6, seed: 2))
    let twin = try Twin<Double>(description, parameters: parameters)
    let tape = try twin.record(layers: layers, inputs: inputs)
    let gradient = try twin.gradient(tape, intensityGradient: tape.intensities, ofParameters: true)
    let single = try Twin<Float>(description, parameters: parameters)
    let singleTape = try single.record(layers: layers.converted(), inputs: inputs.converted())
    let singleGradient = try single.gradient(
      singleTape, intensityGradient: tape.intensities.converted(), ofParameters: true)
    #expect(singleTape.intensities.converted().difference(from: tape.intensities) < 2e-6)
    #expect(singleGradient.layers.converted().difference(from: gradient.layers) < 5e-6)
    for (name, value) in gradient.parameters {
      let found = try #require(singleGradient.parameters[name])
      #expect(abs(found - value) < 1e-4 * abs(value), "\(name)")
    }
  }

  @Test("the twin reports how well its canvas samples the longest hop")
  func sampling() throws {
    let planes = try Twin<Float>(.small(.planes, padding: 1, bandLimit: true)).sampling
    #expect(abs(planes.criticalDistance - 32 * 64e-12 / 850e-9) < 1e-9)
    #expect(abs(planes.distance - 4e-3) < 1e-12 && planes.isUndersampled)
    let cavity = try Twin<Float>(.small(.cavity, padding: 1, bandLimit: true)).sampling
    #expect(abs(cavity.distance - 8e-3) < 1e-12, "a hop of a cavity is twice the gap")
  }

  @Test("a parameter that no such bench has ends the program: it neither reads as 0 nor takes a value that is lost")
  func strangeName() async {
    await #expect(processExitsWith: .failure) {
      _ = TwinParameters(nominalFor: TwinDescription.small(.cavity))["spacing"]
    }
    await #expect(processExitsWith: .failure) {
      var parameters = TwinParameters(nominalFor: TwinDescription.small(.cavity))
      parameters["mirorGap"] = 4e-3
    }
  }

  @Test("values of other parameters are taken where both have them")
  func replacedValues() {
    var cavity = TwinParameters(nominalFor: TwinDescription.small(.cavity))
    cavity["beamTiltX"] = 1e-4
    let planes = TwinParameters(nominalFor: TwinDescription.small(.planes)).replacingValues(cavity)
    #expect(planes["beamTiltX"] == 1e-4 && planes.parameter(named: "mirrorGap") == nil)
  }

  @Test("clamped parameters lie within their bounds, and unknown names are refused")
  func parameters() throws {
    var parameters = TwinParameters(nominalFor: TwinDescription.small(.cavity).geometry)
    #expect(
      parameters.free.map(\.name) == ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"])
    parameters["beamTiltX"] = 1
    parameters["mirrorGap"] = -1
    let clamped = parameters.clamped()
    #expect(clamped["beamTiltX"] == parameters.parameter(named: "beamTiltX")?.maximum)
    #expect(clamped["mirrorGap"] == parameters.parameter(named: "mirrorGap")?.minimum)
    let planes = TwinParameters(nominalFor: TwinDescription.small(.planes).geometry)
    #expect(planes.free.map(\.name) == ["spacing", "beamTiltX", "beamTiltY"])
    let stranger = try #require(planes.parameter(named: "spacing"))
    #expect(throws: TwinError.unknownParameter("spacing", known: parameters.names)) {
      try parameters.update(stranger)
    }
  }
}

extension TwinParameters {
  /// The same angles at the nominal distance.
  fileprivate func nominalDistance(_ geometry: GeometryDescription) -> TwinParameters {
    var result = TwinParameters(nominalFor: geometry)
    for parameter in all where parameter.unit == "rad" { result[parameter.name] = parameter.value }
    return result
  }
}
