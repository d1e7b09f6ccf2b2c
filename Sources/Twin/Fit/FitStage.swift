/// One stage of a fit.
public struct FitStage: Sendable, Equatable {
  /// Standard deviation in samples of the frame with which twin and frames are blurred; 0 for none. A blur widens the basin
  /// of the alignment, and clipped samples take part in it.
  public var blur: Double
  /// The parameters that move; all free ones when nil.
  public var names: [String]?
  /// Samples of the twin along each side of a layer pixel.
  public var sampling: Int
  /// Steps at most; Adam takes 20 times as many.
  public var iterations: Int
  /// Whether its result counts only when it clearly pays; see ``clearGain``.
  public var isTrial: Bool

  public init(
    blur: Double = 0, names: [String]? = nil, sampling: Int, iterations: Int = 8, isTrial: Bool = false
  ) {
    self.blur = blur
    self.names = names
    self.sampling = sampling
    self.iterations = iterations
    self.isTrial = isTrial
  }

  /// The part by which a trial must lower the held-out discrepancy.
  static let clearGain = 0.2
  /// Standard deviations of the pyramid's blurs, widest first.
  public static let blurs = [8.0, 4, 2]

  /// What was found to work: the alignment and the camera's place through a pyramid of blurs, then everything but the layers,
  /// first coarsely, then as finely as the twin is sampled; and at last, on trial, where each layer sits. Layers that may move
  /// mimic angles, and frames hardly tell the two apart.
  ///
  /// Without alignment among the free parameters there is no pyramid.
  public static func standard(
    _ free: [TwinParameter], sampling: Int, blurs: [Double] = blurs
  ) -> [FitStage] {
    func names(_ groups: Set<TwinParameter.Group>) -> [String] {
      free.filter { groups.contains($0.group) }.map(\.name)
    }
    let layers = names([.placement, .flatness])
    let isStaged = layers.count < free.count && !layers.isEmpty
    let common = free.map(\.name).filter { !isStaged || !layers.contains($0) }
    let pointing = names([.alignment, .registration])
    var stages: [FitStage] = []
    if !names([.alignment]).isEmpty {
      stages += (blurs + [0]).map { FitStage(blur: $0, names: pointing, sampling: 1, iterations: 8) }
    }
    if pointing.count < common.count || stages.isEmpty {
      stages.append(FitStage(names: common, sampling: 1, iterations: 10))
    }
    if sampling > 1 { stages.append(FitStage(names: common, sampling: sampling, iterations: 10)) }
    if isStaged { stages.append(FitStage(sampling: sampling, iterations: 12, isTrial: true)) }
    return stages
  }
}
