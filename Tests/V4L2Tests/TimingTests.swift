import Arrays
import Testing
import V4L2

@Suite("When the exposure of a frame began")
struct TimingTests {
  private func timing(
    _ reading: TimestampReading = .auto, driver: String = "script", exposure: UInt64? = 2000, period: UInt64 = 10_000,
    readout: UInt64? = 3000
  ) -> ExposureTiming {
    ExposureTiming(reading: reading, driver: driver, exposure: exposure, period: period, readout: readout)
  }

  private func buffer(
    _ time: UInt64, _ clock: FilledBuffer.Clock = .monotonic, _ moment: FilledBuffer.Moment = .end
  ) -> FilledBuffer {
    FilledBuffer(index: 0, used: 0, sequence: 0, timestamp: time, clock: clock, moment: moment)
  }

  @Test("what is known is used, what is not is replaced by its bound on the early side")
  func cases() {
    var start = timing()
    #expect(start.interval(of: buffer(50_000, .monotonic, .start), empty: 40_000, now: 60_000) == (50_000, 52_000))
    var end = timing()
    #expect(end.interval(of: buffer(50_000), empty: 40_000, now: 60_000) == (45_000, 50_000))
    var slow = timing(readout: nil)
    #expect(slow.interval(of: buffer(50_000), empty: 40_000, now: 60_000) == (38_000, 50_000))
    var unmarked = timing()
    #expect(unmarked.interval(of: buffer(50_000, .unknown), empty: 40_000, now: 60_000) == (45_000, 50_000))
    var blind = timing()
    #expect(blind.interval(of: buffer(0, .unknown), empty: 40_000, now: 60_000) == (35_000, 60_000))
  }

  @Test("without an exposure it can have begun when the frame before ended, even if that is long ago")
  func unknownExposure() {
    var timing = timing(exposure: nil)
    #expect(timing.interval(of: buffer(50_000), empty: 0, now: 60_000).start == 0)
    #expect(timing.interval(of: buffer(60_000), empty: 0, now: 70_000).start == 47_000)
    #expect(timing.interval(of: buffer(90_000), empty: 0, now: 90_000).start == 57_000)
    timing.restart()
    #expect(timing.interval(of: buffer(100_000), empty: 0, now: 110_000).start == 0)
  }

  @Test("the settings decide what a timestamp marks; uvcvideo's word is not taken for it")
  func readings() {
    let marked = buffer(50_000, .monotonic, .start)
    for (reading, driver, expected) in [
      (TimestampReading.auto, "script", UInt64(50_000)), (.auto, "uvcvideo", 45_000), (.start, "uvcvideo", 50_000),
      (.end, "script", 45_000),
    ] {
      var timing = timing(reading, driver: driver)
      #expect(timing.interval(of: marked, empty: 40_000, now: 60_000).start == expected)
    }
  }

  @Test("a timestamp from the future, or of another clock, is not believed")
  func incredible() {
    var future = timing()
    #expect(future.interval(of: buffer(60_001), empty: 40_000, now: 60_000) == (35_000, 60_000))
    var old = timing()
    let now: UInt64 = 5_000_000_000
    #expect(old.interval(of: buffer(now - 1_000_000_001, .unknown), empty: now - 10, now: now).start == 3_999_994_999)
    var marked = timing()
    #expect(marked.interval(of: buffer(now - 1_000_000_001), empty: now - 10, now: now).end == 3_999_999_999)
  }

  @Test("a timestamp that steps back shows in the start")
  func stepsBack() {
    var timing = timing()
    let first = timing.interval(of: buffer(50_000), empty: 0, now: 60_000).start
    #expect(timing.interval(of: buffer(49_000), empty: 0, now: 60_000).start < first)
  }

  @Test(
    "the start is never later than the true one, and later than the one before, whatever the camera does",
    arguments: 0..<64)
  func neverLate(seed: UInt64) {
    let random = CounterRandom(seed: seed)
    var draws: UInt64 = 0
    func draw(_ range: ClosedRange<Double>) -> UInt64 {
      draws += 1
      return UInt64(random.uniform(in: range, at: draws))
    }
    let period: UInt64 = 1_000_000
    let knowsExposure = draw(0...1.999) == 0
    let exposure = draw(1000...1_000_000)
    let readout: UInt64? = draw(0...1.999) == 0 ? 300_000 : nil
    var timing = timing(exposure: knowsExposure ? exposure : nil, period: period, readout: readout)
    var end: UInt64 = 10_000_000
    var last: UInt64?
    for _ in 0..<500 {
      // Exposed between the end of the one before and its own, as long as it says.
      let previous = end
      end += period + draw(0...(knowsExposure ? 2_000_000 : 500_000))
      let start = knowsExposure ? end - exposure : previous
      let complete = end + draw(0...Double(readout ?? period))
      let dequeued = complete + draw(0...100_000)
      let empty = complete - draw(1...900_000)
      let kind = draw(0...4.999)
      let buffer: FilledBuffer =
        switch kind {
        case 0: buffer(complete)
        case 1: buffer(complete, .unknown)
        case 2: buffer(start, .monotonic, .start)
        case 3: buffer(0, .unknown)
        default: buffer(dequeued + draw(1...500_000))
        }
      let interval = timing.interval(of: buffer, empty: empty, now: dequeued)
      #expect(interval.start <= start)
      #expect(interval.end >= interval.start && interval.end <= dequeued)
      if let last { #expect(interval.start > last) }
      last = interval.start
    }
  }
}
