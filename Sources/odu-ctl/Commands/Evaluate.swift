import ArgumentParser

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Rates samples against a data set (not in this version).")
  @OptionGroup var rest: NotYet
  func run() throws { try rest.refuse("evaluate") }
}
