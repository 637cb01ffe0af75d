// The objects of the JSON contract: socket, holder, snapshot, gap, service.
//
// In:    values of the model and of the analysis.
// Out:   trees in which every key of the contract is present, null where nothing is known.
// Never: leaves a key out because its value is missing.
#pragma once

#include <span>

#include "query/analysis/listing.h"
#include "query/report/neutral/value.h"
#include "query/report/words/port_names.h"
#include "schema/model/service.h"
#include "schema/view/services.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

[[nodiscard]] Value time_value(schema::WallTime time);
[[nodiscard]] Value holder_value(const schema::SnapshotView& view, const schema::Holder& holder);
[[nodiscard]] Value socket_value(const schema::SnapshotView& view,
                                 const ListedSocket& row,
                                 const PortNames& names);
[[nodiscard]] Value gap_value(const schema::Gap& gap, const std::vector<schema::Netns>& namespaces);
[[nodiscard]] Value snapshot_value(const schema::SnapshotInfo& info,
                                   std::span<const schema::Gap> gaps,
                                   const std::vector<schema::Netns>& namespaces);
[[nodiscard]] Value owner_value(const schema::Owner& owner);
[[nodiscard]] Value::List owner_values(const schema::Service& service);
[[nodiscard]] Value::List number_values(const std::vector<std::uint32_t>& numbers);
[[nodiscard]] Value service_value(const schema::Service& service);
// The members that say where a service is: protocol, family, local_address, local_port, netns,
// path.
[[nodiscard]] Value::Object endpoint_members(const schema::Endpoint& endpoint);

// What a whole snapshot says about itself, as the list of snapshots has it.
[[nodiscard]] schema::SnapshotInfo info_of(const schema::Snapshot& snapshot);
// The name of the port that gives the conversation its meaning: the listener's side.
[[nodiscard]] std::string_view service_name(const schema::Socket& socket,
                                            const std::optional<schema::Direction>& direction,
                                            const PortNames& names);

}  // namespace sockwitness::query
