import Catalogues
import Devices

extension Driver {
  /// A hidden plant with its panels and camera, on a virtual clock; the section `simulated` of the bench file describes it.
  public static var simulated: Driver {
    var driver = SimulatedBench.settingsDriver
    let parameter = Parameter(
      sectionName, .object(SimulatedSchema.all.parameters),
      "the plant behind the driver `simulated`; needed when a device uses it")
    driver.section = DriverSection(parameter) { SimulatedReader(file: $0, layout: $1).read() }
    return driver
  }
}

extension SimulatedConfiguration: SharedDevices {
  public func open(optics: NominalOptics, layout: BenchLayout) throws -> DeviceSet {
    let bench = try SimulatedBench(configuration: self, optics: optics, layout: layout)
    return DeviceSet(driver: bench.driver, clock: bench.clock, truth: bench.truth)
  }
}
