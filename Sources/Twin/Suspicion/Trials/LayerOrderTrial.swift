import Arrays

/// Layers that the light meets in another order: any for up to four of them; the reverse, or two exchanged, for more.
struct LayerOrderTrial: SuspicionTrial {
  /// So many orders are fitted, those that look best after a quick look at all.
  private static let shortlist = 3
  /// With more layers, only neighbours are exchanged.
  private static let mostForPairs = 12

  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let orders = Self.orders(of: bench.twin.description.geometry.layers)
    let hypotheses = orders.map { order in
      bench.hypothesis { hypothesis in
        hypothesis.data.patterns = hypothesis.data.patterns.map { $0.planes(at: order) }
      }
    }
    let chosen = try bench.shortlist(hypotheses, keeping: Self.shortlist)
    guard let (index, outcome) = try bench.best(of: chosen.map { hypotheses[$0] }) else { return [] }
    return [
      Suspicion(kind: .layerOrder, discrepancy: outcome.discrepancy, words: Self.words(for: orders[chosen[index]]))
    ]
  }

  private static func words(for order: [Int]) -> String {
    if order == Array(order.indices.reversed()) {
      return "The frames fit layers that the light meets in the reverse order: reverse the list layout.layers.origins."
    }
    let places = order.map { "\($0 + 1)" }.joined(separator: ", ")
    return
      "The frames fit layers that the light meets in another order: give the entries of layout.layers.origins in the "
      + "order \(places)."
  }

  /// The orders to try, the reverse first; each says which of the layers the light meets at each place.
  static func orders(of count: Int) -> [[Int]] {
    guard count > 1 else { return [] }
    let identity = Array(0..<count)
    let reversed = Array(identity.reversed())
    let others = count <= 4 ? permutations(identity) : exchanges(identity)
    return [reversed] + others.filter { $0 != identity && $0 != reversed }
  }

  private static func permutations(_ items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(rest).map { [first] + $0 }
    }
  }

  private static func exchanges(_ items: [Int]) -> [[Int]] {
    items.indices.flatMap { first in
      items.indices.filter { $0 > first && (items.count <= mostForPairs || $0 == first + 1) }.map { second in
        var order = items
        order.swapAt(first, second)
        return order
      }
    }
  }
}
