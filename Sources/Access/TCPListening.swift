import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOSSL
import ServiceCore

/// Where the daemon listens on TCP, and how.
public struct TCPListening: Sendable {
  /// The address or name to bind, without brackets.
  public let host: String
  /// The port to bind; 0 leaves the choice to the system.
  public let port: Int
  /// Whether only this machine can connect.
  public let isLoopback: Bool
  private let tls: TLSConfiguration?

  /// What `--listen` says, as `HOST:PORT`, with the files of a certificate chain and its key in PEM.
  ///
  /// - Throws: ``ServiceError/startup(_:)`` when the text is no address, a file is unusable, or others than this machine
  ///   could connect without TLS.
  public init(_ text: String, certificate: String? = nil, key: String? = nil) throws(ServiceError) {
    guard let authority = Authority(text), let port = authority.port else {
      throw .startup("--listen \(text): give an address and a port, such as 127.0.0.1:8080 or [::1]:8080")
    }
    switch (certificate, key) {
    case (let certificate?, let key?): tls = try Self.tls(certificate: certificate, key: key)
    case (nil, nil): tls = nil
    default: throw .startup("--tls-certificate and --tls-key: give both or none")
    }
    guard tls != nil || authority.isLoopback else {
      throw .startup(
        "--listen \(text): other machines can connect there, and anyone on the network path could read the tokens; "
          + "give --tls-certificate and --tls-key, or listen on 127.0.0.1")
    }
    host = authority.host
    self.port = port
    isLoopback = authority.isLoopback
  }

  /// `http` or `https`.
  public var scheme: String { tls == nil ? "http" : "https" }

  /// What to bind. `localhost` is bound as an address, whatever the machine's table of hosts says.
  package var bindHost: String { host == "localhost" ? "127.0.0.1" : host }

  /// What TLS makes of a channel for HTTP; nil without TLS.
  package func tlsChannel(_ http: HTTP1Channel) throws -> TLSChannel<HTTP1Channel>? {
    try tls.map { try TLSChannel(http, tlsConfiguration: $0) }
  }

  /// For TLS 1.2, only keys that are forgotten and ciphers that also authenticate; TLS 1.3 has no others.
  private static let cipherSuites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  ]

  private static func tls(certificate: String, key: String) throws(ServiceError) -> TLSConfiguration {
    var chain: [NIOSSLCertificate] = []
    do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
      throw .startup("--tls-certificate \(certificate): holds no certificate in PEM that can be read: \(error)")
    }
    guard !chain.isEmpty else { throw .startup("--tls-certificate \(certificate): holds no certificate in PEM") }
    let secret: NIOSSLPrivateKey
    let text = try SecretFile.read(key, capacity: 1 << 20)
    do { secret = try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem) } catch {
      throw .startup("--tls-key \(key): holds no private key in PEM without a passphrase: \(error)")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = Self.cipherSuites
    configuration.applicationProtocols = ["http/1.1"]
    do { _ = try NIOSSLContext(configuration: configuration) } catch {
      throw .startup("--tls-key \(key): is not the key of \(certificate): \(error)")
    }
    return configuration
  }
}
