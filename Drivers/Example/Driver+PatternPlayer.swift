import Devices

extension Driver {
  /// The example's driver for the players on a bus.
  public static func patternPlayer(on bus: any PlayerBus) -> Driver {
    Driver(
      name: "player", summary: "pattern players, the devices of the guide",
      settings: PlayerSettings.declared.parameters,
      modulator: { settings in try await PatternPlayer.open(settings, on: bus) },
      discover: {
        bus.serials().map { serial in
          FoundDevice(
            kind: .modulator, driver: "player", name: "pattern player", path: serial, serial: serial,
            abilities: ["64 grey levels at 60 Hz"])
        }
      })
  }
}
