import BenchFile
import Files
import Lending

/// The host of a job that runs in the process of a command and needs no bench.
struct LocalHost: RecordingHost {
  let job: Job
  let file: BenchFile
  let threads: Int
  let frameBytes: Int

  var equipment: BenchEquipment? { nil }
  var calibrations: CalibrationStore? { nil }

  func array(_ name: String) throws -> StackFile { throw JobHostError.noArrays }
}
