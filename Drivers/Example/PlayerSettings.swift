import Devices

/// What a bench file says of a player.
struct PlayerSettings {
  var serial = ""
  var safeLevel: UInt8 = 0

  static let declared = Settings(PlayerSettings()) {
    Setting(
      required: "device", \.serial, .text("a serial number; `odu-ctl devices` lists them"),
      "the player's serial number")
    Setting("safeLevel", \.safeLevel, .level, "grey level of the safe pattern")
  }
}
