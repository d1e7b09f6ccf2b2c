import Arrays
import Diffusion
import Testing
import Training

@Suite struct DenoisingDataTests {
  private let data = DenoisingData(images: bars(50, size: 8, seed: 1))

  @Test("images become −1…1, with their mean image and mean variance")
  func statistics() {
    #expect(data.images.values.min() == -1 && data.images.values.max() == 1)
    let column = (0..<50).map { Double(data.images.values[$0 * 64 + 27]) }
    #expect(abs(Double(data.mean[27]) - column.reduce(0, +) / 50) < 1e-6)
    var variance = 0.0
    for (index, value) in data.images.values.enumerated() {
      let difference = Double(value - data.mean[index % 64])
      variance += difference * difference
    }
    #expect(abs(Double(data.variance) - variance / Double(50 * 64)) < 1e-5)
  }

  @Test("a batch is √ᾱ x₀ + √(1 − ᾱ) ε at steps of the range, and the same for the same random numbers")
  func batch() throws {
    let schedule = try NoiseSchedule()
    let batch = data.batch(200, steps: 301...400, schedule: schedule, random: CounterRandom(seed: 4))
    #expect(batch.steps.allSatisfy { (301...400).contains($0) } && Set(batch.steps).count > 50)
    for plane in 0..<200 {
      let alphaBar = schedule.alphaBar(batch.steps[plane])
      #expect(batch.alphaBars[plane] == alphaBar)
      for index in [0, 17, 63].map({ plane * 64 + $0 }) {
        let expected =
          alphaBar.squareRoot() * Double(batch.clean.values[index]) + (1 - alphaBar).squareRoot()
          * Double(batch.noise.values[index])
        #expect(abs(Double(batch.noisy.values[index]) - expected) < 1e-5)
      }
    }
    let power = batch.noise.values.reduce(0.0) { $0 + Double($1 * $1) } / Double(batch.noise.values.count)
    #expect(abs(power - 1) < 0.05)
    let again = data.batch(200, steps: 301...400, schedule: schedule, random: CounterRandom(seed: 4))
    #expect(again.noisy == batch.noisy && again.steps == batch.steps)
    let other = data.batch(200, steps: 301...400, schedule: schedule, random: CounterRandom(seed: 5))
    #expect(other.noisy != batch.noisy)
  }

  @Test("scaled images can be shown: 0…1, rising with the image, clipped at the limit")
  func scaling() {
    let scaling = InputScaling(gain: 0.2, limit: 4)
    let images = Stack<Float>(count: 1, height: 1, width: 6, values: [-100, -4, 0, 1, 4, 100])
    let scaled = scaling(images).values
    for (found, expected) in zip(scaled, [0.2 / 1.8, 0.2 / 1.8, 1 / 1.8, 1.2 / 1.8, 1, 1]) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
    let strong = InputScaling(gain: 1, limit: 4)(images).values
    #expect(strong.allSatisfy { (0...1).contains($0) })
  }

  private func predict(
    _ objective: any Objective, _ output: Stack<Float>, noisy: Stack<Float>, _ alphaBar: Double, mean: [Float],
    parameters: [Float]
  ) -> Prediction<Float> {
    let estimate = objective.estimate(
      output, noisy: noisy, alphaBars: [alphaBar], mean: mean, parameters: parameters)
    return objective.prediction(estimate.values, noisy: noisy, alphaBar: alphaBar)
  }

  @Test(
    "the noise objective hands the numbers on; the image objective starts from the mean image and follows x_t by its weight"
  )
  func objectives() {
    let zero = Stack<Float>(count: 1, height: 1, width: 3)
    let noisy = Stack<Float>(count: 1, height: 1, width: 3, values: [0.5, -1, 2])
    let mean: [Float] = [0.5, -0.2, 0.9]
    guard
      case .noise(let noise) = predict(NoiseObjective(), noisy, noisy: zero, 0.5, mean: mean, parameters: [])
    else {
      Issue.record("expected a prediction of noise")
      return
    }
    #expect(noise == noisy)
    func image(_ output: Stack<Float>, _ alphaBar: Double, weight: Float) -> [Float] {
      let prediction = predict(
        SaturatingImageObjective(), output, noisy: noisy, alphaBar, mean: mean, parameters: [weight])
      guard case .image(let image) = prediction else { return [] }
      return image.values
    }
    for (found, mean) in zip(image(zero, 0.5, weight: 0), mean) { #expect(abs(found - 0.97 * mean) < 1e-6) }
    // √ᾱ/(1 − ᾱ + 0.1)·(x_t − √ᾱ µ) at ᾱ = 0.36, by hand: 0.6/0.74·(0.5 − 0.3) = 0.162162
    let found = image(Stack(count: 1, height: 1, width: 3, repeating: 0.25), 0.36, weight: 2)
    // artanh(0.485) = 0.529502; + 2·0.162162 + 0.25 = 1.103826; tanh = 0.801869
    #expect(found.count == 3 && abs(found[0] - 0.801869) < 1e-5, "\(found)")
  }
}
