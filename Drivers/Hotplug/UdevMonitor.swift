import CUdev
import Devices
import Dispatch
import Glibc

/// A socket on which devices are announced, read on a queue of its own.
final class UdevMonitor: Sendable {
  /// Dispatch sources may be cancelled from any thread.
  private nonisolated(unsafe) let reader: any DispatchSourceRead

  /// - Parameters:
  ///   - source: `udev` or `kernel`.
  ///   - log: is called when the announcements end because the socket broke.
  ///   - onChange: called for each announcement.
  /// - Returns: nil when the socket cannot be had.
  init?(
    source: String, filters: [UdevFilter], log: @escaping @Sendable (String) -> Void,
    onChange: @escaping @Sendable () -> Void
  ) {
    guard let socket = UdevSocket(source: source, filters: filters) else { return nil }
    reader = DispatchSource.makeReadSource(
      fileDescriptor: socket.descriptor, queue: DispatchQueue(label: "odu.udev"))
    reader.setEventHandler { [reader] in
      if let failure = socket.drain(onChange) {
        log("the announcements of devices ended: \(failure); their return is noticed by trying")
        reader.cancel()
      }
    }
    // The handlers hold socket and reader until the reader was cancelled.
    reader.setCancelHandler { [reader] in
      socket.close()
      reader.setEventHandler {}
      reader.setCancelHandler {}
    }
    reader.resume()
  }

  deinit { reader.cancel() }
}

/// The libudev handles of a monitor. Used by one thread at a time: first by its maker, then on the monitor's queue only.
private final class UdevSocket: @unchecked Sendable {
  private let udev: OpaquePointer
  private var monitor: OpaquePointer?
  let descriptor: Int32

  init?(source: String, filters: [UdevFilter]) {
    guard let udev = udev_new() else { return nil }
    guard let monitor = udev_monitor_new_from_netlink(udev, source) else {
      udev_unref(udev)
      return nil
    }
    let isReady =
      filters.allSatisfy {
        udev_monitor_filter_add_match_subsystem_devtype(monitor, $0.subsystem, $0.deviceType) >= 0
      } && udev_monitor_enable_receiving(monitor) >= 0
    guard isReady else {
      udev_monitor_unref(monitor)
      udev_unref(udev)
      return nil
    }
    self.udev = udev
    self.monitor = monitor
    descriptor = udev_monitor_get_fd(monitor)
  }

  /// Takes what has arrived.
  /// - Returns: why nothing more will come, when that is so.
  func drain(_ onChange: () -> Void) -> String? {
    guard let monitor else { return nil }
    errno = 0
    while let device = udev_monitor_receive_device(monitor) {
      udev_device_unref(device)
      onChange()
      errno = 0
    }
    switch errno {
    case 0, EAGAIN, EINTR: return nil
    case ENOBUFS:
      // More was announced than the socket holds.
      onChange()
      return nil
    case let code: return errorText(code)
    }
  }

  func close() {
    guard let monitor else { return }
    self.monitor = nil
    udev_monitor_unref(monitor)
    udev_unref(udev)
  }

  deinit { close() }
}
