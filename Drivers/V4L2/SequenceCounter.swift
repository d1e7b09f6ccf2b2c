/// Makes a count that does not begin again of a driver's, which does so behind 2³² − 1.
package struct SequenceCounter: Sendable {
  private var last: (driver: UInt32, whole: UInt64)?
  private var offset: UInt64 = 0

  package init() {}

  /// The driver counts from its beginning again; the numbers continue after the last one.
  package mutating func continueAnew() {
    if let last { offset = last.whole + 1 }
    last = nil
  }

  /// The number of a frame. A step back is passed on as one.
  package mutating func number(_ driver: UInt32) -> UInt64 {
    guard let last else {
      let whole = offset + UInt64(driver)
      self.last = (driver, whole)
      return whole
    }
    let step = Int64(Int32(bitPattern: driver &- last.driver))
    let whole = step >= 0 ? last.whole + UInt64(step) : last.whole - min(last.whole, UInt64(-step))
    self.last = (driver, whole)
    return whole
  }
}
