// `export --format jsonl`: all that snapshots show, one row a line, in the order of recording.
//
// In:    the snapshots of a range in order, each with what it added and what it no longer saw.
// Out:   lines from which every snapshot of the range can be put together again;
//        schema/EXPORT.md.
// Never: leaves a field out.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "query/report/neutral/line_sink.h"
#include "schema/disk/delta.h"
#include "schema/model/baseline.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// Makes a snapshot's line an anchor: `verify --anchors` takes it.
struct ExportedHead {
  std::string archive;  // hexadecimal
  std::int64_t record = 0;
  std::string head;  // hexadecimal; empty: it is not signed
};

class JsonlExport {
 public:
  explicit JsonlExport(LineSink sink) : sink_(std::move(sink)) {}

  void begin(schema::SeqRange range);
  // `head`: of the record that it is; nothing where it is not known.
  void add(const schema::SnapshotInfo& info,
           const schema::Delta& delta,
           const std::optional<ExportedHead>& head = {});
  void add(const schema::MissedRun& run);
  void add(const schema::Baseline& baseline);
  // How many lines there are before this one: a reader can tell a cut file from a whole one.
  void finish();

 private:
  void put(std::string_view type, std::optional<schema::Seq> seq, Value::Object members);
  void add_ended(schema::Seq seq, const schema::Delta& delta);

  LineSink sink_;
  std::optional<schema::Context> context_;
  std::uint64_t lines_ = 0;
};

}  // namespace sockwitness::query
