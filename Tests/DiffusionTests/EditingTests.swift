import Arrays
import Concurrency
import Diffusion
import Testing

/// That images can be changed on their way and go back up in time.
@Suite struct EditingTests {
  private let schedule: NoiseSchedule
  private let random = CounterRandom(seed: 5)

  init() throws { schedule = try NoiseSchedule() }

  /// RePaint: the first pixel is known; each step is done several times from one step further up.
  private struct Inpainting: Editing {
    let known: Double
    let repetitions: Int

    func edit(_ x: inout Stack<Double>, at arrival: Arrival) throws -> Int? {
      let alphaBar = arrival.schedule.alphaBar(arrival.t)
      var noisy = Stack<Double>(count: x.count, height: 1, width: 2)
      arrival.addNoise((1 - alphaBar).squareRoot(), to: &noisy)
      for plane in 0..<x.count { x.values[2 * plane] = alphaBar.squareRoot() * known + noisy.values[2 * plane] }
      return arrival.visits < repetitions ? arrival.index - 1 : nil
    }
  }

  /// Two normal pixels of variance 1 with a correlation of 0.8, and the best denoiser of them.
  private var pair: Denoiser<Double> {
    { [schedule] x, t in
      let alphaBar = schedule.alphaBar(t)
      // In the sum and the difference of the pixels the covariance is diagonal.
      let gains = [1.8, 0.2].map { alphaBar.squareRoot() * $0 / (alphaBar * $0 + 1 - alphaBar) }
      var image = x
      for plane in 0..<x.count {
        let (sum, difference) = (
          gains[0] * (x.values[2 * plane] + x.values[2 * plane + 1]),
          gains[1] * (x.values[2 * plane] - x.values[2 * plane + 1])
        )
        (image.values[2 * plane], image.values[2 * plane + 1]) = ((sum + difference) / 2, (sum - difference) / 2)
      }
      return .image(image)
    }
  }

  /// The mean of the second pixel.
  private func mean(repetitions: Int) async throws -> Double {
    let sampling = Sampling(
      schedule: schedule,
      sampler: DDPMSampler(spacing: TimestepSpacing(.trailing, count: 50), variance: .betaTilde),
      editing: Inpainting(known: 1.5, repetitions: repetitions))
    let x = sampling.noise(count: 3000, height: 1, width: 2, random: random)
    let images = try await sampling.images(from: x, random: random, denoiser: pair)
    return (0..<images.count).reduce(0) { $0 + images.values[2 * $1 + 1] } / Double(images.count)
  }

  @Test("with one pixel known, the other comes to its conditional mean when the images jump back, and not without")
  func repaint() async throws {
    // The conditional mean is 0.8·1.5; in a reference in Python, 1.137 with ten repetitions and 0.716 without.
    let once = try await mean(repetitions: 1)
    #expect(once < 0.8, "\(once)")
    let repeated = try await mean(repetitions: 10)
    #expect(abs(repeated - 1.2) < 0.1, "\(repeated)")
  }

  @Test("an editing that does nothing changes nothing, to the last bit")
  func idle() async throws {
    struct Idle: Editing { func edit(_ x: inout Stack<Double>, at arrival: Arrival) -> Int? { nil } }
    var images: [Stack<Double>] = []
    for editing in [nil, Idle()] as [Idle?] {
      let sampling = Sampling(
        schedule: schedule, sampler: DDPMSampler(spacing: TimestepSpacing(count: 9)), editing: editing)
      let x = sampling.noise(count: 3, height: 1, width: 2, random: random)
      images.append(try await sampling.images(from: x, random: random, denoiser: pair))
    }
    #expect(images[0] == images[1])
  }

  @Test("a jump of two steps asks the denoiser again, starts a sampler without a past, and counts in the progress")
  func jump() async throws {
    struct Once: Editing {
      func edit(_ x: inout Stack<Double>, at arrival: Arrival) -> Int? {
        arrival.index == 3 && arrival.visits == 1 ? 1 : nil
      }
    }
    let sampling = Sampling(
      schedule: schedule, sampler: DPMSolverSampler(spacing: TimestepSpacing(.trailing, count: 5)), editing: Once())
    let asked = Locked<[Int]>([])
    let progress = Locked<[SIMD2<Int>]>([])
    let x = sampling.noise(count: 2, height: 1, width: 2, random: random)
    let whole = try await sampling.images(from: x, random: random) { [pair] x, t in
      asked.withLock { $0.append(t) }
      return try await pair(x, t)
    } progress: { done, total in
      progress.withLock { $0.append([done, total]) }
    }
    #expect(asked.withLock { $0 } == [1000, 800, 600, 800, 600, 400, 200])
    #expect(progress.withLock { $0.last } == [7, 7])
    // However the images are split, each has its own noise.
    let second = Stack<Double>(count: 1, height: 1, width: 2, values: Array(x.values[2...]))
    let alone = try await sampling.images(from: second, random: random, firstImage: 1, denoiser: pair)
    #expect(alone.values == Array(whole.values[2...]))
  }

  @Test("a jump that is none is refused", arguments: [-1, 2, 7])
  func wrongJump(goal: Int) async throws {
    struct Wrong: Editing {
      let goal: Int
      func edit(_ x: inout Stack<Double>, at arrival: Arrival) -> Int? { arrival.index == 2 ? goal : nil }
    }
    let sampling = Sampling(
      schedule: schedule, sampler: DDIMSampler(spacing: TimestepSpacing(count: 4)), editing: Wrong(goal: goal))
    let x = sampling.noise(count: 1, height: 1, width: 2, random: random)
    await #expect(throws: DiffusionError.self) {
      try await sampling.images(from: x, random: random, denoiser: pair)
    }
  }
}
