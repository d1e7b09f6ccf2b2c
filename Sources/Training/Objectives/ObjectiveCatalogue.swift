import Catalogues

/// The objectives that can be asked for by name.
public enum ObjectiveCatalogue {
  public static let standard = Catalogue<any Objective.Type>(
    "objective", [NoiseObjective.self, SaturatingImageObjective.self]
  ) { $0.declaration }
}
