#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/path_words.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Program;

// Whatever runs here: what is not installed has no business to be called so either.
constexpr auto kWellKnown = std::to_array<std::string_view>({"sshd",
                                                             "cron",
                                                             "crond",
                                                             "atd",
                                                             "rsyslogd",
                                                             "systemd",
                                                             "systemd-journald",
                                                             "systemd-logind",
                                                             "systemd-udevd",
                                                             "systemd-networkd",
                                                             "systemd-resolved",
                                                             "dbus-daemon",
                                                             "init",
                                                             "agetty",
                                                             "getty",
                                                             "login",
                                                             "udevd",
                                                             "auditd",
                                                             "ntpd",
                                                             "chronyd",
                                                             "acpid",
                                                             "polkitd",
                                                             "NetworkManager",
                                                             "systemd-timesyncd",
                                                             "systemd-oomd",
                                                             "networkd-dispatcher",
                                                             "irqbalance",
                                                             "udisksd",
                                                             "upowerd",
                                                             "snapd",
                                                             "multipathd",
                                                             "smartd",
                                                             "ModemManager",
                                                             "avahi-daemon",
                                                             "bluetoothd",
                                                             "wpa_supplicant",
                                                             "dhclient",
                                                             "rpcbind",
                                                             "rpc.statd",
                                                             "inetd",
                                                             "xinetd",
                                                             "syslogd",
                                                             "klogd",
                                                             "nscd",
                                                             "packagekitd",
                                                             "accounts-daemon",
                                                             "nginx",
                                                             "apache2",
                                                             "httpd",
                                                             "lighttpd",
                                                             "mysqld",
                                                             "mariadbd",
                                                             "postgres",
                                                             "redis-server",
                                                             "memcached",
                                                             "mongod",
                                                             "dockerd",
                                                             "containerd",
                                                             "kubelet",
                                                             "named",
                                                             "dnsmasq",
                                                             "unbound",
                                                             "slapd",
                                                             "smbd",
                                                             "nmbd",
                                                             "cupsd",
                                                             "exim4",
                                                             "dovecot",
                                                             "vsftpd",
                                                             "proftpd",
                                                             "snmpd",
                                                             "squid",
                                                             "haproxy",
                                                             "varnishd",
                                                             "openvpn",
                                                             "charon"});

// Shorter names mean too many things.
constexpr std::size_t kShortestName = 3;

bool is_daemon_of_history(const Program& program) {
  return program.verdict == schema::PackageVerdict::Matches &&
         program.path.find("/sbin/") != std::string::npos && !find_kind(base_name(program.path));
}

}  // namespace

void stage_daemons(SQLite::Database& database, const StageInput& input, const HostFacts& facts) {
  const schema::SnapshotView& view = input.host.view();
  std::set<std::pair<std::string_view, std::string_view>> daemons;
  const auto& processes = view.snapshot().processes;
  for (std::uint32_t at = 0; at < processes.size(); ++at) {
    const KnownProcess& known = facts.process(schema::ProcessIndex(at));
    const Program* program = view.program(processes[at]);
    if (program != nullptr && known.genuine == true && !known.kind) {
      daemons.emplace(program->path, program->package);
    }
  }
  for (const Program& program : input.known_programs) {
    if (is_daemon_of_history(program)) {
      daemons.emplace(program.path, program.package);
    }
  }
  TableWriter row(database, "daemons");
  for (const auto& [path, package] : daemons) {
    if (base_name(path).size() >= kShortestName) {
      row.text("name", base_name(path)).text("path", path).text("package", package).end_row();
    }
  }
  for (const std::string_view name : kWellKnown) {
    row.text("name", name).text("path", {}).text("package", {}).end_row();
  }
}

}  // namespace sockwitness::query
