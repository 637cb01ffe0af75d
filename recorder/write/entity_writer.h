// Writes the rows of one snapshot, table by table: only what is new since the one before.
//
// In:    the observed and the previous snapshot; an open transaction.
// Out:   new rows, ended rows, samples and, in their turn, key frames.
// Never: begins or commits the transaction.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "recorder/write/ledger.h"
#include "recorder/write/reconcile.h"
#include "schema/disk/codec.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/texts.h"

namespace sockwitness::recorder {

class EntityWriter {
 public:
  EntityWriter(schema::Database& database,
               const schema::Snapshot& observed,
               const schema::LoadedSnapshot& previous,
               schema::Seq seq);

  void write_all();

  // Which previous socket each observed one is; after write_all().
  [[nodiscard]] const Matching& socket_matching() const { return socket_matching_; }
  // The rows behind the observed values; after write_all(), once. Its snapshot is empty.
  [[nodiscard]] schema::LoadedSnapshot take_rows() { return std::move(rows_); }

 private:
  using RowId = schema::RowId;

  void write_programs();
  void write_namespaces();
  void write_processes();
  void write_sockets();
  // entity_sets.cpp
  void write_holders();
  void write_descriptors();
  void write_mappings();
  void write_gaps();
  void write_names();
  void write_samples();

  [[nodiscard]] schema::ProcessRow make_process_row(const schema::Process& process) const;
  [[nodiscard]] bool is_same_process(const schema::Process& now,
                                     const schema::Process& before) const;
  // Identities do not outlive a boot: after one, nothing matches.
  template <class Key>
  [[nodiscard]] Matching match(const std::vector<Key>& before, const std::vector<Key>& now) const;

  schema::Database& database_;
  const schema::Snapshot& observed_;
  const schema::LoadedSnapshot& previous_;
  Ledger ledger_;
  bool same_boot_;
  schema::Texts texts_;
  schema::LoadedSnapshot rows_;  // behind the observed values; its snapshot stays empty
  Matching socket_matching_;
};

}  // namespace sockwitness::recorder
