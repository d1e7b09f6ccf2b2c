/// Runs what opens a device on the thread of the device, before there is an actor for it.
package actor DeviceOpening {
  private let thread: DeviceThread

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package init(on thread: DeviceThread) { self.thread = thread }

  package func run<Opened>(_ body: @Sendable () throws -> sending Opened) throws -> sending Opened { try body() }
}
