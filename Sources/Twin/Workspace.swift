import Optics
import Synchronization

/// The memory in which one thread computes: two canvases and two column scratches.
final class Workspace<Scalar: OpticsScalar>: Sendable {
  let canvas: AlignedBuffer<Scalar>
  let source: AlignedBuffer<Scalar>
  let scratch: AlignedBuffer<Scalar>
  let sourceScratch: AlignedBuffer<Scalar>
  /// One row of real values.
  let row: AlignedBuffer<Scalar>

  init(_ transform: SpectralTransform<Scalar>) {
    canvas = AlignedBuffer(count: transform.canvasCount)
    source = AlignedBuffer(count: transform.canvasCount)
    scratch = AlignedBuffer(count: transform.scratchCount)
    sourceScratch = AlignedBuffer(count: transform.scratchCount)
    row = AlignedBuffer(count: transform.canvas.width)
  }
}

/// Workspaces that wait for their next use, so that steady-state work allocates none.
final class WorkspacePool<Scalar: OpticsScalar>: Sendable {
  private let transform: SpectralTransform<Scalar>
  private let idle = Mutex<[Workspace<Scalar>]>([])

  init(_ transform: SpectralTransform<Scalar>) { self.transform = transform }

  func borrow<Result>(_ body: (Workspace<Scalar>) -> Result) -> Result {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(transform)
    defer { idle.withLock { $0.append(workspace) } }
    return body(workspace)
  }
}
