import BenchAPI
import Measuring
import ReadableNumbers

/// What changed from one calibration to another.
struct CalibrationDifference: Encodable {
  struct Parameter: Encodable {
    var name: String
    var unit: String
    /// Nil where a calibration does not have the parameter.
    var from: Double?
    var to: Double?
    var difference: Double?
    /// The difference in units of its standard deviation; nil when that is not known.
    var deviations: Double?
  }

  var from: String
  var to: String
  /// 1 − Pearson after each calibration.
  var discrepancies: [Double?]
  var parameters: [Parameter]

  init(from: CalibrationSummary, to: CalibrationSummary) {
    (self.from, self.to) = (from.id, to.id)
    discrepancies = [from.discrepancyAfter, to.discrepancyAfter]
    let names = from.parameters.map(\.name)
    let later = to.parameters.map(\.name).filter { !names.contains($0) }
    parameters = (names + later).map { name in
      Parameter(from.parameters.first { $0.name == name }, to.parameters.first { $0.name == name }, name: name)
    }
  }

  var text: String {
    let rows = parameters.map { parameter in
      [
        parameter.name, parameter.from.map { number($0) } ?? "", parameter.to.map { number($0) } ?? "",
        parameter.difference.map { number($0) } ?? "", parameter.unit,
        parameter.deviations.map { number($0, decimals: 1) } ?? "",
      ]
    }
    let ends = zip([from, to], discrepancies).compactMap { id, discrepancy in
      discrepancy.map { "\(id): discrepancy \(number($0))" }
    }.joined(separator: "; ")
    return table(["PARAMETER", from, to, "CHANGE", "UNIT", "CHANGE/SD"], rows, empty: "no parameters") + "\n" + ends
  }
}

extension CalibrationDifference.Parameter {
  fileprivate init(_ from: Estimate?, _ to: Estimate?, name: String) {
    self.init(name: name, unit: (to ?? from)?.unit ?? "", from: from?.value, to: to?.value)
    guard let from, let to else { return }
    let change = to.value - from.value
    difference = change
    let variance = from.standardDeviation * from.standardDeviation + to.standardDeviation * to.standardDeviation
    if variance > 0 { deviations = change / variance.squareRoot() }
  }
}
