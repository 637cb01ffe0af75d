#include "recorder/write/baseline_writer.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/program_store.h"
#include "recorder/write/record.h"
#include "schema/base/error.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/container_codec.h"
#include "schema/disk/database.h"
#include "schema/disk/load_baseline.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/program/suggest.h"

namespace sockwitness::recorder {
namespace {

using schema::BaselineInfo;
using schema::Database;
using schema::Error;
using schema::ExitCode;
using schema::RowId;

BaselineInfo find_baseline(Database& database, std::string_view doing, const std::string& name) {
  const auto infos = schema::read_baselines(database);
  const auto found = std::find_if(
      infos.begin(), infos.end(), [&](const BaselineInfo& info) { return info.name == name; });
  if (found != infos.end()) {
    return *found;
  }
  std::vector<std::string> known;
  for (const BaselineInfo& info : infos) {
    known.push_back(info.name);
  }
  const std::string nearest = schema::nearest_word(name, known);
  throw Error(ExitCode::Usage,
              fmt::format("{} baseline '{}': there is none of that name", doing, name),
              nearest.empty() ? "sockwitness-recorder baseline list shows them"
                              : fmt::format("did you mean '{}'?", nearest));
}

class Writer {
 public:
  explicit Writer(Database& database)
      : database_(database), texts_(database), programs_(database, texts_) {}

  RowId begin(RecordKind kind, const schema::Author& author, schema::WallTime now) {
    const RowId record = append_record(database_, kind, now);
    auto insert = prepare(schema::sql::kInsertAuthor);
    schema::insert_author(insert, record, author, texts_);
    return record;
  }

  void insert_head(const BaselineInfo& info) {
    auto insert = prepare(schema::sql::kInsertBaseline);
    schema::insert_baseline(insert, info, texts_);
  }

  void insert_places(RowId record, const schema::ServiceSet& set) {
    auto insert_netns = prepare(schema::sql::kInsertBaselineNetns);
    for (const schema::Netns& netns : set.namespaces) {
      schema::RowBinder(insert_netns).integer(record).integer(texts_.intern(netns.label)).run();
    }
    auto insert_gap = prepare(schema::sql::kInsertBaselineGap);
    for (const schema::Gap& gap : set.gaps) {
      const auto label =
          gap.netns ? std::optional(set.namespaces.at(gap.netns->value()).label) : std::nullopt;
      schema::insert_baseline_gap(insert_gap, record, gap, label, texts_);
    }
  }

  void insert_services(RowId record, const std::vector<schema::Service>& services) {
    auto insert = prepare(schema::sql::kInsertBaselineService);
    auto insert_owner = prepare(schema::sql::kInsertBaselineOwner);
    auto insert_rpc = prepare(schema::sql::kInsertBaselineRpc);
    for (const schema::Service& service : services) {
      schema::insert_baseline_service(insert, {0, record, service}, texts_);
      const RowId row = database_.sqlite().getLastInsertRowid();
      for (const schema::Owner& owner : service.owners) {
        schema::insert_baseline_owner(
            insert_owner,
            {row,
             owner,
             row_of(owner.program),
             row_of(owner.script_file),
             schema::find_or_insert_container(database_, owner.container_facts, texts_)},
            texts_);
      }
      for (const std::uint32_t program : service.rpc) {
        schema::RowBinder(insert_rpc).integer(row).integer(program).run();
      }
    }
  }

  void insert_drop(RowId record, RowId baseline, const std::string& note) {
    auto insert = prepare(schema::sql::kInsertBaselineDrop);
    schema::RowBinder(insert)
        .integer(record)
        .integer(baseline)
        .maybe_integer(texts_.intern_unless_empty(note))
        .run();
  }

  void insert_acceptance(RowId record, RowId baseline, const AcceptedServices& accepted) {
    const auto& until = accepted.acceptance.until;
    auto insert = prepare(schema::sql::kInsertBaselineAcceptance);
    schema::RowBinder(insert)
        .integer(record)
        .integer(baseline)
        .integer(accepted.seq.value())
        .integer(texts_.intern(accepted.thing))
        .integer(texts_.intern(accepted.acceptance.reason))
        .maybe_integer(until ? std::optional(until->microseconds) : std::nullopt)
        .run();
  }

 private:
  SQLite::Statement prepare(std::string_view query) {
    return {database_.sqlite(), std::string(query)};
  }

  std::optional<RowId> row_of(const std::optional<schema::Program>& program) {
    return program ? std::optional(programs_.find_or_insert(*program)) : std::nullopt;
  }

  Database& database_;
  schema::Texts texts_;
  ProgramStore programs_;
};

// `write` gets a writer within a transaction.
template <class Write>
void in_transaction(Database& database, Write write) {
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    Writer writer(database);
    write(writer);
    database.commit(transaction);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("writing database", database.path(), failure);
  }
}

}  // namespace

BaselineInfo write_baseline(Database& database, schema::Baseline baseline, schema::WallTime now) {
  BaselineInfo& info = baseline.info;
  for (const BaselineInfo& known : schema::read_baselines(database)) {
    if (known.name == info.name) {
      throw Error(ExitCode::Usage,
                  fmt::format("adding baseline '{}': there is one of that name, made at {}",
                              info.name,
                              schema::format_utc(known.made_at)),
                  fmt::format("choose another name, or drop it first: sockwitness-recorder "
                              "baseline drop {}",
                              info.name));
    }
  }
  info.made_at = now;
  info.services = static_cast<std::uint32_t>(baseline.set.services.size());
  in_transaction(database, [&](Writer& writer) {
    info.record = writer.begin(RecordKind::Baseline, info.author, now);
    writer.insert_head(info);
    writer.insert_places(info.record, baseline.set);
    writer.insert_services(info.record, baseline.set.services);
  });
  return info;
}

void write_baseline_drop(Database& database,
                         const std::string& name,
                         const std::string& note,
                         const schema::Author& author,
                         schema::WallTime now) {
  const BaselineInfo info = find_baseline(database, "dropping", name);
  in_transaction(database, [&](Writer& writer) {
    const RowId record = writer.begin(RecordKind::BaselineDrop, author, now);
    writer.insert_drop(record, info.record, note);
  });
}

void write_acceptance(Database& database,
                      const AcceptedServices& accepted,
                      const schema::Author& author,
                      schema::WallTime now) {
  const BaselineInfo info = find_baseline(database, "adding to", accepted.baseline);
  in_transaction(database, [&](Writer& writer) {
    const RowId record = writer.begin(RecordKind::BaselineAcceptance, author, now);
    writer.insert_acceptance(record, info.record, accepted);
    writer.insert_services(record, accepted.services);
  });
}

}  // namespace sockwitness::recorder
