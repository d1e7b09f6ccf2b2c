import Devices

private let driverName = "framebuffer"

extension Driver {
  /// Panels behind framebuffers of the kernel (`/dev/fb0`): the way for displays whose kernel driver offers no mode
  /// setting.
  public static var framebuffer: Driver {
    Driver(
      name: driverName, summary: "panels behind framebuffers of the kernel",
      settings: FramebufferRequest.settings.parameters,
      modulator: { settings in
        let request = try FramebufferRequest(settings)
        return try await ScanoutModulator.open(
          name: request.device, driver: driverName, safeLevel: request.safeLevel
        ) { try FramebufferScreen(request) }
      }, checkModulatorSettings: { _ = try FramebufferRequest($0) },
      discover: {
        let thread = DeviceThread(name: "framebuffer discovery")
        return (try? await DeviceOpening(on: thread).run { FramebufferEntry.all().found() }) ?? []
      })
  }
}

extension [FramebufferEntry] {
  fileprivate func found() -> [FoundDevice] {
    map { entry in
      let isUnique = count { $0.name == entry.name } == 1 && !entry.name.isEmpty
      var device = FoundDevice(
        kind: .modulator, driver: driverName, name: entry.name,
        path: isUnique ? entry.name : entry.path, aliases: ["\(entry.number)"] + (isUnique ? [entry.path] : []))
      do {
        let node = try DeviceNode(entry.path, device: entry.path, expected: FramebufferRequest.expected, present: [])
        let file = try node.open(device: entry.path)
        guard let geometry = FramebufferGeometry(file.number) else { return device }
        device.abilities = [geometry.text]
        if geometry.pages > 1 { device.abilities.append("\(geometry.pages) buffers") }
        if geometry.pixels == nil { device.problem = "its pixel layout is not one that this driver can write" }
      } catch {
        device.problem = "\(error)"
      }
      return device
    }
  }
}
