import Devices
import Measuring
import Testing

/// Random numbers for schedules (SplitMix64).
private struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func happens(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}

private func frame(
  _ sequence: UInt64, _ start: UInt64, _ end: UInt64, code: UInt16 = 1000, flags: Frame.Flags = []
) -> Frame {
  // The second pixel stands for the noise that makes each exposure unique.
  Frame(
    width: 2, height: 1, pixels: [code, UInt16(truncatingIfNeeded: sequence)], sequence: sequence,
    exposureStart: start, exposureEnd: end, flags: flags)
}

private func matcher(settled: UInt64 = 100, light: Bool = true) -> FrameMatcher {
  var matcher = FrameMatcher(blackLevel: 50)
  matcher.expect(FrameMatcher.Expectation(settled: settled, light: light))
  return matcher
}

@Test(
  "any number of seconds has nanoseconds",
  arguments: [
    (-1, 0), (0, 0), (1e-10, 1), (2.5, 2_500_000_000), (.nan, 0), (-.infinity, 0),
    (.infinity, 1_000_000_000_000_000_000), (1e300, 1_000_000_000_000_000_000),
  ] as [(Double, UInt64)])
func durations(seconds: Double, expected: UInt64) { #expect(nanoseconds(seconds) == expected) }

@Suite("Frame matching")
struct FrameMatcherTests {
  @Test("the first frame whose exposure starts at rest is accepted, and only that one")
  func first() {
    var matcher = matcher()
    #expect(matcher.judge(frame(1, 80, 120), now: 130) == .tooEarly)
    #expect(matcher.judge(frame(2, 100, 140), now: 150) == .accepted)
    #expect(matcher.judge(frame(3, 200, 240), now: 250) == .tooEarly)
    #expect(matcher.report.accepted == 1)
    #expect(matcher.report.tooEarly == 2)
  }

  @Test("an estimated receipt counts with its bound")
  func estimate() {
    let handle = PatternHandle(id: 1)
    #expect(PresentationReceipt(handle: handle, time: 10, evidence: .estimated(bound: 7)).latest == 17)
    #expect(PresentationReceipt(handle: handle, time: 10, evidence: .flipEvent).latest == 10)
  }

  @Test("frames that are flagged, black, out of order or from another clock are rejected and counted")
  func reasons() {
    var matcher = matcher()
    #expect(matcher.judge(frame(5, 100, 110, flags: .error), now: 200) == .erroneous)
    #expect(matcher.judge(frame(5, 120, 130), now: 200) == .duplicated)
    #expect(matcher.judge(frame(4, 120, 130), now: 200) == .outOfSequence)
    #expect(matcher.judge(frame(6, 90, 95), now: 200) == .outOfSequence)
    #expect(matcher.judge(frame(7, 130, 210), now: 200) == .implausibleTime)
    #expect(matcher.judge(frame(7, 140, 130), now: 200) == .implausibleTime)
    #expect(matcher.judge(frame(40, 150, 160, code: 10), now: 200) == .black)
    #expect(matcher.report.rejected == 7)
    #expect(matcher.report.missing == 34)
    #expect(matcher.judge(frame(41, 170, 180), now: 200) == .accepted)
  }

  @Test("a black frame is right when the pattern gives no light")
  func dark() {
    var matcher = matcher(light: false)
    #expect(matcher.judge(frame(1, 100, 110, code: 0), now: 200) == .accepted)
  }

  @Test("old content under a new number and new times is recognised, also when it was rejected before")
  func stale() {
    var matcher = matcher()
    let old = frame(1, 50, 60)
    #expect(matcher.judge(old, now: 100) == .tooEarly)
    var again = frame(2, 110, 120)
    again.pixels = old.pixels
    #expect(matcher.judge(again, now: 200) == .duplicated)
    #expect(matcher.judge(frame(3, 130, 140), now: 200) == .accepted)
  }

  @Test("a restarted camera may count from zero again")
  func restart() {
    var matcher = matcher()
    #expect(matcher.judge(frame(9, 100, 110), now: 200) == .accepted)
    matcher.restart()
    matcher.expect(FrameMatcher.Expectation(settled: 100, light: true))
    #expect(matcher.judge(frame(0, 100, 110), now: 200) == .accepted)
  }

  @Test("after a gap, a frame is only credited when the frames that were lost cannot be those of the pattern before")
  func gaps() {
    func frame(_ sequence: UInt64, _ value: UInt16) -> Frame {
      Frame(
        width: 2, height: 1, pixels: [value, UInt16(sequence)], sequence: sequence, exposureStart: sequence * 10,
        exposureEnd: sequence * 10 + 5)
    }
    for distrusts in [true, false] {
      var matcher = FrameMatcher(blackLevel: 5, distrustsGaps: distrusts)
      #expect(matcher.judge(frame(1, 100), now: 1000) == .tooEarly)
      matcher.expect(FrameMatcher.Expectation(settled: 25, light: true))
      // Frame 2 of the pattern before was lost; what frame 3 carries may be that.
      #expect(matcher.judge(frame(3, 200), now: 1000) == (distrusts ? .outOfSequence : .accepted))
      // From the first frame of this pattern on, a lost frame is one of this pattern, too.
      if distrusts { #expect(matcher.judge(frame(5, 200), now: 1000) == .accepted) }
    }
  }

  @Test("over random schedules and faults, no frame is ever credited to a pattern that was not on all through it")
  func property() {
    var total = MatchingReport()
    for seed in 0..<2000 {
      let schedule = Schedule(seed: UInt64(seed))
      let outcome = schedule.run()
      #expect(outcome.mismatches == 0, "seed \(seed)")
      total = outcome.report.adding(to: total)
    }
    // The schedules did put the matcher to the test.
    for count in [
      total.tooEarly, total.erroneous, total.duplicated, total.outOfSequence, total.implausibleTime, total.black,
      total.missing,
    ] { #expect(count > 500) }
    #expect(total.accepted > 20_000)
  }

  @Test("the same schedules give mismatches when the settle time is not waited for")
  func control() {
    let mismatches = (0..<200).reduce(0) { $0 + Schedule(seed: UInt64($1), waits: false).run().mismatches }
    #expect(mismatches > 100)
  }
}

extension MatchingReport {
  fileprivate func adding(to other: MatchingReport) -> MatchingReport {
    // Through the difference, which is what the library offers.
    other - (MatchingReport() - self)
  }
}

/// A modulator that needs some time to change and a free-running camera with every kind of fault. A frame's content is
/// the number of the pattern that was on the panel all through the exposure, or a mixture that is no number at all.
private struct Schedule {
  var dice: Dice
  let waits: Bool
  private static let mixture: UInt16 = 60_000

  init(seed: UInt64, waits: Bool = true) {
    dice = Dice(state: seed)
    self.waits = waits
  }

  func run() -> (mismatches: Int, report: MatchingReport) {
    var dice = dice
    var matcher = FrameMatcher(blackLevel: 50)
    let period = UInt64.random(in: 50...400, using: &dice)
    let exposure = UInt64.random(in: 1...period, using: &dice)
    let settle = UInt64.random(in: 0...500, using: &dice)
    var now: UInt64 = 1000
    var nextFrame = now / period + 1
    var changes: [(code: UInt16, from: UInt64, rest: UInt64)] = [(100, 0, 0)]
    var delivered: [Frame] = []
    var mismatches = 0

    for pattern in 0..<20 {
      now += UInt64.random(in: 0...300, using: &dice)
      // A dark pattern gives a frame that is as black as a fault's.
      let light = !dice.happens(0.3)
      let code = light ? UInt16(200 + pattern) : 20
      changes.append((code, now, now + settle))
      matcher.expect(FrameMatcher.Expectation(settled: now + (waits ? settle : 0), light: light))
      for _ in 0..<100 {
        // The driver holds up to three frames that are older than the call.
        nextFrame = max(nextFrame, now / period > 3 ? now / period - 3 : 0)
        if dice.happens(0.1) { nextFrame += 1 }
        let start = nextFrame * period
        now = max(now, start + exposure)
        let content = Schedule.content(changes, from: start, to: start + exposure)
        let frame = Schedule.deliver(
          Frame(
            width: 2, height: 1, pixels: [content, UInt16(truncatingIfNeeded: nextFrame)], sequence: nextFrame,
            exposureStart: start, exposureEnd: start + exposure), after: delivered, now: now, &dice)
        delivered.append(frame)
        nextFrame += 1
        if matcher.judge(frame, now: now) == .accepted {
          if light ? frame.pixels[0] != code : frame.pixels[0] > 50 { mismatches += 1 }
          break
        }
      }
    }
    return (mismatches, matcher.report)
  }

  private static func content(
    _ changes: [(code: UInt16, from: UInt64, rest: UInt64)], from start: UInt64, to end: UInt64
  )
    -> UInt16
  {
    let before = changes.last { $0.rest <= start }
    let touched = changes.contains { $0.rest > start && $0.from < end }
    return touched ? mixture : before?.code ?? mixture
  }

  private static func deliver(_ good: Frame, after delivered: [Frame], now: UInt64, _ dice: inout Dice) -> Frame {
    var frame = good
    // One buffer of a ring of twenty is stuck for good.
    if delivered.count > 3, delivered.count % 20 == 3 {
      frame.pixels = delivered[3].pixels
      return frame
    }
    switch Double.random(in: 0..<1, using: &dice) {
    case ..<0.04: return delivered.last ?? good
    case ..<0.08: frame.pixels = delivered.suffix(8).randomElement(using: &dice)?.pixels ?? good.pixels
    case ..<0.12: return delivered.suffix(8).randomElement(using: &dice) ?? good
    case ..<0.16: frame.pixels = [0, UInt16.random(in: 0...40, using: &dice)]
    case ..<0.20: (frame.flags, frame.pixels) = (.error, [mixture, UInt16.random(in: 0...999, using: &dice)])
    case ..<0.24:
      frame.exposureStart += now
      frame.exposureEnd += now
      frame.pixels[0] = mixture
    default: break
    }
    return frame
  }
}
