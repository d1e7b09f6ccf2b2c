import Arrays
import Calibration
import Measuring
import Testing
import Twin

/// Protects what a calibration that frees groups of parameters leaves alone.
@Suite("Freed groups") struct FreedGroupsTests {
  private struct Unit: OpticalUnit {
    let twin: Twin<Float>

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      Measured(intensities: try twin.forward(layers: layers, inputs: inputs, block: block), saturation: nil)
    }
  }

  private static let description = TwinDescription(
    geometry: GeometryDescription(
      kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 24, layers: 2, distance: 3e-3, padding: 1.5, sampling: 1),
    input: InputDescription(size: 5, block: 4), detector: DetectorDescription(block: 1))

  @Test(
    "parameters outside the freed groups keep their values to the last bit, those inside explain the frames",
    arguments: [
      Set<TwinParameter.Group>([.alignment]), [.alignment, .detector],
    ])
  func outside(groups: Set<TwinParameter.Group>) async throws {
    var known = TwinParameters(nominalFor: Self.description)
    // What was found before, by another calibration, and what the bench file says.
    (known["response1"], known["beamTiltX"], known["plane2ShiftX"]) = (0.013, 0.7e-3, 1.7e-6)
    let bench = try CalibratedBench(
      StatedBench(description: Self.description, parameters: TwinParameters(nominalFor: Self.description)),
      products: [
        Product(
          content: .twin(known), report: RoutineReport(estimates: [], frames: 0, fitted: 0),
          provenance: Provenance(routine: "twin", software: "test"))
      ])
    var hidden = known
    hidden["mirrorTiltX"] = 0.4e-3
    let plant = try Twin<Float>(Self.description, parameters: hidden)
    var routine = JointFitRoutine(seed: 5)
    (routine.squares.fitted, routine.squares.heldOut, routine.squares.sampling) = (6, 2, 1)
    var acquisition = Acquisition(on: Unit(twin: plant))
    let freed = try bench.freeing(groups)
    let outcome = try await routine.run(on: freed, &acquisition, RoutineWork(threads: 2)).accepted()
    guard case .twin(let found) = outcome.content else { throw CalibrationError.noLight }
    for parameter in known.all where !groups.contains(parameter.group) {
      #expect(found[parameter.name].bitPattern == parameter.value.bitPattern, "\(parameter.name)")
    }
    let (before, after) = (try #require(outcome.report.before), try #require(outcome.report.after))
    #expect(after.pearson < 0.2 * before.pearson && found["mirrorTiltX"] != known["mirrorTiltX"], "\(before), \(after)")
    #expect(Set(outcome.posterior.names).isSubset(of: known.all.filter { groups.contains($0.group) }.map(\.name)))
    #expect(freed.parameters.free.allSatisfy { groups.contains($0.group) } && !freed.parameters.free.isEmpty)
    // Every frame has a gain of its own, so that no frame tells of these.
    #expect(
      try bench.freeing([.source, .detector]).parameters.free.allSatisfy {
        !["power", "gain", "exposure"].contains($0.name)
      })
  }
}
