// Writes the rows of one snapshot, table by table, and remembers which rows live.
//
// In:    the observed and the previous snapshot; an open transaction.
// Out:   new rows, ended rows, key frames; the row behind every socket for its sample.
// Never: begins or commits the transaction.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "recorder/write/reconcile.h"
#include "schema/disk/codec.h"
#include "schema/disk/entity.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/texts.h"

namespace SQLite {
class Statement;
}

namespace sockwitness::recorder {

class EntityWriter {
 public:
  EntityWriter(schema::Database& database,
               const schema::Snapshot& observed,
               const schema::LoadedSnapshot& previous,
               schema::Seq seq);
  ~EntityWriter();
  EntityWriter(const EntityWriter&) = delete;
  EntityWriter& operator=(const EntityWriter&) = delete;

  void write_all();
  // Key frames of every table, when this snapshot's turn has come.
  void write_frames_if_due();

  [[nodiscard]] const Matching& socket_matching() const { return sockets_; }

 private:
  using RowId = schema::RowId;

  void write_programs();
  void write_namespaces();
  void write_processes();
  void write_sockets();
  void write_holders();
  void write_descriptors();
  void write_mappings();
  void write_gaps();
  void write_names();
  void write_samples();

  // A set whose members have no identity beyond their content: what is not there any more ended,
  // the rest is new.
  template <class Key, class Insert>
  void write_set(schema::Entity entity,
                 std::string_view insert_sql,
                 const std::vector<Key>& before,
                 const std::vector<RowId>& rows_before,
                 const std::vector<Key>& now,
                 Insert insert);
  void write_ended(schema::Entity entity, std::vector<RowId> rows);
  [[nodiscard]] SQLite::Statement prepare(std::string_view query);
  [[nodiscard]] RowId& next_id(schema::Entity entity);
  [[nodiscard]] std::vector<RowId>& living(schema::Entity entity);
  [[nodiscard]] schema::ProcessRow make_process_row(const schema::Process& process) const;
  [[nodiscard]] bool equal_rows(const schema::ProcessRow& now, std::size_t previous) const;

  schema::Database& database_;
  const schema::Snapshot& observed_;
  const schema::LoadedSnapshot& previous_;
  schema::Seq seq_;
  bool same_boot_;
  schema::Texts texts_;
  // What other rows refer to, parallel to the observed vectors.
  std::vector<RowId> netns_origins_;
  std::vector<RowId> program_rows_;
  std::vector<RowId> process_origins_;
  std::vector<RowId> socket_origins_;
  std::vector<RowId> socket_rows_;
  Matching sockets_;
  std::array<RowId, schema::kEntities.size() + 1> next_ids_{};
  std::array<std::vector<RowId>, schema::kEntities.size() + 1> living_;
};

}  // namespace sockwitness::recorder
