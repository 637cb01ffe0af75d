#!/usr/bin/env bash
# Installs what is missing: tests/install.sh GROUP…, with the groups build, demo, tests and fuzz.
# With --names first it prints the names and installs nothing.
# Silent and without network when everything is there. The one place that knows package names.
# Waits while another package manager works, SOCKWITNESS_LOCK_SECONDS (600) in all.
set -euo pipefail

packages_of() {
  case "$1" in
    build)
      echo cmake g++ ninja-build ccache pkg-config libsqlite3-dev libsqlitecpp-dev libcli11-dev \
        libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libssl-dev
      ;;
    demo) echo python3-minimal ;;
    tests)
      echo catch2 sqlite3 iproute2 net-tools python3 python3-jsonschema strace util-linux procps clang-format-14 shellcheck
      # Daemons of Debian, and what intruders use: the live tests start and stop them.
      echo apache2-bin cron dnsmasq-base nfs-common nginx openbsd-inetd openssh-client openssh-server \
        iptables nftables \
        redis-server redis-tools rpcbind systemd xauth
      echo busybox curl expect g++ gawk inetutils-telnet ksh lua-socket lua5.4 mawk ncat netcat-openbsd netcat-traditional nodejs \
        perl php-cli ruby ruby-webrick socat tcl tcpdump zsh
      echo avahi-daemon cups-daemon dbus dovecot-imapd exim4-daemon-light git haproxy isc-dhcp-client mariadb-server-core \
        memcached mosquitto php-fpm postgresql rsync rsyslog screen snmpd squid tmux unbound varnish vsftpd
      # Of the census: what starts shells, listens in or debugs, and is small.
      echo dante-server fping gdbserver knockd microsocks munin-node softflowd wget
      # Packages are built, looked at and installed; manual pages are read, completions asked by three shells.
      # The programs without libraries are linked, one of them for a container.
      echo libsodium-dev podman runc
      echo adduser bash-completion dpkg-dev file fish groff-base lintian man-db mandoc rpm
      # The engine of a fleet. What carries lines to it, syslog-ng, is not beside rsyslog: that test is skipped.
      echo clickhouse-client clickhouse-server
      # Pages are looked at in a real browser.
      echo chromium chromium-driver fonts-dejavu-core poppler-utils
      ;;
    fuzz) echo clang ;;
    *)
      echo "install.sh: unknown group '$1': build, demo, tests or fuzz" >&2
      exit 2
      ;;
  esac
}

only_names=false
if [ "${1:-}" = --names ]; then
  only_names=true
  shift
fi
wanted=()
for group in "$@"; do
  names=$(packages_of "$group")
  # shellcheck disable=SC2206 # package names hold no blanks
  wanted+=($names)
done
if $only_names; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi
if ! command -v dpkg-query >/dev/null; then
  echo "install.sh: this is not a Debian system; its own packages must provide: ${wanted[*]}" >&2
  exit 0
fi

# missing_packages: those of the wanted ones that are not installed, one a line.
missing_packages() {
  local installed name
  # Fails when it does not know one of them, after it has printed the others.
  # shellcheck disable=SC2016 # dpkg-query's own variables
  installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
  for name in "${wanted[@]}"; do
    grep -qx "installed $name" <<<"$installed" || echo "$name"
  done
}

policy=/usr/sbin/policy-rc.d
mark='# By install.sh of sockwitness, while it runs.'

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -eq 0 ] && ! { [ "$(id -u)" -eq 0 ] && grep -qsxF "$mark" "$policy"; }; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "install.sh: these packages are missing: ${missing[*]}" >&2
  echo "  as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 3
fi

limit=${SOCKWITNESS_LOCK_SECONDS:-600}
log=$(mktemp)
mine=false
finish() {
  rm -f "$log"
  if $mine; then
    rm -f "$policy"
  fi
}
trap finish EXIT

# wait_told SECONDS WHAT: tells once what is waited for, and waits a moment; ends when so many have passed in all.
told=
wait_told() {
  if [ "$told" != "$2" ]; then
    echo "install.sh: waiting, $1 seconds at most: $2"
    told=$2
  fi
  if [ "$SECONDS" -ge "$1" ]; then
    echo "install.sh: installing '${missing[*]}': $2, for more than $1 seconds" >&2
    echo "  run it again when that has ended, or wait longer: SOCKWITNESS_LOCK_SECONDS=3600 tests/run.sh" >&2
    exit 3
  fi
  sleep 1
}

# apt ARGUMENTS…: apt-get, as often as another one holds a lock. Its own option to wait is of no use: it leaves out
# those of the lists and of the archives. Of what it starts nothing keeps our own lock, at descriptor 9.
apt() {
  local held
  until LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=0 -o Acquire::Retries=3 -o DPkg::Options::=--force-confold \
    "$@" >"$log" 2>&1 </dev/null 9>&-; do
    held=$(grep -m 1 -E 'Could not get lock|is another process using it|lock was locked by another process' "$log" ||
      grep -m 1 -E 'Unable to (lock|acquire)' "$log" || true)
    if [ -z "$held" ]; then
      cat "$log" >&2
      echo "install.sh: installing '${missing[*]}': apt-get $1 failed" >&2
      exit 3
    fi
    wait_told "$limit" "${held#*: }"
  done
}

# One install.sh at a time, so that none takes away what keeps another's daemons from starting. That one may have
# all of it to install.
exec 9</var/lib/dpkg
until flock -n 9; do
  wait_told $((limit * 6)) "another install.sh is at work"
done
# With our mark: left by one that was killed.
if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
  mine=true
fi
mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -gt 0 ] || exit 0

echo "install.sh: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The tests start their daemons themselves, and stop them: none is to run because it was installed.
if $mine; then
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi
apt update
apt install --no-install-recommends "${missing[@]}"
