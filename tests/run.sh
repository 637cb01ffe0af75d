#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test.
#
#   ./tests/run.sh                  all of it
#   ./tests/run.sh -L unit          arguments go to ctest: one kind of test; builds only what they need
#   ./tests/run.sh -R "diff"        tests whose name matches
#   ./tests/run.sh --long           thorough where a test has two sizes; then all of it again with the address and
#                                   undefined sanitizers, and each fuzz target for FUZZ_SECONDS (120)
#
# Exit code: 0, or that of the step that failed. No test at all is a failure, too.
set -euo pipefail
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

long=false
if [ "${1:-}" = --long ]; then
  long=true
  export SOCKWITNESS_LONG=1
  shift
fi
jobs=$(nproc)

# configure FOLDER OPTIONS…: prints what cmake said only when it failed. What was configured so before is left to
# ninja, which sees when a list of files has changed.
configure() {
  local folder=$1
  shift
  mkdir -p "$folder"
  if [ -e "$folder/build.ninja" ] && [ "$(cat "$folder/configured" 2>/dev/null)" = "$PWD $*" ]; then
    return
  fi
  rm -f "$folder/configured"
  if ! cmake -S . -B "$folder" -G Ninja -DSOCKWITNESS_TESTS=ON "$@" >"$folder/configure.log" 2>&1; then
    cat "$folder/configure.log" >&2
    echo "run.sh: configuring '$folder': cmake failed" >&2
    exit 1
  fi
  echo "$PWD $*" >"$folder/configured"
}

tests/install.sh build demo tests
# Optimised a little, so that a year of simulated snapshots takes seconds; assertions stay in.
configure build/tests -DSOCKWITNESS_WERROR=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"
ninja -C build/tests --quiet build.ninja
needed=$(tests/needed.py build/tests "$@")
if [ -n "$needed" ]; then
  # shellcheck disable=SC2086 # names of targets, one a line
  cmake --build build/tests --parallel "$jobs" --target $needed -- --quiet
fi
status=0
ctest --test-dir build/tests --output-on-failure --no-tests=error --parallel "$jobs" "$@" || status=$?

if $long && [ "$status" -eq 0 ]; then
  echo "again with sanitizers"
  configure build/asan --preset asan
  cmake --build build/asan --parallel "$jobs" -- --quiet
  # Quick, but for the files that were made to break their reader: there a sanitizer sees more than an exit code.
  env -u SOCKWITNESS_LONG SOCKWITNESS_HOSTILE_FILES=10000 ctest --preset asan --no-tests=error --parallel "$jobs" "$@" || status=$?
fi

if $long && [ "$status" -eq 0 ]; then
  tests/install.sh fuzz
  # Everything once more as another compiler reads it, each file with what it includes itself: no warning, either.
  configure build/fuzz --preset fuzz
  cmake --build build/fuzz --parallel "$jobs" -- --quiet
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
