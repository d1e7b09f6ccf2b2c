import Arrays
import Calibration
import Concurrency
import Devices
import Foundation
import Simulated

/// Where the camera looks and the layers lie, from nothing: root mean square of how far the pixels of the region that is found look from where
/// they are said to, in camera pixels.
///
/// A turned beam with layers and camera that follow its light changes no frame. Where layers are searched as well, what is off that way is
/// taken out, and the whole stands in the note.
struct RegistrationRow: Row {
  /// Whether the layers are out of place and searched as well.
  let findsLayers: Bool

  var name: String { findsLayers ? "registration-layers" : "registration" }
  var title: String {
    findsLayers
      ? "registration: eight orientations, scale 0.3–4, layers out of place"
      : "registration: eight orientations, scale 0.3–4"
  }
  var unit: String { "camera pixels" }
  var goal: String { "0.05 camera pixels\(findsLayers ? ", layers 0.1 pixels" : "")" }

  /// What stands for a camera that was not found: more than there are pixels.
  private static let notFound = 999.0

  func measure(seed: UInt64, threads: Int) async throws -> Measurement {
    let bench = RegistrationBench(seed: seed, areLayersOff: findsLayers)
    let file = try bench.file(seed: seed, freesLayers: findsLayers)
    let assembled = try await file.assemble()
    let instrument = BenchInstrument(
      unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera, clock: assembled.clock)
    let known = try CalibratedBench(file.stated)
    let start = assembled.clock.now
    let counted = TimedBench(instrument)
    var acquisition = Acquisition(on: assembled.bench, raw: counted)
    let began = Date()
    var measurement = Measurement(
      value: Self.notFound, frames: 0, ownFrames: 0, benchTime: 0, computing: 0, note: bench.words)
    do {
      let outcome = try await RegistrationRoutine(seed: seed).run(
        on: known, &acquisition, RoutineWork(threads: threads)
      ).accepted()
      let off = try RegistrationError(outcome, bench, findsLayers: findsLayers)
      (measurement.value, measurement.note) = (off.camera, bench.words + off.words)
      measurement.frames = outcome.report.frames
    } catch let error as CalibrationError {
      measurement.note += "not found: \(error)"
    }
    measurement.ownFrames = measurement.frames
    measurement.benchTime = Double(assembled.clock.now - start) * 1e-9
    // What simulated devices compute is no work of the routine.
    measurement.computing = -began.timeIntervalSinceNow - counted.seconds
    return measurement
  }
}

extension RegistrationBench {
  fileprivate var words: String {
    String(
      format: "%@, scale %.2f, turned by %.0f°: ", orientation.rawValue, scale, imaging.rotation * 180 / .pi)
  }
}

/// How far what a registration found is from the truth.
private struct RegistrationError {
  /// In camera pixels, and in pixels of the layers; where layers are searched, without what a turned beam takes along.
  let camera: Double
  let layers: [Double]
  /// In camera pixels, with what a turned beam takes along; and the standard deviation that is stated for the camera's shift along x.
  let whole: Double
  let stated: Double

  var words: String {
    let layers =
      layers.isEmpty
      ? "" : String(format: "layers %.3g pixels; with the beam %.3g camera pixels, ", self.layers.max() ?? .nan, whole)
    return "found, " + layers + String(format: "shift stated to ± %.2g", stated)
  }

  init(_ outcome: RoutineOutcome, _ bench: RegistrationBench, findsLayers: Bool) throws {
    guard case .registration(let model) = outcome.content, let region = model.region else {
      throw CalibrationError.noDevices
    }
    func value(_ name: String) -> Double { model.parameters.values[name] ?? .nan }
    let found = RegistrationBench.View(
      imaging: ImagingImperfection(
        shiftX: value("detectorShiftX"), shiftY: value("detectorShiftY"), rotation: value("detectorRotation"),
        scale: value("detectorScale"), aspect: value("detectorAspect"), orientation: model.orientation),
      corner: SIMD2(Double(region.x), Double(region.y)), samples: bench.region)
    // What the beam's angle is off moves the light by this in each hop.
    let turned = SIMD2(value("beamTiltX"), value("beamTiltY")) - bench.beam
    let hop = -RegistrationBench.spacing * turned
    let pixel = bench.scale * RegistrationBench.pitch
    func off(besides moved: SIMD2<Double>) -> Double {
      var (sum, count) = (0.0, 0.0)
      for y in region.y..<region.y + region.height {
        for x in region.x..<region.x + region.width {
          let place = SIMD2(Double(x), Double(y))
          let off = (found(place) - bench.view(place) - moved) / pixel
          sum += (off * off).sum()
          count += 1
        }
      }
      return (sum / count).squareRoot()
    }
    whole = off(besides: .zero)
    camera = findsLayers ? off(besides: 3 * hop) : whole
    stated = (outcome.posterior.standardDeviation(of: "detectorShiftX") ?? .nan) / pixel
    layers = findsLayers ? bench.layers.indices.map { Self.off(bench.layers[$0], layer: $0, hop, value) } : []
  }

  /// Root mean square over a layer, in its pixels.
  private static func off(
    _ truth: LayerPlacement, layer: Int, _ hop: SIMD2<Double>, _ value: (String) -> Double
  ) -> Double {
    let name = "plane\(layer + 1)"
    let shift = SIMD2(value(name + "ShiftX"), value(name + "ShiftY")) - SIMD2(truth.shiftX, truth.shiftY)
    let off = (shift - Double(layer + 1) * hop) / RegistrationBench.pitch
    let (turn, size) = (value(name + "Rotation") - truth.rotation, value(name + "Scale") - truth.scale)
    // Of u and v over a square of side L, the mean square is L²/12 each.
    let spread = Double(RegistrationBench.grid * RegistrationBench.grid) / 6
    return ((off * off).sum() + spread * (turn * turn + size * size)).squareRoot()
  }
}
