#!/bin/sh
# Writes the answers of this build to expected/, to be reviewed as a difference.
#
# In:    a build folder with the test program; default: build/tests, as run.sh makes it.
# Out:   tests/golden/expected/*, and what changed there.
# Never: run by a test.
set -eu
unset CDPATH
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build/tests}
SOCKWITNESS_ACCEPT=1 "$build/bin/golden_query"
git -C "$root" --no-pager diff --stat -- tests/golden/expected
