import Arrays
import CFFTW
import Concurrency
import Optics

/// The Fourier transforms of the work and nothing else, by FFTW with plans that it found by patient search: the yardstick.
final class BareTransforms: Worker {
  private let work: Work
  private let forwardPlan: fftwf_plan
  private let inversePlan: fftwf_plan
  private let canvases: [AlignedBuffer<Float>]

  /// - Throws: ``OpticsError/transform(height:width:)`` when FFTW has no plan.
  init(_ work: Work) throws {
    self.work = work
    let side = Int32(work.size * work.padding)
    canvases = (0..<work.threads).map { _ in AlignedBuffer(count: 2 * Int(side) * Int(side)) }
    let canvas = Self.complex(canvases[0])
    fftwf_set_timelimit(20)
    guard let there = fftwf_plan_dft_2d(side, side, canvas, canvas, FFTW_FORWARD, UInt32(FFTW_PATIENT)),
      let back = fftwf_plan_dft_2d(side, side, canvas, canvas, FFTW_BACKWARD, UInt32(FFTW_PATIENT))
    else { throw OpticsError.transform(height: Int(side), width: Int(side)) }
    (forwardPlan, inversePlan) = (there, back)
    for canvas in canvases { canvas.pointer.update(repeating: 0, count: canvas.count) }
  }

  deinit {
    fftwf_destroy_plan(forwardPlan)
    fftwf_destroy_plan(inversePlan)
  }

  /// As many pairs of transforms as a batch has hops, forward.
  func forward() { run(hops: Work.layers + 1) }

  /// As many pairs of transforms as a batch has hops, forward and back.
  func train() -> Double {
    run(hops: 2 * Work.layers + 1)
    return .nan
  }

  private func run(hops: Int) {
    nonisolated(unsafe) let plans = (forwardPlan, inversePlan)
    let (batch, canvases) = (work.batch, canvases)
    concurrently(canvases.count, threads: canvases.count) { index in
      let canvas = Self.complex(canvases[index])
      for _ in index * batch / canvases.count..<(index + 1) * batch / canvases.count {
        for _ in 0..<hops {
          fftwf_execute_dft(plans.0, canvas, canvas)
          fftwf_execute_dft(plans.1, canvas, canvas)
        }
      }
    }
  }

  private static func complex(_ buffer: AlignedBuffer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(buffer.pointer).assumingMemoryBound(to: fftwf_complex.self)
  }
}
