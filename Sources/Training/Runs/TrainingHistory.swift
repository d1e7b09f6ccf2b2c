import Measuring
import Twin

/// The steps of a training, with which a program that resumes it shows what was before.
public struct TrainingHistory: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var set: Int
    public var stage: Int
    public var step: TrainingStep
  }

  public internal(set) var entries: [Entry] = []
}

/// An entry is coded as eight numbers, since a training has thousands of steps and is saved often.
extension TrainingHistory: Codable {
  private enum Key: String, CodingKey { case entries }
  private static let width = 8

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let numbers: [Double] = try container.decodeNumbers(forKey: .entries)
    guard numbers.count.isMultiple(of: Self.width) else {
      throw DecodingError.dataCorruptedError(
        forKey: .entries, in: container, debugDescription: "\(numbers.count) numbers are no whole count of steps")
    }
    entries = stride(from: 0, to: numbers.count, by: Self.width).map { Entry(numbers[$0..<$0 + Self.width]) }
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(numbers: entries.flatMap(\.numbers), forKey: .entries)
  }
}

extension TrainingHistory.Entry {
  fileprivate var numbers: [Double] {
    [
      Double(set), Double(stage), Double(step.index), step.loss, step.error, Double(step.frames),
      step.discrepancy?.cosine ?? .nan, step.discrepancy?.pearson ?? .nan,
    ]
  }

  fileprivate init(_ numbers: ArraySlice<Double>) {
    let values = Array(numbers)
    let discrepancy = values[6].isNaN ? nil : Discrepancy(cosine: values[6], pearson: values[7])
    self.init(
      set: Int(exactly: values[0]) ?? 0, stage: Int(exactly: values[1]) ?? 0,
      step: TrainingStep(
        index: Int(exactly: values[2]) ?? 0, loss: values[3], error: values[4], discrepancy: discrepancy,
        frames: Int(exactly: values[5]) ?? 0))
  }
}
