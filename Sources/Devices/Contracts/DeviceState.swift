/// The state of a device or of the whole bench.
public enum DeviceState: Sendable, Equatable {
  /// Not opened, or stopped.
  case disconnected
  /// Opened, with the safe pattern on the panel or the acquisition prepared.
  case ready
  /// Showing patterns or acquiring frames.
  case running
  /// Waiting in the middle of a measurement for a device to come back, which the message names; it resumes by itself.
  case paused(String)
  /// Stopped by an error, which the message describes; a new start is needed.
  case fault(String)
}
