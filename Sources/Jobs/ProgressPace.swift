/// What the steps of a phase are to the clock.
public enum ProgressPace: Sendable {
  /// They take about equally long: people see how many are done in a second, and the time left.
  case steps
  /// They are hundredths of the work, whatever the work is: people see the time left.
  case work
  /// They take unequally long: a time left would be wrong.
  case uneven
}
