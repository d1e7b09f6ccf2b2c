import ArgumentParser

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Examines a bench for faults (not in this version).")
  @OptionGroup var rest: NotYet
  func run() throws { try rest.refuse("doctor") }
}
