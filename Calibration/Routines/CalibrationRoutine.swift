import Catalogues
import Report

/// One thing that can be found out about a bench: what to measure, and what follows from it.
///
/// A routine is a folder beside the others and a line in ``RoutineCatalogue``. It never touches the bench: ``Acquisition`` takes the frames
/// that it plans, from the bench or from a recording of it.
public protocol CalibrationRoutine: Sendable {
  /// How it says what to measure: frames of the unit, raw steps, or a plan of its own.
  associatedtype Plan: AcquisitionPlan = FramePlan
  /// What comes out of the frames.
  associatedtype Fit: Sendable

  /// The name that requests, commands and products use, and what it finds out.
  static var declaration: Declaration { get }
  /// What must be known of the bench before.
  static var needs: [ProductKind] { get }
  /// Of these, one at least must be known before; the best first.
  static var startsFrom: [ProductKind] { get }
  /// What it takes as found besides, where it was found before.
  static var uses: [ProductKind] { get }
  /// The kinds that what it finds builds on: when one of those is replaced, it is stale. What it needs and uses, by default.
  static var parents: [ProductKind] { get }
  /// What is known afterwards.
  static var gives: ProductKind { get }
  /// Kinds that say what it finds, too: where one of them is in force, it is not missing.
  static var coveredBy: [ProductKind] { get }

  /// - Throws: why it cannot run on such a bench, whatever is known of it.
  static func check(_ bench: StatedBench) throws

  /// - Parameter seed: of everything that it draws.
  init(seed: UInt64)

  /// What to measure next; nil once what was measured is enough.
  func plan(for bench: CalibratedBench, after measured: [Plan.Acquired]) throws -> Plan?

  /// Finds out what the frames say. It computes without yielding and is called outside of all actors.
  func fit(_ measured: [Plan.Acquired], on bench: CalibratedBench, _ work: RoutineWork) throws -> Fit

  /// What was found, for the bench and for later routines.
  func content(of fit: Fit) -> ProductContent

  /// How sure its parameters are; nothing when there are none.
  func posterior(of fit: Fit) -> Posterior

  /// What was found, for people.
  func report(on fit: Fit) -> RoutineReport

  /// What one would rather look at than read.
  ///
  /// - Parameter bench: as it is known with what was found.
  func figures(
    of fit: Fit, _ measured: [Plan.Acquired], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure]
}

extension CalibrationRoutine {
  public static var name: String { declaration.name }
  public static var startsFrom: [ProductKind] { [] }
  public static var uses: [ProductKind] { [] }
  public static var parents: [ProductKind] { needs + uses }
  public static var coveredBy: [ProductKind] { [] }

  public static func check(_ bench: StatedBench) throws {}

  /// What it builds on and is not known; of what it can start from, the best.
  static func missing(in known: Set<ProductKind>) -> [ProductKind] {
    let start = known.isDisjoint(with: startsFrom) ? startsFrom.prefix(1) : []
    return needs.filter { !known.contains($0) } + start
  }

  public func posterior(of fit: Fit) -> Posterior { Posterior() }

  public func figures(
    of fit: Fit, _ measured: [Plan.Acquired], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] { [] }
}

/// What a routine computes with, and whom it tells how far it is.
public struct RoutineWork: Sendable {
  /// What a routine is doing.
  public enum Phase: String, Sendable {
    case acquire, fit
    /// Looking for what may be wrong, after a fit that is not accepted.
    case examine
  }

  public var threads: Int
  /// What is done, how many frames, hundredths of the fit, or trials of it, and how many there are.
  public var progress: @Sendable (Phase, _ done: Int, _ count: Int) -> Void

  public init(
    threads: Int = 1, progress: @escaping @Sendable (Phase, _ done: Int, _ count: Int) -> Void = { _, _, _ in }
  ) {
    (self.threads, self.progress) = (threads, progress)
  }
}
