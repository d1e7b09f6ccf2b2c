import ArgumentParser

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks for what is wrong with a bench (not in this version).")
  @OptionGroup var rest: NotYet
  func run() throws { try rest.refuse("doctor") }
}
