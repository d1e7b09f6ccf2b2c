extension PatternImage {
  /// The pixels in run-length encoding: `n pixel` repeats, `0 n pixel…` lists, `0 1` ends the image.
  ///
  /// Source: TI DLPU018J, section 2.4.3.1.
  package func runLengthEncoded() -> [UInt8] {
    var writer = RunLengthWriter(enhanced: false, capacity: pixels.count / 8)
    encode(into: &writer, copiesPreviousLine: false)
    writer.data += [0, 1]
    return writer.data
  }

  /// The pixels in enhanced run-length encoding: `n pixel` repeats, `0 n pixel…` lists, `0 1 n` copies from the line
  /// above, `0 1 0` ends the image. Counts from 128 on have two bytes.
  ///
  /// Source: TI DLPU018J, section 2.4.3.2.
  ///
  /// - Parameter copiesPreviousLine: whether copies are used; some panels draw thin diagonals wrongly with them.
  package func enhancedRunLengthEncoded(copiesPreviousLine: Bool) -> [UInt8] {
    var writer = RunLengthWriter(enhanced: true, capacity: pixels.count / 8)
    encode(into: &writer, copiesPreviousLine: copiesPreviousLine)
    writer.data += [0, 1, 0]
    return writer.data
  }

  private func encode(into writer: inout RunLengthWriter, copiesPreviousLine: Bool) {
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let row = UnsafeBufferPointer(rebasing: pixels[y * width..<(y + 1) * width])
        let above =
          copiesPreviousLine && y > 0 ? UnsafeBufferPointer(rebasing: pixels[(y - 1) * width..<y * width]) : nil
        writer.append(row, above: above)
      }
    }
  }
}

/// Encodes row after row. At every pixel it takes the longer of a copy and a run, or adds the pixel to a list when
/// neither saves anything.
private struct RunLengthWriter {
  let enhanced: Bool
  var data: [UInt8] = []

  /// Counts above this do not fit.
  private var maximumCount: Int { enhanced ? 0x7FFF : 0xFF }

  init(enhanced: Bool, capacity: Int) {
    self.enhanced = enhanced
    data.reserveCapacity(capacity)
  }

  mutating func append(_ row: UnsafeBufferPointer<UInt32>, above: UnsafeBufferPointer<UInt32>?) {
    var x = 0
    var listed = 0
    while x < row.count {
      let copy = above.map { Self.agreement(row, $0, from: x) } ?? 0
      let run = Self.run(row, from: x)
      // A run of two is no shorter than two more pixels of a list that has begun.
      if max(copy, run) < (listed > 0 ? 3 : 2) {
        listed += 1
        x += 1
        continue
      }
      append(list: row, from: x - listed, count: listed)
      listed = 0
      if copy >= run {
        append(copy: copy)
        x += copy
      } else {
        append(run: run, of: row[x])
        x += run
      }
    }
    append(list: row, from: x - listed, count: listed)
  }

  private mutating func append(count: Int) {
    if count < 0x80 || !enhanced {
      data.append(UInt8(truncatingIfNeeded: count))
    } else {
      data.append(UInt8(count & 0x7F) | 0x80)
      data.append(UInt8(truncatingIfNeeded: count >> 7))
    }
  }

  private mutating func append(run: Int, of pixel: UInt32) {
    var left = run
    while left > 0 {
      let part = min(left, maximumCount)
      append(count: part)
      data.append(pixel: pixel)
      left -= part
    }
  }

  private mutating func append(copy: Int) {
    var left = copy
    while left > 0 {
      let part = min(left, maximumCount)
      data.append(0)
      data.append(1)
      append(count: part)
      left -= part
    }
  }

  private mutating func append(list row: UnsafeBufferPointer<UInt32>, from start: Int, count: Int) {
    var x = start
    while x < start + count {
      let part = min(start + count - x, maximumCount)
      // A list of one would read as another code.
      if part > 1 { data.append(0) }
      append(count: part)
      for pixel in row[x..<x + part] { data.append(pixel: pixel) }
      x += part
    }
  }

  /// Pixels from `x` on that are the same in both rows.
  private static func agreement(
    _ row: UnsafeBufferPointer<UInt32>, _ above: UnsafeBufferPointer<UInt32>, from x: Int
  ) -> Int {
    var end = x
    while end < row.count, row[end] == above[end] { end += 1 }
    return end - x
  }

  /// Pixels from `x` on that are the same as the one at `x`.
  private static func run(_ row: UnsafeBufferPointer<UInt32>, from x: Int) -> Int {
    var end = x + 1
    while end < row.count, row[end] == row[x] { end += 1 }
    return end - x
  }
}
