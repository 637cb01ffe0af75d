#include "query/seal/seal.h"

#include <algorithm>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/seal/row_lookup.h"
#include "query/seal/row_writer.h"
#include "query/seal/sealed_check.h"
#include "query/seal/sealed_file.h"
#include "query/seal/sealed_folder.h"
#include "query/terminal/interruption.h"
#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/chained_tables.h"
#include "schema/disk/database.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::string_view kFrameTable = "frame";

// From the last snapshot with key frames: the rows shown at the begin follow from rows
// that are there.
Range complete_records(SQLite::Database& sqlite, const ChainOutline& outline, Range snapshots) {
  SQLite::Statement begin(sqlite,
                          "SELECT coalesce(max(record), 0) FROM snapshot WHERE seq = "
                          "(SELECT max(seq) FROM frame WHERE entity = 1 AND seq <= ?1)");
  begin.bind(1, snapshots.first);
  begin.executeStep();
  SQLite::Statement end(sqlite, "SELECT coalesce(max(record), 0) FROM snapshot WHERE seq = ?1");
  end.bind(1, snapshots.last);
  end.executeStep();
  const std::int64_t last = std::max(end.getColumn(0).getInt64(), outline.first());
  if (last > outline.last()) {
    throw Error(ExitCode::Unusable,
                fmt::format("sealing snapshot {}: it is not signed", snapshots.last),
                "see: sockwitness verify");
  }
  return {std::max(begin.getColumn(0).getInt64(), outline.first()), last};
}

RowNumber find_row(const RowName& name, const ChainOutline& outline, RowLookup& lookup) {
  const auto tables = schema::chained_tables();
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& known) {
    return known.name == name.table && known.parts == 0;
  });
  if (table == tables.end()) {
    throw Error(ExitCode::Usage,
                fmt::format("sealing row '{}={}': no such table", name.table, name.number),
                "for example: --row socket=4711; the tables are in sockwitness-database(5)");
  }
  const RowNumber number{static_cast<std::uint32_t>(table->numbering), name.number};
  const auto rows = outline.marks().record_of(number) == 0 ? std::vector<schema::StoredRow>()
                                                           : lookup.read(number);
  if (std::none_of(rows.begin(), rows.end(), [&](const schema::StoredRow& row) {
        return row.table == name.table;
      })) {
    throw Error(
        ExitCode::Usage,
        fmt::format("sealing row '{}={}': no signed record has it", name.table, name.number),
        "look for its number: sqlite3 -readonly DATABASE");
  }
  return number;
}

std::vector<schema::EnrolledKey> keys_of(const ChainOutline& outline, std::string_view archive) {
  std::vector<schema::EnrolledKey> keys;
  for (const SealedLink& link : outline.links()) {
    if (link.key) {
      keys.push_back({std::string(archive), link.record, *link.key});
    }
  }
  return keys;
}

// What the head needs beside the rows that were asked for.
void add_frame_of_chain(const ChainOutline& outline, NeededRows& needed) {
  needed.add({schema::kRecordNumbering, 1});  // with the row of `archive`
  for (const SealedLink& link : outline.links()) {
    if (link.key || link.environment) {
      needed.add({schema::kRecordNumbering, link.record});
    }
  }
}

void add_all_they_lead_to(RowLookup& lookup, NeededRows& needed) {
  for (auto numbers = needed.take_new(); !numbers.empty(); numbers = needed.take_new()) {
    for (const RowNumber& number : numbers) {
      for (const schema::StoredRow& row : lookup.read(number)) {
        needed.add(row);
      }
    }
  }
}

// Of the links, the anchors that were kept; one with another head refuses.
std::string anchor_lines(const ChainOutline& outline,
                         const KnownAnchors::Of& known,
                         const schema::ArchiveId& archive,
                         std::int64_t& count) {
  std::map<std::int64_t, std::set<schema::Hash>> heads;
  for (const auto& [record, told] : known.by_record) {
    heads[record].insert(told.heads.begin(), told.heads.end());
  }
  for (const auto& [seq, told] : known.by_seq) {
    heads[outline.marks().record_of({schema::kSnapshotNumbering, seq})].insert(told.heads.begin(),
                                                                               told.heads.end());
  }
  std::string lines;
  for (const auto& [record, told] : heads) {
    if (record < outline.first() || record > outline.last() ||
        told != std::set{outline.link(record).head}) {
      throw Error(ExitCode::Unusable,
                  fmt::format("sealing: an anchor tells of another record {}", record),
                  "see: sockwitness verify --anchors FILE");
    }
    const SealedLink& link = outline.link(record);
    lines += schema::format_anchor({archive, record, link.head, link.signature}) + "\n";
    ++count;
  }
  return lines;
}

class Sealing {
 public:
  Sealing(const SealRequest& request, const std::string& folder, SQLite::Database& sqlite)
      : request_(request),
        sqlite_(sqlite),
        outline_(sqlite_),
        columns_(read_table_columns()),
        links_(folder, kLinksName, request.database),
        rows_(folder, kRowsName, request.database),
        anchors_(folder, kAnchorsName, request.database),
        instructions_(folder, kInstructionsName, request.database),
        manifest_(folder, kManifestName, request.database) {}

  [[nodiscard]] Sealed write() {
    fill_manifest();
    Manifest& manifest = sealed_.manifest;
    for (const SealedLink& link : outline_.links()) {
      links_.write(format_sealed_link(link) + "\n");
    }
    sealed_.links = static_cast<std::int64_t>(outline_.links().size());
    write_rows();
    anchors_.write(anchor_lines(
        outline_, request_.anchors.of(manifest.archive), manifest.archive, sealed_.anchors));
    instructions_.write(instructions_for(manifest));
    manifest.files = {
        links_.complete(), rows_.complete(), anchors_.complete(), instructions_.complete()};
    manifest_.write(format_manifest(manifest));
    static_cast<void>(manifest_.complete());  // the last one: a folder without it is none
    return sealed_;
  }

 private:
  void fill_manifest() {
    Manifest& manifest = sealed_.manifest;
    SQLite::Statement archive(sqlite_, "SELECT uuid FROM archive WHERE id = 1");
    const auto id = archive.executeStep() ? schema::from_bytes<16>(archive.getColumn(0).getString())
                                          : std::nullopt;
    if (!id) {
      throw Error(ExitCode::Unusable,
                  "sealing: the file does not say which one it is",
                  "see: sockwitness verify");
    }
    manifest.archive = *id;
    manifest.format = sqlite_.execAndGet("PRAGMA user_version").getInt64();
    manifest.asked = request_.snapshots;
    manifest.rows = request_.rows;
    if (request_.snapshots) {
      manifest.complete = complete_records(sqlite_, outline_, *request_.snapshots);
    }
    const SealedLink& last = outline_.links().back();
    manifest.head = {*id, last.record, last.head, last.signature};
    manifest.keys = keys_of(outline_, schema::to_hex(*id));
  }

  void write_rows() {
    const std::optional<Range>& complete = sealed_.manifest.complete;
    NeededRows needed(complete ? outline_.marks().after(complete->first - 1)
                               : outline_.marks().after(outline_.last()));
    const auto all = outline_.last() - outline_.first() + 1;
    RowWriter writer(
        sqlite_,
        outline_,
        columns_,
        [&](const SealedRow& row) {
          rows_.write(format_sealed_row(row, columns_) + "\n");
          if (!row.proof) {
            take_in(row, needed);
          }
        },
        [&](std::int64_t record) {
          if (request_.on_progress) {
            request_.on_progress(record - outline_.first() + 1, all);
          }
        });
    if (complete) {
      writer.write_records(complete->first, complete->last);
    }
    sealed_.rows = writer.written();
    RowLookup lookup(sqlite_);
    for (const RowName& row : request_.rows) {
      needed.add(find_row(row, outline_, lookup));
    }
    add_frame_of_chain(outline_, needed);
    add_all_they_lead_to(lookup, needed);
    writer.write_single(needed.all());
    sealed_.carried = writer.written() - sealed_.rows;
  }

  void take_in(const SealedRow& row, NeededRows& needed) const {
    needed.add(row.row);
    if (row.row.table == kFrameTable && row.record == sealed_.manifest.complete->first) {
      static_cast<void>(add_living(row.row, needed));
    }
  }

  const SealRequest& request_;
  SQLite::Database& sqlite_;
  ChainOutline outline_;
  TableColumns columns_;
  SealedFile links_;
  SealedFile rows_;
  SealedFile anchors_;
  SealedFile instructions_;
  SealedFile manifest_;
  Sealed sealed_;
};

}  // namespace

Sealed seal(const SealRequest& request) {
  schema::Database database = schema::Database::open_for_reading(request.database);
  try {
    SealedFolder folder(request.folder);
    const Sealed sealed = Sealing(request, folder.place(), database.sqlite()).write();
    const Verdict verdict = verify_sealed({folder.place(), {}, {}, {}, {}});
    if (verdict.result != Verdict::Result::Intact) {
      throw Error(ExitCode::Unusable,
                  fmt::format("sealing '{}': what was written does not verify: {}",
                              request.database,
                              verdict.problems.empty() ? "" : verdict.problems.front().what),
                  "the file is damaged or was altered; see: sockwitness verify");
    }
    LastSteps last;
    folder.finish();
    last.taken();
    return sealed;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", request.database, failure);
  }
}

}  // namespace sockwitness::query
