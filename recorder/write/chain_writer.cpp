#include "recorder/write/chain_writer.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/environment.h"
#include "recorder/write/record.h"
#include "schema/chain/hex_bytes.h"
#include "schema/chain/marks.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::LinkRow;
using schema::RowId;
using schema::SegmentReason;

constexpr std::string_view kReadArchive = "SELECT uuid FROM archive";
constexpr std::string_view kReadRecord = "SELECT kind, written_us FROM record WHERE id = ?1";

schema::ArchiveId read_archive(Database& database) {
  schema::LentStatement read = database.lend(kReadArchive);
  std::optional<schema::ArchiveId> archive;
  if (read->executeStep()) {
    archive = schema::from_bytes<16>(schema::RowReader(*read).bytes());
  }
  if (!archive) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading the chain of records: the file does not say which one it is",
                        "the file is damaged or was altered; see: sockwitness verify");
  }
  return *archive;
}

// Which tables may have rows of records that are of these kinds.
class TablesOf {
 public:
  TablesOf(Database& database, RowId after) {
    SQLite::Statement read(database.sqlite(), "SELECT kind FROM record WHERE id > ?1");
    read.bind(1, after);
    while (read.executeStep()) {
      const auto kind = static_cast<RecordKind>(read.getColumn(0).getInt64());
      missed_ = missed_ || kind == RecordKind::MissedRun;
      retention_ = retention_ || kind >= RecordKind::Prune;
      event_ = event_ || (kind >= RecordKind::Migration && kind < RecordKind::Prune);
      baseline_ = baseline_ || (kind >= RecordKind::Baseline && kind < RecordKind::Migration);
    }
  }

  bool operator()(const schema::ChainedTable& table) const {
    if (table.name == "missed") {
      return missed_;
    }
    if (table.name == "archive" || table.name == "environment" || table.name == "key_segment") {
      return event_;
    }
    if (table.name == "prune" || table.name == "hold_end" || table.name == "hold" ||
        table.name.starts_with("thin")) {
      return retention_;
    }
    if (table.name == "author") {
      return baseline_ || retention_;
    }
    return baseline_ || !table.name.starts_with("baseline");
  }

 private:
  bool missed_ = false;
  bool event_ = false;
  bool baseline_ = false;
  bool retention_ = false;
};

RowId last_record(const schema::Marks& marks) {
  return schema::mark_of(marks, schema::kRecordNumbering);
}

}  // namespace

std::shared_ptr<ChainWriter> ChainWriter::open(Database& database) {
  try {
    KeyFile keys = KeyFile::open(database.path());
    const SQLite::Transaction reading(database.sqlite());  // one lock for all that is read
    return std::shared_ptr<ChainWriter>(new ChainWriter(std::move(keys), database));
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

ChainWriter::ChainWriter(KeyFile keys, Database& database)
    : keys_(std::move(keys)),
      last_(schema::read_last_link(database)),
      marks_(schema::read_marks(database)),
      known_environment_(schema::read_last_environment(database)),
      environment_(read_environment(database, known_environment_)) {
  find_current_key();
}

// What the head of the chain asks for decides, not what lies beside it.
void ChainWriter::find_current_key() {
  std::optional<RowId> known;
  for (std::size_t place = 0; place < schema::kKeyPlaces; ++place) {
    auto key = keys_.read(place);
    if (!key) {
      continue;
    }
    if (last_ && key->public_key == last_->successor) {
      current_ = Step{place, std::move(*key)};
      return;
    }
    if (key->after > known.value_or(0)) {
      known = key->after;
      kept_place_ = place;
    }
  }
  schema::SegmentRow segment;
  segment.known = known;
  if (known) {
    segment.reason = SegmentReason::OtherState;
  } else if (last_) {
    segment.reason = keys_.is_new() ? SegmentReason::NoKeys : SegmentReason::Unreadable;
  }
  segment_ = segment;
}

void ChainWriter::prepare() {
  if (next_) {
    return;
  }
  if (segment_ && !first_key_) {
    first_key_ = schema::SecretKey::make();
    segment_->public_key = first_key_->public_key();
  }
  schema::SecretKey secret = schema::SecretKey::make();
  const schema::PublicKey key = secret.public_key();
  const std::size_t kept = current_ ? current_->place : kept_place_;
  // A row of keys is not known to begin before it is committed.
  const bool event = !known_environment_ || known_environment_->row != environment_;
  const RowId after = segment_ ? 0 : last_->record + (event ? 2 : 1);
  Step step{1 - kept, {after, key, std::move(secret)}};
  keys_.write(step.place, step.key, KeyFile::Sync::Yes);
  next_ = std::move(step);
}

const ChainWriter::Step& ChainWriter::next() {
  prepare();
  return *next_;
}

void ChainWriter::set_after(RowId record, KeyFile::Sync sync) {
  if (next_->key.after != record) {
    next_->key.after = record;
    keys_.write(next_->place, next_->key, sync);
  }
}

void ChainWriter::before_record(Database& database, schema::WallTime written) {
  const bool changed = !known_environment_ || known_environment_->row != environment_;
  if (!changed && !segment_) {
    return;
  }
  const auto last = schema::read_last_environment(database);
  const RowId sealed = last_ ? last_->record : last_record(marks_);
  const bool said = last && last->record > sealed;
  if (said) {
    return;  // in this transaction
  }
  prepare();
  const bool begins_late = !last_ && last_record(marks_) > 0;
  const bool migrated = known_environment_ && known_environment_->row.format != environment_.format;
  const RowId record = insert_record(database,
                                     begins_late || migrated ? RecordKind::Migration
                                     : segment_              ? RecordKind::Keys
                                                             : RecordKind::Environment,
                                     written);
  schema::insert_environment(database, record, environment_);
  if (segment_) {
    segment_->record = record;
    schema::insert_segment(database, *segment_);
  }
}

LinkRow ChainWriter::sign_next(schema::LinkHead head, schema::SecretKey& key) const {
  schema::Hasher hasher;
  LinkRow link;
  link.record = head.record;
  link.leaves = head.leaves;
  link.root = head.root;
  link.successor = head.successor;
  link.head = schema::hash_link_head(hasher, head);
  link.signature = key.sign(link.head);
  return link;
}

void ChainWriter::seal(Database& database) {
  sqlite3* const sqlite = database.sqlite().getHandle();
  const schema::Marks after = schema::read_marks(database);
  const RowId last = last_record(after);
  const RowId sealed = last_ ? last_->record : last_record(marks_);
  if (last <= sealed) {
    return;
  }
  schema::Hasher hasher;
  schema::Marks before = last_ ? marks_ : schema::Marks{};
  // The first link has all that lay there before it.
  schema::ChainedRows rows(sqlite,
                           before,
                           last_ ? schema::ChainedRows::Wanted(TablesOf(database, sealed))
                                 : schema::ChainedRows::Wanted());
  schema::LinkHead head;
  head.archive = read_archive(database);
  head.previous = last_ ? last_->head : schema::Hash{};
  schema::SecretKey key = current_ ? current_->key.secret : first_key_.value();
  schema::PublicKey public_key = current_ ? current_->key.public_key : segment_->public_key;
  const auto environment = schema::read_last_environment(database);
  head.environment =
      schema::hash_row(sqlite, hasher, "environment", environment ? environment->record : RowId{0});
  sealed_anchors_.clear();
  for (RowId record = sealed + 1; record <= last; ++record) {
    head.marks = record == last ? after : marks_;
    head.marks[schema::kRecordNumbering] = record;
    schema::LentStatement read = database.lend(kReadRecord);
    read->bind(1, record);
    if (!read->executeStep()) {
      throw schema::Error(schema::ExitCode::Unusable, "signing a record: it is not there");
    }
    schema::RowReader row(*read);
    head.record = record;
    head.kind = row.integer();
    head.written_us = row.integer();
    const schema::RowsRoot root = rows.read(hasher, head.marks);
    head.root = root.root;
    head.leaves = root.leaves;
    head.key = public_key;
    // Between the records of one transaction a key needs no disk: all of them are there, or none.
    schema::SecretKey following = record == last ? next().key.secret : schema::SecretKey::make();
    head.successor = record == last ? next().key.public_key : following.public_key();
    LinkRow link = sign_next(head, key);
    link.advance = schema::encode_advance(before, head.marks);
    schema::insert_link(database, link);
    sealed_anchors_.push_back({head.archive, record, link.head, link.signature});
    head.previous = link.head;
    before = head.marks;
    public_key = head.successor;
    key = following;
    sealed_ = std::move(link);
  }
  sealed_marks_ = before;
  if (!segment_) {
    set_after(last, KeyFile::Sync::Yes);
  }
}

void ChainWriter::committed() {
  if (!sealed_) {
    return;
  }
  last_ = std::exchange(sealed_, std::nullopt);
  marks_ = std::move(sealed_marks_);
  known_environment_ = schema::KnownEnvironment{0, environment_};
  keys_.wipe(1 - next_->place);
  if (std::exchange(segment_, std::nullopt)) {
    first_key_.reset();
    try {
      set_after(last_->record, KeyFile::Sync::No);
    } catch (const schema::Error&) {
      // Only how far the keys know is less than it could be.
    }
  }
  current_ = std::move(next_);
  next_.reset();
  anchors_.insert(anchors_.end(), sealed_anchors_.begin(), sealed_anchors_.end());
  sealed_anchors_.clear();
}

std::vector<schema::Anchor> ChainWriter::take_anchors() {
  return std::exchange(anchors_, {});
}

}  // namespace sockwitness::recorder
