import Arrays

/// What a stretch of free space, or several in a row, does to each plane wave; made by
/// ``PropagationEngine/makeTransfer(phase:)`` for the engine's order of frequencies.
public struct TransferFunction<Scalar: OpticsScalar>: Sendable {
  /// Complex factors in the engine's order, with the normalisation of its transforms folded in.
  let factors: AlignedBuffer<Scalar>
}
