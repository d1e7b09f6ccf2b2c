/// What can be wrong with records.
public enum RecordsError: Error, Equatable, CustomStringConvertible {
  /// The disk is full; nothing was changed.
  case full(file: String)
  /// Nothing was changed.
  case unwritable(file: String, reason: String)
  /// The database broke while it was open. The next start rebuilds it from the files.
  case damaged(file: String, reason: String)
  /// There is no such calibration.
  case absent(calibration: String, known: [String])
  /// There is such a calibration, and none is ever overwritten.
  case exists(calibration: String)
  /// The calibration in force cannot be read, or nobody knows which it was.
  case lost(calibration: String?, reason: String)
  /// What cannot name a calibration.
  case name(String)
  /// The name of a file has the highest running number that there is.
  case numbersUsedUp(folder: String)

  public var description: String {
    switch self {
    case .full(let file): "\(file): cannot be written: the disk is full; nothing was changed. Delete old runs"
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason); nothing was changed"
    case .damaged(let file, let reason):
      "\(file): is damaged: \(reason). Restart odud, which rebuilds it from the files"
    case .absent(let calibration, let known):
      "there is no calibration \"\(calibration.prefix(100))\"; "
        + (known.isEmpty ? "none has been made yet" : "there are \(known.prefix(20).joined(separator: ", "))")
    case .exists(let calibration): "calibration \(calibration) exists already, and none is ever overwritten"
    case .numbersUsedUp(let folder):
      "\(folder): a name begins with \(RunningNumber.highest), after which there is no number; move it away"
    case .lost(let calibration, let reason):
      "the calibration in force\(calibration.map { ", \($0)," } ?? "") cannot be read: \(reason). Calibrate again, or put "
        + "another in force with odu-ctl cal rollback"
    case .name(let name):
      "\"\(name.prefix(100))\" cannot name a calibration: use up to 100 letters, digits, '-' and '_'"
    }
  }
}
