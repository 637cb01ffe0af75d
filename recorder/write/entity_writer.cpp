#include "recorder/write/entity_writer.h"

#include <algorithm>
#include <tuple>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {
namespace {

using schema::Entity;
using schema::RowId;

// One key frame in so many snapshots: rarer makes reading slower, denser makes the file larger.
constexpr std::int64_t kFrameEvery = 256;

template <class T, class Make>
auto collect_keys(const std::vector<T>& values, Make make) {
  std::vector<decltype(make(values.front(), std::size_t{}))> keys;
  keys.reserve(values.size());
  for (std::size_t at = 0; at < values.size(); ++at) {
    keys.push_back(make(values[at], at));
  }
  return keys;
}

// Without a cookie the addresses must do; with one they may change (connect on a datagram socket).
using SocketKey = std::tuple<schema::SocketCookie, std::string>;

SocketKey socket_key(const schema::Socket& socket, RowId netns) {
  if (socket.cookie != schema::SocketCookie()) {
    return {socket.cookie, {}};
  }
  std::string tuple = std::to_string(netns);
  for (const std::uint64_t number : {static_cast<std::uint64_t>(socket.protocol),
                                     static_cast<std::uint64_t>(socket.family),
                                     static_cast<std::uint64_t>(socket.local_port.value()),
                                     static_cast<std::uint64_t>(socket.remote_port.value()),
                                     socket.inode.value(),
                                     static_cast<std::uint64_t>(socket.number),
                                     static_cast<std::uint64_t>(socket.port_id),
                                     static_cast<std::uint64_t>(socket.interface.value())}) {
    tuple += ' ';
    tuple += std::to_string(number);
  }
  tuple += socket.local_address.bytes();
  tuple += socket.remote_address.bytes();
  tuple += socket.name;
  return {schema::SocketCookie(), std::move(tuple)};
}

// All compared fields but the namespace, which is compared by its row.
bool equal_sockets(const schema::Socket& left, const schema::Socket& right) {
  schema::Socket aligned = right;
  aligned.netns = left.netns;
  aligned.queues = left.queues;
  return left == aligned;
}

}  // namespace

EntityWriter::EntityWriter(schema::Database& database,
                           const schema::Snapshot& observed,
                           const schema::LoadedSnapshot& previous,
                           schema::Seq seq)
    : database_(database),
      observed_(observed),
      previous_(previous),
      seq_(seq),
      same_boot_(previous.snapshot.seq &&
                 previous.snapshot.context.boot_id == observed.context.boot_id),
      texts_(database) {
  for (const Entity entity : schema::kEntities) {
    next_id(entity) = schema::read_last_id(database, entity) + 1;
  }
}

EntityWriter::~EntityWriter() = default;

void EntityWriter::write_all() {
  write_programs();
  write_namespaces();
  write_processes();
  write_sockets();
  write_holders();
  write_descriptors();
  write_mappings();
  write_gaps();
  write_names();
  write_samples();
}

SQLite::Statement EntityWriter::prepare(std::string_view query) {
  return {database_.sqlite(), std::string(query)};
}

RowId& EntityWriter::next_id(Entity entity) {
  return next_ids_[static_cast<std::size_t>(entity)];
}
std::vector<RowId>& EntityWriter::living(Entity entity) {
  return living_[static_cast<std::size_t>(entity)];
}

void EntityWriter::write_ended(Entity entity, std::vector<RowId> rows) {
  if (rows.empty()) {
    return;
  }
  std::sort(rows.begin(), rows.end());
  auto insert = prepare(schema::sql::kInsertEnded);
  const std::string ids = schema::encode_ids(rows);
  schema::RowBinder(insert).integer(seq_.value()).enumeration(entity).bytes(ids).run();
}

template <class Key, class Insert>
void EntityWriter::write_set(Entity entity,
                             std::string_view insert_sql,
                             const std::vector<Key>& before,
                             const std::vector<RowId>& rows_before,
                             const std::vector<Key>& now,
                             Insert insert) {
  const Matching matching = reconcile(before, now);
  auto statement = prepare(insert_sql);
  for (std::size_t at = 0; at < now.size(); ++at) {
    if (const auto known = matching.previous_of[at]) {
      living(entity).push_back(rows_before[*known]);
      continue;
    }
    const RowId id = next_id(entity)++;
    insert(statement, schema::RowHead{id, seq_}, at);
    living(entity).push_back(id);
  }
  std::vector<RowId> ended;
  for (const std::size_t at : matching.ended) {
    ended.push_back(rows_before[at]);
  }
  write_ended(entity, std::move(ended));
}

void EntityWriter::write_programs() {
  std::map<schema::Program, RowId> known;
  for (std::size_t at = 0; at < previous_.programs.size(); ++at) {
    known.emplace(previous_.snapshot.programs[at], previous_.programs[at]);
  }
  auto find = prepare(schema::sql::kFindPrograms);
  auto read = prepare(schema::sql::kReadProgram);
  auto insert = prepare(schema::sql::kInsertProgram);
  for (const schema::Program& program : observed_.programs) {
    auto found = known.find(program);
    if (found == known.end()) {
      std::optional<RowId> id;
      find.reset();
      find.bind(1, static_cast<std::int64_t>(program.inode.value()));
      while (!id && find.executeStep()) {
        const RowId candidate = schema::RowReader(find).integer();
        read.reset();
        read.bind(1, candidate);
        if (read.executeStep() && schema::decode_program(read, texts_) == program) {
          id = candidate;
        }
      }
      if (!id) {
        schema::insert_program(insert, program, texts_);
        id = database_.sqlite().getLastInsertRowid();
      }
      found = known.emplace(program, *id).first;
    }
    program_rows_.push_back(found->second);
  }
}

void EntityWriter::write_namespaces() {
  const auto inode_of = [](const schema::Netns& netns, std::size_t) { return netns.inode; };
  const auto before = same_boot_ ? collect_keys(previous_.snapshot.namespaces, inode_of)
                                 : std::vector<schema::Inode>{};
  const Matching matching = reconcile(before, collect_keys(observed_.namespaces, inode_of));
  auto insert = prepare(schema::sql::kInsertNetns);
  std::vector<RowId> ended;
  for (std::size_t at = 0; at < observed_.namespaces.size(); ++at) {
    const schema::Netns& netns = observed_.namespaces[at];
    schema::NetnsRow row{{0, seq_}, std::nullopt, netns};
    if (const auto known = matching.previous_of[at]) {
      const schema::Origin& origin = previous_.namespaces[*known];
      if (previous_.snapshot.namespaces[*known] == netns) {
        netns_origins_.push_back(origin.first);
        living(Entity::Netns).push_back(origin.row);
        continue;
      }
      ended.push_back(origin.row);
      row.origin = origin.first;
    }
    row.id = next_id(Entity::Netns)++;
    schema::insert_netns(insert, row, texts_);
    netns_origins_.push_back(row.origin.value_or(row.id));
    living(Entity::Netns).push_back(row.id);
  }
  for (std::size_t at = 0; at < previous_.namespaces.size(); ++at) {
    if (!same_boot_ || std::binary_search(matching.ended.begin(), matching.ended.end(), at)) {
      ended.push_back(previous_.namespaces[at].row);
    }
  }
  write_ended(Entity::Netns, std::move(ended));
}

schema::ProcessRow EntityWriter::make_process_row(const schema::Process& process) const {
  schema::ProcessRow row{
      {0, seq_}, std::nullopt, process, std::nullopt, std::nullopt, std::nullopt};
  if (process.program) {
    row.program = program_rows_[process.program->value()];
  }
  if (process.script_file) {
    row.script_file = program_rows_[process.script_file->value()];
  }
  if (process.netns) {
    row.netns = netns_origins_[process.netns->value()];
  }
  return row;
}

bool EntityWriter::equal_rows(const schema::ProcessRow& now, std::size_t previous) const {
  schema::Process before = previous_.snapshot.processes[previous];
  const auto program_row = [&](const std::optional<schema::ProgramIndex>& index) {
    return index ? std::optional<RowId>(previous_.programs[index->value()]) : std::nullopt;
  };
  const auto netns_row =
      before.netns ? std::optional<RowId>(previous_.namespaces[before.netns->value()].first)
                   : std::nullopt;
  if (program_row(before.program) != now.program ||
      program_row(before.script_file) != now.script_file || netns_row != now.netns) {
    return false;
  }
  before.program = now.process.program;
  before.script_file = now.process.script_file;
  before.netns = now.process.netns;
  return before == now.process;
}

void EntityWriter::write_processes() {
  const auto identity = [](const schema::Process& process, std::size_t) {
    return std::pair(process.pid, process.start);
  };
  using Keys = std::vector<std::pair<schema::Pid, schema::BootTime>>;
  const Keys before = same_boot_ ? collect_keys(previous_.snapshot.processes, identity) : Keys{};
  const Matching matching = reconcile(before, collect_keys(observed_.processes, identity));
  auto insert = prepare(schema::sql::kInsertProcess);
  std::vector<RowId> ended;
  for (std::size_t at = 0; at < observed_.processes.size(); ++at) {
    schema::ProcessRow row = make_process_row(observed_.processes[at]);
    if (const auto known = matching.previous_of[at]) {
      const schema::Origin& origin = previous_.processes[*known];
      if (equal_rows(row, *known)) {
        process_origins_.push_back(origin.first);
        living(Entity::Process).push_back(origin.row);
        continue;
      }
      ended.push_back(origin.row);
      row.origin = origin.first;
    }
    row.id = next_id(Entity::Process)++;
    schema::insert_process(insert, row, texts_);
    process_origins_.push_back(row.origin.value_or(row.id));
    living(Entity::Process).push_back(row.id);
  }
  for (std::size_t at = 0; at < previous_.processes.size(); ++at) {
    if (!same_boot_ || std::binary_search(matching.ended.begin(), matching.ended.end(), at)) {
      ended.push_back(previous_.processes[at].row);
    }
  }
  write_ended(Entity::Process, std::move(ended));
}

void EntityWriter::write_sockets() {
  const auto now_key = [this](const schema::Socket& socket, std::size_t) {
    return socket_key(socket, netns_origins_[socket.netns.value()]);
  };
  const auto before_key = [this](const schema::Socket& socket, std::size_t) {
    return socket_key(socket, previous_.namespaces[socket.netns.value()].first);
  };
  const auto before =
      same_boot_ ? collect_keys(previous_.snapshot.sockets, before_key) : std::vector<SocketKey>{};
  sockets_ = reconcile(before, collect_keys(observed_.sockets, now_key));
  auto insert = prepare(schema::sql::kInsertSocket);
  auto insert_detail = prepare(schema::sql::kInsertSocketDetail);
  std::vector<RowId> ended;
  for (std::size_t at = 0; at < observed_.sockets.size(); ++at) {
    const schema::Socket& socket = observed_.sockets[at];
    schema::SocketRow row{{0, seq_}, std::nullopt, socket, netns_origins_[socket.netns.value()]};
    if (const auto known = sockets_.previous_of[at]) {
      const schema::Origin& origin = previous_.sockets[*known];
      const schema::Socket& old = previous_.snapshot.sockets[*known];
      if (previous_.namespaces[old.netns.value()].first == row.netns &&
          equal_sockets(old, socket)) {
        socket_origins_.push_back(origin.first);
        socket_rows_.push_back(origin.row);
        continue;
      }
      ended.push_back(origin.row);
      row.origin = origin.first;
    }
    row.id = next_id(Entity::Socket)++;
    schema::insert_socket(insert, row);
    if (schema::has_detail(socket)) {
      schema::insert_socket_detail(insert_detail, row, texts_);
    }
    socket_origins_.push_back(row.origin.value_or(row.id));
    socket_rows_.push_back(row.id);
  }
  for (std::size_t at = 0; at < previous_.sockets.size(); ++at) {
    if (!same_boot_ || std::binary_search(sockets_.ended.begin(), sockets_.ended.end(), at)) {
      ended.push_back(previous_.sockets[at].row);
    }
  }
  living(Entity::Socket) = socket_rows_;
  write_ended(Entity::Socket, std::move(ended));
}

void EntityWriter::write_holders() {
  using Key = std::tuple<RowId, RowId, schema::Fd>;
  const auto before =
      collect_keys(previous_.snapshot.holders, [this](const schema::Holder& holder, std::size_t) {
        return Key{previous_.sockets[holder.socket.value()].first,
                   previous_.processes[holder.process.value()].first,
                   holder.fd};
      });
  const auto now =
      collect_keys(observed_.holders, [this](const schema::Holder& holder, std::size_t) {
        return Key{socket_origins_[holder.socket.value()],
                   process_origins_[holder.process.value()],
                   holder.fd};
      });
  write_set(Entity::Holder,
            schema::sql::kInsertHolder,
            before,
            previous_.holders,
            now,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              const auto& [socket, process, fd] = now[at];
              schema::insert_holder(insert, {head, socket, process, fd});
            });
}

void EntityWriter::write_descriptors() {
  using Key = std::pair<RowId, schema::Descriptor>;
  const auto key = [](const schema::Descriptor& descriptor, RowId process) {
    Key result{process, descriptor};
    result.second.process = schema::ProcessIndex();
    return result;
  };
  const auto before = collect_keys(
      previous_.snapshot.descriptors, [&](const schema::Descriptor& descriptor, std::size_t) {
        return key(descriptor, previous_.processes[descriptor.process.value()].first);
      });
  const auto now =
      collect_keys(observed_.descriptors, [&](const schema::Descriptor& descriptor, std::size_t) {
        return key(descriptor, process_origins_[descriptor.process.value()]);
      });
  write_set(Entity::Descriptor,
            schema::sql::kInsertDescriptor,
            before,
            previous_.descriptors,
            now,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_descriptor(insert, {head, now[at].second, now[at].first}, texts_);
            });
}

void EntityWriter::write_mappings() {
  using Key = std::pair<RowId, RowId>;
  const auto before = collect_keys(previous_.snapshot.mappings,
                                   [this](const schema::Mapping& mapping, std::size_t) {
                                     return Key{previous_.processes[mapping.process.value()].first,
                                                previous_.programs[mapping.file.value()]};
                                   });
  const auto now =
      collect_keys(observed_.mappings, [this](const schema::Mapping& mapping, std::size_t) {
        return Key{process_origins_[mapping.process.value()], program_rows_[mapping.file.value()]};
      });
  write_set(Entity::Mapping,
            schema::sql::kInsertMapping,
            before,
            previous_.mappings,
            now,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_mapping(insert, {head, now[at].first, now[at].second});
            });
}

void EntityWriter::write_gaps() {
  using Key = std::pair<std::optional<RowId>, schema::Gap>;
  const auto key = [](const schema::Gap& gap, std::optional<RowId> netns) {
    Key result{netns, gap};
    result.second.netns.reset();
    return result;
  };
  const auto before =
      collect_keys(previous_.snapshot.gaps, [&](const schema::Gap& gap, std::size_t) {
        return key(gap,
                   gap.netns ? std::optional<RowId>(previous_.namespaces[gap.netns->value()].first)
                             : std::nullopt);
      });
  const auto now = collect_keys(observed_.gaps, [&](const schema::Gap& gap, std::size_t) {
    return key(gap,
               gap.netns ? std::optional<RowId>(netns_origins_[gap.netns->value()]) : std::nullopt);
  });
  write_set(Entity::Gap,
            schema::sql::kInsertGap,
            before,
            previous_.gaps,
            now,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_gap(insert, {head, now[at].second, now[at].first}, texts_);
            });
}

void EntityWriter::write_names() {
  write_set(Entity::UserName,
            schema::sql::kInsertUserName,
            previous_.snapshot.users,
            previous_.users,
            observed_.users,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_user_name(insert, {head, observed_.users[at]}, texts_);
            });
  write_set(Entity::GroupName,
            schema::sql::kInsertGroupName,
            previous_.snapshot.groups,
            previous_.groups,
            observed_.groups,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_group_name(insert, {head, observed_.groups[at]}, texts_);
            });
  write_set(Entity::Registration,
            schema::sql::kInsertRegistration,
            previous_.snapshot.registrations,
            previous_.registrations,
            observed_.registrations,
            [&](SQLite::Statement& insert, schema::RowHead head, std::size_t at) {
              schema::insert_registration(insert, {head, observed_.registrations[at]}, texts_);
            });
}

void EntityWriter::write_samples() {
  auto insert = prepare(schema::sql::kInsertSample);
  for (std::size_t at = 0; at < observed_.sockets.size(); ++at) {
    const schema::Queues& queues = observed_.sockets[at].queues;
    if (queues != schema::Queues{}) {
      schema::RowBinder(insert)
          .integer(seq_.value())
          .integer(socket_rows_[at])
          .integer(queues.recv_q)
          .integer(queues.send_q)
          .run();
    }
  }
}

void EntityWriter::write_frames_if_due() {
  if (seq_.value() % kFrameEvery != 0) {
    return;
  }
  auto insert = prepare(schema::sql::kInsertFrame);
  for (const Entity entity : schema::kEntities) {
    std::vector<RowId>& rows = living(entity);
    std::sort(rows.begin(), rows.end());
    const std::string ids = schema::encode_ids(rows);
    schema::RowBinder(insert)
        .integer(seq_.value())
        .enumeration(entity)
        .integer(next_id(entity) - 1)
        .bytes(ids)
        .run();
  }
}

}  // namespace sockwitness::recorder
