#include "recorder/write/digest_writer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/digest.h"
#include "schema/disk/entity.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/noted_rows.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"
#include "schema/model/socket.h"

namespace sockwitness::recorder {
namespace {

using schema::Entity;
using schema::Facet;
using schema::RowId;
using schema::Seq;

struct Block {
  std::int64_t number = 0;
  [[nodiscard]] RowId first() const { return number * schema::kDigestRows + 1; }
  [[nodiscard]] RowId last() const { return (number + 1) * schema::kDigestRows; }
};

SQLite::Statement select_block(schema::Database& database, std::string_view query, Block block) {
  SQLite::Statement statement(database.sqlite(), std::string(query));
  statement.bind(1, block.first());
  statement.bind(2, block.last());
  return statement;
}

class DigestWriter {
 public:
  explicit DigestWriter(schema::Database& database) : database_(database) {
    if (auto kept = schema::read_kept_rows(database.sqlite())) {
      removed_ = std::move(kept->marks);
      first_kept_ = Seq(kept->pruned_until.value() + 1);
    }
  }

  void digest_sockets(Block block) {
    std::set<std::int64_t> ports;
    std::set<std::int64_t> local_addresses;
    std::set<std::int64_t> users;
    std::set<std::int64_t> namespaces;
    std::set<std::int64_t> kinds;
    std::string networks;
    std::string addresses;
    auto statement = select_block(database_, schema::sql::kDigestSockets, block);
    while (statement.executeStep()) {
      schema::RowReader row(statement);
      // One byte for each number, whether or not its row was thinned before the block was full.
      const auto place = static_cast<std::size_t>(row.integer() - block.first());
      networks.resize(place);
      addresses.resize(place);
      namespaces.insert(row.integer());
      const std::int64_t protocol = row.integer();
      kinds.insert(protocol * 16 + row.integer());
      if (const auto local = row.maybe_integer()) {
        local_addresses.insert(*local);
      }
      ports.insert(row.integer());
      ports.insert(row.integer());
      if (const auto uid = row.maybe_integer()) {
        users.insert(*uid);
      }
      const auto remote = schema::IpAddress::from_bytes(row.bytes());
      networks += static_cast<char>(remote ? schema::network_fingerprint(*remote) : 0);
      addresses += static_cast<char>(remote ? schema::address_fingerprint(*remote) : 0);
    }
    networks.resize(schema::kDigestRows);
    addresses.resize(schema::kDigestRows);
    store(Facet::SocketPorts, block, schema::encode_numbers(ports));
    store(Facet::SocketLocalAddresses, block, schema::encode_numbers(local_addresses));
    store(Facet::SocketRemoteNetworks, block, networks);
    store(Facet::SocketRemoteAddresses, block, addresses);
    store(Facet::SocketUsers, block, schema::encode_numbers(users));
    store(Facet::SocketNamespaces, block, schema::encode_numbers(namespaces));
    store(Facet::SocketKinds, block, schema::encode_numbers(kinds));
  }

  void digest_noted(Facet facet, Block block) {
    const auto rows = schema::scan_noted_rows(database_, facet, block.first(), block.last());
    store(facet, block, schema::encode_row_numbers(block.first() - 1, rows));
  }

  void digest_holders(Block block) {
    std::set<std::int64_t> processes;
    std::set<std::int64_t> late;
    RowId last_of_snapshot = 0;  // the last holder that began with the snapshot at hand
    RowId sockets_before = 0;    // the last socket that was known before it
    auto statement = select_block(database_, schema::sql::kDigestHolders, block);
    while (statement.executeStep()) {
      schema::RowReader row(statement);
      const RowId id = row.integer();
      const RowId socket = row.integer();
      processes.insert(row.integer());
      if (id > last_of_snapshot) {
        const Seq seq = schema::read_first_seen(database_, Entity::Holder, {id}).front();
        last_of_snapshot = schema::read_last_id(database_, Entity::Holder, seq);
        sockets_before = schema::read_last_id(database_, Entity::Socket, Seq(seq.value() - 1));
      }
      if (socket <= sockets_before) {
        late.insert(id);
      }
    }
    store(Facet::HolderProcesses, block, schema::encode_numbers(processes));
    store(Facet::LateHolders, block, schema::encode_numbers(late));
  }

  void digest_processes(Block block) {
    std::set<std::int64_t> pids;
    std::set<std::int64_t> texts;
    std::set<std::int64_t> programs;
    std::set<std::int64_t> users;
    std::set<std::int64_t> places;
    auto statement = select_block(database_, schema::sql::kDigestProcesses, block);
    const auto insert_if = [](std::set<std::int64_t>& set, std::optional<std::int64_t> number) {
      if (number) {
        set.insert(*number);
      }
    };
    while (statement.executeStep()) {
      schema::RowReader row(statement);
      pids.insert(row.integer());
      texts.insert(row.integer());
      insert_if(texts, row.maybe_integer());
      insert_if(programs, row.maybe_integer());
      insert_if(programs, row.maybe_integer());
      users.insert(row.integer());
      insert_if(places, row.maybe_integer());
      insert_if(places, row.maybe_integer());
    }
    store(Facet::ProcessPids, block, schema::encode_numbers(pids));
    store(Facet::ProcessTexts, block, schema::encode_numbers(texts));
    store(Facet::ProcessPrograms, block, schema::encode_numbers(programs));
    store(Facet::ProcessUsers, block, schema::encode_numbers(users));
    store(Facet::ProcessPlaces, block, schema::encode_numbers(places));
  }

  void digest_containers(Block block) {
    std::set<std::int64_t> containers;
    auto statement = select_block(database_, schema::sql::kDigestContainers, block);
    while (statement.executeStep()) {
      containers.insert(schema::RowReader(statement).integer());
    }
    store(Facet::ProcessContainers, block, schema::encode_numbers(containers));
  }

  // `facet` stands for those of its table: all of a block are written together.
  template <class Digest>
  void write_due(Entity entity, Facet facet, Digest digest) {
    schema::LentStatement last = database_.lend(schema::sql::kReadLastDigest);
    last->bind(1, static_cast<int>(facet));
    last->executeStep();
    const auto known = schema::RowReader(*last).maybe_integer();
    const RowId rows = schema::read_last_id(database_, entity, Seq(INT64_MAX));
    const auto removed = static_cast<std::uint32_t>(facet) + schema::kDigestNumbering;
    std::int64_t next = std::max(known ? *known + 1 : 0, schema::mark_of(removed_, removed));
    if (first_kept_) {  // a block without some of its rows would say what is not so
      const RowId gone = schema::read_last_id(database_, entity, *first_kept_);
      next = std::max(next, gone > 0 ? schema::digest_block(gone) + 1 : 0);
    }
    for (Block block{next}; block.last() <= rows; ++block.number) {
      digest(block);
    }
  }

 private:
  void store(Facet facet, Block block, std::string_view content) {
    schema::LentStatement insert = database_.lend(schema::sql::kInsertDigest);
    schema::RowBinder(*insert).enumeration(facet).integer(block.number).bytes(content).run();
  }

  schema::Database& database_;
  schema::Marks removed_;  // blocks up to these were written, and may be gone
  std::optional<Seq> first_kept_;
};

}  // namespace

void write_full_digests(schema::Database& database) {
  DigestWriter writer(database);
  writer.write_due(
      Entity::Socket, Facet::SocketPorts, [&](Block block) { writer.digest_sockets(block); });
  // Newer than the others: a file may have blocks without them.
  for (const Facet facet : {Facet::SocketVersions, Facet::SocketListeners}) {
    writer.write_due(
        Entity::Socket, facet, [&](Block block) { writer.digest_noted(facet, block); });
  }
  writer.write_due(
      Entity::Holder, Facet::HolderProcesses, [&](Block block) { writer.digest_holders(block); });
  writer.write_due(
      Entity::Process, Facet::ProcessPids, [&](Block block) { writer.digest_processes(block); });
  writer.write_due(Entity::Process, Facet::ProcessContainers, [&](Block block) {
    writer.digest_containers(block);
  });
}

}  // namespace sockwitness::recorder
