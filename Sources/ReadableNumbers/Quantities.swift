import Foundation

/// Seconds: `4 s`, `2 min 05 s`, `1 h 10 min`, `3 d 4 h`.
public func duration(_ seconds: Double) -> String {
  let whole = Int(max(0, min(seconds, 1e9)).rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
  if whole < 86400 { return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60) }
  return "\(whole / 86400) d \(whole / 3600 % 24) h"
}

/// Bytes: `512 B`, `4.8 MB`.
public func size(_ bytes: Int) -> String {
  var (value, unit) = (Double(bytes), "B")
  for larger in ["kB", "MB", "GB", "TB"] where value >= 999.5 { (value, unit) = (value / 1000, larger) }
  return "\(number(value, decimals: unit == "B" || value >= 99.95 ? 0 : 1)) \(unit)"
}
