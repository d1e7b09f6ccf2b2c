import BenchAPI

/// Why a request to the daemon failed.
public enum BenchClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody can be reached on the socket.
  case unreachable(socket: String, SocketFailure)
  /// The daemon refused; code, cause and message are its own.
  case refused(status: Int, code: String, cause: String?, message: String)
  /// The connection broke off, as it does when the daemon ends.
  case disconnected(reason: String)
  /// The answer makes no sense.
  case broken(reason: String)

  /// Whether no daemon runs there, which a start puts right.
  public var isAbsence: Bool {
    if case .unreachable(_, let failure) = self { failure.isAbsence } else { false }
  }

  /// Whether the same request may succeed once the daemon has started again.
  public var isOutage: Bool {
    if case .disconnected = self { true } else { isAbsence }
  }

  /// Why the daemon refused; nil for everything else, and for causes that this version does not know.
  public var cause: Cause? {
    if case .refused(_, _, let cause?, _) = self { Cause(rawValue: cause) } else { nil }
  }

  public var description: String {
    switch self {
    case .unreachable(let socket, let failure): failure.explanation(of: socket)
    case .refused(_, _, _, let message): message
    case .disconnected(let reason): "the connection to the daemon broke off: \(reason)"
    case .broken(let reason): "the daemon's answer: \(reason)"
    }
  }
}

extension SocketFailure {
  /// What is wrong with a socket and what to do.
  fileprivate func explanation(of socket: String) -> String {
    switch self {
    case .absent where socket.isEmpty: "the path of the daemon's socket is empty; name one with --socket or ODU_SOCKET"
    case .absent:
      """
      no daemon answers on \(socket): there is no such socket; start one with: odud --bench FILE --socket \(socket), or name \
      the socket of one that runs with --socket or ODU_SOCKET
      """
    case .abandoned:
      """
      no daemon answers on \(socket): the daemon of this socket has ended; start one with: \
      odud --bench FILE --socket \(socket)
      """
    case .forbidden:
      """
      \(socket): you may not open this socket (permission denied on it or on a folder above it); a daemon may well run there. \
      Its administrator can give you access
      """
    case .notASocket(let found): "\(socket): this is \(found), not the socket of a daemon; name one with --socket"
    case .tooLong(let bytes):
      """
      \(socket): the path has \(bytes) bytes, and that of a Unix socket has at most \(Self.longestPath); give daemon and \
      odu-ctl a shorter one with --socket
      """
    case .system(let reason): "\(socket): the daemon's socket cannot be opened: \(reason)"
    }
  }
}
