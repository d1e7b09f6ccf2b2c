import Arrays

/// What a denoiser said at one step, as an estimate of the images and of the noise in them.
struct Estimate: Sendable {
  var image: [Double]
  var noise: [Double]
}

/// Images on their way from noise: where they are, and what the sampler may still refer to.
struct Course: Sendable {
  let timesteps: [Int]
  let schedule: NoiseSchedule
  private let noise: NoiseSource
  private let editingNoise: NoiseSource
  private let jumpNoise: NoiseSource
  /// The present place among `timesteps`.
  private(set) var index = 0
  /// Updates done, and those that there will be unless the images jump again.
  private(set) var updates = 0
  private(set) var total: Int
  /// Updates that arrived at each timestep.
  private var visits: [Int]
  /// The latest estimates and states first, without a gap in the steps.
  private var estimates: [Estimate] = []
  private var states: [[Double]] = []

  /// The most estimates, the present one included, that a sampler can use.
  private static let longestHistory = 4

  init(timesteps: [Int], schedule: NoiseSchedule, random: CounterRandom, firstImage: Int, planeSize: Int) {
    (self.timesteps, self.schedule, total) = (timesteps, schedule, timesteps.count - 1)
    visits = [Int](repeating: 0, count: timesteps.count)
    func source(_ random: CounterRandom) -> NoiseSource {
      NoiseSource(random: random, firstImage: firstImage, planeSize: planeSize)
    }
    noise = source(random)
    editingNoise = source(random.stream(named: "editing"))
    jumpNoise = source(random.stream(named: "jump"))
  }

  /// One update: corrects the state if the sampler says so, and leads it to the next step.
  mutating func advance(_ state: inout Stack<Double>, _ estimate: Estimate, by sampler: any Sampler) throws {
    estimates.insert(estimate, at: 0)
    estimates.removeLast(max(0, estimates.count - Self.longestHistory))
    states.insert(state.values, at: 0)
    let step = SamplerStep(index, timesteps: timesteps, schedule: schedule, past: estimates.count - 1)
    let update = sampler.update(step)
    if let correction = update.correction { states[0] = try combine(correction) }
    state.values = try combine(update.next)
    states.removeLast(max(0, states.count - type(of: sampler).keptStates))
    updates += 1
    if update.fresh > 0 { noise.add(update.fresh, to: &state.values, draw: updates) }
    index += 1
    visits[index] += 1
  }

  /// Lets the editing change the state, and jumps back up in time if it says so.
  mutating func edit(_ state: inout Stack<Double>, by editing: (any Editing)?) throws {
    guard let editing else { return }
    let arrival = Arrival(
      index: index, timesteps: timesteps, schedule: schedule, visits: visits[index], source: editingNoise, draw: updates
    )
    guard let goal = try editing.edit(&state, at: arrival) else { return }
    guard (0..<index).contains(goal) else {
      throw DiffusionError.argument(
        name: "jump", found: "\(index) to \(goal)", expected: "a jump to an earlier step, 0…\(index - 1)")
    }
    let kept = schedule.alphaBar(timesteps[goal]) / schedule.alphaBar(timesteps[index])
    for pixel in state.values.indices { state.values[pixel] *= kept.squareRoot() }
    jumpNoise.add((1 - kept).squareRoot(), to: &state.values, draw: updates)
    total += index - goal
    index = goal
    // They belong to states that the images have left.
    (estimates, states) = ([], [])
  }

  private func combine(_ combination: Combination) throws -> [Double] {
    let named = max(combination.image.count, combination.noise.count)
    guard named <= estimates.count, combination.state.count <= states.count else {
      throw DiffusionError.argument(
        name: "the sampler's step \(index)", found: "\(named) estimates and \(combination.state.count) states",
        expected: "coefficients for at most \(estimates.count) estimates and \(states.count) states")
    }
    var sum = [Double](repeating: 0, count: estimates[0].image.count)
    for (weight, estimate) in zip(combination.image, estimates) { accumulate(weight, estimate.image, into: &sum) }
    for (weight, estimate) in zip(combination.noise, estimates) { accumulate(weight, estimate.noise, into: &sum) }
    for (weight, state) in zip(combination.state, states) { accumulate(weight, state, into: &sum) }
    return sum
  }

  private func accumulate(_ weight: Double, _ values: [Double], into sum: inout [Double]) {
    for index in sum.indices { sum[index] += weight * values[index] }
  }
}

/// Standard normal noise that depends on the seed, the number of the image and the draw, so that it is the same however
/// images are split into batches.
struct NoiseSource: Sendable {
  let random: CounterRandom
  let firstImage: Int
  let planeSize: Int

  func add(_ deviation: Double, to values: inout [Double], draw: Int) {
    var fresh = [Double](repeating: 0, count: planeSize)
    for image in 0..<values.count / max(1, planeSize) {
      random.child(UInt64(firstImage + image)).fillNormal(into: &fresh, from: UInt64(draw * planeSize))
      for index in 0..<planeSize { values[image * planeSize + index] += deviation * fresh[index] }
    }
  }
}
