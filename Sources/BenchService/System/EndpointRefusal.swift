import Foundation
import NIOCore
import ServiceCore

extension Endpoint {
  /// Why the daemon cannot listen here, and what to do about it.
  func refusal(_ error: any Error) -> ServiceError {
    let number = (error as? IOError)?.errnoCode
    let reason = number.map { String(cString: strerror($0)) } ?? "\(error)"
    switch self {
    case .unix(let path): return .startup("socket \(path): \(reason)")
    case .inherited: return .startup("the socket of the service manager: \(reason)")
    case .tcp(let listening):
      let place = "--listen \(listening.host), port \(listening.port)"
      return switch number {
      case EADDRINUSE: .startup("\(place): another program listens there; stop it or give another port")
      case EADDRNOTAVAIL: .startup("\(place): this machine does not have that address; `ip address` lists those it has")
      case EACCES: .startup("\(place): only root may listen on a port below 1024; give another port")
      default: .startup("\(place): \(reason)")
      }
    }
  }
}
