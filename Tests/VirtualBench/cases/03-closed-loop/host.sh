# The plant: the only one that knows the section `simulated`.
set -eu
cat bench.yaml hidden.yaml >out/plant.yaml
exec "$VIRTUAL_BENCH_PROGRAMS/virtual-plant" out/plant.yaml "$SHARED_MEMORY" out/truth.json
