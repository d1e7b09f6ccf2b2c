import Glibc
import Hotplug

/// What a diagnosis needs to know of the machine.
public struct MachineFacts: Sendable {
  /// What the kernel has, whether or not there are nodes for it.
  public var devices: [UdevDevice]
  public var udevRuns: Bool
  /// Whether odu's udev rules are installed.
  public var hasRules: Bool
  public var node: @Sendable (_ path: String) -> NodeFacts

  public init(
    devices: [UdevDevice], udevRuns: Bool, hasRules: Bool, node: @escaping @Sendable (String) -> NodeFacts
  ) {
    self.devices = devices
    self.udevRuns = udevRuns
    self.hasRules = hasRules
    self.node = node
  }

  /// This machine, as it is now.
  public static var current: MachineFacts {
    let folders = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"]
    return MachineFacts(
      devices: UdevDevice.all(), udevRuns: UdevWatch.udevRuns,
      hasRules: folders.contains { access("\($0)/udev/rules.d/70-odu.rules", R_OK) == 0 }, node: { NodeFacts(at: $0) })
  }
}
