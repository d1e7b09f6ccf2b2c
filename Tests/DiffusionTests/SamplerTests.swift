import Arrays
import Diffusion
import Testing

@Suite struct SamplerTests {
  let schedule: NoiseSchedule
  let random = CounterRandom(seed: 17)

  init() throws { schedule = try NoiseSchedule() }

  /// The exact denoiser of data that are standard normal.
  var whiteNoise: Denoiser<Double> {
    { [schedule] x, t in
      let scale = (1 - schedule.alphaBar(t)).squareRoot()
      return .noise(Stack(count: x.count, height: x.height, width: x.width, values: x.values.map { scale * $0 }))
    }
  }

  @Test(
    "DDIM on standard normal data multiplies by the closed form",
    arguments: [
      (TimestepSpacing.Kind.leading, 10, 0.8316958768), (.leading, 20, 0.9125317078), (.leading, 50, 0.9640792715),
      (.leading, 100, 0.9818508346), (.leading, 1000, 0.9981242940), (.trailing, 10, 0.8293692348),
      (.trailing, 20, 0.9112856572), (.trailing, 50, 0.9635509837), (.trailing, 100, 0.9815817868),
    ])
  func ddimClosedForm(kind: TimestepSpacing.Kind, count: Int, factor: Double) async throws {
    let sampling = Sampling(schedule: schedule, sampler: DDIMSampler(spacing: TimestepSpacing(kind, count: count)))
    let x = Stack<Double>(count: 1, height: 1, width: 2, values: [1, -3])
    let images = try await sampling.images(from: x, random: random, denoiser: whiteNoise)
    #expect(abs(images.values[0] - factor) < 1e-9)
    #expect(abs(images.values[1] + 3 * factor) < 3e-9)
  }

  @Test("data that are one image come back exactly from any start with DDIM, noiseless DDPM and DPM-Solver++")
  func pointMass() async throws {
    let image = [0.3, -0.7, 0.9]
    let samplers: [any Sampler] = [1, 2, 7, 1000].flatMap { count -> [any Sampler] in
      let spacing = TimestepSpacing(count: count)
      return [
        DDIMSampler(spacing: spacing), DDPMSampler(spacing: spacing, variance: .zero),
        DPMSolverSampler(spacing: spacing),
      ]
    }
    let x = Stack<Double>(count: 2, height: 1, width: 3, values: [5, -3, 0, 0.1, 40, -1])
    for sampler in samplers {
      let images = try await Sampling(schedule: schedule, sampler: sampler).images(from: x, random: random) {
        [schedule] x, t in
        let (signal, deviation) = (schedule.alphaBar(t).squareRoot(), (1 - schedule.alphaBar(t)).squareRoot())
        let noise = x.values.indices.map { (x.values[$0] - signal * image[$0 % 3]) / deviation }
        return .noise(Stack(count: x.count, height: 1, width: 3, values: noise))
      }
      for index in images.values.indices { #expect(abs(images.values[index] - image[index % 3]) < 1e-9) }
    }
  }

  @Test(
    "DDPM on standard normal data ends at the known variance, exactly and in a simulation",
    arguments: [
      (DDPMSampler.Variance.beta, 0.9999, 1e-9), (.betaTilde, 0.9910673764, 1e-9), (.zero, 4.0358e-5, 1e-9),
    ])
  func ddpmVariance(variance: DDPMSampler.Variance, expected: Double, tolerance: Double) async throws {
    let sampler = DDPMSampler(spacing: TimestepSpacing(count: 1000), variance: variance)
    let timesteps = try sampler.timesteps(of: schedule) + [0]
    var exact = 1.0
    for index in 0..<1000 {
      let update = sampler.update(SamplerStep(index, timesteps: timesteps, schedule: schedule))
      let alphaBar = schedule.alphaBar(timesteps[index])
      let factor = update.next.image[0] * alphaBar.squareRoot() + update.next.noise[0] * (1 - alphaBar).squareRoot()
      exact = exact * factor * factor + update.fresh * update.fresh
    }
    #expect(abs(exact - expected) < tolerance)

    let sampling = Sampling(schedule: schedule, sampler: sampler)
    let x = sampling.noise(count: 100, height: 10, width: 100, random: random)
    let images = try await sampling.images(from: x, random: random, denoiser: whiteNoise)
    let simulated = images.values.reduce(0) { $0 + $1 * $1 } / Double(images.values.count)
    #expect(abs(simulated / expected - 1) < 0.01)
  }

  @Test("the printed rule shrinks standard normal data to the known factor")
  func paperPrinted() async throws {
    let sampling = Sampling(schedule: schedule, sampler: PaperPrintedSampler())
    let x = Stack<Double>(count: 1, height: 1, width: 1, values: [1])
    let images = try await sampling.images(from: x, random: random, denoiser: whiteNoise)
    #expect(abs(images.values[0] - 0.0117259785) < 1e-9)
  }

  @Test("DDIM with eta 1 is DDPM with beta-tilde, step for step")
  func etaOne() throws {
    let spacing = TimestepSpacing(.trailing, count: 30)
    let timesteps = try spacing.timesteps(of: schedule) + [0]
    for index in 0..<30 {
      let step = SamplerStep(index, timesteps: timesteps, schedule: schedule)
      let ddim = DDIMSampler(spacing: spacing, eta: 1).update(step)
      let ddpm = DDPMSampler(spacing: spacing, variance: .betaTilde).update(step)
      #expect(abs(ddim.next.noise[0] - ddpm.next.noise[0]) < 1e-12 && abs(ddim.fresh - ddpm.fresh) < 1e-12)
    }
  }

  @Test("DPM-Solver++ is nearer to the exact flow than DDIM with as many steps")
  func secondOrder() async throws {
    // For standard normal data the exact flow leaves x as it is, down to the first visited step.
    let spacing = TimestepSpacing(.inclusive, count: 20, first: 900, last: 20)
    let x = Stack<Double>(count: 1, height: 1, width: 1, values: [1])
    var errors: [Double] = []
    for sampler in [DDIMSampler(spacing: spacing), DPMSolverSampler(spacing: spacing)] as [any Sampler] {
      let sampling = Sampling(schedule: schedule, sampler: sampler)
      errors.append(abs(try await sampling.images(from: x, random: random, denoiser: whiteNoise).values[0] - 1))
    }
    #expect(errors[1] < errors[0] / 2)
  }

  @Test("spacings visit the steps they promise and refuse others")
  func spacings() throws {
    #expect(try TimestepSpacing(.leading, count: 4).timesteps(of: schedule) == [751, 501, 251, 1])
    #expect(try TimestepSpacing(.trailing, count: 4).timesteps(of: schedule) == [1000, 750, 500, 250])
    let recipe = try TimestepSpacing(.inclusive, count: 60, first: 999, last: 105).timesteps(of: schedule)
    #expect(recipe.first == 999 && recipe.last == 105 && Set(recipe).count == 60)
    #expect(recipe == recipe.sorted(by: >))
    for spacing in [
      TimestepSpacing(count: 0), TimestepSpacing(count: 1001), TimestepSpacing(count: 1, first: 1001),
      TimestepSpacing(count: 1, last: 0), TimestepSpacing(count: 3, first: 10, last: 9),
    ] {
      #expect(throws: DiffusionError.self) { try spacing.timesteps(of: schedule) }
    }
  }

  @Test("images do not depend on how they are split into batches")
  func batchSplit() async throws {
    let sampling = Sampling(schedule: schedule, sampler: DDPMSampler(spacing: TimestepSpacing(count: 10)), clip: -1...1)
    let denoiser: Denoiser<Float> = { x, _ in
      .image(Stack(count: x.count, height: x.height, width: x.width, values: x.values.map { $0 * $0 - 0.5 }))
    }
    let whole = try await sampling.images(count: 5, height: 3, width: 3, random: random, denoiser: denoiser)
    let head = try await sampling.images(count: 2, height: 3, width: 3, random: random, denoiser: denoiser)
    let tail = try await sampling.images(
      count: 3, height: 3, width: 3, random: random, firstImage: 2, denoiser: denoiser)
    #expect(whole.values == head.values + tail.values)
    #expect(Set(whole.values).count > 20)
    let other = try await sampling.images(
      count: 5, height: 3, width: 3, random: CounterRandom(seed: 18), denoiser: denoiser)
    #expect(other != whole)
  }

  @Test("the image is the last estimate of x0, after gain about the mean and clip")
  func gainAndClip() async throws {
    let spacing = TimestepSpacing(.inclusive, count: 3, first: 900, last: 100)
    let x = Stack<Double>(count: 1, height: 1, width: 2, values: [1, -1])
    let answer: Denoiser<Double> = { x, _ in .image(Stack(count: 1, height: 1, width: 2, values: [0.6, 0.1])) }
    func images(from threshold: Int) async throws -> [Double] {
      let sampling = Sampling(
        schedule: schedule, sampler: DDIMSampler(spacing: spacing), clip: -1...1,
        contrast: .init(gain: 3, from: threshold, mean: [0.2, 0]))
      return try await sampling.images(from: x, random: random, denoiser: answer).values
    }
    #expect(zip(try await images(from: 101), [0.6, 0.1]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(try await images(from: 100), [1, 0.3]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("predictions of another shape or with NaN are refused, progress is told, cancellation heard")
  func behaviour() async throws {
    let sampling = Sampling(schedule: schedule, sampler: DDIMSampler(spacing: TimestepSpacing(count: 3)))
    let x = Stack<Double>(count: 1, height: 1, width: 1)
    await #expect(throws: DiffusionError.self) {
      try await sampling.images(from: x, random: random) { _, _ in .noise(Stack(count: 1, height: 1, width: 2)) }
    }
    await #expect(throws: DiffusionError.self) {
      try await sampling.images(from: x, random: random) { x, _ in
        .image(Stack(count: 1, height: 1, width: 1, repeating: .nan))
      }
    }
    await confirmation("a step is done", expectedCount: 3) { step in
      _ = try? await sampling.images(from: x, random: random, denoiser: whiteNoise) { done, total in
        if (1...3).contains(done), total == 3 { step() }
      }
    }
    let task = Task { [random, whiteNoise] in
      withUnsafeCurrentTask { $0?.cancel() }
      return try await sampling.images(from: x, random: random, denoiser: whiteNoise)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
