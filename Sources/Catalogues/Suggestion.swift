/// The candidate closest to `word`, when it is close enough to be what was meant.
public func closest(to word: String, among candidates: some Sequence<String>) -> String? {
  let distances = candidates.map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
  guard let best = distances.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
  return best.distance <= max(1, word.count / 3) ? best.name : nil
}

/// Levenshtein's distance: insertions, deletions and substitutions that turn one word into the other.
private func editDistance(_ from: String, _ to: String) -> Int {
  let target = Array(to)
  var row = Array(0...target.count)
  for (index, letter) in from.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in target.indices {
      let substituted = diagonal + (letter == target[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
    }
  }
  return row[target.count]
}
