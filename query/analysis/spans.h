// From when to when something was there, as far as snapshots can tell.
//
// In:    what each snapshot shows of it, in order: seen, looked for in vain, or not to be seen.
// Out:   spans with the snapshots around them that looked and did not see it.
// Never: ends a span, or says that there was nothing before it, because nobody could look.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// Where something is to be looked for: an endpoint, or a process.
struct Place {
  std::optional<schema::Endpoint> endpoint;
  std::optional<schema::Pid> pid;

  friend bool operator==(const Place&, const Place&) = default;
};

// Snapshots in a row that show the same.
struct Sighting {
  schema::SeqRange snapshots;
  std::vector<Place> places;            // where it was seen; empty: it was not
  std::vector<Place> doubtful;          // something is there, and nobody can say whether it is this
  schema::SharedVisibility visibility;  // not null
};

// Snapshots that could not see the place.
struct NotLooked {
  schema::SeqRange snapshots;
  std::optional<schema::Gap> gap;  // its netns is not set; nothing: its holder was out of sight
  std::string netns;               // label of the gap's namespace, empty for none in particular
};

struct Span {
  schema::SeqRange seen;                  // the first snapshot that saw it, and the last
  std::optional<schema::Seq> not_before;  // the last one before that looked; nothing: none did
  std::optional<schema::Seq> not_after;   // the first one after that looked; nothing: none did
  std::vector<NotLooked> not_looked;      // within, and up to `not_after`
};

class SpanBuilder {
 public:
  // In order, without holes.
  void add(Sighting sighting);
  [[nodiscard]] std::vector<Span> finish();
  // While something is being seen: the position of its span in the result.
  [[nodiscard]] std::size_t current() const { return spans_.size() - 1; }

 private:
  void keep_hidden();
  [[nodiscard]] std::optional<schema::Seq> find_not_before(const Sighting& first) const;

  std::vector<Span> spans_;
  bool open_ = false;              // the last span has not ended
  Sighting last_;                  // that saw it, of the open span
  std::vector<Sighting> unseen_;   // since then, or since the last span ended
  std::vector<NotLooked> hidden_;  // since then, parallel to `unseen_` while the span is open
};

}  // namespace sockwitness::query
