# make demo   the whole loop on the simulated bench, with a report to look at
# make test   what the tests need, and the tests, the last of them on real kernel devices in an emulated machine
# make virtual-bench  every case of the emulated machine, of which make test runs some
# make bench  speed beside PyTorch and FFTW, written to Benchmarks/results
# make lint   formatting and style of the sources
# make clean  everything that was built

BUILD := swift build -c release
BIN = $(shell $(BUILD) --show-bin-path)
DATASET ?= glyphs
OUTPUT ?= demo-output
DEMO_FLAGS ?=
# Those that are quick and have been seen to pass on a busy machine; the others take as long again.
VIRTUAL_BENCH_CASES = 01-matching 03-closed-loop 04-safe-state

.PHONY: virtual-bench demo test bench build lint format clean dependencies

demo: build
	@$(BIN)/odu-ctl demo --dataset $(DATASET) --output $(OUTPUT) $(DEMO_FLAGS)

build: dependencies
	$(BUILD)

test: dependencies
	$(BUILD) --build-tests
	swift test -c release --skip-build
	@Tests/VirtualBench/run $(VIRTUAL_BENCH_CASES) || { status=$$?; [ $$status -eq 77 ] || exit $$status; echo "The virtual bench was skipped: it has not passed."; }

virtual-bench: build
	@Tests/VirtualBench/run

bench: dependencies
	@Benchmarks/run

dependencies:
	@packaging/install-dependencies

lint:
	swift format lint --strict --recursive Package.swift Sources Drivers Calibration Benchmarks Tests

format:
	swift format --in-place --recursive Package.swift Sources Drivers Calibration Benchmarks Tests

clean:
	swift package clean
	rm -rf $(OUTPUT)
