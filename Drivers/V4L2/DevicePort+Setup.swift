import CV4L
import Glibc

extension DevicePort {
  package func pixelFormats() throws(PortError) -> [UInt32] {
    var found: [UInt32] = []
    for index in 0..<UInt32(256) {
      var format = v4l2_fmtdesc()
      format.index = index
      format.type = captureType.rawValue
      let code = cv4l_enumerate_formats(descriptor, &format)
      if code == EINVAL { break }
      try check("VIDIOC_ENUM_FMT", code)
      found.append(format.pixelformat)
    }
    return found
  }

  package func sizes(of fourCC: UInt32) throws(PortError) -> [FrameSizes] {
    var found: [FrameSizes] = []
    for index in 0..<UInt32(256) {
      var size = v4l2_frmsizeenum()
      size.index = index
      size.pixel_format = fourCC
      let code = cv4l_enumerate_sizes(descriptor, &size)
      if code == EINVAL || code == ENOTTY { break }
      try check("VIDIOC_ENUM_FRAMESIZES", code)
      guard size.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else { return [range(size.stepwise)] }
      found.append(.discrete(width: Int(size.discrete.width), height: Int(size.discrete.height)))
    }
    return found
  }

  private func range(_ sizes: v4l2_frmsize_stepwise) -> FrameSizes {
    .range(
      width: Int(sizes.min_width)...Int(max(sizes.min_width, sizes.max_width)),
      height: Int(sizes.min_height)...Int(max(sizes.min_height, sizes.max_height)),
      widthStep: max(1, Int(sizes.step_width)), heightStep: max(1, Int(sizes.step_height)))
  }

  /// Frames per second at a size, in the order of the device; the two ends where any rate between them goes.
  func frameRates(of fourCC: UInt32, width: Int, height: Int) -> [Double] {
    var found: [Double] = []
    for index in 0..<UInt32(64) {
      var interval = v4l2_frmivalenum()
      interval.index = index
      interval.pixel_format = fourCC
      interval.width = UInt32(width)
      interval.height = UInt32(height)
      guard cv4l_enumerate_intervals(descriptor, &interval) == 0 else { break }
      if interval.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue {
        found += [seconds(interval.discrete)].compactMap { $0.map { 1 / $0 } }
      } else {
        return [interval.stepwise.max, interval.stepwise.min].compactMap(seconds).map { 1 / $0 }
      }
    }
    return found
  }

  package func layout() throws(PortError) -> ImageLayout {
    var layout = cv4l_layout()
    try check("VIDIOC_G_FMT", cv4l_get_layout(descriptor, planar, &layout))
    return ImageLayout(layout)
  }

  package func setLayout(fourCC: UInt32, width: Int, height: Int) throws(PortError) -> ImageLayout {
    var layout = cv4l_layout()
    (layout.fourcc, layout.width, layout.height) = (fourCC, UInt32(clamping: width), UInt32(clamping: height))
    try check("VIDIOC_S_FMT", cv4l_set_layout(descriptor, planar, &layout))
    return ImageLayout(layout)
  }

  package func region(_ kind: RegionKind) throws(PortError) -> SensorRegion {
    var selection = blankSelection(kind)
    try check("VIDIOC_G_SELECTION", cv4l_get_selection(descriptor, &selection))
    return SensorRegion(
      x: Int(selection.r.left), y: Int(selection.r.top), width: Int(selection.r.width), height: Int(selection.r.height))
  }

  package func setRegion(_ region: SensorRegion) throws(PortError) {
    var selection = blankSelection(.inForce)
    selection.r = v4l2_rect(
      left: Int32(clamping: region.x), top: Int32(clamping: region.y), width: UInt32(clamping: region.width),
      height: UInt32(clamping: region.height))
    try check("VIDIOC_S_SELECTION", cv4l_set_selection(descriptor, &selection))
  }

  private func blankSelection(_ kind: RegionKind) -> v4l2_selection {
    var selection = v4l2_selection()
    // Of the multi-planar form, too.
    selection.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    selection.target =
      switch kind {
      case .inForce: UInt32(V4L2_SEL_TGT_CROP)
      case .standard: UInt32(V4L2_SEL_TGT_CROP_DEFAULT)
      case .bounds: UInt32(V4L2_SEL_TGT_CROP_BOUNDS)
      }
    return selection
  }

  package func framePeriod() throws(PortError) -> Double? {
    var parameters = v4l2_streamparm()
    parameters.type = captureType.rawValue
    let code = cv4l_get_parameters(descriptor, &parameters)
    if code == ENOTTY || code == EINVAL { return nil }
    try check("VIDIOC_G_PARM", code)
    return seconds(parameters.parm.capture.timeperframe)
  }

  package func setFramePeriod(_ period: Double) throws(PortError) {
    var parameters = v4l2_streamparm()
    parameters.type = captureType.rawValue
    parameters.parm.capture.timeperframe = v4l2_fract(
      numerator: 1000, denominator: UInt32(clamping: Int((1000 / max(period, 1e-6)).rounded())))
    try check("VIDIOC_S_PARM", cv4l_set_parameters(descriptor, &parameters))
  }

  private func seconds(_ fraction: v4l2_fract) -> Double? {
    fraction.numerator > 0 && fraction.denominator > 0
      ? Double(fraction.numerator) / Double(fraction.denominator) : nil
  }

  package func control(_ identifier: UInt32) throws(PortError) -> ControlRange? {
    var query = v4l2_queryctrl()
    query.id = identifier
    let code = cv4l_query_control(descriptor, &query)
    if code == EINVAL || code == ENOTTY { return nil }
    try check("VIDIOC_QUERYCTRL", code)
    if query.flags & UInt32(V4L2_CTRL_FLAG_DISABLED) != 0 { return nil }
    return ControlRange(
      values: Int(query.minimum)...Int(max(query.minimum, query.maximum)), step: Int(query.step),
      standard: Int(query.default_value), readOnly: query.flags & UInt32(V4L2_CTRL_FLAG_READ_ONLY) != 0)
  }

  package func controlNames() throws(PortError) -> [UInt32: String] {
    var found: [UInt32: String] = [:]
    var query = v4l2_queryctrl()
    for _ in 0..<1024 {
      query.id |= cv4l_next_control
      let code = cv4l_query_control(descriptor, &query)
      if code == EINVAL || code == ENOTTY { break }
      try check("VIDIOC_QUERYCTRL", code)
      let isValue = query.type != V4L2_CTRL_TYPE_BUTTON.rawValue && query.type != V4L2_CTRL_TYPE_CTRL_CLASS.rawValue
      let isUsable = query.flags & UInt32(V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY) == 0
      if isValue, isUsable {
        found[query.id] = withUnsafeBytes(of: query.name) { name in
          String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
      }
    }
    return found
  }

  package func value(of identifier: UInt32) throws(PortError) -> Int {
    var control = v4l2_control()
    control.id = identifier
    try check("VIDIOC_G_CTRL", cv4l_get_control(descriptor, &control))
    return Int(control.value)
  }

  package func setValue(_ value: Int, of identifier: UInt32) throws(PortError) {
    var control = v4l2_control(id: identifier, value: Int32(clamping: value))
    try check("VIDIOC_S_CTRL", cv4l_set_control(descriptor, &control))
  }
}

extension ImageLayout {
  fileprivate init(_ layout: cv4l_layout) {
    // Unless the driver says otherwise, brightness computed from colours goes from 16 to 235, but for JPEG's own colours.
    let isLimited =
      layout.quantization == V4L2_QUANTIZATION_LIM_RANGE.rawValue
      || layout.quantization != V4L2_QUANTIZATION_FULL_RANGE.rawValue
        && layout.colorspace != V4L2_COLORSPACE_JPEG.rawValue
    self.init(
      fourCC: layout.fourcc, width: Int(layout.width), height: Int(layout.height),
      bytesPerLine: Int(layout.bytes_per_line), size: Int(layout.size),
      progressive: layout.field == V4L2_FIELD_NONE.rawValue || layout.field == V4L2_FIELD_ANY.rawValue,
      isLimited: isLimited, planes: Int(layout.planes))
  }
}
