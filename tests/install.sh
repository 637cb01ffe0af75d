#!/usr/bin/env bash
# Installs what is missing: tests/install.sh GROUP…, with the groups build, demo, tests and fuzz.
# Silent and without network when everything is there. The one place that knows package names.
set -euo pipefail

packages_of() {
  case "$1" in
    build)
      echo cmake g++ ninja-build ccache pkg-config libsqlite3-dev libsqlitecpp-dev libcli11-dev \
        libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libssl-dev libhowardhinnant-date-dev
      ;;
    demo) echo python3-minimal ;;
    tests)
      echo catch2 sqlite3 iproute2 net-tools python3 strace util-linux procps clang-format-14 shellcheck
      # Daemons of Debian, and what intruders use: the live tests start and stop them.
      echo apache2-bin cron dnsmasq-base nfs-common nginx openbsd-inetd openssh-client openssh-server \
        redis-server redis-tools rpcbind systemd xauth
      echo busybox curl expect g++ gawk inetutils-telnet ksh lua-socket lua5.4 mawk ncat netcat-openbsd netcat-traditional nodejs \
        perl php-cli ruby ruby-webrick socat tcl tcpdump zsh
      echo avahi-daemon cups-daemon dbus dovecot-imapd exim4-daemon-light git haproxy isc-dhcp-client mariadb-server-core \
        memcached mosquitto php-fpm postgresql rsync rsyslog screen snmpd squid tmux unbound varnish vsftpd
      # Pages are looked at in a real browser.
      echo chromium chromium-driver fonts-dejavu-core
      ;;
    fuzz) echo clang ;;
    *)
      echo "install.sh: unknown group '$1': build, demo, tests or fuzz" >&2
      exit 2
      ;;
  esac
}

wanted=()
for group in "$@"; do
  names=$(packages_of "$group")
  # shellcheck disable=SC2206 # package names hold no blanks
  wanted+=($names)
done
if ! command -v dpkg-query >/dev/null; then
  echo "install.sh: this is not a Debian system; its own packages must provide: ${wanted[*]}" >&2
  exit 0
fi

# Fails when it does not know one of them, after it has printed the others.
# shellcheck disable=SC2016 # dpkg-query's own variables
installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for name in "${wanted[@]}"; do
  grep -qx "installed $name" <<<"$installed" || missing+=("$name")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "install.sh: these packages are missing: ${missing[*]}" >&2
  echo "  as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 3
fi

echo "install.sh: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# The tests start their daemons themselves, and stop them: none is to run because it was installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$log" "$policy"' EXIT
else
  trap 'rm -f "$log"' EXIT
fi
if ! { apt-get -q update && apt-get -q -y install --no-install-recommends "${missing[@]}"; } \
  >"$log" 2>&1; then
  cat "$log" >&2
  echo "install.sh: installing '${missing[*]}': apt-get failed" >&2
  exit 3
fi
