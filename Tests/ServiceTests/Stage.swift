import BenchTestKit
import Concurrency
import Foundation
import ServiceCore

extension Stage {
  /// The stage's time as the service's clock; its date stands still.
  var clock: ServiceClock { ServiceClock(uptime: { self.time }, date: { Date(timeIntervalSince1970: 1_000_000) }) }
}
