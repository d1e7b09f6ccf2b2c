import BenchAPI
import BenchFile
import Calibration
import Devices
import Lending
import Records
import ServiceCore

extension CalibrationStore {
  /// A bench with what is in force on it, as one bench file.
  ///
  /// - Parameter equipment: its devices, of which the file then carries a simulation; nil while they are not open.
  /// - Throws: ``ServiceError`` when the file is not written in a way in which sections can be replaced, `RecordsError`.
  package func export(_ file: BenchFile, equipment: BenchEquipment?) async throws -> BenchExport {
    let calibrations = try usable(on: file, serials: await equipment?.serials).map { record in
      ExportedCalibration(
        date: record.date, bench: record.benchHash, serials: record.serials, setup: record.setup,
        product: try product(record))
    }
    let export = try BenchExport(
      of: file.text, CalibratedBench(StatedBench(file), products: calibrations.map(\.product)),
      devices: await equipment?.facts, calibrations: calibrations)
    guard export.text.utf8.count <= BenchFile.largest else {
      throw ServiceError(
        .benchFile, "the exported file would have \(export.text.utf8.count) bytes, more than a bench file may have")
    }
    let again = try? file.reading(export.text)
    guard again?.twin == file.twin, again?.parameters == file.parameters, again?.devices == file.devices else {
      throw ServiceError(
        .benchFile,
        "\(file.path) cannot be exported: write its outermost sections in block style, each key at the start of a line")
    }
    return export
  }

  /// Puts calibrations of another state folder in force, the oldest first. Those that are on the shelf already are restored.
  ///
  /// - Returns: their names here.
  /// - Throws: ``ServiceError`` when one is of another bench, before anything is changed; `RecordsError`, `FilesError`.
  package func receive(_ calibrations: [ExportedCalibration], on file: BenchFile) throws -> [String] {
    let identity = try BenchIdentity(file)
    for calibration in calibrations {
      guard calibration.bench == identity.description else {
        throw ServiceError(
          .calibrationStaleBench,
          "a calibration of the kind \(calibration.product.kind.rawValue) is of another bench: what its file says of geometry, input, "
            + "modulator and detector differs")
      }
      _ = try CalibratedBench(StatedBench(file), products: [calibration.product])
    }
    return try calibrations.map { try receive($0) }
  }

  /// Puts the calibrations that a bench file carries in force as far as there are none of their kinds.
  package func takeUp(from file: BenchFile) {
    for (index, line) in file.calibrations.enumerated() {
      do {
        var calibration = try ExportedCalibration(line: line)
        if file.isOpenedByOneDriver {
          // What is found of light and panels holds for the simulation; what is found of single devices does not.
          guard !Self.measuring.contains(calibration.product.kind.rawValue) else { continue }
          (calibration.serials, calibration.setup) = (nil, nil)
        }
        let identity = BenchIdentity(description: calibration.bench, serials: calibration.serials ?? [:])
        guard try inForce(on: identity).allSatisfy({ $0.kind != calibration.product.kind.rawValue }) else { continue }
        for name in try receive([calibration], on: file) {
          logger.notice("calibration \(name) of the kind \(calibration.product.kind.rawValue) comes from \(file.path)")
        }
      } catch {
        logger.error("line \(index + 1) of `calibration` in \(file.path) is not used: \(error)")
      }
    }
  }

  private func receive(_ calibration: ExportedCalibration) throws -> String {
    let identity = BenchIdentity(description: calibration.bench, serials: calibration.serials ?? [:])
    let hash = try Self.hash(calibration.product)
    if let known = contents.records.first(where: { $0.contentHash == hash && $0.slot == identity.slot($0.kind ?? "") })
    {
      try restore(known.id, on: identity)
      return known.id
    }
    return try keep(calibration, on: identity, hash: hash)
  }
}

extension BenchEquipment {
  /// What a simulation has to know of the devices; nil for a bench without modulators.
  fileprivate var facts: DeviceFacts? {
    get async {
      guard let layers = modulators.first else { return nil }
      return DeviceFacts(
        layers: layers.description, input: modulators.dropFirst().first?.description, camera: camera.description,
        exposure: await camera.settings.exposure)
    }
  }
}
