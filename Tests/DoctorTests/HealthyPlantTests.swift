import BenchFile
import Doctor
import DriverCatalogue
import Testing

/// Protects the thresholds of what calibrations find: a perfect calibration of a plant that is well has no findings.
@Suite("Truths of healthy plants")
struct HealthyPlantTests {
  @Test("nothing is found in the true values of fifty plants", arguments: ["simulated", "realistic"])
  func truths(profile: String) async throws {
    let stated = try BenchFile.load(path: profile, drivers: .standard)
    let codes = Set(["geometry.distance", "modulator.zeroOrder", "camera.defocus"])
    for seed in 1...50 {
      let file = try BenchFile(
        yaml: stated.text.replacing("\n  seed: 1 ", with: "\n  seed: \(seed) "), path: stated.path, drivers: .standard)
      let truth = try #require(try await file.assemble().truth)
      var patient = Patient(wavelength: file.twin.geometry.wavelength, pitch: file.twin.geometry.pitch)
      for name in ["mirrorGap", "fillFactor", "detectorZernike4", "pointSpread"] {
        guard let value = truth[name], let parameter = file.parameters.parameter(named: name) else { continue }
        patient.parameters[name] = Patient.Parameter(
          value: value, error: 0, stated: parameter.value, prior: parameter.prior)
      }
      #expect(patient.parameters["mirrorGap"].map { $0.value != $0.stated } == true)
      let found = ExaminationCatalogue.findings(in: patient).map(\.code)
      #expect(codes.isDisjoint(with: found), "seed \(seed): \(found)")
    }
  }
}
