#include "recorder/write/prune.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/record.h"
#include "recorder/write/signed_rows.h"
#include "recorder/write/sql.h"
#include "recorder/write/thin_choice.h"
#include "recorder/write/unused_rows.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/digest.h"
#include "schema/disk/entity.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/link_row.h"
#include "schema/disk/living.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/sealer.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"
#include "schema/disk/thinned_spans.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Entity;
using schema::Error;
using schema::ExitCode;
using schema::Facet;
using schema::KeptRows;
using schema::Marks;
using schema::RowId;
using schema::Seq;

struct Rows {
  Entity entity;
  std::vector<std::string_view> statements;  // that remove a range of it, what hangs on it first
};

const std::array<Rows, schema::kEntities.size()>& entity_rows() {
  static const std::array<Rows, schema::kEntities.size()> rows{
      Rows{Entity::Netns, {sql::kPruneNetns}},
      Rows{Entity::Process, {sql::kPruneProcess}},
      Rows{Entity::Socket, {sql::kPruneSocketDetail, sql::kPruneForward, sql::kPruneSocket}},
      Rows{Entity::Holder, {sql::kPruneHolder}},
      Rows{Entity::Descriptor, {sql::kPruneDescriptor}},
      Rows{Entity::Mapping, {sql::kPruneMapping}},
      Rows{Entity::Gap, {sql::kPruneGap}},
      Rows{Entity::UserName, {sql::kPruneUserName}},
      Rows{Entity::GroupName, {sql::kPruneGroupName}},
      Rows{Entity::Registration, {sql::kPruneRegistration}}};
  return rows;
}

Entity table_of(Facet facet) {
  switch (facet) {
    case Facet::HolderProcesses:
    case Facet::LateHolders:
      return Entity::Holder;
    case Facet::ProcessPids:
    case Facet::ProcessTexts:
    case Facet::ProcessPrograms:
    case Facet::ProcessUsers:
    case Facet::ProcessPlaces:
    case Facet::ProcessContainers:
      return Entity::Process;
    default:
      return Entity::Socket;
  }
}

void run(Database& database, std::string_view text, std::initializer_list<std::int64_t> numbers) {
  schema::LentStatement statement = database.lend(text);
  schema::RowBinder binder(*statement);
  for (const std::int64_t number : numbers) {
    binder.integer(number);
  }
  binder.run();
}

// The record of the first snapshot that stays; where the chain began later, its first one, which
// has the rows of all records before it.
RowId last_partial_record(Database& database, Seq first_kept) {
  SQLite::Statement read(database.sqlite(),
                         "SELECT max(record, (SELECT coalesce(min(record), 0) FROM link)) FROM "
                         "snapshot WHERE seq = ?1");
  read.bind(1, first_kept.value());
  if (!read.executeStep()) {
    throw Error(ExitCode::Usage,
                fmt::format("pruning: there is no snapshot {}", first_kept.value()));
  }
  return read.getColumn(0).getInt64();
}

// Up to which record rows go: that of the first snapshot that stays, or the first link, or the one
// that added the last block of a digest that has a row which goes.
struct Edge {
  RowId until = 0;
  Marks marks;
};

Marks blocks_that_go(Database& database, Seq first_kept) {
  Marks blocks;
  for (int number = 1; number <= static_cast<int>(Facet::ProcessContainers); ++number) {
    const RowId last =
        schema::read_last_id(database, table_of(static_cast<Facet>(number)), first_kept);
    SQLite::Statement read(database.sqlite(),
                           "SELECT coalesce(max(block) + 1, 0) FROM digest WHERE facet = ?1 AND "
                           "block <= ?2");
    read.bind(1, number);
    read.bind(2, schema::digest_block(std::max(last, RowId{1})));
    read.executeStep();
    blocks[schema::kDigestNumbering + static_cast<std::uint32_t>(number)] =
        read.getColumn(0).getInt64();
  }
  return blocks;
}

Edge find_edge(Database& database, Seq first_kept) {
  const auto kept = schema::read_kept_rows(database.sqlite());
  // What an earlier prune took of later records stays taken.
  const RowId least =
      std::max(last_partial_record(database, first_kept), kept ? kept->until_record : RowId{0});
  const Marks blocks = blocks_that_go(database, first_kept);
  const schema::ThinnedSpans thinned(database.sqlite());
  Edge edge{least, {}};
  visit_links(database, INT64_MAX, [&](const LinkRoot& link) {
    edge = {link.record, link.marks};
    const auto* const span = thinned.find_record(link.record);
    const bool part_of_span = span != nullptr && link.record < span->last_record;
    return link.record < least || part_of_span ||
           !std::all_of(blocks.begin(), blocks.end(), [&](const auto& block) {
             return schema::mark_of(link.marks, block.first) >= block.second;
           });
  });
  if (edge.marks.empty()) {
    edge.marks = schema::read_marks(database);  // a copy whose chain does not begin
  }
  return edge;
}

// All rows that do not live at the first snapshot that stays, and began with it or before. How many
// rows it added.
std::int64_t remove_dead(Database& database, Seq first_kept) {
  std::int64_t added = 0;
  for (const Rows& rows : entity_rows()) {
    const RowId last = schema::read_last_id(database, rows.entity, first_kept);
    const std::vector<RowId> living = schema::read_living(database, rows.entity, first_kept);
    RowId next = 1;
    const auto remove_until = [&](RowId end) {
      if (next <= end) {
        for (const std::string_view statement : rows.statements) {
          run(database, statement, {next, end});
        }
      }
    };
    for (const RowId id : living) {
      remove_until(id - 1);
      next = id + 1;
    }
    remove_until(last);
    // With that snapshot all that is left begins, and its frame says what that is.
    run(database, sql::kPruneChanges, {static_cast<int>(rows.entity), first_kept.value()});
    run(database, sql::kPruneFrames, {static_cast<int>(rows.entity), first_kept.value()});
    const std::string ids = schema::encode_ids(living);
    if (last > 0) {
      schema::LentStatement change = database.lend(schema::sql::kInsertChange);
      schema::RowBinder(*change)
          .integer(first_kept.value())
          .enumeration(rows.entity)
          .integer(last)
          .bytes({})
          .run();
      ++added;
    }
    schema::LentStatement frame = database.lend(schema::sql::kInsertFrame);
    schema::RowBinder(*frame)
        .integer(first_kept.value())
        .enumeration(rows.entity)
        .integer(last)
        .bytes(ids)
        .run();
    ++added;
  }
  return added;
}

void remove_digests(Database& database, Seq first_kept) {
  for (int number = 1; number <= static_cast<int>(Facet::ProcessContainers); ++number) {
    const RowId last =
        schema::read_last_id(database, table_of(static_cast<Facet>(number)), first_kept);
    if (last > 0) {
      run(database, sql::kPruneDigests, {number, schema::digest_block(last)});
    }
  }
}

schema::Prune describe(Database& database, const PruneRequest& request) {
  const auto first = schema::read_first_seq(database);
  if (!first || *first >= request.first_kept) {
    throw Error(ExitCode::Usage, "pruning: there is nothing to prune");
  }
  if (whole_at_or_before(database, request.first_kept) != request.first_kept) {
    throw Error(ExitCode::Usage,
                fmt::format("pruning: snapshot {} was thinned: what is left cannot begin with it",
                            request.first_kept.value()));
  }
  const Seq last(request.first_kept.value() - 1);
  const auto first_info = schema::read_snapshot_info(database, *first);
  const auto last_info = schema::read_snapshot_info(database, last);
  schema::Prune pruned;
  pruned.snapshots = {*first, last};
  pruned.began = first_info ? first_info->begin.wall : schema::WallTime();
  pruned.ended = last_info ? last_info->begin.wall : schema::WallTime();
  pruned.policy = request.policy;
  pruned.author = request.author;
  pruned.at = request.now;
  return pruned;
}

// Over all rows that are left of the records up to one.
void measure_kept(Database& database, KeptRows& kept) {
  schema::Hasher hasher;
  schema::ChainedRows rows(database.sqlite().getHandle(), {});
  const schema::RowsRoot root = rows.read(hasher, kept.marks);
  kept.root = root.root;
  kept.leaves = root.leaves;
}

}  // namespace

void require_links(Database& database, schema::WallTime now) {
  if (database.sealer() == nullptr || schema::read_last_link(database)) {
    return;
  }
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    database.sealer()->before_record(database, now);
    database.commit(transaction);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("writing database", database.path(), failure);
  }
}

void require_as_signed(Database& database, Seq first_kept) {
  try {
    require_signed_rows(database, 1, find_edge(database, first_kept).until);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

schema::Prune prune(Database& database, const PruneRequest& request) {
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    schema::Prune pruned = describe(database, request);
    KeptRows kept;
    Edge edge = find_edge(database, request.first_kept);
    kept.until_record = edge.until;
    kept.marks = std::move(edge.marks);
    sqlite3* const sqlite = database.sqlite().getHandle();
    const std::int64_t before = sqlite3_total_changes64(sqlite);
    const std::int64_t seq = request.first_kept.value();
    run(database, sql::kPruneSamples, {seq});
    run(database, sql::kPruneDeferred, {seq});
    remove_digests(database, request.first_kept);
    const std::int64_t added = remove_dead(database, request.first_kept);
    run(database, sql::kPruneSnapshots, {seq});
    if (request.sweep) {
      remove_unused_rows(database, kept.marks);
    }
    pruned.removed = sqlite3_total_changes64(sqlite) - before - added;
    measure_kept(database, kept);
    const RowId record = append_record(database, RecordKind::Prune, request.now);
    schema::Texts texts(database);
    SQLite::Statement author(database.sqlite(), std::string(schema::sql::kInsertAuthor));
    schema::insert_author(author, record, request.author, texts);
    schema::insert_prune(database, record, pruned, kept);
    database.commit(transaction);
    return pruned;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("pruning database", database.path(), failure);
  }
}

}  // namespace sockwitness::recorder
