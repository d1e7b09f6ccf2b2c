import Dispatch
import Synchronization

/// Runs `body` for every index below `count` on at most `threads` threads; returns when all are done.
///
/// Which thread takes which index is left open, so `body` must write only to what belongs to its index.
public func concurrently(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(count, threads)
  guard workers > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      body(index)
    }
  }
}
