import BenchAPI
import Foundation

extension BenchClient {
  /// The format of a picture.
  public enum FrameFormat: String, Sendable { case npy, png }

  /// Detector frames as the bytes of an `.npy` file, float32 `[batch, height, width]`.
  public func measure(_ request: MeasureRequest) async throws -> [UInt8] {
    try await send(.post, "measure", body: encode(request))
  }

  /// Detector frames, and how they were made.
  public func measureWithEvidence(_ request: MeasureRequest) async throws -> MeasureResponse {
    try decode(await send(.post, "measure?format=json", body: encode(request)))
  }

  /// Shows a pattern: the bytes of an 8-bit greyscale PNG or a uint8 `.npy` of the panel's size.
  public func show(pattern: [UInt8], on device: String? = nil) async throws {
    _ = try await send(.post, "slm/show" + query(device), body: pattern)
  }

  /// Shows the pattern that is harmless to the bench.
  public func showBlank(on device: String? = nil) async throws {
    _ = try await send(.post, "slm/show" + query(device), body: encode(ShowRequest(pattern: .blank)))
  }

  /// The next camera frame: uint16 `[height, width]` as `.npy`, or a 16-bit PNG.
  public func frame(as format: FrameFormat = .npy) async throws -> [UInt8] {
    try await send(.get, "camera/frame?format=\(format.rawValue)")
  }

  private func query(_ device: String?) -> String { device.map { "?device=\(escape($0))" } ?? "" }

  /// Camera frames as they come, at most `rate` of them per second, without end.
  public func frames(as format: FrameFormat = .npy, rate: Double = 5) -> CameraFrames {
    CameraFrames {
      try await open(.get, "camera/live?format=\(format.rawValue)&rate=\(rate)", timeout: Self.endless)
    }
  }
}
