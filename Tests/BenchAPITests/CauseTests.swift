import BenchAPI
import Foundation
import Records
import Testing

/// Causes are a promise to programs that this project has never seen.
@Suite struct CauseTests {
  /// Every cause that a release has had, with its class. A program somewhere compares against each of these words and
  /// against the class, so none is ever removed, renamed or moved to another class; a cause that is no longer used stays.
  /// A new cause is added here in the commit that makes it.
  private static let published: [String: Cause.Code] = [
    "request.malformed": .invalid,
    "request.invalid": .invalid,
    "request.tooLarge": .tooLarge,
    "request.tooSlow": .invalid,
    "route.unknown": .absent,
    "route.method": .invalid,
    "name.invalid": .invalid,
    "parameter.unknown": .invalid,
    "parameter.invalid": .invalid,
    "parameter.unknownName": .invalid,
    "access.role": .forbidden,
    "access.origin": .forbidden,
    "access.host": .forbidden,
    "access.user": .forbidden,
    "access.tokenMissing": .unauthorised,
    "access.tokenUnknown": .unauthorised,
    "access.tooManyAttempts": .unauthorised,
    "access.tooManyConnections": .full,
    "bench.opening": .opening,
    "bench.missing": .device,
    "bench.noDevices": .device,
    "bench.file": .device,
    "bench.inUse": .conflict,
    "bench.paused": .device,
    "bench.noFrame": .device,
    "bench.notSimulated": .absent,
    "bench.clock": .conflict,
    "device.missing": .device,
    "device.inUse": .device,
    "device.noPermission": .device,
    "device.disconnected": .device,
    "device.failed": .device,
    "device.setting": .device,
    "driver.unknown": .device,
    "modulator.unknown": .absent,
    "lease.ended": .conflict,
    "lease.inUse": .conflict,
    "array.unknown": .absent,
    "array.invalid": .invalid,
    "array.tooLarge": .tooLarge,
    "array.noRoom": .full,
    "pattern.invalid": .invalid,
    "pattern.tooLarge": .tooLarge,
    "measurement.shape": .invalid,
    "measurement.value": .invalid,
    "measurement.tooLarge": .invalid,
    "measurement.none": .absent,
    "frame.none": .absent,
    "twin.noAnswer": .conflict,
    "job.unknown": .absent,
    "job.unknownKind": .invalid,
    "job.ended": .conflict,
    "job.notEnded": .conflict,
    "job.notPaused": .conflict,
    "job.noResult": .conflict,
    "job.queueFull": .full,
    "job.tooManyPaused": .full,
    "job.paused": .conflict,
    "job.stopping": .conflict,
    "job.interrupted": .conflict,
    "job.idle": .internal,
    "job.crashing": .internal,
    "job.notResumable": .conflict,
    "job.recordDamaged": .damaged,
    "job.failed": .internal,
    "job.tooLarge": .invalid,
    "artefact.unknown": .absent,
    "run.unknown": .absent,
    "file.unusable": .invalid,
    "files.unresponsive": .full,
    "calibration.unknown": .absent,
    "calibration.exists": .conflict,
    "calibration.notAccepted": .conflict,
    "calibration.saturated": .conflict,
    "calibration.noLight": .conflict, "calibration.noChange": .conflict, "calibration.notFound": .conflict,
    "calibration.ambiguous": .conflict, "calibration.regionUnfit": .conflict,
    "calibration.missing": .conflict,
    "calibration.notKept": .storage,
    "calibration.stale.bench": .conflict,
    "calibration.stale.device": .conflict,
    "calibration.stale.parent": .conflict,
    "calibration.stale.age": .conflict,
    "calibration.stale.clock": .conflict,
    "dataset.unusable": .invalid,
    "model.unknown": .absent,
    "model.unusable": .damaged,
    "training.diverged": .internal,
    "training.unfit": .conflict,
    "twin.invalid": .invalid,
    "fit.impossible": .conflict,
    "state.full": .storage,
    "state.unwritable": .storage,
    "state.damaged": .damaged,
    "service.busy": .full,
    "service.startup": .conflict,
    "service.stopping": .full,
    "service.unreachable": .device,
    "service.fault": .internal,
  ]

  @Test("no cause that was published is gone, renamed or of another class, and every new one is written down")
  func published() {
    let present = Dictionary(uniqueKeysWithValues: Cause.allCases.map { ($0.rawValue, $0.code) })
    #expect(present == Self.published)
  }

  @Test("causes are dotted words in lower camel case, with one line of meaning", arguments: Cause.allCases)
  func form(_ cause: Cause) {
    let words = cause.rawValue.split(separator: ".", omittingEmptySubsequences: false)
    #expect(words.count >= 2 && words.allSatisfy { $0.wholeMatch(of: /[a-z][a-zA-Z]*/) != nil })
    #expect(!cause.meaning.isEmpty && !cause.meaning.contains("\n") && !cause.meaning.hasSuffix("."))
  }

  @Test("the OpenAPI document and the page of the API list the causes of the code")
  func documents() throws {
    let rows = Cause.allCases.map { "| `\($0.rawValue)` | `\($0.code.rawValue)` | \($0.meaning) |\n" }
    try Document("Docs/reference/api.md").compare(
      "| cause | code | meaning |\n|---|---|---|\n" + rows.joined(),
      between: "<!-- causes: written by CauseTests with ODU_WRITE_DOCS=1 -->\n\n", and: "\n<!-- end of causes -->")
    try Document("Docs/openapi.yaml").compare(
      Cause.allCases.map { "        - \($0.rawValue)\n" }.joined(),
      between: "may know more of them\n      enum:\n", and: "    Health:\n")
  }

  @Test(
    "why a calibration is stale is told by the same words, although records know nothing of the API",
    arguments: [
      CalibrationStaleness.otherBench, .otherDevice(role: "camera"), .parent, .tooOld(age: 2, limit: 1), .ahead(by: 1),
    ])
  func staleness(_ staleness: CalibrationStaleness) { #expect(Cause(rawValue: staleness.code) != nil) }

  @Test("a client reads answers of daemons that know more causes, or none")
  func otherVersions() throws {
    let newer = #"{"error": {"code": "conflict", "cause": "bench.onFire", "message": "run"}}"#
    let older = #"{"error": {"code": "conflict", "message": "run"}}"#
    #expect(try APICoding.decode(ErrorResponse.self, from: Data(newer.utf8)).error.cause == "bench.onFire")
    #expect(try APICoding.decode(ErrorResponse.self, from: Data(older.utf8)).error.cause == nil)
  }

  @Test("jobs and events that were recorded before there were causes are read")
  func earlierRecords() throws {
    let job = #"""
      {"id": "0001-train", "kind": "train", "parameters": {"dataset": "glyphs"}, "state": "failed", "message": "dark",
        "created": "2026-11-01T00:00:00Z", "artefacts": []}
      """#
    let event = #"{"sequence": 2, "time": 0.5, "type": "state", "state": "paused", "message": "dark"}"#
    let summary = try APICoding.decode(JobSummary.self, from: Data(job.utf8))
    #expect(summary.message == "dark" && summary.cause == nil)
    let content = try APICoding.decode(JobEvent.self, from: Data(event.utf8)).content
    #expect(content == .state(.paused, message: "dark", cause: nil))
  }
}
