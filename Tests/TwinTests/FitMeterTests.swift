import Concurrency
import Testing
import Twin

/// Protects the time left of a fit: it follows from the part of the work that is done.
@Suite("How far a fit is")
struct FitMeterTests {
  @Test("the part is what is done of what is done and expected, stages that ended early or late included")
  func parts() {
    let told = Locked<[Double]>([])
    let meter = FitMeter { progress in told.withLock { $0.append(progress.part) } }
    meter.expect([10, 20, 10])
    meter.begin(stage: 0, steps: 4)
    meter.add(5)
    // Of 40.
    #expect(told.withLock { $0 } == [0, 0.125])
    // Ends early: 35 in all.
    meter.begin(stage: 1, steps: 4)
    meter.add(15)
    #expect(told.withLock { $0.last } == 20 / 35.0)
    // Takes longer than expected: what comes afterwards is still to do.
    meter.add(15)
    #expect(told.withLock { $0.last } == 35 / 45.0)
    meter.begin(stage: 2, steps: 4)
    meter.add(10)
    #expect(told.withLock { $0.last } == 1)
    // Another search.
    meter.expect([15])
    meter.begin(stage: 0, steps: 4)
    #expect(told.withLock { $0.last } == 45 / 60.0)
  }

  @Test("what a fit expects is about what it does, and its parts never fall")
  func expected() throws {
    let example = try FitExample(["mirrorTiltX": 4e-4, "beamTiltY": -3e-4], frames: 6, heldOut: 2)
    let told = Locked<[FitProgress]>([])
    let report = try example.start().fit(example.data, free: TwinParameters.alignmentNames.filter { $0 != "spacing" }) {
      progress in told.withLock { $0.append(progress) }
    }
    #expect(report.attempts == 1)
    let progress = told.withLock { $0 }
    for (before, after) in zip(progress, progress.dropFirst()) where after.part < before.part {
      Issue.record("fell from \(before) to \(after)")
    }
    let last = try #require(progress.last)
    #expect(last.part == 1 && last.stage == last.stages - 1)
    // Where one half of the work is said to be done, the stages have not all ended, nor has hardly one.
    let middle = try #require(progress.first { $0.part >= 0.5 })
    #expect(middle.stage > 0 && middle.stage < last.stages)
  }
}
