import BenchAPI
import Files
import Records

/// Of files in the state folder: what clients send is refused before it comes there.
extension FilesError: CausedError {
  public var cause: Cause {
    switch self {
    case .malformed, .schema: .stateDamaged
    case .full: .stateFull
    case .unwritable, .unreadable, .irregular, .cut, .abandoned: .stateUnwritable
    }
  }
}

extension RecordsError: CausedError {
  public var cause: Cause {
    switch self {
    case .absent: .calibrationUnknown
    case .exists: .calibrationExists
    case .name: .nameInvalid
    case .lost, .damaged: .stateDamaged
    case .full: .stateFull
    case .unwritable, .numbersUsedUp: .stateUnwritable
    }
  }
}
