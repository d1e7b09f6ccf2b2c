extension Sequence<Int> {
  /// The sum of counts, sizes of files say, at most `Int.max`: a file may state any size.
  public func clampedSum() -> Int {
    reduce(0) { sum, count in
      let (next, overflows) = sum.addingReportingOverflow(count)
      return overflows ? .max : next
    }
  }
}
