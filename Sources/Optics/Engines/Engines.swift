/// Which engine computes.
public enum EngineChoice: String, Sendable, Codable, CaseIterable {
  /// The fastest one that machine and size allow.
  case automatic
  /// FFTW, for canvases of any size.
  case fftw
  /// The project's own transforms, with the widest instructions that machine and size allow.
  case block
  case blockAVX512
  case blockAVX2
  case blockBaseline

  /// The instruction sets in question, best first.
  private var instructionSets: [InstructionSet] {
    switch self {
    case .automatic, .block: return InstructionSet.allCases
    case .fftw: return []
    case .blockAVX512: return [.avx512]
    case .blockAVX2: return [.avx2]
    case .blockBaseline: return [.baseline]
    }
  }

  func blockEngine<Scalar: OpticsScalar>(plane: PlaneGrid, canvas: PlaneGrid) -> BlockEngine<Scalar>? {
    for instructions in instructionSets {
      if let engine = BlockEngine<Scalar>(plane: plane, canvas: canvas, instructions: instructions) { return engine }
    }
    return nil
  }
}

/// Makes the engine for a size.
public enum Engines {
  /// - Throws: ``OpticsError/invalid(name:value:expected:)`` when the plane does not fit into the canvas, or when the engine
  ///   that was asked for cannot do this size or lacks the machine for it; ``OpticsError/transform(height:width:)`` when no
  ///   engine can.
  public static func make<Scalar: OpticsScalar>(
    plane: PlaneGrid, canvas: PlaneGrid, choice: EngineChoice = .automatic
  ) throws(OpticsError) -> any PropagationEngine<Scalar> {
    guard plane.height > 0, plane.width > 0, plane.height <= canvas.height, plane.width <= canvas.width else {
      throw .invalid(
        name: "plane", value: "\(plane.height)×\(plane.width)",
        expected: "at least one sample and at most \(canvas.height)×\(canvas.width), the canvas")
    }
    if let engine: BlockEngine<Scalar> = choice.blockEngine(plane: plane, canvas: canvas) { return engine }
    guard choice == .automatic || choice == .fftw else {
      throw .invalid(
        name: "engine", value: "\(choice.rawValue) for a canvas of \(canvas.height)×\(canvas.width)",
        expected: "a machine with these instructions, and even sides from 4 on without prime factors above 5")
    }
    return try FFTWEngine<Scalar>(plane: plane, canvas: canvas)
  }
}
