import Arrays
import Devices
import StrictYAML

/// The sections `devices` and `layout`.
enum DevicesSchema {
  static var device: Schema<DeviceChoice> {
    Schema(DeviceChoice(driver: "")) {
      Key(required: "driver", \.driver, .text, "the name of the driver")
      Key("settings", \.settings, .words, "what the driver takes: see its page")
    }
  }

  // MARK: - Layout

  static var layers: Schema<LayerLayout> {
    Schema(LayerLayout(origins: [], grid: 0)) {
      Key(
        required: "origins", \.origins, .list(of: point),
        "the top-left panel pixel of each layer in the order of the light; they must not overlap")
      Key("scale", \.scale, .integer(1...64), "panel pixels along each side of a layer sample")
      Key("levelsPerTurn", \.levelsPerTurn, .integer(2...256), "grey levels that cover 2π")
    }
  }

  static var input: Schema<InputLayout> {
    Schema(InputLayout(origin: PanelPoint(x: 0, y: 0), size: 0, scale: 1)) {
      Key(required: "origin", \.origin, .section(point), "the top-left panel pixel of the image")
      Key("scale", \.scale, .integer(1...4096), "panel pixels along each side of an image pixel")
      Key("fullLevel", \.fullLevel, .integer(1...255), "grey level of the image value 1")
      Key("onLayerModulator", \.onLayerModulator, .flag, "the image is shown beside the layers")
    }
  }

  private static var point: Schema<PanelPoint> {
    Schema(PanelPoint(x: 0, y: 0)) {
      Key(required: "x", \.x, .integer(0...65536), "panel pixels")
      Key(required: "y", \.y, .integer(0...65536), "panel pixels")
    }
  }

  static var camera: Schema<CameraLayout> {
    Schema(CameraLayout(x: 0, y: 0, width: 0, height: 0)) {
      Key(required: "x", \.x, .integer(0...65536), "the left column of sensor pixels")
      Key(required: "y", \.y, .integer(0...65536), "the top row")
      Key(required: "width", \.width, .integer(1...65536), "one pixel for each sample of the detector's region")
      Key(required: "height", \.height, .integer(1...65536), "the same along y")
      Key("orientation", \.orientation, .choice, "how the sensor's frames show the detector plane; see below")
    }
  }

  static var timing: Schema<BenchTiming> {
    Schema(BenchTiming()) {
      Key(
        "layerLatency", \.layerLatency, .number(.response),
        "from the receipt until the whole panel has begun to change; without it the driver's, which for a display is "
          + "one scan-out, since its receipt is for the first line")
      Key("layerSettle", \.layerSettle, .number(.response), "from then until the panel is at rest")
      Key("inputLatency", \.inputLatency, .number(.response), "the same of the input modulator")
      Key("inputSettle", \.inputSettle, .number(.response), "the same of the input modulator")
      Key("deadline", \.deadline, .number(.duration), "longest wait for a matching frame")
      Key(
        "blackThreshold", \.blackThreshold, .number(.fraction),
        "part of full scale: a frame without a brighter pixel is black")
      Key(
        "lightThreshold", \.lightThreshold, .number(.fraction),
        "an image whose mean is at least this must not give a black frame; 0 for the encoding `phase`")
      Key(
        "rejectsIdenticalFrames", \.rejectsIdenticalFrames, .flag,
        "treat a frame with the content of an earlier one as a stale buffer; false for a camera without noise")
      Key(
        "uploadCount", \.uploadCount, .integer(1...65536),
        "patterns uploaded together, while the previous ones are being exposed; without it the modulator's")
      Key(
        "reconnectDeadline", \.reconnectDeadline, .number(.patience),
        "how long a measurement waits, paused, for a device that is gone")
    }
  }
}

extension Form where Content == [String: String] {
  /// Any keys, each with a word.
  fileprivate static var words: Form {
    Form(.object([])) { section, key in
      guard let words = section.section(key, keys: nil) else { return nil }
      let pairs = words.keys.map { ($0, words.text($0)) }
      let right = pairs.compactMap { key, word in word.map { (key, $0) } }
      return right.count == pairs.count ? Dictionary(right) { first, _ in first } : nil
    }
  }
}
