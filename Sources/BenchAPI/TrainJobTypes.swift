import Catalogues

/// The parameters of a `train` job.
public struct TrainRequest: Codable, Sendable, Equatable {
  /// The name of a recipe, or the text of a recipe file; the usual recipe when absent.
  public var recipe: String?
  /// The name of a trainer; the recipe's when absent.
  public var mode: String?
  /// `glyphs`, `mnist:FOLDER`, `idx:FILE` or `npy:FILE`.
  public var dataset: String
  public var classes: [Int]?
  public var seed: UInt64?
  /// Images computed by the twin over all sets; the recipe's number when absent.
  public var offlineImages: Int?
  /// Steps on the bench for each set; the recipe's when absent.
  public var benchSteps: Int?

  public init(
    recipe: String? = nil, mode: String? = nil, dataset: String, classes: [Int]? = nil, seed: UInt64? = nil,
    offlineImages: Int? = nil, benchSteps: Int? = nil
  ) {
    self.recipe = recipe
    self.mode = mode
    self.dataset = dataset
    self.classes = classes
    self.seed = seed
    self.offlineImages = offlineImages
    self.benchSteps = benchSteps
  }
}

extension TrainRequest {
  /// - Parameters:
  ///   - recipes: their names.
  ///   - usual: the recipe that holds when none is given.
  ///   - trainers: their names.
  ///   - datasets: how data sets are written.
  public static func declaration(
    recipes: [String], usual: String, trainers: [String], datasets: [String]
  ) -> Declaration {
    Declaration(
      "train", "Trains the layers: first on the twin, then on the bench",
      parameters: [
        Parameter(
          "recipe", .text, "The name of a recipe, or the text of a recipe file", standard: .text(usual),
          examples: recipes),
        Parameter("mode", .choice(trainers), "The trainer; the recipe's if empty"),
        .dataset(datasets), .classes,
        Parameter(
          "offlineImages", .integer(1...100_000_000), "Images on the twin, over all sets; the usual number if empty"),
        Parameter("benchSteps", .integer(0...1_000_000), "Steps on the bench for each set; the usual number if empty"),
        .seed,
      ])
  }
}

/// The result of a `train` job; the model itself is the artefact `model.odu`.
public struct TrainResult: Codable, Sendable, Equatable {
  /// One layer set. Errors are mean squared errors of the predicted image in −1…1, on images not seen.
  public struct LayerSet: Codable, Sendable, Equatable {
    public var firstStep: Int
    public var lastStep: Int
    /// After training on the twin alone, and at the end; on the bench when there was one.
    public var errorAfterTwin: Double
    public var error: Double
    /// What the mean image and the Wiener filter of the data reach.
    public var meanImage: Double
    public var wiener: Double

    public init(
      firstStep: Int, lastStep: Int, errorAfterTwin: Double, error: Double, meanImage: Double, wiener: Double
    ) {
      self.firstStep = firstStep
      self.lastStep = lastStep
      self.errorAfterTwin = errorAfterTwin
      self.error = error
      self.meanImage = meanImage
      self.wiener = wiener
    }
  }

  public var sets: [LayerSet]
  /// Frames taken from the bench.
  public var frames: Int
  /// Images that the twin computed.
  public var offlineImages: Int
  /// The calibration in force when the training began; nil when the bench was not calibrated.
  public var calibration: String?
  /// The trainer of the last stage; absent in results of version 0.1.
  public var mode: String?

  public init(sets: [LayerSet], frames: Int, offlineImages: Int, calibration: String? = nil, mode: String? = nil) {
    self.sets = sets
    self.frames = frames
    self.offlineImages = offlineImages
    self.calibration = calibration
    self.mode = mode
  }
}
