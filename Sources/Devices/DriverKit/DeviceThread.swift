import Dispatch

/// A thread of a device's own, for calls that block. An actor that names it as its executor runs there and nowhere else,
/// so that a driver may wait for its device without holding up Swift's cooperative pool:
///
/// ```swift
/// actor Panel {
///   private let thread = DeviceThread(name: "panel")
///   nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
/// }
/// ```
public final class DeviceThread: SerialExecutor {
  private let queue: DispatchQueue

  /// - Parameter name: what a debugger calls the thread.
  public init(name: String) {
    queue = DispatchQueue(label: "odu.device.\(name)", qos: .userInitiated)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
