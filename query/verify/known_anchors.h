// Anchors that were kept elsewhere: what was signed at that time.
//
// In:    files with lines of ours, wherever in a line of a log they stand, or JSON Lines with
//        archive, head and record or seq.
// Out:   the heads that each record must have.
// Never: ignores a line that does not parse.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/chain/link_head.h"
#include "schema/chain/timestamp.h"

namespace sockwitness::query {

class KnownAnchors {
 public:
  // Beside the file they can be put back together with it: they prove nothing, but they may
  // disagree.
  enum class Origin { Outside, Beside };

  // Throws schema::Error (Usage) when the file cannot be read.
  void add_file(const std::string& path, Origin origin);
  void add_line(std::string_view line, Origin origin);

  // What an authority stamped: which archive that head is of only the chain can say.
  void add_stamp(const schema::TimeStamp& stamp) { stamps_[stamp.head] = stamp; }
  [[nodiscard]] const std::map<schema::Hash, schema::TimeStamp>& stamps() const { return stamps_; }

  struct Known {
    std::set<schema::Hash> heads;
    bool outside = false;
  };
  // Of one archive, by the number of the record.
  using Heads = std::map<std::int64_t, Known>;
  // The same by the number of the snapshot.
  struct Of {
    Heads by_record;
    Heads by_seq;
    std::int64_t foreign = 0;  // lines of other archives
  };
  [[nodiscard]] Of of(const schema::ArchiveId& archive) const;
  [[nodiscard]] std::int64_t unreadable() const { return unreadable_; }

 private:
  bool add_json(std::string_view line, Origin origin);
  static void add(Known& told, const schema::Hash& head, Origin origin);

  struct Lines {
    Heads by_record;
    Heads by_seq;
    std::int64_t count = 0;
  };
  std::map<schema::ArchiveId, Lines> lines_;
  std::map<schema::Hash, schema::TimeStamp> stamps_;
  std::int64_t unreadable_ = 0;
};

// The files that the recorder keeps beside the database, but for those that were named already.
// What cannot be read is missing.
void add_anchors_beside(const std::string& database,
                        const std::vector<std::string>& named,
                        KnownAnchors& anchors);

}  // namespace sockwitness::query
