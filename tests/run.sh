#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test.
#
#   ./tests/run.sh                  all of it
#   ./tests/run.sh -L unit          arguments go to ctest: one kind of test
#   ./tests/run.sh -R "diff"        tests whose name matches
#   ./tests/run.sh --long           also fuzzes each target, FUZZ_SECONDS each (120)
#
# Exit code: 0, or that of the step that failed. No test at all is a failure, too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

long=false
if [ "${1:-}" = --long ]; then
  long=true
  shift
fi
jobs=$(nproc)

# configure FOLDER OPTIONS…: prints what cmake said only when it failed.
configure() {
  local folder=$1
  shift
  mkdir -p "$folder"
  if ! cmake -S . -B "$folder" -G Ninja -DSOCKWITNESS_TESTS=ON "$@" >"$folder/configure.log" 2>&1; then
    cat "$folder/configure.log" >&2
    echo "run.sh: configuring '$folder': cmake failed" >&2
    exit 1
  fi
}

tests/install.sh build demo tests
# Optimised a little, so that a year of simulated snapshots takes seconds; assertions stay in.
configure build/tests -DSOCKWITNESS_WERROR=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"
cmake --build build/tests --parallel "$jobs" -- --quiet
status=0
ctest --test-dir build/tests --output-on-failure --no-tests=error --parallel "$jobs" "$@" || status=$?

if $long && [ "$status" -eq 0 ]; then
  tests/install.sh fuzz
  configure build/fuzz -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ \
    -DSOCKWITNESS_FUZZ=ON "-DSOCKWITNESS_SANITIZE=address;undefined"
  cmake --build build/fuzz --parallel "$jobs" --target fuzzers -- --quiet
  count=0
  for target in build/fuzz/bin/fuzz_*; do
    name=$(basename "$target")
    name=${name#fuzz_}
    echo "fuzzing $name for ${FUZZ_SECONDS:-120} seconds"
    mkdir -p "build/fuzz/corpus/$name" build/fuzz/crashes
    if ! "$target" -max_total_time="${FUZZ_SECONDS:-120}" -rss_limit_mb=2048 -timeout=20 \
      -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$name-" \
      "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1; then
      tail -n 60 "build/fuzz/$name.log" >&2
      echo "run.sh: fuzzing '$name': failed; the input is in build/fuzz/crashes" >&2
      status=1
    fi
    count=$((count + 1))
  done
  echo "fuzzed $count targets"
  [ "$count" -gt 0 ] || status=1
fi
exit "$status"
