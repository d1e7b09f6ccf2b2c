import Access
import Arrays
import Files
import Hummingbird
import Jobs
import Lending
import Optics
import ServiceCore
import Twin

/// `/v1/detector/latest` and `/v1/twin/prediction`: the bench's last answer beside the twin's.
struct ComparisonRoutes {
  let supervisor: BenchSupervisor
  let live: LiveView
  let twin: TwinPrediction
  let calibrations: CalibrationStore
  let answers: ByteBudget

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("detector/latest") { request, context in
      let format = try Picture(query: request.uri.queryParameters["format"])
      let measured = try answer().measured
      return try Response.bytes(
        try format.encode(measured, black: 0, white: measured.values.max() ?? 1), name: "detector.\(format.rawValue)",
        within: answers, to: context)
    }
    group.get("twin/prediction", use: prediction)
  }

  private func answer() throws -> LiveView.Answer {
    guard let answer = live.answer else { throw ServiceError(.measurementNone, "nothing has been measured yet") }
    return answer
  }

  @Sendable private func prediction(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"])
    let file = await supervisor.file
    let (answer, bench) = (try answer(), try calibrations.bench(of: file, serials: await supervisor.serials))
    let comparison: TwinPrediction.Comparison
    do {
      comparison = try await twin.comparison(with: answer, bench: bench.description, parameters: bench.parameters)
    } catch let error as TwinError {
      throw ServiceError(.twinNoAnswer, "the twin has no answer to what was measured last: \(error)")
    } catch let error as OpticsError {
      throw ServiceError(.twinNoAnswer, "the twin has no answer to what was measured last: \(error)")
    }
    let (measured, predicted) = (comparison.measured, comparison.predicted)
    switch request.uri.queryParameters["of"] ?? "prediction" {
    case "prediction":
      let white = measured.values.max() ?? 1
      return try Response.bytes(
        try format.encode(predicted, black: 0, white: white), name: "prediction.\(format.rawValue)",
        within: answers, to: context)
    case "difference":
      var difference = measured
      for index in difference.values.indices { difference.values[index] -= predicted.values[index] }
      let largest = difference.values.reduce(0) { max($0, abs($1)) }
      return try Response.bytes(
        try format.encode(difference, black: -largest, white: largest), name: "difference.\(format.rawValue)",
        within: answers, to: context)
    case "both":
      return try Response.bytes(
        Self.pair(measured, predicted, as: format), name: "comparison.\(format.rawValue)", within: answers,
        to: context)
    case let other:
      throw ServiceError(.requestInvalid, "of: \"\(other)\" is not one of prediction, difference and both")
    }
  }

  /// Both arrays `[2, height, width]`, or both pictures side by side, equally bright.
  private static func pair(_ measured: Stack<Float>, _ predicted: Stack<Float>, as format: Picture) throws -> [UInt8] {
    let (height, width) = (measured.height, measured.width)
    if format == .npy {
      return NPY.encode(
        NPYArray(shape: [2, height, width], elements: .float32(measured.values + predicted.values)))
    }
    var picture = Stack<Float>(count: 1, height: height, width: 2 * width)
    for row in 0..<height {
      let (source, target) = (row * width..<(row + 1) * width, row * 2 * width)
      picture.values.replaceSubrange(target..<target + width, with: measured.values[source])
      picture.values.replaceSubrange(target + width..<target + 2 * width, with: predicted.values[source])
    }
    return try format.encode(picture, black: 0, white: measured.values.max() ?? 1)
  }
}
