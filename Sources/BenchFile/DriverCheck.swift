import Devices
import StrictYAML

/// A device of the file with its key, as far as it could be read.
struct ReadChoice {
  var key: String
  var choice: DeviceChoice

  var isCamera: Bool { key == "camera" }

  func opened(by driver: String) -> ReadChoice { ReadChoice(key: key, choice: DeviceChoice(driver: driver)) }
}

/// Holds devices to what their drivers know, without opening any of them.
struct DriverCheck {
  private let file: Section
  private let drivers: DriverRegistry

  init(file: Section, drivers: DriverRegistry) { (self.file, self.drivers) = (file, drivers) }

  /// Devices that share a section are used together or not at all.
  func checkUnity(_ choices: [ReadChoice]) {
    for name in drivers.sectionNames {
      let count = choices.count { $0.choice.driver == name }
      guard count > 0, count < choices.count else { continue }
      file.reject(
        "devices", "\(name) devices have a clock of their own; use the driver \(name) for all devices or for none")
    }
  }

  func check(_ choices: [ReadChoice]) {
    guard let devices = file.quietly("devices") else { return }
    for choice in choices { check(choice, in: devices) }
    refuseTwins(choices, in: devices)
  }

  private func check(_ read: ReadChoice, in devices: Section) {
    guard let section = devices.quietly(read.key) else { return }
    let name = read.choice.driver
    if let refusal = drivers.refusal(ofDriver: name, asCamera: read.isCamera) {
      return section.reject("driver", refusal)
    }
    // Each mistake hides those behind it, and is taken out once it has been reported.
    var settings = read.choice.settings
    var told: Set<String> = []
    while let mistake = drivers.mistake(in: settings, ofDriver: name, asCamera: read.isCamera) {
      guard told.insert(mistake.setting).inserted else { return }
      let place = section.quietly("settings") ?? section
      place.reject(section.has("settings") ? mistake.setting : "settings", mistake.description)
      settings[mistake.setting] = settings[mistake.setting] == nil ? Self.anything : nil
    }
  }

  /// Stands for a setting that is missing, so that the others are looked at.
  private static let anything = "0"

  private func refuseTwins(_ choices: [ReadChoice], in devices: Section) {
    guard let layers = choices.first(where: { $0.key == "layerModulator" }),
      let input = choices.first(where: { $0.key == "inputModulator" }),
      layers.choice.driver == input.choice.driver, drivers.section(ofDriver: layers.choice.driver) == nil,
      let device = layers.choice.settings["device"], device == input.choice.settings["device"],
      layers.choice.settings["card"] == input.choice.settings["card"]
    else { return }
    devices.quietly("inputModulator")?.quietly("settings")?.reject(
      "device",
      "\(device) is also the layer modulator; name another device, or show the image beside the layers with "
        + "layout.input.onLayerModulator: true and without inputModulator")
  }
}
