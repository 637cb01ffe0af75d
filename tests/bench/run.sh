#!/usr/bin/env bash
# Builds optimised, then prints the table of figures to reach. Takes minutes; wants a quiet machine.
#
#   ./tests/bench/run.sh                  all rows
#   ./tests/bench/run.sh --only large     one part: small, large, calls, growth, year, timeline, verify, report, onto
#
# Run as root, so that it sees every process, as the recorder does.
set -euo pipefail
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tests/install.sh build tests
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DSOCKWITNESS_TESTS=ON >/dev/null
cmake --build build/bench --parallel "$(nproc)" --target bench -- --quiet
mkdir -p build/bench/scratch
exec tests/bench/bench.py --bin build/bench/bin --scratch build/bench/scratch "$@"
