/// Why a request to the daemon failed.
public enum BenchClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody answers on the socket.
  case notRunning(socket: String)
  /// The daemon refused; code and message are its own.
  case refused(status: Int, code: String, message: String)
  /// The connection broke or the answer makes no sense.
  case broken(reason: String)

  public var description: String {
    switch self {
    case .notRunning(let socket):
      "no daemon answers on \(socket); start one with: odud --bench FILE --socket \(socket)"
    case .refused(_, _, let message): message
    case .broken(let reason): "the daemon's answer: \(reason)"
    }
  }
}
