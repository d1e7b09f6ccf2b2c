import Devices
import StrictYAML
import Twin

extension BenchFile {
  /// Looks for what is wrong with sections that are right by themselves.
  ///
  /// - Throws: `ReadingError.mistakes`.
  func checkAsAWhole() throws {
    let found = [samplingMistake, setMistake].compactMap(\.self)
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

  private var setMistake: Mistake? {
    do {
      _ = try deviceSet()
      return nil
    } catch let error as any KeyedError {
      return file.mistake(at: error.key, error.mistake)
    } catch BenchError.invalidLayout(let key, let value, let accepted) {
      return file.mistake(at: "layout.\(key)", "\(value) is not possible here; give \(accepted)")
    } catch {
      return file.mistake(at: error is BenchError ? "layout" : devices?.layerModulator.driver ?? "devices", "\(error)")
    }
  }
}
