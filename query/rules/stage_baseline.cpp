#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

void add_row(TableWriter& row, const schema::Service& service, const schema::Owner* owner) {
  const schema::Endpoint& endpoint = service.endpoint;
  const bool inet =
      endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
  row.text("netns", endpoint.netns)
      .text("protocol", schema::protocol_name(endpoint.protocol))
      .text("family", schema::family_name(endpoint.family))
      .text("local_address", inet ? endpoint.address.text() : std::string())
      .number("local_port",
              inet ? std::optional<std::int64_t>(endpoint.port.value()) : std::nullopt)
      .text("name", endpoint.name)
      .text("program", owner == nullptr ? std::string_view() : owner->path())
      .text(
          "sha256",
          owner != nullptr && owner->program ? schema::hex(owner->program->sha256) : std::string())
      .text("script", owner == nullptr ? std::string() : owner->script)
      .flag("script_known", owner == nullptr || !owner->unread.contains(schema::Part::Script))
      .text("user",
            owner == nullptr || owner->unread.contains(schema::Part::Ids) ? std::string()
                                                                          : owner->user)
      .text("unit", owner == nullptr ? std::string() : owner->unit)
      .text("container", owner == nullptr ? std::string() : owner->container)
      .end_row();
}

}  // namespace

void stage_baseline(SQLite::Database& database, const StageInput& input) {
  if (input.baseline == nullptr) {
    return;
  }
  TableWriter(database, "baseline")
      .number("as_of_us", input.baseline->as_of.microseconds)
      .end_row();
  TableWriter row(database, "baseline_services");
  for (const schema::Service& service : input.baseline->services) {
    for (const schema::Owner& owner : service.owners) {
      add_row(row, service, &owner);
    }
    if (service.owners.empty()) {
      add_row(row, service, nullptr);
    }
  }
}

}  // namespace sockwitness::query
