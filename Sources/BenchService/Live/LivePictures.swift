import BenchAPI
import Devices
import Lending
import NIOCore

/// Pictures and histograms of the newest frame, each made once for all who ask.
actor LivePictures {
  private struct Key: Hashable {
    var number: Int
    var format: Picture
  }

  private var pictures: [Key: ByteBuffer] = [:]
  private var histogram: FrameHistogram?

  func picture(of seen: LiveView.Seen, as format: Picture, fullScale: UInt16) throws -> ByteBuffer {
    let key = Key(number: seen.number, format: format)
    if let known = pictures[key] { return known }
    let bytes = ByteBuffer(bytes: try format.encode(seen.frame, fullScale: fullScale))
    pictures = pictures.filter { $0.key.number == seen.number }
    pictures[key] = bytes
    return bytes
  }

  func histogram(of seen: LiveView.Seen, fullScale: UInt16) -> FrameHistogram {
    if let histogram, histogram.number == seen.number { return histogram }
    let new = FrameHistogram(seen, fullScale: fullScale)
    histogram = new
    return new
  }
}

extension FrameHistogram {
  fileprivate init(_ seen: LiveView.Seen, fullScale: UInt16) {
    let frame = seen.frame
    let full = Int(max(fullScale, 1))
    var bins = [Int](repeating: 0, count: Self.binCount)
    var (sum, saturated, largest) = (0, 0, 0)
    for pixel in frame.pixels {
      let value = Int(pixel)
      bins[min(value * Self.binCount / (full + 1), Self.binCount - 1)] += 1
      sum += value
      largest = max(largest, value)
      if value >= full { saturated += 1 }
    }
    self.init(
      number: seen.number, width: frame.width, height: frame.height, fullScale: full, bins: bins, saturated: saturated,
      mean: Double(sum) / Double(max(1, frame.pixels.count)), largest: largest)
  }
}
