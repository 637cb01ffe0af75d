#include "query/read/snapshot_heads.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history_database.h"
#include "query/read/sql.h"
#include "schema/base/escape.h"

namespace sockwitness::query {

struct SnapshotHeads::State {
  SQLite::Statement read;
};

SnapshotHeads::SnapshotHeads(History& history, schema::SeqRange range)
    : state_(new State{
          SQLite::Statement(HistoryDatabase::of(history).sqlite(), std::string(sql::kReadHeads))}) {
  state_->read.bind(1, range.first.value());
  state_->read.bind(2, range.last.value());
}

SnapshotHeads::~SnapshotHeads() = default;

SnapshotHead SnapshotHeads::next() {
  SnapshotHead head;
  if (state_->read.executeStep()) {
    head.record = state_->read.getColumn(0).getInt64();
    head.head = schema::hex(state_->read.getColumn(1).getString());
  }
  return head;
}

}  // namespace sockwitness::query
