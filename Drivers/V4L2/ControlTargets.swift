import Glibc

/// The values that controls should have, and whether they do.
///
/// Some kernel drivers drop them when the stream starts and still report them, so that reading back proves nothing then: they
/// are written again. The kernel does not pass on a value that it believes to be there already; so another one is written before.
struct ControlTargets {
  struct Target {
    let identifier: UInt32
    let name: String
    var value: Int
    let consequence: String
    let mayBeNudged: Bool
  }

  private let port: any CapturePort
  private(set) var all: [Target] = []

  init(port: any CapturePort) { self.port = port }

  /// Adds a target, or replaces that of the same control.
  mutating func set(_ target: Target) {
    if let index = all.firstIndex(where: { $0.identifier == target.identifier }) {
      all[index] = target
    } else {
      all.append(target)
    }
  }

  mutating func setValue(_ value: Int, of identifier: UInt32) {
    if let index = all.firstIndex(where: { $0.identifier == identifier }) { all[index].value = value }
  }

  /// Writes a target and reads it back.
  /// - Returns: what follows when it is not what it should be.
  func write(_ target: Target) throws(PortError) -> String? {
    let code = try attempt(target.value, target.identifier)
    let found: Int
    do throws(PortError) { found = try port.value(of: target.identifier) } catch {
      guard Self.refusals.contains(error.code) else { throw error }
      return code.map { _ in "\(target.name) cannot be set or read: \(target.consequence)" }
    }
    if found == target.value { return nil }
    let reason = code == nil ? "the camera did not take \(target.value)" : "it cannot be set to \(target.value)"
    return "\(target.name) is \(found), and \(reason): \(target.consequence)"
  }

  /// Writes all of them again, in their order.
  func writeAgain() throws(PortError) -> [String] {
    var warnings: [String] = []
    for target in all {
      if target.mayBeNudged { try nudge(target) }
      if let warning = try write(target) { warnings.append(warning) }
    }
    return warnings
  }

  private func nudge(_ target: Target) throws(PortError) {
    guard let range = try port.control(target.identifier), !range.readOnly else { return }
    // A menu may lack some of the numbers in its range.
    let others = [
      target.value + range.step, target.value - range.step, range.values.lowerBound, range.values.upperBound,
    ]
    for other in others where range.values.contains(other) && other != target.value {
      if try attempt(other, target.identifier) == nil { return }
    }
  }

  /// Returns the error of a refusal; throws those after which the device is not to be trusted.
  private func attempt(_ value: Int, _ identifier: UInt32) throws(PortError) -> Int32? {
    do throws(PortError) {
      try port.setValue(value, of: identifier)
      return nil
    } catch {
      guard Self.refusals.contains(error.code) else { throw error }
      return error.code
    }
  }

  private static let refusals = [EINVAL, ERANGE, EACCES, EPERM, EBUSY, ENOTTY]
}
