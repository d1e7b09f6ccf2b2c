import Catalogues

/// A camera of 10 or 12 bits that puts them at the upper end of 16, while its numbers are read as they are.
enum ShiftedBits: Examination {
  static let declaration = Declaration("camera.leftJustified", "pixel values whose lowest bits are never set")

  /// Different values that a frame must have to say anything, and bits that must be missing.
  private static let (values, missing) = (16, 2)

  static let threshold =
    "two bits: cameras that double what they count lack one"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let bits = patient.pixels.reduce(0) { $0 | $1 }
    guard bits > 0, Set(patient.pixels).count >= values, bits.trailingZeroBitCount >= missing else { return [] }
    return [
      Diagnosis(
        Double(bits.trailingZeroBitCount), unit: "bits",
        "the lowest \(bits.trailingZeroBitCount) bits of the pixels are never set",
        advice:
          "the camera may put its bits at the upper end of the word: give its bits in the camera's settings, and see "
          + "that full scale is right")
    ]
  }
}
