/// The micromirror panels that the controller drives.
///
/// Source of the numbers: TI DLPU018J, section 2.1.5, and the data sheets of the panels.
public enum DLPC900Panel: String, Sendable, CaseIterable {
  case dlp6500
  case dlp9000
  case dlp670s
  case dlp500yx
  case dlp5500

  /// The panel by the number that the device gives for its hardware; nil when it does not know.
  package init?(hardware: UInt8) {
    switch hardware {
    case 1: self = .dlp6500
    case 2: self = .dlp9000
    case 3: self = .dlp670s
    case 4: self = .dlp500yx
    case 5: self = .dlp5500
    default: return nil
    }
  }

  /// Mirrors in a row.
  public var width: Int {
    switch self {
    case .dlp6500: 1920
    case .dlp9000: 2560
    case .dlp670s: 2716
    case .dlp500yx: 2048
    case .dlp5500: 1024
    }
  }

  /// Mirrors in a column.
  public var height: Int {
    switch self {
    case .dlp6500: 1080
    case .dlp9000, .dlp670s: 1600
    case .dlp500yx: 1200
    case .dlp5500: 768
    }
  }

  /// The controllers that share the panel: with two, the first has the left half and the second the right.
  package var controllers: [Command.Controller] {
    switch self {
    case .dlp6500, .dlp5500: [.primary]
    case .dlp9000, .dlp670s, .dlp500yx: [.primary, .secondary]
    }
  }
}
