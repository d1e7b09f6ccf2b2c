import Catalogues

/// Collects the mistakes of one file, so that all of them are reported at once.
final class MistakeLog {
  private(set) var mistakes: [Mistake] = []

  func add(_ mark: Mark, _ key: String, _ message: String) {
    mistakes.append(Mistake(at: mark, key: key, message: message))
  }
}

/// A section of a file: keys with values. Each reading function returns nil when the value is absent or wrong, and has then
/// reported why, unless the absence is allowed.
public struct Section {
  private let mapping: YAMLMapping
  private let mark: Mark
  /// The dotted path of this section, empty at the top.
  private let path: String
  private let log: MistakeLog

  /// Takes `node` as a mapping that has no other keys than `keys`; nil for any words as keys.
  init?(_ node: YAMLNode, path: String, keys: [String]?, log: MistakeLog) {
    guard let mapping = node.mapping else {
      log.add(node.mark, path, "expected keys with values, found \(kind(of: node))")
      return nil
    }
    (self.mapping, self.mark, self.path, self.log) = (mapping, node.mark, path, log)
    refuseKeys(otherThan: keys)
  }

  public var keys: [String] { mapping.pairs.compactMap(\.key.text) }

  public func has(_ key: String) -> Bool { mapping[key] != nil }

  /// Logs a mistake at the value of `key`, or at the section itself when the key is absent.
  public func reject(_ key: String, _ message: String) { log.add(mapping[key]?.mark ?? mark, full(key), message) }

  /// Logs a key that must be there and is not.
  public func missing(_ key: String) { log.add(mark, full(key), "this key is missing") }

  public func number(_ key: String, _ quantity: Quantity, default fallback: Double? = nil) -> Double? {
    guard let text = scalar(key, expecting: "a number", optional: fallback != nil) else { return fallback }
    do {
      return try quantity.value(of: text)
    } catch {
      reject(key, error.description)
      return nil
    }
  }

  public func integer(_ key: String, _ range: ClosedRange<Int>, default fallback: Int? = nil) -> Int? {
    guard let text = scalar(key, expecting: "a whole number", optional: fallback != nil) else { return fallback }
    let span = "\(range.lowerBound) to \(range.upperBound)"
    guard let value = WrittenNumber.isUnusual(text) ? nil : Int(text) else {
      let isNumber = text.wholeMatch(of: /[+-]?[1-9][0-9]*/) != nil
      reject(
        key,
        isNumber
          ? "\(text) is out of range; expected \(span)"
          : "expected a whole number, found \"\(text)\"\(WrittenNumber.plain(text).map { ": write \($0)" } ?? "")")
      return nil
    }
    guard range.contains(value) else {
      reject(key, "\(value) is out of range; expected \(span)")
      return nil
    }
    return value
  }

  public func flag(_ key: String, default fallback: Bool? = nil) -> Bool? {
    guard let text = scalar(key, expecting: "true or false", optional: fallback != nil) else { return fallback }
    switch text.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default:
      reject(key, "expected true or false, found \"\(text)\"")
      return nil
    }
  }

  public func text(_ key: String) -> String? { scalar(key, expecting: "a word", optional: false) }

  public func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: Choice? = nil)
    -> Choice?
  {
    let names = Choice.allCases.map(\.rawValue)
    let listed = names.joined(separator: ", ")
    guard let text = scalar(key, expecting: "one of \(listed)", optional: fallback != nil) else { return fallback }
    if let value = Choice(rawValue: text) { return value }
    reject(key, "\"\(text)\" is unknown\(hint(text, names)); expected one of \(listed)")
    return nil
  }

  public func section(_ key: String, keys: [String]?, optional: Bool = false) -> Section? {
    guard let node = node(key, optional: optional) else { return nil }
    return Section(node, path: full(key), keys: keys, log: log)
  }

  /// A word that has been read already; nil when it is none.
  public func quietText(_ key: String) -> String? { mapping[key]?.text.flatMap { $0.isEmpty ? nil : $0 } }

  /// Whether a word that has been read already says yes.
  public func quietFlag(_ key: String) -> Bool? {
    quietText(key).map { ["true", "yes", "on"].contains($0.lowercased()) }
  }

  /// A section that has been read already; nil when it could not be.
  public func quietly(_ key: String) -> Section? {
    mapping[key].flatMap { node in node.mapping.map { Section($0, node.mark, path: full(key), log: log) } }
  }

  private init(_ mapping: YAMLMapping, _ mark: Mark, path: String, log: MistakeLog) {
    (self.mapping, self.mark, self.path, self.log) = (mapping, mark, path, log)
  }

  /// The entries of a list, each a section of its own, named `key[0]`, `key[1]` and so on.
  public func sections(_ key: String, keys: [String]) -> [Section]? {
    guard let node = node(key, optional: false) else { return nil }
    guard let sequence = node.sequence else {
      reject(key, "expected a list, found \(kind(of: node))")
      return nil
    }
    let entries = sequence.enumerated().map { index, entry in
      Section(entry, path: "\(full(key))[\(index)]", keys: keys, log: log)
    }
    return entries.contains { $0 == nil } ? nil : entries.compactMap(\.self)
  }

  /// A list of numbers.
  public func numbers(_ key: String, _ quantity: Quantity) -> [Double]? {
    guard let node = node(key, optional: false) else { return nil }
    return numbers(node, key, quantity)
  }

  /// A list of lists of numbers.
  public func rows(_ key: String) -> [[Double]]? {
    guard let node = node(key, optional: false) else { return nil }
    guard let sequence = node.sequence else {
      reject(key, "expected a list of rows, found \(kind(of: node))")
      return nil
    }
    let rows = sequence.map { numbers($0, key, Quantity(-1e9...1e9)) }
    return rows.contains { $0 == nil } ? nil : rows.compactMap(\.self)
  }

  private func numbers(_ node: YAMLNode, _ key: String, _ quantity: Quantity) -> [Double]? {
    guard let sequence = node.sequence else {
      reject(key, "expected a list of numbers, found \(kind(of: node))")
      return nil
    }
    let values = sequence.map { value(of: $0, key, quantity) }
    return values.contains(nil) ? nil : values.compactMap(\.self)
  }

  private func value(of entry: YAMLNode, _ key: String, _ quantity: Quantity) -> Double? {
    guard let text = entry.text, !text.isEmpty else {
      log.add(entry.mark, full(key), "expected a number, found \(kind(of: entry))")
      return nil
    }
    do {
      return try quantity.value(of: text)
    } catch {
      log.add(entry.mark, full(key), error.description)
      return nil
    }
  }

  private func node(_ key: String, optional: Bool) -> YAMLNode? {
    if let node = mapping[key] { return node }
    if !optional { missing(key) }
    return nil
  }

  private func scalar(_ key: String, expecting expected: String, optional: Bool) -> String? {
    guard let node = node(key, optional: optional) else { return nil }
    if let text = node.text, !text.isEmpty { return text }
    reject(key, "expected \(expected), found \(kind(of: node))")
    return nil
  }

  private func refuseKeys(otherThan known: [String]?) {
    for key in mapping.pairs.map(\.key) {
      guard let name = key.text else {
        log.add(key.mark, path, "a key must be a word, found \(kind(of: key))")
        continue
      }
      if name == "<<" {
        log.add(key.mark, full(name), "merge keys are not read; write the keys themselves")
        continue
      }
      guard let known, !known.contains(name) else { continue }
      let list = known.count <= 24 ? "; known are \(known.joined(separator: ", "))" : ""
      log.add(key.mark, full(name), "unknown key\(hint(name, known))\(list)")
    }
  }

  private func hint(_ word: String, _ candidates: [String]) -> String {
    closest(to: word, among: candidates).map { " (did you mean `\($0)`?)" } ?? ""
  }

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

private func kind(of node: YAMLNode) -> String {
  switch node.content {
  case .scalar(let text): text.isEmpty ? "nothing" : "\"\(text)\""
  case .sequence: "a list"
  case .mapping: "keys with values"
  }
}
