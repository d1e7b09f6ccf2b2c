import Devices
import Simulated
import Twin

extension BenchFile {
  /// Looks for what is wrong with sections that are right by themselves.
  ///
  /// - Throws: ``BenchFileError/mistakes(path:_:)``.
  func checkAsAWhole() throws {
    let found = [samplingMistake, plantMistake].compactMap(\.self)
    guard found.isEmpty else { throw BenchFileError.mistakes(path: path, Self.listed(found)) }
  }

  private var samplingMistake: BenchFileMistake? {
    do {
      _ = try twin.sampling(parameters)
      return nil
    } catch {
      return mistake("geometry", "\(error)")
    }
  }

  private var plantMistake: BenchFileMistake? {
    do {
      guard let devices, let bench = try simulatedBench() else { return nil }
      let layers = bench.layerModulator.description
      try devices.layout.validate(
        layerModulator: layers, inputModulator: bench.inputModulator?.description ?? layers,
        camera: bench.camera.description)
      return nil
    } catch SimulatedError.invalid(let key, let value, let accepted) {
      return mistake("simulated.\(key)", "\(value) is not possible here; give \(accepted)")
    } catch SimulatedError.layoutMismatch(let key, let layout, let optics) {
      return mistake("layout.\(key)", "\(layout), where the twin has \(optics); they must agree")
    } catch BenchError.invalidLayout(let key, let value, let accepted) {
      return mistake("layout.\(key)", "\(value) is not possible here; give \(accepted)")
    } catch {
      return mistake(error is BenchError ? "layout" : "simulated", "\(error)")
    }
  }

  /// A mistake at the value of a key, or at the section that lacks it.
  private func mistake(_ key: String, _ message: String) -> BenchFileMistake {
    var place = key
    while places[place] == nil, let dot = place.lastIndex(of: ".") { place = String(place[..<dot]) }
    let mark = places[place] ?? Mark(line: 1, column: 1)
    return BenchFileMistake(line: mark.line, column: mark.column, key: key, message: message)
  }
}
