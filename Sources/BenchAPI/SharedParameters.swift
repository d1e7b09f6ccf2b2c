import Catalogues

// What several kinds of job can be given. The rest of each declaration stands beside its request: ranges, defaults and
// meanings are nowhere else. Requests are checked by them, and `GET /v1/kinds`, the page's form, the options of the commands and
// the tables of the guides are made from them.

extension Parameter {
  static let seed = Parameter(
    "seed", .integer(0...Int.max), "Seed of all random numbers; the same one repeats the job",
    standard: .integer(Int(JobDefaults.seed)))
  static let classes = Parameter(
    "classes", .list(of: .integer(Int.min...Int.max)), "The classes to use, such as 0, 3, 4; all if empty")

  /// - Parameter forms: how data sets are written: `glyphs`, `mnist:FOLDER`.
  static func dataset(_ forms: [String]) -> Parameter {
    Parameter(
      "dataset", .text, "The images to learn: \(forms.joined(separator: ", "))", isRequired: true,
      examples: forms.map { form in form.firstIndex(of: ":").map { String(form[...$0]) } ?? form })
  }
}

/// What holds where a request says nothing.
public enum JobDefaults {
  public static let seed: UInt64 = 1
  /// Images that a `generate` job makes.
  public static let images = 64
  /// Of a `compare` job: its layer set, its steps, and by what the angles are multiplied.
  public static let comparedSet = 4
  public static let comparedSteps = 80
  public static let misalignment = 1.2
}
