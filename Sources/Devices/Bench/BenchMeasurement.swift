import Arrays
import Measuring

/// A frame, and the image that it was credited to.
struct MatchedFrame {
  var frame: Frame
  var exposure: Exposure

  init(_ frame: Frame, receipt: PresentationReceipt, settled: UInt64, rejected: Int) {
    self.frame = frame
    exposure = Exposure(
      presented: receipt.time, evidence: receipt.evidence, settled: settled, start: frame.exposureStart,
      end: frame.exposureEnd, sequence: frame.sequence, rejected: rejected)
  }
}

/// How one measurement goes: patterns are drawn and uploaded in batches, one batch ahead of the exposure.
extension Bench {
  /// Measures the images from `start` on and hands over the frame of each.
  func run(
    layers: Stack<Float>, inputs: Stack<Float>, from start: Int, _ body: (MatchedFrame) -> Void
  ) async throws {
    guard start < inputs.count else { return }
    let panel = layerModulator.description
    var layerPattern = Pattern(width: panel.width, height: panel.height)
    encoder.draw(layers: layers, on: &layerPattern)
    let shared = layout.input.onLayerModulator
    let layersSettled = shared ? 0 : try await show(layers: layerPattern)
    let inputPanel = inputModulator.description
    let uploader = PatternUploader(
      modulator: inputModulator, encoder: encoder, inputs: inputs,
      base: shared ? layerPattern : Pattern(width: inputPanel.width, height: inputPanel.height),
      count: max(1, known.timing.uploadCount ?? inputPanel.uploadCount))

    var batch = try await uploader.upload(from: start)
    var finished: [PatternHandle] = []
    while !batch.images.isEmpty {
      let current = batch
      var next: Task<PatternUploader.Batch, any Error>?
      do {
        for (position, image) in current.images.enumerated() {
          try Task.checkCancellation()
          let receipt = try await show(input: current.handles[position])
          let settled = max(layersSettled, settledInput(receipt))
          witness?.saw(current.patterns[position], on: inputModulator.description.name, receipt)
          // From here on the panel exposes this image: time to forget the batch before and to prepare the one after.
          let uploading =
            next
            ?? Task { [finished] in try await uploader.upload(from: current.images.upperBound, releasing: finished) }
          (next, finished) = (uploading, [])
          let rejected = matcher.report.rejected
          let frame = try await matchedFrame(input: image, settled: settled, light: expectsLight(inputs, image))
          witness?.saw(frame)
          body(
            MatchedFrame(frame, receipt: receipt, settled: settled, rejected: matcher.report.rejected - rejected))
        }
        finished = current.handles
        if let next { batch = try await next.value }
      } catch {
        next?.cancel()
        let ahead = try? await next?.value
        await inputModulator.release(current.handles + finished + (ahead?.handles ?? []))
        throw error
      }
    }
    await inputModulator.release(finished)
  }

  // MARK: - Patterns

  /// Puts the layers on the panel unless they are there, and returns the time from which on they are at rest.
  private func show(layers pattern: Pattern) async throws -> UInt64 {
    if let shownLayers, shownLayers.pattern == pattern {
      try await layerModulator.requirePresence()
      return settledLayers(shownLayers.receipt)
    }
    if let old = shownLayers {
      shownLayers = nil
      await layerModulator.release([old.receipt.handle])
    }
    let handles = try await layerModulator.upload([pattern])
    guard let handle = handles.first else {
      throw DeviceError.unknownPattern(device: layerModulator.description.name)
    }
    do {
      let receipt = try await layerModulator.show(handle)
      shownLayers = (pattern, receipt)
      witness?.saw(pattern, on: layerModulator.description.name, receipt)
      return settledLayers(receipt)
    } catch {
      await layerModulator.release([handle])
      throw error
    }
  }

  private func show(input handle: PatternHandle) async throws -> PresentationReceipt {
    matcher.expectNothing()
    return try await inputModulator.show(handle)
  }

  private func settledInput(_ receipt: PresentationReceipt) -> UInt64 {
    if layout.input.onLayerModulator { return settledLayers(receipt) }
    return Self.time(
      receipt.latest, plus: known.timing.inputLatency ?? inputModulator.description.scanOut, known.timing.inputSettle)
  }

  private func settledLayers(_ receipt: PresentationReceipt) -> UInt64 {
    Self.time(
      receipt.latest, plus: known.timing.layerLatency ?? layerModulator.description.scanOut, known.timing.layerSettle)
  }

  /// A time in nanoseconds and two durations in seconds, together; the end of time when that is too much.
  private static func time(_ start: UInt64, plus latency: Double, _ settle: Double) -> UInt64 {
    let (sum, overflows) = start.addingReportingOverflow(nanoseconds(latency + settle))
    return overflows ? .max : sum
  }

  private func expectsLight(_ inputs: Stack<Float>, _ index: Int) -> Bool {
    let sum = inputs.values[inputs.range(ofPlane: index)].reduce(0, +)
    return Double(sum) >= known.timing.lightThreshold * Double(inputs.planeSize)
  }

  // MARK: - Frames

  private func matchedFrame(input: Int, settled: UInt64, light: Bool) async throws -> Frame {
    let deadline = Self.time(max(clock.now, settled), plus: known.timing.deadline, 0)
    let before = matcher.report
    matcher.expect(FrameMatcher.Expectation(settled: settled, light: light))
    while clock.now < deadline {
      try Task.checkCancellation()
      let frame: Frame
      let asked = clock.now
      do {
        frame = try await camera.nextFrame(deadline: deadline)
      } catch DeviceError.noFrame {
        let silence = Double(clock.now - asked) * 1e-9
        if silence < longestSilence { break }
        throw BenchError.silentCamera(camera: camera.description.name, input: input, silence: silence)
      }
      try check(frame)
      for modulator in modulators { try await modulator.requirePresence() }
      if matcher.judge(frame, now: clock.now) == .accepted { return frame }
    }
    throw BenchError.noMatchingFrame(
      input: input, deadline: known.timing.deadline, seen: matcher.report - before)
  }

  /// Seconds without a frame in which a camera that works would have delivered several.
  private var longestSilence: Double {
    min(known.timing.deadline / 2, max(5 / camera.description.frameRate, 0.1))
  }

  private func check(_ frame: Frame) throws {
    let expected = camera.description
    guard frame.width == expected.width, frame.height == expected.height,
      frame.pixels.count == frame.width * frame.height
    else {
      throw DeviceError.wrongFrameSize(
        device: expected.name, expected: [expected.width, expected.height], found: [frame.width, frame.height])
    }
  }
}
