import ArgumentParser
import Catalogues
import Foundation

/// Options whose values are the names of a catalogue: their help, their check and their completion come from there.
extension Catalogue {
  /// Help with the names that there are, and what each means.
  ///
  /// - Parameters:
  ///   - text: what the option is for, as one sentence.
  ///   - valueName: what help calls a value; the catalogue's noun when nil.
  public func help(_ text: String, valueName: String? = nil) -> ArgumentHelp {
    let members = declarations.map { "\($0.name): \($0.summary)" }
    return ArgumentHelp("\(text) \(members.joined(separator: "; ")).", valueName: valueName ?? noun)
  }

  public var completion: CompletionKind { .list(names) }

  /// The names, and what there is in the file system for an option that takes a file, too.
  public func completion(orFiles suffix: String) -> CompletionKind {
    let names = names
    return .custom { _, _, begun in names + PathCompletion.paths(beginningWith: begun, suffix: suffix) }
  }

  /// - Throws: `ValidationError`, which says what names there are.
  public func validate(_ name: String, option: String) throws {
    do throws(UnknownName) { _ = try member(named: name) } catch { throw ValidationError("\(option): \(error).") }
  }
}

enum PathCompletion {
  /// Files of this kind, and folders that may hold some, where what was begun points to.
  static func paths(beginningWith begun: String, suffix: String) -> [String] {
    let folder = begun.lastIndex(of: "/").map { String(begun[...$0]) } ?? ""
    let place = URL(fileURLWithPath: folder.isEmpty ? "." : folder)
    let entries = try? FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
    return (entries ?? []).compactMap { entry in
      if entry.hasDirectoryPath { return folder + entry.lastPathComponent + "/" }
      return entry.pathExtension == suffix ? folder + entry.lastPathComponent : nil
    }.sorted()
  }
}
