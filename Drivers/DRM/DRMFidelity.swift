import Devices

/// The properties on the way to a panel that the rules are about: what is to be changed, and what came of it.
package struct DRMFidelity {
  /// A property that is as it should be, or is not.
  package struct Finding: Sendable, Equatable {
    package var name: String
    package var found: String
    /// nil when the property has no value that would do.
    package var wanted: String?
    package var isMet: Bool
    package var consequence: String?
    /// Whether no rule is about the property, whose name sounds as if it changed patterns.
    package var isUnknown = false

    /// For a person; nil when nothing follows from it.
    package var warning: String? {
      if isUnknown {
        return
          "\(name) is \(found) and is left so: find out from the kernel driver whether it changes levels or moves pixels"
      }
      guard !isMet, let consequence else { return nil }
      let failure = wanted.map { "the kernel does not take \($0)" } ?? "it has no value that leaves levels as they are"
      return "\(name) is \(found), and \(failure): \(consequence)"
    }
  }

  private let port: any DRMPort
  /// The connector, the CRTC that feeds it, and the plane that is shown.
  private let objects: [DRMObject]
  private let rules: [DRMRule]

  package init(port: any DRMPort, objects: [DRMObject], rules: [DRMRule] = DRMRule.all) {
    self.port = port
    self.objects = objects
    self.rules = rules
  }

  /// The properties that are to be set, whether or not they are as they should be already.
  package var changes: [DRMChange] {
    matches().compactMap { object, property, rule in
      guard property.isSettable, let value = rule.value(for: property) else { return nil }
      return DRMChange(object: object, property: property.id, value: value)
    }
  }

  /// What the card says of the properties now.
  package func findings() -> [Finding] { known() + strangers() }

  private func known() -> [Finding] {
    matches().compactMap { object, property, rule in
      let wanted = rule.value(for: property)
      // What is only told, and not wrong, is no concern.
      if !property.isSettable, wanted == nil { return nil }
      return Finding(
        name: property.name, found: property.text(of: property.value), wanted: wanted.map { property.text(of: $0) },
        isMet: property.value == wanted, consequence: rule.consequence)
    }
  }

  private func strangers() -> [Finding] {
    objects.flatMap { object in
      port.properties(of: object).compactMap { property in
        guard property.isSettable, property.value != 0, property.form != .other,
          DRMRule.soundsLikeProcessing(property.name),
          !DRMRule.all.contains(where: { $0.applies(to: property, of: object.kind) })
        else { return nil }
        let found = property.text(of: property.value)
        if DRMRule.isNeutral(found) { return nil }
        return Finding(name: property.name, found: found, isMet: true, isUnknown: true)
      }
    }
  }

  private func matches() -> [(DRMObject, DRMProperty, DRMRule)] {
    objects.flatMap { object in
      port.properties(of: object).compactMap { property in
        rules.first { $0.applies(to: property, of: object.kind) }.map { (object, property, $0) }
      }
    }
  }
}

extension [DRMFidelity.Finding] {
  /// What is not as it should be, with its consequence.
  package var warnings: [String] { compactMap(\.warning) }

  /// Those of the warnings that have a name.
  package var effects: [DeviceEffect] {
    compactMap { finding in
      guard let warning = finding.warning, let kind = DRMRule.effect(of: finding.consequence) else { return nil }
      return DeviceEffect(kind, warning)
    }
  }

  /// What is set otherwise and will be changed when the panel is opened, in one line; nil when there is none.
  package var outstanding: String? {
    let changes = compactMap { finding in
      finding.isMet ? nil : finding.wanted.map { "\(finding.name) \(finding.found) to \($0)" }
    }
    return changes.isEmpty ? nil : "will be set for exact levels: " + changes.joined(separator: ", ")
  }
}
