import Foundation

/// The service manager that started this process, as systemd's `sd_notify(3)` describes it: one datagram for each message,
/// to a socket that the environment names. Without such a manager every message goes nowhere.
public struct ServiceManager: Sendable {
  private let address: String?
  /// Seconds within which ``alive()`` must be said again; nil when nobody watches.
  public let watchdog: Double?

  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let path = environment["NOTIFY_SOCKET"] ?? ""
    address = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
    let mine = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
    watchdog = mine ? environment["WATCHDOG_USEC"].flatMap { Double($0) }.map { $0 * 1e-6 } : nil
  }

  /// The service serves; also after ``reloading()``.
  public func ready() { send("READY=1") }

  /// The service does something that may take long before it serves: what, and that it needs a minute more from now on.
  public func starting(_ text: String) { send("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=\(line(text))") }

  public func reloading() {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
  }

  public func stopping() { send("STOPPING=1") }

  /// What `systemctl status` shows.
  public func status(_ text: String) {
    send("STATUS=\(line(text))")
  }

  private func line(_ text: String) -> String { text.prefix(400).map { $0.isNewline ? " " : String($0) }.joined() }

  /// Feeds the watchdog.
  public func alive() { send("WATCHDOG=1") }

  private func send(_ message: String) {
    guard let address else { return }
    var socketAddress = sockaddr_un()
    socketAddress.sun_family = sa_family_t(AF_UNIX)
    var path = Array(address.utf8)
    guard path.count < MemoryLayout.size(ofValue: socketAddress.sun_path) else { return }
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: path) }
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + path.count } ?? 0
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    withUnsafePointer(to: &socketAddress) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
      }
    }
  }
}
