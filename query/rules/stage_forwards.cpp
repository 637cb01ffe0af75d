#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/model/snapshot.h"
#include "schema/view/forwards.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Port;
using schema::Socket;

std::string local_text(const Socket& socket) {
  const std::string address = socket.local_address.text();
  std::string text = socket.local_address.is_v6() ? "[" + address + "]" : address;
  text += ":" + (socket.local_port == Port(0) ? "*" : std::to_string(socket.local_port.value()));
  return socket.local_last == Port(0) ? text
                                      : text + "-" + std::to_string(socket.local_last.value());
}

// Nothing without a baseline.
std::optional<bool> is_expected(const StageInput& input, const Socket& socket) {
  const schema::SnapshotView& view = input.host.view();
  if (input.baseline == nullptr) {
    return std::nullopt;
  }
  const auto* known =
      schema::find_service(*input.baseline, schema::endpoint_of(view.snapshot(), socket));
  return known != nullptr && known->leads_to.find(schema::lead_text(socket)) != std::string::npos;
}

}  // namespace

void stage_forwards(SQLite::Database& database, const StageInput& input) {
  const schema::SnapshotView& view = input.host.view();
  TableWriter row(database, "forwards");
  for (std::uint32_t at = 0; at < view.snapshot().sockets.size(); ++at) {
    const Socket& socket = view.snapshot().sockets[at];
    if (!schema::is_forward(socket)) {
      continue;
    }
    const bool here = socket.remote_address.ip_class() == schema::IpClass::Any;
    const auto number = [](Port port) {
      return port == Port(0) ? std::nullopt : std::optional<std::int64_t>(port.value());
    };
    row.number("id", at)
        .text("protocol", schema::protocol_name(socket.protocol))
        .text("family", schema::family_name(socket.family))
        .text("netns", view.netns_label(socket.netns))
        .text("local", local_text(socket))
        .number("local_port", number(socket.local_port))
        .number("local_last", number(socket.local_last))
        .text("interface", socket.interface_name)
        .flag("loopback", schema::is_loopback(socket))
        .flag("own", schema::is_for_this_host(schema::endpoint_of(view.snapshot(), socket)))
        .text("target", schema::lead_text(socket))
        .text("target_class",
              here ? std::string_view()
                   : schema::ip_class_word(schema::plain_address(socket.remote_address).ip_class()))
        .text("target_netns", socket.target)
        .text("rule", socket.rule)
        .flag("expected", is_expected(input, socket));
    row.end_row();
  }
}

}  // namespace sockwitness::query
