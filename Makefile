# make demo   the whole loop on the simulated bench, with a report to look at
# make test   what the tests need, and the tests, the last of them on real kernel devices in an emulated machine
# make test-bench  what every bench must do, on the simulated one, or on ODU_TEST_BENCH=FILE
# make virtual-bench  every case of the emulated machine, of which make test runs some
# make soak   what takes hours: 200 kills, 72 simulated hours, 10,000 broken requests, spoilt files, load, mixed use, sanitizers
# make deb    the Debian package, in dist/
# make bench  speed beside PyTorch and FFTW, written to Benchmarks/results
# make twin-truth  what fits say of simulated benches and what these have, written to Docs/results
# make bench-calibration  what calibrations find on simulated benches and what these have, written to Docs/results
# make lint   formatting and style of the sources
# make clean  everything that was built

BUILD := swift build -c release
BIN = $(shell $(BUILD) --show-bin-path)
DATASET ?= glyphs
OUTPUT ?= demo-output
DEMO_FLAGS ?=
RESULTS = Docs/results
SEEDS ?= 10
# With these, and fewer patterns than `make virtual-bench`, `make test` takes 30 to 40 minutes on two cores.
VIRTUAL_BENCH_CASES = 01-matching 03-closed-loop 04-safe-state 11-package
VIRTUAL_BENCH_PATTERNS = 3000

.PHONY: virtual-bench demo test test-bench soak deb bench twin-truth bench-calibration build lint format clean dependencies

# A check that cannot be run here, for want of a program, is said to be skipped and counts for nothing.
skippable = { status=$$?; [ $$status -eq 77 ] || exit $$status; echo "$(1) was skipped: it has not passed."; }

demo: build
	@$(BIN)/odu-ctl demo --dataset $(DATASET) --output $(OUTPUT) $(DEMO_FLAGS)

build: dependencies
	$(BUILD)

test:
	@packaging/install-dependencies test
	$(BUILD) --build-tests
	swift test -c release --skip-build
	@Tests/ThreadAddresses/scan.py --self-test || $(call skippable,The scan for thread-local addresses)
	@Tests/ThreadAddresses/scan.py $(BIN)/odud $(BIN)/odu-ctl || $(call skippable,The scan for thread-local addresses)
	@packaging/make-deb
	@Tests/Packaging/run || $(call skippable,The packaging)
	@Tests/API/run || $(call skippable,The API)
	@Tests/Architecture/walls.py
	@Tests/Architecture/touch_points.py
	@Tests/Dependent/run || $(call skippable,The dependent package)
	@Tests/Documentation/links.py
	@Tests/Documentation/house_words.py
	@Tests/Documentation/project.py --bin $(BIN)
	@Tests/Documentation/reference.py --bin $(BIN)
	@Tests/Documentation/commands.py --bin $(BIN)
	@Tests/Page/run || $(call skippable,The page)
	@Tests/Soak/kills.py --odud $(BIN)/odud --odu-ctl $(BIN)/odu-ctl --kills 8 --seed 1
	@Tests/Soak/faults.py --odud $(BIN)/odud --odu-ctl $(BIN)/odu-ctl
	@VIRTUAL_BENCH_PATTERNS=$(VIRTUAL_BENCH_PATTERNS) Tests/VirtualBench/run $(VIRTUAL_BENCH_CASES) || $(call skippable,The virtual bench)

test-bench:
	$(BUILD) --build-tests
	swift test -c release --skip-build --filter BenchTests.BenchTests

soak: build
	@Tests/API/run --long
	@Tests/Documentation/commands.py --bin $(BIN) --long
	@Tests/Soak/kills.py --odud $(BIN)/odud --odu-ctl $(BIN)/odu-ctl --kills 200 --seed 1
	@Tests/Soak/between_writes.py --odud $(BIN)/odud || $(call skippable,The kills between writes)
	@Tests/Soak/between_writes.py --odud $(BIN)/odud --every 29 || $(call skippable,The kills between writes into files)
	@Tests/Soak/hostile_files.py --odud $(BIN)/odud --odu-ctl $(BIN)/odu-ctl --files 5000
	@Tests/Soak/mixed.py --odud $(BIN)/odud --views 30 --minutes 60 --seed 1
	@Tests/Sanitizers/run

deb: build
	@packaging/install-dependencies package
	@packaging/make-deb

virtual-bench: build
	@Tests/VirtualBench/run

bench: dependencies
	@Benchmarks/run

# About 45 minutes of processor time.
twin-truth: dependencies
	$(BUILD) --product twin-truth
	@$(BIN)/twin-truth --seeds 3 --output $(RESULTS)/twin-truth.md

# A few minutes of processor time for each seed of a row; ten seeds unless SEEDS says otherwise.
bench-calibration: dependencies
	$(BUILD) --product bench-calibration
	@$(BIN)/bench-calibration --seeds $(SEEDS) --output $(RESULTS)/calibration.md

dependencies:
	@packaging/install-dependencies

lint:
	@Tests/Lint/run || $(call skippable,The lint)

format:
	swift format --in-place --recursive Package.swift Sources Drivers Calibration Benchmarks Tests

clean:
	swift package clean
	@if [ -e "$(OUTPUT)/.made-by-odu-demo" ]; then rm -rf "$(OUTPUT)"; fi
