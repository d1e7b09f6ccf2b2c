import Report

/// The two curves of EMVA 1288, in the camera's own numbers.
struct CameraCurves: Sendable, Equatable {
  /// Variance over signal, and the line through it.
  let transfer: [CurvePoint]
  let transferLine: [CurvePoint]
  /// Signal over exposure in seconds, and the line through it.
  let linearity: [CurvePoint]
  let linearityLine: [CurvePoint]

  init(transfer: PhotonTransfer, linearity: Linearity) {
    func ends(_ line: StraightLine, _ points: [CurvePoint]) -> [CurvePoint] {
      [0, points.reduce(0) { max($0, $1.x) }].map { CurvePoint(x: $0, y: line($0)) }
    }
    (self.transfer, transferLine) = (transfer.means, ends(transfer.line, transfer.means))
    (self.linearity, linearityLine) = (linearity.means, ends(linearity.line, linearity.means))
  }

  var figures: [Figure] {
    [
      .curves(
        LinePlot(
          "Photon transfer", summary: "The variance of pixels over their signal; the slope of the line is the gain.",
          x: Axis("signal", unit: "DN", startsAtZero: true), y: Axis("variance", unit: "DN²", startsAtZero: true),
          series: [.init("pixels of like signal", transfer, mark: .dots), .init("line", transferLine)])),
      .curves(
        LinePlot(
          "Linearity", summary: "The signal of the brightest pixels over the exposure.",
          x: Axis("exposure", unit: "s", startsAtZero: true), y: Axis("signal", unit: "DN", startsAtZero: true),
          series: [.init("measured", linearity, mark: .dots), .init("line", linearityLine)])),
    ]
  }
}
