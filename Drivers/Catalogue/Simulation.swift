import Devices
import Simulated

extension DriverRegistry {
  /// The name of the driver that opens a simulation in place of a bench's devices.
  public static let simulation = Driver.simulated.name
}
