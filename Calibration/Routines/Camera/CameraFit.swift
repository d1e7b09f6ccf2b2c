import Devices
import Foundation
import Twin

/// What frames in the dark and with light say of a camera. Numbers are parts of full scale unless said otherwise.
public struct CameraFit: Sendable, Equatable {
  public let model: CameraModel
  public let darkLevel: Found
  public let readNoise: Found
  public let gain: Found
  /// Standard deviation of the dark signals of pixels (DSNU1288); nil where the dark signal is cut off.
  public let darkNonUniformity: Double?
  /// What each second of exposure adds in the dark.
  public let darkCurrent: Double
  /// Mean relative deviation from proportion to the exposure (LE); nil where the exposure cannot be varied.
  public let linearityError: Double?
  /// Electrons at saturation; nil where no exposure saturates.
  public let fullWell: Double?
  /// The step of the exposure time in seconds; nil where the exposure cannot be varied.
  public let exposureStep: Double?
  /// What cannot be known with these frames, and why.
  public let unknown: [String]
  public let frames: Int
  let curves: CameraCurves

  /// Of a variance below this, in steps of the converter, EMVA 1288 says that rounding hides the read noise, and what to state then.
  private static let (hidden, stated) = (0.24, 0.40)

  /// - Throws: ``CalibrationError/noLight``.
  init(looks: [AcquiredSteps], series: AcquiredSteps) throws {
    let camera = series.camera.description
    let fullScale = Double(camera.fullScale)
    let steps = zip(series.plan.steps, series.taken).map { (step: $0, taken: $1.sound) }
    let dark = steps.filter { $0.step.shown == .dark && !$0.taken.frames.isEmpty }.map(\.taken)
    let lit = steps.filter { $0.step.shown != .dark && !$0.taken.frames.isEmpty }.map(\.taken)
    // The last exposure shows where the camera saturates, and nothing else.
    let light = lit.filter { $0.frames.count > 2 }
    guard !dark.isEmpty else { throw DeviceError.noFrame(device: camera.name) }
    let signal = DarkSignal(dark)
    guard
      let linearity = Linearity(light, above: signal, fullScale: fullScale, width: camera.width),
      let transfer = PhotonTransfer(
        light: light, dark: dark, above: signal, fullScale: fullScale, excluded: signal.hot.union(linearity.dead))
    else { throw CalibrationError.noLight }
    let saturation = Self.saturation(lit, fullScale: fullScale)
    // In numbers of the camera from here on.
    let level = signal.isCutOff ? linearity.line.intercept : signal.level
    let variance = signal.isCutOff ? transfer.line(level) : transfer.line.intercept
    let isHidden = variance < Self.hidden
    let noise = isHidden ? Self.stated : max(0, variance - 1.0 / 12).squareRoot()
    readNoise = Found(
      value: noise / fullScale,
      deviation: (isHidden ? noise : transfer.line.interceptVariance.squareRoot() / (2 * max(noise, 1e-9))) / fullScale)
    gain = Found(
      value: transfer.line.slope / fullScale, deviation: transfer.line.slopeVariance.squareRoot() / fullScale)
    darkLevel = Found(
      value: level / fullScale,
      deviation: (signal.isCutOff ? abs(level) : signal.levelDeviation) / fullScale)
    darkNonUniformity = signal.isCutOff ? nil : signal.nonUniformity / fullScale
    darkCurrent = signal.current / fullScale
    linearityError = linearity.error
    fullWell = saturation.map { ($0 - level / fullScale) / max(transfer.line.slope / fullScale, 1e-12) }
    exposureStep = Self.commonStep(series.taken.map(\.settings.exposure))
    func points(_ pixels: Set<Int>) -> [PanelPoint] {
      pixels.sorted().map { PanelPoint(x: $0 % camera.width, y: $0 / camera.width) }
    }
    model = CameraModel(
      darkLevel: darkLevel.value, readNoise: readNoise.value, gain: gain.value, step: 1 / fullScale,
      saturation: saturation ?? 1, hotPixels: points(signal.hot), deadPixels: points(linearity.dead))
    frames = (looks + [series]).reduce(0) { $0 + $1.plan.frames }
    curves = CameraCurves(transfer: transfer, linearity: linearity)
    unknown = Self.unknown(
      signal, linearity, isHidden: isHidden, isSaturated: saturation != nil,
      exposures: Set(light.map(\.settings.exposure)))
  }

  /// Where samples clip: the largest value, when enough samples have it that it cannot be chance.
  private static func saturation(_ light: [RawFrames], fullScale: Double) -> Double? {
    let pixels = light.flatMap(\.frames).map(\.pixels)
    guard let largest = pixels.compactMap({ $0.max() }).max() else { return nil }
    let most = pixels.map { frame in frame.count { $0 == largest } }.max() ?? 0
    return most >= max(8, (pixels.first?.count ?? 0) / 1000) ? Double(largest) / fullScale : nil
  }

  /// The largest time of which all exposures are multiples, to a nanosecond; nil for fewer than two.
  private static func commonStep(_ exposures: [Double]) -> Double? {
    let times = Set(exposures.compactMap { Int(exactly: ($0 * 1e9).rounded()) })
    guard times.count > 1 else { return nil }
    func divisor(_ first: Int, _ second: Int) -> Int { second == 0 ? first : divisor(second, first % second) }
    return Double(times.reduce(0, divisor)) * 1e-9
  }

  private static func unknown(
    _ dark: DarkSignal, _ linearity: Linearity, isHidden: Bool, isSaturated: Bool, exposures: Set<Double>
  ) -> [String] {
    var words = [
      "dark current and the light that safe patterns let through: nothing in a bench switches the light off",
      "how unevenly pixels respond (PRNU): the light itself is uneven",
    ]
    if dark.isCutOff {
      words.append(
        "the dark signal: \(Int((100 * dark.underflow).rounded())) % of dark samples are 0, so that its lower part is cut "
          + "off; raise the camera's black level. Read noise and dark level are extrapolated from frames with light")
    }
    if isHidden {
      words.append(
        "the read noise: it is hidden by the steps of the converter, and at most what is stated; raise the gain")
    }
    if !isSaturated {
      words.append("the full well: no exposure that the camera allows saturates; give more light")
    }
    if exposures.count < 2 {
      words.append("linearity and exposure steps: the camera has no control of its exposure")
    }
    if linearity.unjudged > 0 {
      words.append("whether \(linearity.unjudged) pixels are dead that have too little light")
    }
    return words
  }
}
