import Arrays
import BenchAPI
import BenchClient
import Files
import Measuring

/// The bench of a daemon, asked over HTTP. Layers are commands, as fits have them.
struct DaemonUnit: OpticalUnit {
  let client: BenchClient
  /// The arrays on the daemon that hold what is shown.
  private let name = "twin-measure-\(UInt64.random(in: 0..<UInt64.max))"

  /// The value at which a bench's frames clip, whatever its camera.
  static let clipped: Float = 1

  init(client: BenchClient) { self.client = client }

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    try await client.put(array: name + "-inputs", npy: NPY.encode(NPYArray(inputs)))
    try await client.put(array: name + "-layers", npy: NPY.encode(NPYArray(layers)))
    let bytes = try await client.measure(
      MeasureRequest(layers: name + "-layers", inputs: name + "-inputs", block: block, commands: true))
    let frames = try Stack<Float>(npy: NPY.decode(bytes, source: "the daemon's answer"))
    return Measured(intensities: frames, saturation: Self.clipped)
  }

  func removeArrays() async {
    for suffix in ["-layers", "-inputs"] { try? await client.delete(array: name + suffix) }
  }
}
