// One snapshot, and what is known beyond it, as tables in memory that rules read.
//
// In:    a snapshot with the lifetimes of its sockets, the names of ports, programs known before.
// Out:   a database in memory; the tables are those of TABLES.md.
// Never: touches a file, and holds no row that the snapshot does not.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/findings/host_view.h"
#include "schema/model/service.h"

namespace SQLite {
class Database;
}

namespace sockwitness::query {

struct PortName {
  schema::Protocol protocol = schema::Protocol::Tcp;
  schema::Port port;
  std::string name;
};

struct StageInput {
  const HostView& host;
  std::span<const PortName> port_names = {};
  // Of earlier snapshots: their content tells renamed copies of shells and interpreters.
  std::span<const schema::Program> known_programs = {};
  std::optional<schema::WallTime> history_began = {};  // when the first snapshot was taken
  const schema::ServiceSet* baseline = nullptr;        // what is expected; null: no baseline
};

class Stage {
 public:
  explicit Stage(const StageInput& input);
  Stage(Stage&&) noexcept;
  Stage& operator=(Stage&&) noexcept;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  [[nodiscard]] SQLite::Database& sqlite() { return *sqlite_; }
  // Ids of processes and sockets are below these.
  [[nodiscard]] std::size_t processes() const { return processes_; }
  [[nodiscard]] std::size_t sockets() const { return sockets_; }
  // The names of the tables that rules may read.
  [[nodiscard]] static const std::vector<std::string>& tables();

 private:
  std::unique_ptr<SQLite::Database> sqlite_;
  std::size_t processes_ = 0;
  std::size_t sockets_ = 0;
};

}  // namespace sockwitness::query
