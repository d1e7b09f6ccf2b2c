import Foundation
import Testing

/// Protects the doctor on benches of which it is known what is wrong: the plant is told to have the fault.
@Suite("odu-ctl doctor")
struct DoctorCommandTests {
  private static let faults: [(code: String, from: String, to: String)] = [
    ("camera.saturated", "fullScaleIntensity: 4", "fullScaleIntensity: 0.01"),
    ("camera.dark", "fullScaleIntensity: 4", "fullScaleIntensity: 40000"),
    ("light.flicker", "laser: 0.01", "laser: 0.2"),
    ("frames.lost", "\nsimulated:\n", "\nsimulated:\n  faults: {erroneous: 0.2}\n"),
  ]

  @Test("what the plant has wrong is found, with exit status 1 and advice", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    let daemon = try RunningDaemon { $0.replacing(fault.from, with: fault.to) }
    let program = try daemon.run("doctor")
    #expect(program.status == 1)
    let lines = String(decoding: program.output, as: UTF8.self).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(fault.code + ": ") }, "\(lines)")
    // Nothing was calibrated; nothing else is wrong.
    let codes = lines.filter { !$0.hasPrefix(" ") }.compactMap { $0.split(separator: ":").first.map(String.init) }
    #expect(Set(codes).subtracting(["nothing could be measured"]) == [fault.code, "calibration.missing"])
  }

  @Test("a bench that is well and calibrated has no findings, and exit status 0")
  func well() throws {
    let daemon = try RunningDaemon()
    #expect(try daemon.run("calibrate", "twin").status == 0)
    let program = try daemon.run("doctor")
    #expect(program.status == 0)
    #expect(String(decoding: program.output, as: UTF8.self) == "nothing was found\n")
    // Frames that others take between two measurements are not lost.
    #expect(try daemon.run("camera", "grab", "--output", daemon.folder.file("frame.npy")).status == 0)
    let document = try daemon.json("doctor")
    #expect((document["findings"] as? [Any])?.isEmpty == true && document["unmeasured"] == nil)
  }

  @Test("a bench that somebody else holds is not disturbed: the doctor says that nothing could be measured")
  func held() throws {
    let daemon = try RunningDaemon()
    let program = try daemon.run(
      "lease", "--seconds", "30", "--", "/bin/sh", "-c",
      """
      unset ODU_LEASE; "\(Program.url(of: "odu-ctl").path)" doctor
      """)
    #expect(program.status == 1)
    #expect(String(decoding: program.output, as: UTF8.self).contains("nothing could be measured: "))
  }
}
