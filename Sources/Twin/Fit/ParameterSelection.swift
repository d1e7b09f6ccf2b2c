extension TwinParameters {
  /// The names that a selection stands for, each once, in the parameters' own order.
  ///
  /// - Parameter selection: names; `prefix*` for all that begin so; `default` for those that are free; `all`; a group, such as
  ///   `alignment`, for those of ``names(in:)``.
  /// - Throws: ``TwinError/unknownParameter(_:known:)`` for a word that selects nothing.
  public func names(selectedBy selection: [String]) throws(TwinError) -> [String] {
    var selected: Set<String> = []
    for word in selection {
      let found: [String]
      if word == "all" {
        found = names
      } else if word == "default" {
        found = free.map(\.name)
      } else if word.hasSuffix("*") {
        found = names.filter { $0.hasPrefix(word.dropLast()) }
      } else if let group = TwinParameter.Group(rawValue: word) {
        found = self.names(in: [group])
      } else {
        found = names.filter { $0 == word }
      }
      if found.isEmpty { throw .unknownParameter(word, known: names) }
      selected.formUnion(found)
    }
    return names.filter { selected.contains($0) }
  }

  /// The parameters that are meant when groups are freed: all of them but ``brightness``.
  public func names(in groups: Set<TwinParameter.Group>) -> [String] {
    all.filter { groups.contains($0.group) && !Self.brightness.contains($0.name) }.map(\.name)
  }

  /// Parameters that scale whole frames. Fits give every frame a gain of its own, so that no frame tells of these.
  public static let brightness = ["power", "gain", "exposure"]
}
