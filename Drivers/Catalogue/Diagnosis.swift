import Devices
import Hotplug
import Simulated

extension ExpectedDevice {
  /// Says whether the device is there, and if not, why and what to do, with the drivers that odu comes with.
  public func diagnose(found: [FoundDevice], facts: MachineFacts) -> DeviceDiagnosis {
    let drivers = Driver.standard.filter { driver in
      driver.name != Self.simulated && (kind == .camera ? driver.camera != nil : driver.modulator != nil)
    }.map(\.name)
    return diagnose(found: found, drivers: drivers, facts: facts)
  }

  /// Says whether the device is there, and if not, why and what to do. Computes from its arguments alone.
  ///
  /// - Parameters:
  ///   - found: what the drivers see.
  ///   - drivers: the names of the drivers that there are for this kind of device, but for the simulated one, whose
  ///     devices are always there.
  public func diagnose(found: [FoundDevice], drivers: [String], facts: MachineFacts) -> DeviceDiagnosis {
    guard driver != Self.simulated else { return DeviceDiagnosis(self, found: nil, reasons: []) }
    guard drivers.contains(driver) else {
      return DeviceDiagnosis(self, found: nil, reasons: unknownDriver(found, drivers, facts))
    }
    let present = found.filter { $0.kind == kind && $0.driver == driver }
    let meant = present.filter { candidate in
      guard let device else { return true }
      return candidate.answers(to: device, facts) || candidate.path == onCard(facts)
    }
    if let match = meant.first, device != nil || meant.count == 1 {
      return DeviceDiagnosis(self, found: match, reasons: obstacles(match, facts))
    }
    guard let device else {
      return DeviceDiagnosis(self, found: nil, reasons: undecided(present, facts))
    }
    var reasons = device.hasPrefix("/") ? missingNode(device, present, facts) : []
    if reasons.isEmpty { reasons.append(absent(device, present)) }
    if let other = found.first(where: { $0.driver != driver && $0.answers(to: device, facts) }) {
      reasons.append(
        "\(device) is a \(other.kind.rawValue) of the driver \(other.driver): write driver: \(other.driver)")
    } else if present.isEmpty {
      reasons += nothingOfItsKind(facts)
    }
    return DeviceDiagnosis(self, found: nil, reasons: reasons)
  }

  /// The name of a connector with that of its card, when the bench file says which card is meant.
  private func onCard(_ facts: MachineFacts) -> String? {
    guard let device, let card = settings["card"] else { return nil }
    return facts.node(card).target.split(separator: "/").last.map { "\($0)-\(device)" }
  }

  private func unknownDriver(_ found: [FoundDevice], _ drivers: [String], _ facts: MachineFacts) -> [String] {
    let error = DeviceError.unknownDriver(name: driver, known: (drivers + [Self.simulated]).sorted()).description
    let seen = device.flatMap { name in found.first { $0.kind == kind && $0.answers(to: name, facts) } }
    guard let suggestion = seen?.driver ?? DriverPlace.driver(meantBy: driver, among: drivers.sorted()) else {
      return [error]
    }
    return ["\(error); did you mean \(suggestion)?"]
  }

  /// What stands against opening a device that was found.
  private func obstacles(_ match: FoundDevice, _ facts: MachineFacts) -> [String] {
    guard let problem = match.problem else { return [] }
    let paths = ([device ?? "", match.path] + match.aliases).filter { $0.hasPrefix("/") }
    let isDenied = paths.contains { if case .denied = facts.node($0).access { true } else { false } }
    guard isDenied, !facts.hasRules else { return [problem] }
    return [problem, Self.installRules]
  }

  /// No device is named, and there is not exactly one.
  private func undecided(_ present: [FoundDevice], _ facts: MachineFacts) -> [String] {
    if present.isEmpty { return ["the driver \(driver) finds no \(kind.rawValue)"] + nothingOfItsKind(facts) }
    let choices = present.map(\.path).joined(separator: ", ")
    return ["\(present.count) devices could be meant; give the setting device, one of \(choices)"]
  }

  private func absent(_ device: String, _ present: [FoundDevice]) -> String {
    DeviceError.absent(device: device, present: present.map { "\($0.path) (\($0.name))" }).description
  }

  /// Why a path does not lead to a device of the driver.
  private func missingNode(_ path: String, _ present: [FoundDevice], _ facts: MachineFacts) -> [String] {
    switch facts.node(path).access {
    case .denied(let group):
      let error = DeviceError.noPermission(path: path, group: group).description
      return facts.hasRules || group == nil ? [error] : [error, Self.installRules]
    case .other(let what):
      return [DeviceError.notADevice(path: path, expected: "a \(kind.rawValue)", found: what).description]
    case .granted:
      let subsystem = facts.devices.first { $0.node == facts.node(path).target }?.subsystem
      let other = "a device" + (subsystem.map { " of the subsystem \($0)" } ?? "") + " that it does not take"
      let error = DeviceError.notADevice(
        path: path, expected: "a \(kind.rawValue) for the driver \(driver)", found: other)
      return [error.description]
    case .absent:
      guard path.hasPrefix("/dev/odu/") else { return [] }
      if !facts.udevRuns {
        return [
          absent(path, present), "udev, which makes the names in /dev/odu, does not run here: give the kernel's name",
        ]
      }
      return facts.hasRules ? [] : [absent(path, present), Self.installRules]
    }
  }

  /// Why the driver finds nothing at all.
  private func nothingOfItsKind(_ facts: MachineFacts) -> [String] {
    guard let place = DriverPlace.all[driver] else { return [] }
    let known = facts.devices.filter { $0.subsystem == place.subsystem && place.takes($0) }
    if known.isEmpty { return ["the kernel knows no device of this driver (\(place.nodes)): \(place.remedy)"] }
    return known.compactMap { device in
      guard let node = device.node else { return nil }
      switch facts.node(node).access {
      case .absent:
        return "the kernel has \(device.name), but \(node) is missing: hand it to this container, or start udev"
      case .denied(let group): return DeviceError.noPermission(path: node, group: group).description
      default: return nil
      }
    }
  }

  private static let simulated = Driver.simulated.name

  private static let installRules = """
    odu's udev rules are not installed: sudo cp udev/70-odu.rules /etc/udev/rules.d/ && sudo udevadm control --reload \
    && sudo udevadm trigger
    """
}

extension FoundDevice {
  /// Whether a name or path means this device.
  fileprivate func answers(to name: String, _ facts: MachineFacts) -> Bool {
    let names = [path] + aliases
    if names.contains(name) { return true }
    guard name.hasPrefix("/") else { return false }
    let target = facts.node(name).target
    return names.contains { $0.hasPrefix("/") && facts.node($0).target == target }
  }
}
