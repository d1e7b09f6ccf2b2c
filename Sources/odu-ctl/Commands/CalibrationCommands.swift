import ArgumentParser

struct CalibrationGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cal", abstract: "Stored calibrations: list, show, diff, rollback (not in this version).")
  @OptionGroup var rest: NotYet
  func run() throws { try rest.refuse("cal") }
}
