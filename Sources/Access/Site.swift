import Foundation

/// The names by which clients may address the daemon on TCP.
///
/// A page from anywhere may make a browser send requests here by a name of its own that leads to this machine. Its name
/// is not in this list.
package struct Site: Sendable {
  private let names: Set<String>
  private let scheme: String

  package init(listening: TCPListening?, names: [String], machine: String = Site.machineName) {
    let machineNames = [machine, String(machine.prefix { $0 != "." })]
    self.names = Set((["localhost"] + machineNames + names).map { $0.lowercased() } + [listening?.host ?? "localhost"])
    scheme = listening?.scheme ?? "http"
  }

  /// - Throws: when the host is not the daemon's, or the origin is another than the host.
  package func check(host: String?, origin: String?) throws(AccessRefusal) {
    guard let host, let authority = Authority(host), authority.isAddress || names.contains(authority.host) else {
      throw .misdirected(
        "the daemon is not called \"\(host ?? "")\"; use localhost, its IP address or the name of its machine")
    }
    guard let origin else { return }
    let prefix = scheme + "://"
    guard origin.lowercased().hasPrefix(prefix), let source = Authority(String(origin.dropFirst(prefix.count))),
      source.host == authority.host, port(source) == port(authority)
    else {
      throw .origin("a page from \(origin) may not use this daemon; only its own page may")
    }
  }

  package static var machineName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func port(_ authority: Authority) -> Int { authority.port ?? (scheme == "https" ? 443 : 80) }
}
