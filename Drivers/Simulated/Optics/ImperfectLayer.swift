import Devices
import Dispatch
import Foundation

/// One layer of a real panel: a bent response, pixels that run together and leave gaps, out of place and not flat.
///
/// Pixels are squares whose middle part is modulated; a sample of the layer takes the mean over its own square, with the
/// panel's other pixels around the layer in view. A layer that is turned is then seen between its samples.
struct ImperfectLayer: Sendable {
  /// The top-left panel pixel of the layer.
  private let origin: PanelPoint
  private let panel: ImperfectPanel
  /// The phase of each level in each region, row by row.
  private let response: [[Double]]
  /// The phase factors of tilt and flatness on the patch; nil when there are none.
  private let plate: [Complex]?
  /// Panel pixels around the layer that are in view or run together with those that are.
  private let margin: Int
  private let footprints: PixelFootprints
  private let resampling: LayerResampling?
  private let phasors = PhasorTable()

  init(
    grid: PlantGrid, placement: LayerPlacement, panel: ImperfectPanel, origin: PanelPoint, response: [[Double]],
    plate: [Complex]?
  ) {
    self.origin = origin
    self.panel = panel
    self.response = response
    self.plate = plate
    resampling = LayerResampling(placement, grid)
    let border = resampling?.border ?? 0
    margin = panel.margin(border: border)
    footprints = PixelFootprints(panel, grid, border: border, margin: margin)
  }

  /// The transmissions of the layers of a pattern, computed on all cores.
  static func transmissions(_ layers: [ImperfectLayer], of pattern: Pattern) -> [[Complex]] {
    var results = [[Complex]](repeating: [], count: layers.count)
    results.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let results = buffer
      DispatchQueue.concurrentPerform(iterations: layers.count) { results[$0] = layers[$0].transmission(pattern) }
    }
    return results
  }

  /// The transmission on the patch: the gaps' amplitude everywhere, and what the pixels differ from it where they are.
  func transmission(_ pattern: Pattern) -> [Complex] {
    let shown = panel.show(pattern, origin: origin, margin: margin, response: response)
    let gaps = phasor(panel.deadPhase)
    var field = footprints.mean(of: shown.map { phasors[$0] - gaps })
    for index in field.indices { field[index] += gaps }
    if let resampling { field = resampling(field) }
    guard let plate else { return field }
    field.withUnsafeMutableBufferPointer { field in
      if let base = field.baseAddress { multiply(base, by: plate, count: plate.count) }
    }
    return field
  }
}
