#include "schema/disk/load_baseline.h"

#include <algorithm>
#include <map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

class BaselineLoader {
 public:
  explicit BaselineLoader(Database& database)
      : database_(database),
        texts_(database, {kAlwaysWhole}),
        rpc_(prepare(sql::kReadBaselineRpc)),
        program_(prepare(sql::kReadProgram)) {}

  std::vector<BaselineInfo> list() {
    SQLite::Statement statement = prepare(sql::kReadBaselines);
    std::vector<BaselineInfo> infos;
    while (statement.executeStep()) {
      infos.push_back(decode_baseline(statement, texts_));
    }
    return infos;
  }

  ServiceSet load_set(const BaselineInfo& info) {
    ServiceSet set;
    set.as_of = info.ended;
    load_namespaces(info, set);
    load_gaps(info, set);
    SQLite::Statement statement = prepare(sql::kReadBaselineServices);
    statement.bind(1, info.record);
    std::map<RowId, BaselineServiceRow> services;
    while (statement.executeStep()) {
      BaselineServiceRow row = decode_baseline_service(statement, texts_);
      load_rpc(row);
      services.emplace(row.id, std::move(row));
    }
    load_owners(services);
    for (auto& [id, row] : services) {
      set.services.push_back(std::move(row.service));
    }
    std::stable_sort(
        set.services.begin(), set.services.end(), [](const Service& left, const Service& right) {
          return left.endpoint < right.endpoint;
        });
    return set;
  }

 private:
  SQLite::Statement prepare(std::string_view query) {
    return {database_.sqlite(), std::string(query)};
  }

  void load_namespaces(const BaselineInfo& info, ServiceSet& set) {
    SQLite::Statement statement = prepare(sql::kReadBaselineNetns);
    statement.bind(1, info.record);
    while (statement.executeStep()) {
      set.namespaces.push_back({Inode(), texts_.get(RowReader(statement).integer())});
    }
  }

  void load_gaps(const BaselineInfo& info, ServiceSet& set) {
    SQLite::Statement statement = prepare(sql::kReadBaselineGaps);
    statement.bind(1, info.record);
    while (statement.executeStep()) {
      std::optional<std::string> label;
      Gap gap = decode_baseline_gap(statement, texts_, label);
      if (label) {
        gap.netns = index_of(set, *label);
      }
      set.gaps.push_back(std::move(gap));
    }
  }

  // A namespace that no snapshot could read has a label all the same.
  static NetnsIndex index_of(ServiceSet& set, const std::string& label) {
    const auto found = std::find_if(set.namespaces.begin(),
                                    set.namespaces.end(),
                                    [&](const Netns& netns) { return netns.label == label; });
    const auto index = static_cast<std::uint32_t>(found - set.namespaces.begin());
    if (found == set.namespaces.end()) {
      set.namespaces.push_back({Inode(), label});
    }
    return NetnsIndex(index);
  }

  void load_owners(std::map<RowId, BaselineServiceRow>& services) {
    if (services.empty()) {
      return;
    }
    SQLite::Statement statement = prepare(sql::kReadBaselineOwners);
    statement.bind(1, services.begin()->first);
    statement.bind(2, services.rbegin()->first);
    while (statement.executeStep()) {
      const auto service = services.find(statement.getColumn(0).getInt64());
      if (service == services.end()) {
        continue;
      }
      BaselineOwnerRow owner = decode_baseline_owner(statement, texts_);
      owner.owner.program = load_program(owner.program);
      owner.owner.script_file = load_program(owner.script_file);
      service->second.service.owners.push_back(std::move(owner.owner));
    }
  }

  void load_rpc(BaselineServiceRow& row) {
    rpc_.reset();
    rpc_.bind(1, row.id);
    while (rpc_.executeStep()) {
      row.service.rpc.push_back(RowReader(rpc_).number<std::uint32_t>());
    }
  }

  std::optional<Program> load_program(std::optional<RowId> id) {
    if (!id) {
      return std::nullopt;
    }
    auto found = programs_.find(*id);
    if (found == programs_.end()) {
      program_.reset();
      program_.bind(1, *id);
      if (!program_.executeStep()) {
        throw Error(ExitCode::Unusable,
                    "reading a baseline of the database: it refers to a program that is not there",
                    "the file is damaged or was altered");
      }
      found = programs_.emplace(*id, decode_program(program_, texts_)).first;
    }
    return found->second;
  }

  Database& database_;
  Texts texts_;
  SQLite::Statement rpc_;
  SQLite::Statement program_;
  std::map<RowId, Program> programs_;
};

}  // namespace

std::vector<BaselineInfo> read_baselines(Database& database) {
  try {
    return BaselineLoader(database).list();
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::optional<Baseline> load_baseline(Database& database, std::string_view name) {
  try {
    BaselineLoader loader(database);
    const auto infos = loader.list();
    const auto found = std::find_if(
        infos.begin(), infos.end(), [&](const BaselineInfo& info) { return info.name == name; });
    if (found == infos.end()) {
      return std::nullopt;
    }
    return Baseline{*found, loader.load_set(*found)};
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

}  // namespace sockwitness::schema
