import ArgumentParser
import BenchAPI
import BenchClient
import Doctor

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Examines a bench for faults, each with what was measured and what to do.",
    discussion: """
      It measures \(BenchExamination.looks) times a black image, a white one and two between, \(BenchExamination.series) white ones in a \
      row, and \(BenchExamination.pictures) images and single parts of one that it compares with the twin's, all with flat layers; takes a raw frame; and looks at \
      devices and calibrations. The exit status is 0 when nothing was found, and 1 otherwise.

      It looks for:
      \(ExaminationCatalogue.standard.declarations.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Example: odu-ctl doctor --json
      """)

  @Flag(help: "Print instead what it looks for, from when on it has a finding, and why: a table of Markdown.")
  var list = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  private struct Answer: Encodable {
    var findings: [Finding]
    /// Why images could not be measured; nil when they were.
    var unmeasured: String?
  }

  func run() async throws {
    if list { return try output.print(ExaminationCatalogue.listed) { ExaminationCatalogue.markdown } }
    let (patient, unmeasured) = try await BenchExamination(connection.client).patient()
    let findings = ExaminationCatalogue.findings(in: patient)
    try output.print(Answer(findings: findings, unmeasured: unmeasured)) { text(findings, unmeasured) }
    if !findings.isEmpty || unmeasured != nil { throw ExitCode(1) }
  }

  private func text(_ findings: [Finding], _ unmeasured: String?) -> String {
    let lines = findings.map { "\($0.code): \($0.words)\n  \($0.advice)" }
    let rest = unmeasured.map { ["nothing could be measured: \($0)"] } ?? []
    return (lines + rest).isEmpty ? "nothing was found" : (lines + rest).joined(separator: "\n")
  }
}
