/// The name of the driver, and so of its section in a bench file.
let sectionName = "simulated"
