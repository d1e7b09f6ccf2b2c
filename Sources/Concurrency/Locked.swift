import Glibc

/// A value that one thread at a time reaches, by a lock that does not know threads.
///
/// `Synchronization.Mutex` notes the number of the thread that has it. The compiler inlines that into async functions, where the
/// place of the number may be looked up on one thread and used on another, after an `await` between; then the mutex ends the
/// process. This lock is taken and given back by the C library, which keeps nothing of a thread in the caller's frame.
///
/// Where only an order is kept, the value is a `Bool`: one without size, `()`, has the address of the object itself, and the thread
/// sanitizer takes its change for a race with whoever reads the object.
public final class Locked<Value>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  public init(_ value: sending Value) {
    self.value = value
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_mutex_t())
    let status = pthread_mutex_init(lock, nil)
    precondition(status == 0, "a mutex with default attributes needs nothing that can be missing")
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  /// Runs `body` on the value while no other thread does. It must not be called again inside.
  @inline(never)
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
