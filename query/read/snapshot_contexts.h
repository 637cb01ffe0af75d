// What a snapshot shows beside sockets and processes: namespaces, gaps, user names, rpcbind's
// registrations; for a range of snapshots.
//
// In:    an open history, the range of snapshots.
// Out:   the parts of a Snapshot that hold them, for any snapshot of the range.
// Never: reads sockets or processes.
#pragma once

#include <optional>
#include <vector>

#include "query/read/living_index.h"
#include "query/read/partial_snapshot.h"
#include "schema/disk/codec.h"
#include "schema/model/snapshot.h"
#include "schema/model/visibility.h"

namespace sockwitness::query {

class History;

class SnapshotContexts {
 public:
  enum class Gaps {
    All,
    OfSockets  // those that may hide a socket or its holders
  };

  // `latest` is the last snapshot of the history.
  SnapshotContexts(History& history, schema::SeqRange range, schema::Seq latest, Gaps gaps);

  // Appends to namespaces, gaps, users and registrations.
  NetnsPlaces fill(schema::Snapshot& snapshot, schema::Seq seq) const;

  [[nodiscard]] schema::Visibility visibility(schema::Seq seq) const;
  [[nodiscard]] bool has_gaps(schema::Seq seq) const;

  // Snapshots of the range whose visibility or labels differ from those of the one before.
  [[nodiscard]] std::vector<schema::Seq> changes() const;
  // Every origin id of a namespace that had the label at some time, with all its versions.
  [[nodiscard]] const std::vector<std::pair<schema::SeqRange, schema::NetnsRow>>& namespaces()
      const {
    return namespaces_.all();
  }
  [[nodiscard]] const std::vector<std::pair<schema::SeqRange, schema::UserNameRow>>& users() const {
    return users_.all();
  }
  [[nodiscard]] const std::vector<std::pair<schema::SeqRange, schema::RegistrationRow>>&
  registrations() const {
    return registrations_.all();
  }
  [[nodiscard]] const std::vector<std::pair<schema::SeqRange, schema::GapRow>>& gaps() const {
    return gaps_.all();
  }

 private:
  NetnsPlaces add_visibility(std::vector<schema::Netns>& namespaces,
                             std::vector<schema::Gap>& gaps,
                             schema::Seq seq) const;

  schema::SeqRange range_;
  LivingIndex<schema::NetnsRow> namespaces_;
  LivingIndex<schema::GapRow> gaps_;
  LivingIndex<schema::UserNameRow> users_;
  LivingIndex<schema::RegistrationRow> registrations_;
};

}  // namespace sockwitness::query
