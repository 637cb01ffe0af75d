// What one snapshot adds to the rows that are shown, and which rows end with it: a history read
// from front to back in constant memory.
//
// In:    an open database, the numbers of snapshots in order.
// Out:   rows as the codec decodes them, ids of rows that ended.
// Never: keeps the rows that go on: the caller does, where it needs them.
#pragma once

#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "schema/disk/codec.h"
#include "schema/disk/entity.h"
#include "schema/disk/thinned_spans.h"

namespace sockwitness::schema {

class Database;

struct SampleRow {
  RowId socket = 0;  // the version that lived then
  Queues queues;
};

struct Delta {
  // Of each table the rows that began, ascending by id.
  std::vector<NetnsRow> namespaces;
  std::vector<ProcessRow> processes;
  std::vector<SocketRow> sockets;
  std::vector<HolderRow> holders;
  std::vector<DescriptorRow> descriptors;
  std::vector<MappingRow> mappings;
  std::vector<GapRow> gaps;
  std::vector<UserNameRow> users;
  std::vector<GroupNameRow> groups;
  std::vector<RegistrationRow> registrations;
  // Those that one of these rows is the first to refer to.
  std::vector<std::pair<RowId, Program>> programs;
  std::vector<SampleRow> samples;
  std::map<Entity, std::vector<RowId>> ended;  // ascending; an entity without any may be missing

  [[nodiscard]] const std::vector<RowId>& ended_of(Entity entity) const;
};

class DeltaReader {
 public:
  // It must outlive the reader.
  explicit DeltaReader(Database& database);

  // Every row that `seq` shows, as if all of them had begun there.
  [[nodiscard]] Delta read_all(Seq seq);
  // Precondition: `seq` is the snapshot after the one that was read last.
  [[nodiscard]] Delta read_next(Seq seq);

 private:
  [[nodiscard]] std::vector<RowId> begun(Entity entity, Seq seq, Delta& delta);
  void leave_out_thinned(Delta& delta);
  template <class Row, class Decode>
  void read_rows(Entity entity,
                 std::string_view query,
                 const std::vector<RowId>& ids,
                 std::vector<Row>& rows,
                 Decode decode);
  void read_rows(Delta& delta, const std::map<Entity, std::vector<RowId>>& ids);
  void read_samples(Seq seq, Delta& delta);
  void add_program(std::optional<RowId> id, Delta& delta);
  void add_programs(Delta& delta);

  Database& database_;
  Texts texts_;
  std::unordered_set<RowId> programs_;  // that were named before
  std::map<Entity, RowId> last_ids_;
  ThinnedSpans thinned_;
  std::map<Entity, std::unordered_set<RowId>> gone_;  // rows of thinned snapshots that were removed
  Seq last_;
};

}  // namespace sockwitness::schema
