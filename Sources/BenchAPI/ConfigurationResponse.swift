import Foundation

/// The body of `GET /v1/configuration`: the bench file in force.
public struct ConfigurationResponse: Codable, Sendable, Equatable {
  public var path: String
  /// The file as it was read.
  public var text: String
  public var loaded: Date
  /// Why a file that was read later is not in force.
  public var problem: String?

  public init(path: String, text: String, loaded: Date, problem: String?) {
    self.path = path
    self.text = text
    self.loaded = loaded
    self.problem = problem
  }
}
