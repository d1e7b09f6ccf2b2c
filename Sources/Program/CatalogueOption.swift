import ArgumentParser
import Catalogues

/// Options whose values are the names of a catalogue: their help, their check and their completion come from there.
extension Catalogue {
  /// Help with the names that there are, and what each means.
  ///
  /// - Parameter text: what the option is for, as one sentence.
  public func help(_ text: String) -> ArgumentHelp {
    ArgumentHelp(
      "\(text) \(declarations.map { "\($0.name): \($0.summary)" }.joined(separator: "; ")).", valueName: noun)
  }

  public var completion: CompletionKind { .list(names) }

  /// - Throws: `ValidationError`, which says what names there are.
  public func validate(_ name: String, option: String) throws {
    do throws(UnknownName) { _ = try member(named: name) } catch { throw ValidationError("\(option): \(error).") }
  }
}
