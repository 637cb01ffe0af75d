#include "query/report/export/export_osquery.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "schema/model/snapshot.h"
#include "schema/view/snapshot_view.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Protocol;
using schema::SnapshotView;
using schema::Socket;

using Columns = std::vector<std::pair<std::string_view, std::string>>;

enum class OsqueryTable { OpenSockets, ListeningPorts };
constexpr std::array kTables{OsqueryTable::OpenSockets, OsqueryTable::ListeningPorts};

std::string_view table_name(OsqueryTable table) {
  return table == OsqueryTable::OpenSockets ? "process_open_sockets" : "listening_ports";
}

// The kernel's numbers, as osquery prints them.
int protocol_number(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
    case Protocol::Mptcp:
      return IPPROTO_TCP;
    case Protocol::Udp:
      return IPPROTO_UDP;
    case Protocol::UdpLite:
      return IPPROTO_UDPLITE;
    case Protocol::Raw:
      return IPPROTO_RAW;
    case Protocol::Icmp:
      return IPPROTO_ICMP;
    case Protocol::Sctp:
      return IPPROTO_SCTP;
    case Protocol::Dccp:
      return IPPROTO_DCCP;
    default:
      return 0;
  }
}

int family_number(schema::Family family) {
  return family == schema::Family::Ipv4   ? AF_INET
         : family == schema::Family::Ipv6 ? AF_INET6
                                          : AF_UNIX;
}

// Only for TCP; elsewhere osquery leaves it empty.
std::string state_of(const Socket& socket) {
  if (socket.protocol != Protocol::Tcp) {
    return {};
  }
  return socket.state == schema::SocketState::Close ? "CLOSED"
                                                    : std::string(schema::state_name(socket.state));
}

// As /proc/net/unix shows it.
std::string unix_path(const Socket& socket) {
  std::string path = socket.name;
  std::replace(path.begin(), path.end(), '\0', '@');
  return path;
}

bool has_row(OsqueryTable table, const Socket& socket) {
  const bool inet = schema::is_inet(socket);
  const bool is_unix = socket.family == schema::Family::Unix;
  if (table == OsqueryTable::OpenSockets) {
    return inet || is_unix;
  }
  return (inet && (socket.state == schema::SocketState::Listen ||
                   (socket.protocol != Protocol::Tcp && socket.remote_port == schema::Port(0)))) ||
         (is_unix && !socket.name.empty());
}

Columns columns_of(OsqueryTable table,
                   const SnapshotView& view,
                   const Socket& socket,
                   const std::string& pid,
                   const std::string& fd) {
  const bool inet = schema::is_inet(socket);
  const std::string local = inet ? socket.local_address.text() : std::string();
  const std::string local_port = inet ? std::to_string(socket.local_port.value()) : "0";
  const std::string path = inet ? std::string() : unix_path(socket);
  const std::string netns =
      std::to_string(view.snapshot().namespaces.at(socket.netns.value()).inode.value());
  const std::string inode = std::to_string(socket.inode.value());
  const std::string family = std::to_string(family_number(socket.family));
  const std::string protocol = std::to_string(protocol_number(socket.protocol));
  if (table == OsqueryTable::ListeningPorts) {
    return {{"pid", pid},
            {"port", local_port},
            {"protocol", protocol},
            {"family", family},
            {"address", local},
            {"fd", fd},
            {"socket", inode},
            {"path", path},
            {"net_namespace", netns}};
  }
  return {{"pid", pid},
          {"fd", fd},
          {"socket", inode},
          {"family", family},
          {"protocol", protocol},
          {"local_address", local},
          {"remote_address", inet ? socket.remote_address.text() : std::string()},
          {"local_port", local_port},
          {"remote_port", inet ? std::to_string(socket.remote_port.value()) : "0"},
          {"path", path},
          {"state", state_of(socket)},
          {"net_namespace", netns}};
}

// One row for each descriptor that leads to the socket; one without a pid where none does.
std::vector<Columns> rows_of(OsqueryTable table, const Shown<schema::SocketIndex>& shown) {
  std::vector<Columns> rows;
  if (shown.event_snapshot == nullptr ||
      !has_row(table, shown.event_snapshot->view().socket(shown.index))) {
    return rows;
  }
  const SnapshotView& view = shown.event_snapshot->view();
  const Socket& socket = view.socket(shown.index);
  for (const schema::Holder& holder : view.holders(shown.index)) {
    rows.push_back(columns_of(table,
                              view,
                              socket,
                              std::to_string(view.process(holder.process).pid.value()),
                              std::to_string(holder.fd.value())));
  }
  if (rows.empty()) {
    rows.push_back(columns_of(table, view, socket, "-1", "-1"));
  }
  return rows;
}

Value columns_value(const Columns& columns) {
  Value::Object object;
  for (const auto& [name, text] : columns) {
    object.push_back({name, text});
  }
  return object;
}

std::int64_t unix_seconds(schema::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds(time.microseconds))
      .count();
}

// asctime's form: "Tue Nov 24 03:30:00 2026 UTC".
std::string calendar_time(std::int64_t seconds) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {} UTC",
                     kDays.at(std::chrono::weekday(day).c_encoding()),
                     kMonths.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<unsigned>(date.day()),
                     clock.hours().count(),
                     clock.minutes().count(),
                     clock.seconds().count(),
                     static_cast<int>(date.year()));
}

}  // namespace

Value::Object OsqueryExport::head_of(std::string_view name, schema::Seq seq) const {
  const Moment& moment = moments_[moments_.at_or_after(seq)];
  const std::int64_t seconds = unix_seconds(moment.begin.wall);
  return {{"name", name},
          {"hostIdentifier", moments_.context(moment).host_name},
          {"calendarTime", calendar_time(seconds)},
          {"unixTime", seconds},
          {"epoch", 0},
          {"counter", counter_},
          {"numerics", false}};
}

void OsqueryExport::add(schema::Seq seq, std::span<const TimelineEvent> events) {
  for (const OsqueryTable table : kTables) {
    std::vector<Columns> removed;
    std::vector<Columns> added;
    for (const TimelineEvent& event : events) {
      if (const auto* socket = std::get_if<SocketTransition>(&event.what)) {
        std::vector<Columns> old_rows = rows_of(table, socket->before);
        std::vector<Columns> rows = rows_of(table, socket->after);
        std::sort(old_rows.begin(), old_rows.end());
        std::sort(rows.begin(), rows.end());
        std::set_difference(old_rows.begin(),
                            old_rows.end(),
                            rows.begin(),
                            rows.end(),
                            std::back_inserter(removed));
        std::set_difference(
            rows.begin(), rows.end(), old_rows.begin(), old_rows.end(), std::back_inserter(added));
      }
    }
    const auto put = [&](const std::vector<Columns>& rows, std::string_view action) {
      for (const Columns& row : rows) {
        Value::Object object = head_of(table_name(table), seq);
        object.push_back({"columns", columns_value(row)});
        object.push_back({"action", action});
        sink_(object);
      }
    };
    put(removed, "removed");
    put(added, "added");
  }
  ++counter_;
}

void OsqueryExport::add_snapshot(schema::Seq seq, std::span<const TimelineEvent> events) {
  for (const OsqueryTable table : kTables) {
    Value::List rows;
    for (const TimelineEvent& event : events) {
      if (const auto* socket = std::get_if<SocketTransition>(&event.what)) {
        for (const Columns& row : rows_of(table, socket->after)) {
          rows.push_back(columns_value(row));
        }
      }
    }
    Value::Object object = head_of("snapshot_" + std::string(table_name(table)), seq);
    object.push_back({"snapshot", std::move(rows)});
    object.push_back({"action", "snapshot"});
    sink_(object);
  }
}

}  // namespace sockwitness::query
