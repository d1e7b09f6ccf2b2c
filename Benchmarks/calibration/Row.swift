import Foundation

/// One line of the results: what a routine finds on a bench whose truth is known, for each of some seeds.
///
/// A further line is a file with a type that conforms and its place in ``Rows/all``.
protocol Row: Sendable {
  /// What the command knows it by.
  var name: String { get }
  /// The words of the page, and what results are kept by.
  var title: String { get }
  var unit: String { get }
  /// What is wanted of the median.
  var goal: String { get }

  /// What one seed gives.
  func measure(seed: UInt64, threads: Int) async throws -> Measurement
}

/// The rows, in the order of the page.
enum Rows {
  static let all: [any Row] =
    [
      WavefrontRow(bench: .simulated), WavefrontRow(bench: .realistic), RegistrationRow(findsLayers: false),
      RegistrationRow(findsLayers: true), CrosstalkRow(isSided: false), CrosstalkRow(isSided: true),
      DriftRow(bench: .simulated), DriftRow(bench: .realistic),
    ] + full

  private static let full: [any Row] =
    [.failures, .frames, .camera, .latency, .settling, .response, .angles, .discrepancy, .deviations].map {
      FullRow(bench: .realistic, quantity: $0)
    } + [.failures, .frames, .angles, .discrepancy].map { FullRow(bench: .simulated, quantity: $0) }
}

/// What one seed gave.
struct Measurement: Sendable, Codable {
  var value: Double
  /// Frames that were taken, those before that it builds on included, and how many of them are its own.
  var frames: Int
  var ownFrames: Int
  /// Seconds of the bench's clock.
  var benchTime: Double
  /// Seconds of computing, wall clock, of the routine itself.
  var computing: Double
  /// Whatever else is worth knowing, in words.
  var note: String
}
