extension Form where Content == [[Double]] {
  /// Weights of neighbouring pixels, the middle one's in the middle.
  public static func kernel(largest: Int? = nil) -> Form {
    let most = largest.map { ", at most \($0)" } ?? ""
    return Form.rows.refusing { rows in
      let width = rows.first?.count ?? 0
      let isOdd = rows.count % 2 == 1 && width % 2 == 1 && rows.allSatisfy { $0.count == width }
      guard isOdd, max(rows.count, width) <= largest ?? .max else {
        return "expected an odd number of rows of one odd length" + most
      }
      return sumProblem(of: rows)
    }
  }

  /// Why the weights of a kernel cannot be made to add up to 1; nil when they can.
  private static func sumProblem(of rows: [[Double]]) -> String? {
    let sum = rows.joined().reduce(0, +)
    let magnitude = rows.joined().reduce(0) { $0 + abs($1) }
    if magnitude.isFinite, abs(sum) >= max(1e-9, 1e-3 * magnitude) { return nil }
    return
      "adds up to \(sum), its magnitudes to \(magnitude); expected weights that can be made to add up to 1: a sum of at "
      + "least 1e-9 and a thousandth of the magnitudes'"
  }
}
