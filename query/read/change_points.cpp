#include "query/read/change_points.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

using schema::Seq;

void add_ends(const schema::SeqRange& seen, std::vector<Seq>& changes) {
  changes.push_back(seen.first);
  changes.emplace_back(seen.last.value() + 1);
}

}  // namespace

void add_changes(const ProcessHistory& thing, std::vector<Seq>& changes) {
  for (const ProcessVersion& version : thing.versions) {
    add_ends(version.seen, changes);
  }
}

void add_changes(const SocketHistory& thing, VersionReader& reader, std::vector<Seq>& changes) {
  for (const SocketVersion& version : thing.versions) {
    add_ends(version.seen, changes);
  }
  for (const Holding& holding : thing.holdings) {
    add_ends(holding.seen, changes);
    for (const ProcessVersion& version : reader.process(holding.process).versions) {
      if (version.seen.overlaps(holding.seen)) {
        add_ends(version.seen, changes);
      }
    }
  }
}

void order_changes(std::vector<Seq>& changes, schema::SeqRange window) {
  std::erase_if(changes, [&](Seq seq) { return seq <= window.first || seq > window.last; });
  std::sort(changes.begin(), changes.end());
  changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
}

}  // namespace sockwitness::query
