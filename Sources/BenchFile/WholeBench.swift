import Devices
import Simulated
import StrictYAML
import Twin

extension BenchFile {
  /// Looks for what is wrong with sections that are right by themselves.
  ///
  /// - Throws: `ReadingError.mistakes`.
  func checkAsAWhole() throws {
    let found = [samplingMistake, plantMistake].compactMap(\.self)
    guard found.isEmpty else { throw ReadingError.mistakes(path: path, found) }
  }

  private var samplingMistake: Mistake? {
    do {
      _ = try twin.sampling(parameters)
      return nil
    } catch {
      return file.mistake(at: "geometry", "\(error)")
    }
  }

  private var plantMistake: Mistake? {
    do {
      guard let devices, let bench = try simulatedBench() else { return nil }
      let layers = bench.layerModulator.description
      try devices.layout.validate(
        layerModulator: layers, inputModulator: bench.inputModulator?.description ?? layers,
        camera: bench.camera.description)
      return nil
    } catch SimulatedError.invalid(let key, let value, let accepted) {
      return file.mistake(at: "simulated.\(key)", "\(value) is not possible here; give \(accepted)")
    } catch SimulatedError.layoutMismatch(let key, let layout, let optics) {
      return file.mistake(at: "layout.\(key)", "\(layout), where the twin has \(optics); they must agree")
    } catch BenchError.invalidLayout(let key, let value, let accepted) {
      return file.mistake(at: "layout.\(key)", "\(value) is not possible here; give \(accepted)")
    } catch {
      return file.mistake(at: error is BenchError ? "layout" : "simulated", "\(error)")
    }
  }
}
