import Arrays

/// Draws the images of a measurement and takes them to the modulator in batches, off the bench's own actor, so that this
/// continues while the bench watches the camera.
struct PatternUploader: Sendable {
  /// Images that the modulator holds; none at the end.
  struct Batch: Sendable {
    var images: Range<Int>
    var patterns: [Pattern]
    var handles: [PatternHandle]
  }

  let modulator: any SpatialLightModulator
  let encoder: PatternEncoder
  let inputs: Stack<Float>
  /// What else is on the panel.
  let base: Pattern
  /// Images in a batch.
  let count: Int

  /// Uploads the batch that begins with an image, after patterns that are finished with have been released.
  func upload(from first: Int, releasing finished: [PatternHandle] = []) async throws -> Batch {
    if !finished.isEmpty { await modulator.release(finished) }
    let images = first..<min(first + count, inputs.count)
    try Task.checkCancellation()
    guard !images.isEmpty else { return Batch(images: images, patterns: [], handles: []) }
    let patterns = images.map { index in
      var pattern = base
      encoder.draw(input: inputs, index: index, on: &pattern)
      return pattern
    }
    let handles = try await modulator.upload(patterns)
    guard handles.count == images.count else {
      throw DeviceError.failed(
        device: modulator.description.name, operation: "the upload",
        reason: "\(handles.count) of \(images.count) patterns were taken")
    }
    return Batch(images: images, patterns: patterns, handles: handles)
  }
}
