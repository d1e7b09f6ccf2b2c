extension TwinParameters {
  /// The names that a selection stands for, each once, in the parameters' own order.
  ///
  /// - Parameter selection: names; `prefix*` for all that begin so; `default` for those that are free; `all`.
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
      } else {
        found = names.filter { $0 == word }
      }
      if found.isEmpty { throw .unknownParameter(word, known: names) }
      selected.formUnion(found)
    }
    return names.filter { selected.contains($0) }
  }
}
