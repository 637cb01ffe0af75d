#!/usr/bin/env bash
# From a fresh checkout to a first difference, on this very host, in a database of its own that is
# removed at the end. As root it sees every process; otherwise your own.
set -euo pipefail
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tests/install.sh build demo
# progress LOG: keeps what ninja says, and shows how far it is: on a terminal in one line, else every tenth.
progress() {
  local line count all shown=-1 tenth
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      count=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
      tenth=$((count * 10 / all))
      if [ -t 1 ]; then
        printf '\r  %d of %d files, %d s' "$count" "$all" "$SECONDS"
      elif [ "$tenth" -ne "$shown" ]; then
        printf '  %d %% after %d s\n' "$((tenth * 10))" "$SECONDS"
      fi
      shown=$tenth
    fi
  done
  if [ -t 1 ] && [ "$shown" -ge 0 ]; then
    echo
  fi
}

echo "Building the two programs into build/quickstart …"
mkdir -p build/quickstart
log=build/quickstart/build.log
: >"$log"
SECONDS=0
# Hardly optimised: this is a first look, and optimising takes as long as all the rest.
if ! cmake -S . -B build/quickstart -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-Og -DNDEBUG" \
  -DSOCKWITNESS_TESTS=OFF >>"$log" 2>&1 ||
  ! cmake --build build/quickstart --parallel "$(nproc)" --target sockwitness sockwitness-recorder 2>&1 | progress "$log"; then
  cat "$log" >&2
  echo "quickstart.sh: building: failed" >&2
  exit 1
fi

bin=$PWD/build/quickstart/bin
folder=$(mktemp -d)
listener=
finish() {
  if [ -n "$listener" ]; then
    kill "$listener" 2>/dev/null || true
    wait "$listener" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
export SOCKWITNESS_DB=$folder/witness.db

# step WHY PROGRAM ARGUMENTS…: says what it does, then does it.
step() {
  printf '\n# %s\n$ %s\n' "$1" "$(printf '%q ' "${@:2}" | sed "s|\\\\#|'#|; s|'#\\([0-9]*\\)|'#\\1'|; s| \$||")"
  "$bin/$2" "${@:3}"
}
# Exit code 1 is an answer: something is new, suspicious or unexplained.
finds() {
  local status=0
  step "$@" || status=$?
  if [ "$status" -ne 1 ]; then
    echo "quickstart.sh: running '${*:2}': exit code $status where 1 was expected" >&2
    exit 1
  fi
  echo "(exit code 1: there is something to look at)"
}

step "Record this host as it is." sockwitness-recorder snapshot

# Somebody opens a port, with a program whose file he removes while it runs …
python=/usr/bin/python3 # the package's: one of a virtual environment does not run elsewhere
[ -x "$python" ] || python=$(command -v python3)
cp "$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')" "$folder/updater"
"$folder/updater" -c '
import socket, time
server = socket.socket()
server.bind(("0.0.0.0", 0))
server.listen()
print(server.getsockname()[1], flush=True)
time.sleep(600)
' >"$folder/port" &
listener=$!
until [ -s "$folder/port" ]; do
  if ! kill -0 "$listener" 2>/dev/null; then
    echo "quickstart.sh: starting '$folder/updater': it ended; does '$folder' allow programs? TMPDIR names another" >&2
    exit 1
  fi
  sleep 0.1
done
port=$(cat "$folder/port")
rm "$folder/updater"
printf '\n# A program now listens on port %s, and its file is gone. Record again.\n' "$port"

step "The second snapshot." sockwitness-recorder snapshot
finds "What changed?" sockwitness diff
finds "Is anything suspicious?" sockwitness check
step "The first snapshot is what I expect." sockwitness-recorder baseline add expected --at '#1'
finds "Who accounts for that port?" sockwitness account --baseline expected "tcp/$port"
step "Since when is it open?" sockwitness when "tcp/$port"
step "What listens now?" sockwitness show -l
step "And before?" sockwitness show -l --at '#1'
step "What was recorded?" sockwitness snapshots

quoted=$(printf '%q' "$bin")
cat <<END

The programs are $quoted/sockwitness-recorder and $quoted/sockwitness, built for a first look.
Next: build them as they are released, install them, and let cron take a snapshot every five minutes:

  cmake -S . -B build && cmake --build build --parallel "\$(nproc)" && cmake --install build
  install -m 0644 $(printf '%q' "$PWD")/examples/cron/sockwitness /etc/cron.d/sockwitness

or a package, or a systemd timer: see examples/README.md.
END
