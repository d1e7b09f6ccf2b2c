import Arrays
import StrictYAML

/// The section `simulated`: the hidden plant, and the panels and sensor around it.
enum SimulatedSchema {
  static var all: Schema<SimulatedConfiguration> {
    Schema(SimulatedConfiguration()) {
      Key("seed", \.seed, .seed, "seed of everything random, including noise and faults")
      Key("sampling", \.sampling, .integer(1...8), "plant samples along each side of a layer sample")
      Key(
        "canvas", \.canvas, .integer(8...16384),
        "width of the plant's plane in layer samples, from the grid on; without it wide enough for the light and at "
          + "least 4/3 of the grid")
      Key("misalignment", \.misalignment, misalignment, "how far the plant is from its nominal alignment")
      Key("noise", \.noise, noise, "noise of source and sensor")
      Key("pixels", \.pixels, pixels, "how the sensor's pixels differ")
      Key("layerPanel", \.layerPanel, panel, "the panel that shows the layers")
      Key("inputPanel", \.inputPanel, panel, "the panel that shows the image")
      Key("camera", \.camera, sensor, "the sensor")
      Key("faults", \.faults, faults, "the probability of each fault, for each frame")
      Key("layers", \.placement, layers, "how the layers sit, and how flat they are")
      Key("modulator", \.modulator, modulator, "what the modulator makes of phases")
      Key("source", \.source, source, "the light before the input")
      Key("imaging", \.imaging, imaging, "what the relay to the camera does, and how the camera sits")
      Key("repeatInput", \.repeatedInput, .section(repeatedInput), "the image enters again, at every layer")
      Key("drift", \.drift, drift, "how the alignment moves in the course of time")
    }
  }

  // MARK: - Alignment

  static var misalignment: Schema<Misalignment> {
    Schema(Misalignment()) {
      Key("beam", \.beam, interval, "magnitude of each angle of the beam; signs are random, too")
      Key("mirror", \.mirror, interval, "magnitude of each angle of the mirror")
      Key("distance", \.distance, .number(.deviation), "largest deviation")
      Key("exact", \.exact, .section(alignment), "the alignment itself, instead of random values")
    }
  }

  static var interval: Schema<ClosedInterval> {
    Schema(ClosedInterval(minimum: 0, maximum: 0)) {
      Key("minimum", \.minimum, .number(.magnitude), "smallest magnitude")
      Key("maximum", \.maximum, .number(.magnitude), "largest magnitude")
    } check: { interval, section in
      if interval.minimum > interval.maximum { section.reject("minimum", "is larger than maximum") }
    }
  }

  static var alignment: Schema<Alignment> {
    Schema(Alignment(distance: 1)) {
      Key(required: "distance", \.distance, .number(.distance), "the spacing, or the gap to the mirror")
      Key("mirrorX", \.mirrorX, .number(.angle), "twice the mirror's tilt")
      Key("mirrorY", \.mirrorY, .number(.angle), "the same along y")
      Key("beamX", \.beamX, .number(.angle), "the beam's angle")
      Key("beamY", \.beamY, .number(.angle), "the same along y")
    }
  }

  static var drift: Schema<Drift> {
    Schema(.none) {
      Key(
        "interval", \.interval, .number(Quantity(1e-3...1e6, unit: "seconds")),
        "of the bench's own time, between two steps of the drift")
      Key("rate", \.rate, rates(from: -1), "how fast each moves, per second")
      Key("walk", \.walk, rates(from: 0), "standard deviation of a random walk of each after one second")
      Key("vibration", \.vibration, rates(from: 0), "how far each swings to both sides; by steps of the interval")
      Key("vibrationFrequency", \.vibrationFrequency, .number(.rate), "of that swing, per second")
    }
  }

  static func rates(from lowest: Double) -> Schema<Drift.Rates> {
    let length = Quantity(lowest * 1e-2...1e-2, unit: "metres", prefixes: [-6, -9])
    let angle = Quantity(lowest * 0.5...0.5, unit: "radians", prefixes: [-6, -3])
    return Schema(Drift.Rates()) {
      Key("distance", \.distance, .number(length), "the spacing, or the gap to the mirror")
      Key("mirrorX", \.mirrorX, .number(angle), "twice the mirror's tilt")
      Key("mirrorY", \.mirrorY, .number(angle), "the same along y")
      Key("beamX", \.beamX, .number(angle), "the beam's angle")
      Key("beamY", \.beamY, .number(angle), "the same along y")
      Key("cameraX", \.cameraX, .number(length), "the camera's place")
      Key("cameraY", \.cameraY, .number(length), "the same along y")
    }
  }

  // MARK: - Panels and sensor

  static var noise: Schema<SensorNoise> {
    Schema(SensorNoise()) {
      Key("laser", \.laser, .number(.fraction), "part of the power: its standard deviation from frame to frame")
      Key("flicker", \.flicker, .number(.fraction), "part of the power by which it swings up and down")
      Key("flickerFrequency", \.flickerFrequency, .number(.rate), "of that swing, such as 100 per second of the mains")
      Key("shot", \.shot, .flag, "whether there is shot noise")
      Key("fullWell", \.fullWell, .number(Quantity(1...1e9, unit: "electrons")), "at full scale")
      Key("read", \.read, .number(Quantity(0...1e6, unit: "electrons")), "standard deviation of the read noise")
    }
  }

  static var pixels: Schema<PixelDefects> {
    Schema(.none) {
      Key("hot", \.hot, .integer(0...10_000), "pixels that are bright in the dark")
      Key("hotLevel", \.hotLevel, .number(.fraction), "by which part of full scale")
      Key("dead", \.dead, .integer(0...10_000), "pixels that no light reaches")
      Key(
        "darkSpread", \.darkSpread, .number(.fraction), "standard deviation of the dark levels, as part of full scale")
      Key("responseSpread", \.responseSpread, .number(.fraction), "standard deviation of the responses to light")
    }
  }

  static var panel: Schema<SimulatedPanel> {
    Schema(SimulatedPanel()) {
      Key("width", \.width, .integer(1...16384), "pixels")
      Key("height", \.height, .integer(1...16384), "pixels")
      Key("greyLevels", \.greyLevels, .integer(2...256), "how many there are")
      Key("refreshRate", \.refreshRate, .number(.rate), "patterns per second")
      Key("latency", \.latency, .number(.response), "from the vertical blank until the panel begins to change")
      Key("settle", \.settle, .number(.response), "from then until it is at rest")
      Key(
        "fall", \.fall, .number(.response),
        "the same for a change to a pattern of a lower mean level; as `settle` when absent")
      Key(
        "limited", \.limited, .flag,
        "whether it takes levels for those of a television: those up to 16 are black, those from 235 on are white")
      Key("serial", \.serial, .text, "its serial number; none when absent")
    }
  }

  static var sensor: Schema<SimulatedSensor> {
    Schema(SimulatedSensor()) {
      Key("width", \.width, .integer(1...16384), "pixels")
      Key("height", \.height, .integer(1...16384), "pixels")
      Key("bits", \.bits, .integer(1...16), "bits of the converter")
      Key("frameRate", \.frameRate, .number(.rate), "frames per second")
      Key("exposure", \.exposure, .number(.duration), "nominal exposure, at most the frame period")
      Key(
        "fullScaleIntensity", \.fullScaleIntensity, .number(Quantity(1e-6...1e6)),
        "intensity that fills the well at the nominal exposure; an input of amplitude 1 has intensity 1")
      Key("bufferCount", \.bufferCount, .integer(1...1024), "frames held until fetched; the oldest are lost")
      Key(
        "rowDelay", \.rowDelay, .number(.response),
        "from the exposure of a row to that of the next one: a rolling shutter; at most the frame period for all rows")
      Key(
        "automaticGain", \.automaticGain, .number(.fraction),
        "part of the way to half of full scale, by the brightest pixel, that an automatic gain goes after each frame; 0 without one"
      )
      Key("serial", \.serial, .text, "its serial number; none when absent")
    }
  }

  static var faults: Schema<FrameFaults> {
    Schema(FrameFaults()) {
      Key("dropped", \.dropped, .number(.fraction), "the frame is lost; at most 0.999")
      Key("duplicated", \.duplicated, .number(.fraction), "the frame comes twice")
      Key("stale", \.stale, .number(.fraction), "the buffer still holds an earlier frame")
      Key("black", \.black, .number(.fraction), "the frame is black")
      Key("erroneous", \.erroneous, .number(.fraction), "the driver marks the frame as faulty")
      Key("late", \.late, .number(.fraction), "the frame arrives late")
      Key("torn", \.torn, .number(.fraction), "part of the frame is of another one")
      Key("hung", \.hung, .number(.fraction), "the camera is silent until it is restarted")
      Key("disconnected", \.disconnected, .number(.fraction), "the camera is gone")
      Key("lateness", \.lateness, .number(.duration), "delay of late frames")
      Key("outage", \.outage, .number(.duration), "how long the camera stays unplugged")
    }
  }
}
