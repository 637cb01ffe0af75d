#include "schema/disk/delta.h"

#include <algorithm>
#include <iterator>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

Error damaged(const char* what) {
  return {ExitCode::Unusable,
          std::string("reading the database: ") + what,
          "the file is damaged or was altered"};
}

// Of all other tables a thinning leaves every row.
bool may_be_thinned(Entity entity) {
  return entity == Entity::Socket || entity == Entity::Process || entity == Entity::Holder ||
         entity == Entity::Descriptor || entity == Entity::Mapping;
}

}  // namespace

DeltaReader::DeltaReader(Database& database)
    : database_(database),
      texts_(database, {LineLimits().whole, kMostOfSnapshot}),
      thinned_(database.sqlite()) {
}

const std::vector<RowId>& Delta::ended_of(Entity entity) const {
  static const std::vector<RowId> none;
  const auto found = ended.find(entity);
  return found == ended.end() ? none : found->second;
}

Delta DeltaReader::read_all(Seq seq) {
  Delta delta;
  std::map<Entity, std::vector<RowId>> ids;
  for (const Entity entity : kEntities) {
    ids[entity] = read_living(database_, entity, seq);
    last_ids_[entity] = read_last_id(database_, entity, seq);
  }
  last_ = seq;
  programs_.clear();
  gone_.clear();
  read_rows(delta, ids);
  read_samples(seq, delta);
  return delta;
}

Delta DeltaReader::read_next(Seq seq) {
  Delta delta;
  std::map<Entity, std::vector<RowId>> ids;
  for (const Entity entity : kEntities) {
    ids[entity] = begun(entity, seq, delta);
  }
  last_ = seq;
  leave_out_thinned(delta);
  read_rows(delta, ids);
  read_samples(seq, delta);
  return delta;
}

// What a thinning removed has neither begun nor ended.
void DeltaReader::leave_out_thinned(Delta& delta) {
  for (auto& [entity, ended] : delta.ended) {
    const auto gone = gone_.find(entity);
    if (gone != gone_.end()) {
      std::erase_if(ended, [&](RowId id) { return gone->second.erase(id) > 0; });
    }
  }
}

// What ended since the last snapshot goes to `delta`.
std::vector<RowId> DeltaReader::begun(Entity entity, Seq seq, Delta& delta) {
  LentStatement changes = database_.lend(sql::kReadChanges);
  changes->bind(1, static_cast<int>(entity));
  changes->bind(2, last_.value());
  changes->bind(3, seq.value());
  bool changed = false;
  std::vector<RowId> ended;
  while (changes->executeStep()) {
    RowReader row(*changes);
    static_cast<void>(row.integer());  // the snapshot, which is `seq`
    const auto ids = decode_ids(row.bytes());
    if (!ids) {
      throw damaged("the bytes of a list of rows make no list");
    }
    ended.insert(ended.end(), ids->begin(), ids->end());
    changed = true;
  }
  std::vector<RowId> begun;
  if (!changed) {
    return begun;  // most tables, most of the time
  }
  if (!ended.empty()) {
    delta.ended.emplace(entity, std::move(ended));
  }
  RowId& last_id = last_ids_[entity];
  const RowId now = read_last_id(database_, entity, seq);
  if (now < last_id || !database_.has_room_for_rows(now - last_id)) {
    throw_impossible_rows();
  }
  for (RowId id = last_id + 1; id <= now; ++id) {
    begun.push_back(id);
  }
  last_id = now;
  return begun;
}

template <class Row, class Decode>
void DeltaReader::read_rows(Entity entity,
                            std::string_view query,
                            const std::vector<RowId>& ids,
                            std::vector<Row>& rows,
                            Decode decode) {
  if (ids.empty()) {
    return;
  }
  rows.reserve(ids.size());
  LentStatement statement = database_.lend(query);
  visit_rows(*statement, ids, [&](SQLite::Statement& row) { rows.push_back(decode(row, texts_)); });
  if (rows.size() != ids.size() && may_be_thinned(entity) && thinned_.find(last_) != nullptr) {
    std::unordered_set<RowId>& gone = gone_[entity];
    gone.insert(ids.begin(), ids.end());
    for (const Row& row : rows) {
      gone.erase(row.id);
    }
  } else if (rows.size() != ids.size()) {
    throw damaged((std::string(entity_table(entity)) + " rows are missing").c_str());
  }
}

void DeltaReader::read_rows(Delta& delta, const std::map<Entity, std::vector<RowId>>& ids) {
  texts_.begin_snapshot();
  // Rows that hold numbers only need no texts.
  const auto holder = [](SQLite::Statement& row, Texts&) { return decode_holder(row); };
  const auto mapping = [](SQLite::Statement& row, Texts&) { return decode_mapping(row); };
  const auto read = [&](Entity entity, std::string_view query, auto& rows, auto decode) {
    read_rows(entity, query, ids.at(entity), rows, decode);
  };
  read(Entity::Netns, sql::kReadNetns, delta.namespaces, decode_netns);
  read(Entity::Process, sql::kReadProcess, delta.processes, decode_process);
  read(Entity::Socket, sql::kReadSocket, delta.sockets, decode_socket);
  read(Entity::Holder, sql::kReadHolder, delta.holders, holder);
  read(Entity::Descriptor, sql::kReadDescriptor, delta.descriptors, decode_descriptor);
  read(Entity::Mapping, sql::kReadMapping, delta.mappings, mapping);
  read(Entity::Gap, sql::kReadGap, delta.gaps, decode_gap);
  read(Entity::UserName, sql::kReadUserName, delta.users, decode_user_name);
  read(Entity::GroupName, sql::kReadGroupName, delta.groups, decode_group_name);
  read(Entity::Registration, sql::kReadRegistration, delta.registrations, decode_registration);
  add_programs(delta);
}

void DeltaReader::add_program(std::optional<RowId> id, Delta& delta) {
  if (!id || !programs_.insert(*id).second) {
    return;
  }
  LentStatement read = database_.lend(sql::kReadProgram);
  read->bind(1, *id);
  if (!read->executeStep()) {
    throw damaged("a program that is referred to is missing");
  }
  delta.programs.emplace_back(*id, decode_program(*read, texts_));
}

void DeltaReader::add_programs(Delta& delta) {
  for (const ProcessRow& row : delta.processes) {
    add_program(row.program, delta);
    add_program(row.script_file, delta);
  }
  for (const MappingRow& row : delta.mappings) {
    add_program(row.program, delta);
  }
}

void DeltaReader::read_samples(Seq seq, Delta& delta) {
  LentStatement samples = database_.lend(sql::kReadSamples);
  samples->bind(1, seq.value());
  while (samples->executeStep()) {
    RowReader row(*samples);
    SampleRow sample;
    sample.socket = row.integer();
    sample.queues.recv_q = row.number<std::uint32_t>();
    sample.queues.send_q = row.number<std::uint32_t>();
    delta.samples.push_back(sample);
  }
}

}  // namespace sockwitness::schema
