import Foundation

let checks = [try gaussianBeam(), try deflection(), try await generation(), firstStep()]
for check in checks {
  print("\(check.passes ? "passed" : "FAILED")  \(check.name): \(check.computed), by formula \(check.expected)")
}
exit(checks.allSatisfy(\.passes) ? 0 : 1)
