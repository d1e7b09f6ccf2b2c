/// Which camera it is.
package struct CameraIdentity: Sendable, Equatable {
  package var card: String
  package var driver: String
  package var bus: String
  /// What a device on USB says of itself; nil for others, and for one that has none.
  package var serial: String?
  /// The USB bus that it is on, such as `usb1`; nil for others.
  package var usb: String?

  package init(card: String, driver: String, bus: String, serial: String? = nil, usb: String? = nil) {
    self.usb = usb
    self.card = card
    self.driver = driver
    self.bus = bus
    self.serial = serial
  }

  /// Whether it can be the same camera, perhaps at another port of the same kind of bus.
  package func matches(_ other: CameraIdentity) -> Bool {
    card == other.card && driver == other.driver && busKind == other.busKind
  }

  private var busKind: Substring { bus.prefix { $0.isLetter } }
}

extension CameraIdentity: CustomStringConvertible {
  package var description: String { "the camera '\(card)' (driver \(driver), \(bus))" }
}

/// How a frame lies in a buffer.
package struct ImageLayout: Sendable, Equatable {
  package var fourCC: UInt32
  package var width: Int
  package var height: Int
  package var bytesPerLine: Int
  /// Bytes of a frame.
  package var size: Int
  /// Whether every frame has all of its rows, in their order.
  package var progressive: Bool
  /// Whether a luma goes from 16 to 235, as the driver says.
  package var isLimited: Bool
  /// Memories that a frame is spread over.
  package var planes: Int

  package init(
    fourCC: UInt32, width: Int, height: Int, bytesPerLine: Int, size: Int, progressive: Bool = true,
    isLimited: Bool = false, planes: Int = 1
  ) {
    self.fourCC = fourCC
    self.width = width
    self.height = height
    self.bytesPerLine = bytesPerLine
    self.size = size
    self.progressive = progressive
    self.isLimited = isLimited
    self.planes = planes
  }
}

/// Sizes of a frame that a device offers.
package enum FrameSizes: Sendable, Equatable {
  case discrete(width: Int, height: Int)
  /// From the smallest to the largest in steps.
  case range(width: ClosedRange<Int>, height: ClosedRange<Int>, widthStep: Int, heightStep: Int)
}

extension FrameSizes: CustomStringConvertible {
  package var description: String {
    switch self {
    case .discrete(let width, let height): "\(width)×\(height)"
    case .range(let width, let height, let widthStep, let heightStep):
      "\(width.lowerBound)×\(height.lowerBound)…\(width.upperBound)×\(height.upperBound)"
        + (widthStep > 1 || heightStep > 1 ? " in steps of \(widthStep)×\(heightStep)" : "")
    }
  }
}

/// A part of the sensor, in its pixels.
package struct SensorRegion: Sendable, Equatable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension SensorRegion: CustomStringConvertible {
  package var description: String { "\(width)×\(height) at (\(x), \(y))" }
}

/// The values that a control takes.
package struct ControlRange: Sendable, Equatable {
  package var values: ClosedRange<Int>
  package var step: Int
  package var standard: Int
  package var readOnly: Bool

  package init(values: ClosedRange<Int>, step: Int = 1, standard: Int, readOnly: Bool = false) {
    self.values = values
    self.step = max(1, step)
    self.standard = standard
    self.readOnly = readOnly
  }

  /// The value on the grid of steps that is nearest to a number in the range; nil for others, half a step included.
  package func nearest(to number: Double) -> Int? {
    let half = 0.5 * Double(step)
    guard number >= Double(values.lowerBound) - half, number <= Double(values.upperBound) + half else { return nil }
    let steps = ((number - Double(values.lowerBound)) / Double(step)).rounded()
    return min(max(values.lowerBound + Int(steps) * step, values.lowerBound), values.upperBound)
  }
}

/// A buffer that the device has filled.
package struct FilledBuffer: Sendable, Equatable {
  package enum Clock: Sendable { case monotonic, unknown }
  package enum Moment: Sendable { case start, end }

  package var index: Int
  /// Bytes of it that the device wrote.
  package var used: Int
  /// The driver's own count, which begins again behind 2³² − 1.
  package var sequence: UInt32
  /// Nanoseconds on the clock that the driver says.
  package var timestamp: UInt64
  package var clock: Clock
  /// What the driver says that the timestamp marks.
  package var moment: Moment
  package var erroneous: Bool

  package init(
    index: Int, used: Int, sequence: UInt32, timestamp: UInt64, clock: Clock = .monotonic, moment: Moment = .end,
    erroneous: Bool = false
  ) {
    self.index = index
    self.used = used
    self.sequence = sequence
    self.timestamp = timestamp
    self.clock = clock
    self.moment = moment
    self.erroneous = erroneous
  }
}
