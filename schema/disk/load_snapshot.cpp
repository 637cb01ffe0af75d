#include "schema/disk/load_snapshot.h"

#include <algorithm>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/row_positions.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

[[noreturn]] void throw_dangling(Entity entity) {
  throw Error(ExitCode::Unusable,
              fmt::format("reading a {} of the database: it refers to a row that does not live",
                          entity_table(entity)),
              "the file is damaged or was altered");
}

std::uint32_t find_position(RowPositions& positions, RowId id, Entity entity) {
  const auto found = positions.find(id);
  if (!found) {
    throw_dangling(entity);
  }
  return *found;
}

template <class T>
std::uint32_t next_position(const std::vector<T>& values) {
  return static_cast<std::uint32_t>(values.size());
}

class SnapshotLoader {
 public:
  SnapshotLoader(Database& database, Seq seq, std::size_t whole_lines)
      : database_(database), seq_(seq), texts_(database, {whole_lines, kMostOfSnapshot}) {}

  void load_namespaces() {
    visit(Entity::Netns, sql::kReadNetns, [this](SQLite::Statement& statement) {
      NetnsRow row = decode_netns(statement, texts_);
      const RowId origin = row.origin.value_or(row.id);
      netns_.add(origin, next_position(loaded_.namespaces));
      loaded_.namespaces.push_back({row.id, origin});
      loaded_.snapshot.namespaces.push_back(std::move(row.netns));
    });
  }

  void load_gaps() {
    visit(Entity::Gap, sql::kReadGap, [this](SQLite::Statement& statement) {
      GapRow row = decode_gap(statement, texts_);
      if (row.netns) {
        row.gap.netns = NetnsIndex(find_position(netns_, *row.netns, Entity::Gap));
      }
      loaded_.gaps.push_back(row.id);
      loaded_.snapshot.gaps.push_back(std::move(row.gap));
    });
  }

  void load_sockets() {
    visit(Entity::Socket, sql::kReadSocket, [this](SQLite::Statement& statement) {
      SocketRow row = decode_socket(statement, texts_);
      row.socket.netns = NetnsIndex(find_position(netns_, row.netns, Entity::Socket));
      const RowId origin = row.origin.value_or(row.id);
      sockets_.add(origin, next_position(loaded_.sockets));
      loaded_.sockets.push_back({row.id, origin});
      loaded_.snapshot.sockets.push_back(std::move(row.socket));
    });
    load_samples();
  }

  void load_processes() {
    visit(Entity::Process, sql::kReadProcess, [this](SQLite::Statement& statement) {
      ProcessRow row = decode_process(statement, texts_);
      row.process.program = program_index(row.program);
      row.process.script_file = program_index(row.script_file);
      if (row.netns) {
        row.process.netns = NetnsIndex(find_position(netns_, *row.netns, Entity::Process));
      }
      const RowId origin = row.origin.value_or(row.id);
      processes_.add(origin, next_position(loaded_.processes));
      loaded_.processes.push_back({row.id, origin});
      loaded_.snapshot.processes.push_back(std::move(row.process));
    });
  }

  void load_relations() {
    visit(Entity::Holder, sql::kReadHolder, [this](SQLite::Statement& statement) {
      const HolderRow row = decode_holder(statement);
      loaded_.holders.push_back(row.id);
      loaded_.snapshot.holders.push_back(
          {SocketIndex(find_position(sockets_, row.socket, Entity::Holder)),
           process_index(row.process),
           row.fd});
    });
    visit(Entity::Descriptor, sql::kReadDescriptor, [this](SQLite::Statement& statement) {
      DescriptorRow row = decode_descriptor(statement, texts_);
      row.descriptor.process = process_index(row.process);
      loaded_.descriptors.push_back(row.id);
      loaded_.snapshot.descriptors.push_back(std::move(row.descriptor));
    });
    visit(Entity::Mapping, sql::kReadMapping, [this](SQLite::Statement& statement) {
      const MappingRow row = decode_mapping(statement);
      loaded_.mappings.push_back(row.id);
      loaded_.snapshot.mappings.push_back(
          {process_index(row.process), *program_index(row.program)});
    });
  }

  void load_names() {
    visit(Entity::UserName, sql::kReadUserName, [this](SQLite::Statement& statement) {
      UserNameRow row = decode_user_name(statement, texts_);
      loaded_.users.push_back(row.id);
      loaded_.snapshot.users.push_back(std::move(row.user));
    });
    visit(Entity::GroupName, sql::kReadGroupName, [this](SQLite::Statement& statement) {
      GroupNameRow row = decode_group_name(statement, texts_);
      loaded_.groups.push_back(row.id);
      loaded_.snapshot.groups.push_back(std::move(row.group));
    });
    visit(Entity::Registration, sql::kReadRegistration, [this](SQLite::Statement& statement) {
      RegistrationRow row = decode_registration(statement, texts_);
      loaded_.registrations.push_back(row.id);
      loaded_.snapshot.registrations.push_back(std::move(row.registration));
    });
  }

  LoadedSnapshot take() { return std::move(loaded_); }
  Snapshot& snapshot() { return loaded_.snapshot; }

 private:
  template <class Decode>
  void visit(Entity entity, std::string_view query, Decode decode) {
    const std::vector<RowId> living = read_living(database_, entity, seq_);
    make_room(entity, living.size());
    LentStatement statement = database_.lend(query);
    visit_rows(*statement, living, decode);
  }

  // The tables that may be large.
  void make_room(Entity entity, std::size_t rows) {
    if (entity == Entity::Socket) {
      sockets_.reserve(rows);
      loaded_.sockets.reserve(rows);
      loaded_.snapshot.sockets.reserve(rows);
    } else if (entity == Entity::Process) {
      processes_.reserve(rows);
      loaded_.processes.reserve(rows);
      loaded_.snapshot.processes.reserve(rows);
    } else if (entity == Entity::Holder) {
      loaded_.holders.reserve(rows);
      loaded_.snapshot.holders.reserve(rows);
    } else if (entity == Entity::Descriptor) {
      loaded_.descriptors.reserve(rows);
      loaded_.snapshot.descriptors.reserve(rows);
    }
  }

  void load_samples() {
    LentStatement statement = database_.lend(sql::kReadSamples);
    statement->bind(1, seq_.value());
    while (statement->executeStep()) {
      RowReader row(*statement);
      const RowId id = row.integer();
      const auto found = std::lower_bound(
          loaded_.sockets.begin(), loaded_.sockets.end(), id, [](const Origin& left, RowId right) {
            return left.row < right;
          });
      if (found == loaded_.sockets.end() || found->row != id) {
        throw_dangling(Entity::Socket);
      }
      Queues& queues =
          loaded_.snapshot.sockets[static_cast<std::size_t>(found - loaded_.sockets.begin())]
              .queues;
      queues.recv_q = row.number<std::uint32_t>();
      queues.send_q = row.number<std::uint32_t>();
    }
  }

  ProcessIndex process_index(RowId id) {
    return ProcessIndex(find_position(processes_, id, Entity::Process));
  }

  std::optional<ProgramIndex> program_index(std::optional<RowId> id) {
    if (!id) {
      return std::nullopt;
    }
    const auto [found, is_new] = programs_.emplace(*id, next_position(loaded_.programs));
    if (is_new) {
      LentStatement read = database_.lend(sql::kReadProgram);
      read->bind(1, *id);
      if (!read->executeStep()) {
        throw_dangling(Entity::Process);
      }
      loaded_.programs.push_back(*id);
      loaded_.snapshot.programs.push_back(decode_program(*read, texts_));
    }
    return ProgramIndex(found->second);
  }

  Database& database_;
  Seq seq_;
  Texts texts_;
  LoadedSnapshot loaded_;
  // By the row that others refer to.
  RowPositions netns_;
  RowPositions processes_;
  RowPositions sockets_;
  std::unordered_map<RowId, std::uint32_t> programs_;
};

}  // namespace

LoadedSnapshot load_snapshot(Database& database, Seq seq, std::size_t whole_lines) {
  const auto info = read_snapshot_info(database, seq);
  if (!info) {
    throw missing_row("reading snapshot", seq);
  }
  try {
    SnapshotLoader loader(database, seq, whole_lines);
    loader.load_namespaces();
    loader.load_gaps();
    loader.load_processes();
    loader.load_sockets();
    loader.load_relations();
    loader.load_names();
    Snapshot& snapshot = loader.snapshot();
    snapshot.seq = info->seq;
    snapshot.begin = info->begin;
    snapshot.end = info->end;
    snapshot.clock_sync = info->clock_sync;
    snapshot.context = info->context;
    snapshot.cost = info->cost;
    snapshot.note = info->note;
    snapshot.deep_seq = info->deep_seq;
    return loader.take();
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::vector<Program> load_latest_programs(Database& database, int most) {
  try {
    Texts texts(database);
    LentStatement statement = database.lend(sql::kReadLatestPrograms);
    statement->bind(1, most);
    std::vector<Program> programs;
    while (statement->executeStep()) {
      programs.push_back(decode_program(*statement, texts));
    }
    return programs;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

}  // namespace sockwitness::schema
