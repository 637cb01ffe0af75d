#include "query/report/answers/show.h"
#include "query/report/records/records.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

Document build_show(const ShowInput& input) {
  const schema::Snapshot& snapshot = input.view.snapshot();
  const schema::SnapshotInfo info = info_of(snapshot);
  Document document;
  document.format = "sockwitness.show/1";
  document.head = {
      {"asked_at", input.asked_at ? time_value(*input.asked_at) : Value()},
      {"distance_seconds", input.asked_at ? Value(input.distance_us / 1'000'000) : Value()},
      {"note", text_or_null(input.note)},
      {"snapshot", snapshot_value(info, snapshot.gaps, snapshot.namespaces)}};
  document.rows_key = "sockets";
  document.row_format = "sockwitness.socket/1";
  document.seq = info.seq.value();
  document.rows.reserve(input.rows.size());
  for (const ListedSocket& row : input.rows) {
    document.rows.push_back(socket_value(input.view, row, input.names));
  }
  document.columns = words(
      "protocol family state local_address local_port remote_address remote_port path recv_q "
      "send_q uid user inode cookie netns direction direction_evidence service_name "
      "first_seen listening_since last_seen no_holder_reason holders.pid holders.fd holders.name "
      "holders.program holders.script holders.command_line holders.user holders.unit "
      "holders.container holders.started_at holders.sha256 holders.package "
      "holders.container_name holders.container_image");
  return document;
}

}  // namespace sockwitness::query
