#include "recorder/write/entity_writer.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/digest_writer.h"
#include "recorder/write/keys.h"
#include "recorder/write/program_store.h"
#include "schema/disk/container_codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/model/same_boot.h"

namespace sockwitness::recorder {
namespace {

using schema::Entity;
using schema::Origin;
using schema::RowId;

// Without a cookie the addresses must do; with one they may change (connect on a datagram socket).
struct SocketKey {
  schema::SocketCookie cookie;
  std::unique_ptr<const std::string> rest;  // null: the cookie says all

  [[nodiscard]] SocketKey copy() const {
    return {cookie, rest == nullptr ? nullptr : std::make_unique<const std::string>(*rest)};
  }

  friend bool operator<(const SocketKey& left, const SocketKey& right) {
    if (left.cookie != right.cookie || left.rest == nullptr || right.rest == nullptr) {
      return std::pair(left.cookie, left.rest != nullptr) <
             std::pair(right.cookie, right.rest != nullptr);
    }
    return *left.rest < *right.rest;
  }
};

SocketKey socket_key(const schema::Socket& socket, RowId netns) {
  if (socket.cookie != schema::SocketCookie()) {
    return {socket.cookie, nullptr};
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
  if (schema::is_forward(socket)) {
    tuple += " forward " + socket.interface_name;
  }
  return {schema::SocketCookie(), std::make_unique<const std::string>(std::move(tuple))};
}

// What every table tells: the same inode at the same place is the same socket.
std::string plain_key(const schema::Socket& socket, RowId netns) {
  std::string key = std::to_string(netns);
  for (const std::uint64_t number : {static_cast<std::uint64_t>(socket.protocol),
                                     static_cast<std::uint64_t>(socket.family),
                                     static_cast<std::uint64_t>(socket.local_port.value()),
                                     static_cast<std::uint64_t>(socket.remote_port.value()),
                                     socket.inode.value()}) {
    key += ' ';
    key += std::to_string(number);
  }
  key += socket.local_address.bytes();
  key += socket.remote_address.bytes();
  key += socket.name;
  return key;
}

schema::VersionHead head(const Origin& row) {
  return {{row.row}, row.first == row.row ? std::nullopt : std::optional(row.first)};
}

// All compared fields but the namespace, which is compared by its row, and the samples. Every field
// is named, so that a new one does not compile before it is compared; a copy without the two would
// cost more than all the rest.
bool equal_sockets(const schema::Socket& left, const schema::Socket& right) {
  const auto& [protocol_l,
               family_l,
               type_l,
               state_l,
               netns_l,
               local_address_l,
               local_port_l,
               remote_address_l,
               remote_port_l,
               cookie_l,
               inode_l,
               uid_l,
               backlog_l,
               no_holder_l,
               name_l,
               remote_name_l,
               peer_l,
               number_l,
               port_id_l,
               interface_l,
               interface_name_l,
               v6only_l,
               filter_length_l,
               filter_sha256_l,
               promiscuous_l,
               local_last_l,
               remote_last_l,
               rule_l,
               target_l,
               queues_l] = left;
  const auto& [protocol_r,
               family_r,
               type_r,
               state_r,
               netns_r,
               local_address_r,
               local_port_r,
               remote_address_r,
               remote_port_r,
               cookie_r,
               inode_r,
               uid_r,
               backlog_r,
               no_holder_r,
               name_r,
               remote_name_r,
               peer_r,
               number_r,
               port_id_r,
               interface_r,
               interface_name_r,
               v6only_r,
               filter_length_r,
               filter_sha256_r,
               promiscuous_r,
               local_last_r,
               remote_last_r,
               rule_r,
               target_r,
               queues_r] = right;
  return protocol_l == protocol_r && family_l == family_r && type_l == type_r &&
         state_l == state_r && local_address_l == local_address_r && local_port_l == local_port_r &&
         remote_address_l == remote_address_r && remote_port_l == remote_port_r &&
         cookie_l == cookie_r && inode_l == inode_r && uid_l == uid_r && backlog_l == backlog_r &&
         no_holder_l == no_holder_r && name_l == name_r && remote_name_l == remote_name_r &&
         peer_l == peer_r && number_l == number_r && port_id_l == port_id_r &&
         interface_l == interface_r && interface_name_l == interface_name_r &&
         v6only_l == v6only_r && filter_length_l == filter_length_r &&
         filter_sha256_l == filter_sha256_r && promiscuous_l == promiscuous_r &&
         local_last_l == local_last_r && remote_last_l == remote_last_r && rule_l == rule_r &&
         target_l == target_r;
}

}  // namespace

EntityWriter::EntityWriter(schema::Database& database,
                           const schema::Snapshot& observed,
                           const schema::LoadedSnapshot& previous,
                           schema::Seq seq)
    : database_(database),
      observed_(observed),
      previous_(previous),
      ledger_(database, seq),
      same_boot_(schema::is_same_boot(previous.snapshot, observed)),
      texts_(database) {
}

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
  ledger_.store();
  write_full_digests(database_);
}

template <class Key>
Matching EntityWriter::match(const std::vector<Key>& before, const std::vector<Key>& now) const {
  if (same_boot_) {
    return reconcile(before, now);
  }
  Matching nothing;
  nothing.previous_of.resize(now.size());
  for (std::size_t at = 0; at < before.size(); ++at) {
    nothing.ended.push_back(at);
  }
  return nothing;
}

void EntityWriter::write_programs() {
  ProgramStore store(database_, texts_);
  for (std::size_t at = 0; at < previous_.programs.size(); ++at) {
    store.know(previous_.snapshot.programs[at], previous_.programs[at]);
  }
  for (const schema::Program& program : observed_.programs) {
    rows_.programs.push_back(store.find_or_insert(program));
  }
}

void EntityWriter::write_namespaces() {
  const auto& before = previous_.snapshot.namespaces;
  const auto& now = observed_.namespaces;
  const auto inode_of = [](const schema::Netns& netns) { return netns.inode; };
  auto insert = database_.lend(schema::sql::kInsertNetns);
  rows_.namespaces = write_versions(
      ledger_,
      Entity::Netns,
      match(make_keys(before, inode_of), make_keys(now, inode_of)),
      now,
      previous_.namespaces,
      [&](std::size_t at, std::size_t known) { return now[at] == before[known]; },
      [&](std::size_t at, const Origin& row) {
        schema::insert_netns(*insert, {head(row), now[at]}, texts_);
      });
}

schema::ProcessRow EntityWriter::make_process_row(const schema::Process& process) const {
  schema::ProcessRow row;
  row.process = process;
  if (process.program) {
    row.program = rows_.programs[process.program->value()];
  }
  if (process.script_file) {
    row.script_file = rows_.programs[process.script_file->value()];
  }
  if (process.netns) {
    row.netns = rows_.namespaces[process.netns->value()].first;
  }
  return row;
}

bool EntityWriter::is_same_process(const schema::Process& now,
                                   const schema::Process& before) const {
  constexpr RowId kNone = 0;
  const auto program_now = [&](const std::optional<schema::ProgramIndex>& index) {
    return index ? rows_.programs[index->value()] : kNone;
  };
  const auto program_before = [&](const std::optional<schema::ProgramIndex>& index) {
    return index ? previous_.programs[index->value()] : kNone;
  };
  const RowId netns_now = now.netns ? rows_.namespaces[now.netns->value()].first : kNone;
  const RowId netns_before =
      before.netns ? previous_.namespaces[before.netns->value()].first : kNone;
  if (program_now(now.program) != program_before(before.program) ||
      program_now(now.script_file) != program_before(before.script_file) ||
      netns_now != netns_before) {
    return false;
  }
  schema::Process aligned = before;
  aligned.program = now.program;
  aligned.script_file = now.script_file;
  aligned.netns = now.netns;
  // The one that was kept whole stands for the one that was not.
  const auto bytes = [](const schema::Process& process) {
    return process.command_line ? std::string_view(*process.command_line) : std::string_view();
  };
  if (now.long_line && before.command_line &&
      schema::same_text(bytes(before), before.long_line, bytes(now), now.long_line)) {
    aligned.command_line = now.command_line;
    aligned.long_line = now.long_line;
  }
  return aligned == now;
}

void EntityWriter::write_processes() {
  const auto identity = [](const schema::Process& process) {
    return std::pair(process.pid, process.start);
  };
  const auto& before = previous_.snapshot.processes;
  const auto& now = observed_.processes;
  auto insert = database_.lend(schema::sql::kInsertProcess);
  rows_.processes = write_versions(
      ledger_,
      Entity::Process,
      match(make_keys(before, identity), make_keys(now, identity)),
      now,
      previous_.processes,
      [&](std::size_t at, std::size_t known) { return is_same_process(now[at], before[known]); },
      [&](std::size_t at, const Origin& origin) {
        schema::ProcessRow row = make_process_row(now[at]);
        static_cast<schema::VersionHead&>(row) = head(origin);
        row.container =
            schema::find_or_insert_container(database_, row.process.container_facts, texts_);
        schema::insert_process(*insert, row, texts_);
      });
}

void EntityWriter::write_sockets() {
  const auto& before = previous_.snapshot.sockets;
  const auto& now = observed_.sockets;
  const auto place_before = [this](const schema::Socket& socket) {
    return previous_.namespaces[socket.netns.value()].first;
  };
  const auto place_now = [this](const schema::Socket& socket) {
    return rows_.namespaces[socket.netns.value()].first;
  };
  // Those that were known without a cookie keep the key that they had then.
  std::map<std::string, SocketKey> without_cookie;
  auto keys_before = make_keys(before, [&](const schema::Socket& socket) {
    SocketKey key = socket_key(socket, place_before(socket));
    if (socket.cookie == schema::SocketCookie() && socket.inode != schema::Inode()) {
      without_cookie.emplace(plain_key(socket, place_before(socket)), key.copy());
    }
    return key;
  });
  auto keys_now = make_keys(now, [&](const schema::Socket& socket) {
    if (socket.cookie == schema::SocketCookie() || without_cookie.empty()) {
      return socket_key(socket, place_now(socket));
    }
    const auto known = without_cookie.find(plain_key(socket, place_now(socket)));
    return known == without_cookie.end() ? socket_key(socket, place_now(socket))
                                         : known->second.copy();
  });
  socket_matching_ = match(keys_before, keys_now);
  auto insert = database_.lend(schema::sql::kInsertSocket);
  auto insert_detail = database_.lend(schema::sql::kInsertSocketDetail);
  auto insert_forward = database_.lend(schema::sql::kInsertForward);
  rows_.sockets = write_versions(
      ledger_,
      Entity::Socket,
      socket_matching_,
      now,
      previous_.sockets,
      [&](std::size_t at, std::size_t known) {
        return place_now(now[at]) == place_before(before[known]) &&
               equal_sockets(now[at], before[known]);
      },
      [&](std::size_t at, const Origin& origin) {
        const schema::SocketRow row{head(origin), now[at], place_now(now[at])};
        schema::insert_socket(*insert, row, texts_);
        if (schema::has_detail(now[at])) {
          schema::insert_socket_detail(*insert_detail, row, texts_);
        }
        if (schema::is_forward(now[at])) {
          schema::insert_forward(*insert_forward, row, texts_);
        }
      });
}

}  // namespace sockwitness::recorder
