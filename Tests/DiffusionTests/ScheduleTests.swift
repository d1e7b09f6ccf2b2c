import Diffusion
import Foundation
import Testing

@Suite struct ScheduleTests {
  @Test(
    "the linear schedule has the known alphaBar and ln SNR",
    arguments: [
      (1, 0.9999, 9.21024), (10, 0.9981052048, 6.26675), (100, 0.8970181457, 2.16452), (200, 0.6590385082, 0.65901),
      (250, 0.5240853738, 0.09642), (500, 0.07858724288, -2.46170), (750, 0.003350550439, -5.69527),
      (900, 0.0002752059119, -8.19772), (1000, 4.035829765e-5, -10.11767),
    ])
  func linearConstants(t: Int, alphaBar: Double, lnSNR: Double) throws {
    let schedule = try NoiseSchedule()
    #expect(abs(schedule.alphaBar(t) / alphaBar - 1) < 1e-9)
    #expect(abs(schedule.lnSNR(t) - lnSNR) < 6e-6)
  }

  @Test("beta, beta-tilde, Ho's coefficient, the crossing of SNR 1 and the error amplification are the known ones")
  func derivedConstants() throws {
    let schedule = try NoiseSchedule()
    #expect(schedule.alphaBar(0) == 1)
    #expect(schedule.beta(1) == 1e-4)
    #expect(abs(schedule.beta(1000) - 0.02) < 1e-15)
    #expect(abs(schedule.betaTilde(2) / 5.4531877e-5 - 1) < 1e-8)
    #expect(abs(schedule.betaTilde(500) / 0.0100313554 - 1) < 1e-8)
    #expect(schedule.betaTilde(1) == 0)
    for (t, coefficient) in [(1, 0.01), (100, 0.00645691), (500, 0.01045944), (1000, 0.02000040)] {
      #expect(abs(schedule.beta(t) / (1 - schedule.alphaBar(t)).squareRoot() - coefficient) < 6e-9)
    }
    #expect(abs(exp(schedule.lnSNR(259)) - 1.00098) < 5e-6)
    #expect(schedule.lnSNR(260) < 0)
    #expect(abs(1 / schedule.alphaBar(1000).squareRoot() - 157.41046) < 5e-6)
  }

  @Test("the cosine schedule follows its curve until beta is cut at 0.999")
  func cosine() throws {
    let schedule = try NoiseSchedule(.cosine, steps: 100)
    func level(_ t: Double) -> Double { pow(cos((t / 100 + 0.008) / 1.008 * .pi / 2), 2) }
    for t in 1..<100 { #expect(abs(schedule.alphaBar(t) - level(Double(t)) / level(0)) < 1e-12) }
    #expect(schedule.beta(100) == 0.999)
  }

  @Test("absurd and non-finite arguments are refused")
  func refusals() {
    for steps in [0, -1, 100_001] { #expect(throws: DiffusionError.self) { try NoiseSchedule(steps: steps) } }
    for value in [Double.nan, .infinity, 0, 1, -0.1] {
      #expect(throws: DiffusionError.self) { try NoiseSchedule(.linear(first: value, last: 0.02)) }
      #expect(throws: DiffusionError.self) { try NoiseSchedule(.linear(first: 1e-4, last: value)) }
    }
    #expect(throws: DiffusionError.self) { try NoiseSchedule(.cosine(offset: .nan)) }
  }

  @Test("the uniform policy of the paper serves every step with one of ten sets of a hundred")
  func uniformPolicy() throws {
    let policy = try TimePolicy.uniform(sets: 10, steps: 1000)
    #expect(policy.sets == 10 && policy.steps == 1000)
    #expect([1, 100, 101, 1000].map(policy.set(servingStep:)) == [0, 0, 1, 9])
    for set in 0..<10 {
      #expect(policy.steps(ofSet: set) == set * 100 + 1...set * 100 + 100)
      #expect(policy.steps(ofSet: set).allSatisfy { policy.set(servingStep: $0) == set })
    }
  }

  @Test("equal ln SNR gives the known edges")
  func equalSignalToNoise() throws {
    let policy = try TimePolicy.equalLnSNR(sets: 10, schedule: NoiseSchedule())
    #expect(policy.edges == [0, 5, 18, 53, 139, 303, 493, 654, 786, 899, 1000])
  }

  @Test("a policy keeps its edges through JSON and refuses edges that do not rise from 0")
  func edges() throws {
    let policy = try TimePolicy(edges: [0, 40, 100])
    #expect(try JSONDecoder().decode(TimePolicy.self, from: JSONEncoder().encode(policy)) == policy)
    for edges in [[], [0], [1, 2], [0, 5, 5], [0, 6, 5]] {
      #expect(throws: DiffusionError.self) { try TimePolicy(edges: edges) }
    }
    #expect(throws: DiffusionError.self) { try JSONDecoder().decode(TimePolicy.self, from: Data("[3,1]".utf8)) }
    #expect(throws: DiffusionError.self) { try TimePolicy.uniform(sets: 11, steps: 10) }
  }
}
