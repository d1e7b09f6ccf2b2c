import Arrays
import Files
import Hummingbird

/// `/v1/detector/latest` and `/v1/twin/prediction`: the bench's last answer beside the twin's.
struct ComparisonRoutes {
  let supervisor: BenchSupervisor
  let live: LiveView
  let twin: TwinPrediction
  let calibrations: CalibrationStore

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("detector/latest") { request, _ in
      let format = try Picture(query: request.uri.queryParameters["format"])
      let measured = try answer().measured
      return Response.file(
        try format.encode(measured, black: 0, white: measured.values.max() ?? 1), name: "detector.\(format.rawValue)")
    }
    group.get("twin/prediction", use: prediction)
  }

  private func answer() throws -> LiveView.Answer {
    guard let answer = live.answer else { throw ServiceError.absent("nothing has been measured yet") }
    return answer
  }

  @Sendable private func prediction(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"])
    let file = await supervisor.file
    let comparison = try await twin.comparison(
      with: answer(), bench: file.twin, parameters: calibrations.load(for: file.twin) ?? file.parameters)
    let (measured, predicted) = (comparison.measured, comparison.predicted)
    switch request.uri.queryParameters["of"] ?? "prediction" {
    case "prediction":
      let white = measured.values.max() ?? 1
      return Response.file(
        try format.encode(predicted, black: 0, white: white), name: "prediction.\(format.rawValue)")
    case "difference":
      var difference = measured
      for index in difference.values.indices { difference.values[index] -= predicted.values[index] }
      let largest = difference.values.reduce(0) { max($0, abs($1)) }
      return Response.file(
        try format.encode(difference, black: -largest, white: largest), name: "difference.\(format.rawValue)")
    case "both":
      guard format == .npy else { throw ServiceError.invalid("of: both comes as npy only") }
      let pair = NPYArray(
        shape: [2, measured.height, measured.width], elements: .float32(measured.values + predicted.values))
      return Response.file(NPY.encode(pair), name: "comparison.npy")
    case let other:
      throw ServiceError.invalid("of: \"\(other)\" is none of prediction, difference and both")
    }
  }
}
