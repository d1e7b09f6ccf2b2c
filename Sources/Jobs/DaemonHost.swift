import BenchFile
import Files
import Lending

/// The host of a job in a daemon.
struct DaemonHost: RecordingHost {
  let job: Job
  let file: BenchFile
  let equipment: BenchEquipment?
  let threads: Int
  let shelf: ArrayShelf
  let store: CalibrationStore
  let frameBytes: Int

  var calibrations: CalibrationStore? { store }

  func array(_ name: String) throws -> StackFile { try shelf.stackFile(name) }
}
