// Services as rows with an interval, snapshot after snapshot: only changes are written.
//
// In:    the services of each run of snapshots and their changes, in order; the rows that are open.
// Out:   a line when a row begins, when its content changes, and when it has ended.
// Never: a judgement of its own on owners or identities: ServiceChanges judges; a row ended where a
//        gap covers its place; a pid: a restarted service is the same row.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/service_state.h"
#include "query/spool/spool_cursor.h"

namespace sockwitness::query {

struct ServiceLine {
  OpenService service;
  Stamp stamp;                 // the snapshot that reports it
  std::optional<Stamp> ended;  // the first one without it; nothing: it goes on
};

class ServiceRows {
 public:
  // What a line says of a service besides where it stands in time.
  using ContentOf = std::function<std::string(const schema::Service&)>;
  // When a snapshot began; nothing for one that is not there any more.
  using TimeOf = std::function<std::optional<schema::WallTime>(schema::Seq)>;

  ServiceRows(std::vector<OpenService> open, TimeOf time_of);

  // The comparisons that follow begin anew, without knowing what they knew.
  void begin_anew() { waiting_.clear(); }
  // Snapshots whose lines were written before: nothing is written.
  void skip(const schema::SeqRange& snapshots, const StateChanges& step);
  // `set` is what the step led to. Appends to `lines`, by endpoint.
  void add(const schema::SeqRange& snapshots,
           const schema::ServiceSet& set,
           const StateChanges& step,
           const ContentOf& content_of,
           std::vector<ServiceLine>& lines);

  [[nodiscard]] std::vector<OpenService> open() const;

 private:
  struct Beginning {
    Stamp first;
    std::optional<Stamp> not_before;
  };

  [[nodiscard]] std::optional<Stamp> stamp_of(const std::optional<schema::Seq>& seq) const;
  [[nodiscard]] Stamp last_of(const OpenService& row, schema::Seq seq) const;
  void end(const schema::Endpoint& endpoint, schema::Seq last, const Stamp& now);
  void remember_arrivals(const schema::SeqRange& snapshots, const StateChanges& step);
  void end_changed_owners(const StateChanges& step, const Stamp& now);
  void see(const schema::Endpoint& place,
           const schema::Service& service,
           const schema::SeqRange& snapshots,
           const ContentOf& content_of);
  void end_forgotten(const schema::ServiceSet& set, const Stamp& now);

  TimeOf time_of_;
  std::map<schema::Endpoint, OpenService> rows_;
  std::map<schema::Endpoint, Beginning> waiting_;  // there, and no row yet
  std::vector<ServiceLine> lines_;                 // of the step
};

}  // namespace sockwitness::query
