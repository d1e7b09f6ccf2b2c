import CV4L
import Devices

/// The video nodes of this machine.
enum VideoNodes {
  struct Node {
    let path: String
    /// What the kernel calls the device.
    let name: String
    let links: [String]
  }

  /// Every node with its stable names, in the order of the numbers.
  static func all() -> [Node] {
    let links = ["/dev/odu", "/dev/v4l/by-id", "/dev/v4l/by-path"].flatMap { folder in
      namesInFolder(folder).map { "\(folder)/\($0)" }
    }
    let targets = links.map { ($0, resolvedPath($0)) }
    let numbers = namesInFolder("/dev").filter { $0.hasPrefix("video") }.compactMap { Int($0.dropFirst(5)) }.sorted()
    return numbers.map { number in
      let path = "/dev/video\(number)"
      return Node(
        path: path,
        name: firstLine(of: "/sys/class/video4linux/video\(number)/name") ?? "unnamed",
        links: targets.filter { $0.1 == path }.map(\.0))
    }
  }

  /// What ``Driver/discover`` returns; on a thread that may block.
  static func discover() async -> [FoundDevice] {
    (try? await DeviceOpening(on: DeviceThread(name: "V4L2 discovery")).run { all().compactMap(describe) }) ?? []
  }

  /// nil for a node that is no camera at all.
  private static func describe(_ node: Node) -> FoundDevice? {
    let paths = node.links + [node.path]
    var found = FoundDevice(
      kind: .camera, driver: "v4l2", name: node.name, path: paths[0], aliases: Array(paths.dropFirst()))
    do {
      let port = DevicePort(try CaptureNode(path: node.path))
      defer { port.close() }
      found.name = port.identity.card
      found.serial = port.identity.serial
      found.abilities = ["driver \(port.identity.driver), \(port.identity.bus)"]
      try found.abilities += abilities(port)
      found.problem = try problem(port, node)
    } catch DeviceError.notADevice {
      return nil
    } catch let error as PortError {
      found.problem = "\(deviceError(error, device: node.name, path: node.path))"
    } catch {
      found.problem = "\(error)"
    }
    return found
  }

  private static func abilities(_ port: DevicePort) throws(PortError) -> [String] {
    let codes = try port.pixelFormats()
    var lines: [String] = []
    for format in PixelFormat.allCases where codes.contains(format.fourCC) { lines.append(try summary(port, format)) }
    let others = codes.filter { PixelFormat(fourCC: $0) == nil }.map(fourCCName)
    if !others.isEmpty { lines.append("not read by this driver: \(others.joined(separator: ", "))") }
    if let range = try port.control(cv4l_exposure_absolute) {
      let seconds = [range.values.lowerBound, range.values.upperBound].map { rounded(Double($0) * 100e-6) }
      lines.append("exposure \(seconds[0])…\(seconds[1]) s")
    } else if let range = try port.control(cv4l_exposure) {
      lines.append("exposure \(range.values.lowerBound)…\(range.values.upperBound) in a unit of its own (exposureUnit)")
    } else {
      lines.append("no control of the exposure")
    }
    for (name, identifier) in [("analogue gain", cv4l_analogue_gain), ("gain", cv4l_gain)] {
      guard let range = try port.control(identifier) else { continue }
      lines.append("\(name) \(range.values.lowerBound)…\(range.values.upperBound), standard \(range.standard)")
    }
    return lines
  }

  /// A format with its sizes and the highest frame rate of each.
  private static func summary(_ port: DevicePort, _ format: PixelFormat) throws(PortError) -> String {
    let sizes = try port.sizes(of: format.fourCC)
    let shown = sizes.prefix(shownSizes).map { size in
      guard case .discrete(let width, let height) = size else { return "\(size)" }
      let rate = port.frameRates(of: format.fourCC, width: width, height: height).max()
      return rate.map { "\(size) up to \(rounded($0))/s" } ?? "\(size)"
    }
    let rest = sizes.count > shownSizes ? ["and \(sizes.count - shownSizes) more sizes"] : []
    let all = (shown + rest).joined(separator: ", ")
    return all.isEmpty ? format.rawValue : "\(format.rawValue): \(all)"
  }

  private static let shownSizes = 4

  private static func rounded(_ number: Double) -> String {
    let rounded = (number * 1e4).rounded() / 1e4
    return rounded == rounded.rounded() ? "\(Int(clamping: Int64(rounded)))" : "\(rounded)"
  }

  private static func problem(_ port: DevicePort, _ node: Node) throws(PortError) -> String? {
    let known = try port.pixelFormats().compactMap(PixelFormat.init(fourCC:))
    if known.isEmpty {
      if port.identity.driver == "v4l2 loopback" { return "no program writes to this loopback" }
      return "none of its formats is one of \(PixelFormat.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    if port.isTaken {
      let users = RunningProcess.all(using: node.path).map(\.description)
      return users.isEmpty ? "in use" : "in use by \(users.joined(separator: ", "))"
    }
    return nil
  }
}
