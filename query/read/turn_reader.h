// Reads a stretch of history from front to back as turns.
//
// In:    an open database, the clocks of the stretch.
// Out:   one turn per snapshot. What lives is kept in memory, not what has ended.
// Never: skips a snapshot of the stretch; takes for ended what was not looked at.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "query/analysis/moments.h"
#include "query/analysis/turn.h"
#include "query/read/out_of_sight.h"
#include "schema/disk/delta.h"

namespace sockwitness::query {

class History;

// What lives at one snapshot, by the ids that rows refer to.
struct LivingRows {
  std::unordered_map<schema::RowId, schema::NetnsRow> namespaces;  // by origin, as the next three
  std::unordered_map<schema::RowId, schema::ProcessRow> processes;
  std::unordered_map<schema::RowId, schema::SocketRow> sockets;
  std::unordered_map<schema::RowId, std::map<schema::RowId, schema::HolderRow>>
      holders;  // by socket
  std::unordered_map<schema::RowId, schema::RowId> holder_sockets;
  std::unordered_map<schema::RowId, schema::RowId> socket_origins;  // by row
  std::unordered_map<schema::RowId, schema::RowId> process_origins;
  std::unordered_map<schema::RowId, schema::RowId> netns_origins;
  std::map<schema::RowId, schema::GapRow> gaps;  // by row, as the next two
  std::map<schema::RowId, schema::UserNameRow> users;
  std::map<schema::RowId, schema::RegistrationRow> registrations;
  std::unordered_map<schema::RowId, schema::Program> programs;  // all of the stretch so far
};

class TurnReader {
 public:
  // Both must outlive the reader.
  TurnReader(History& history, const Moments& moments);

  // The begin of the stretch: everything that lives there.
  [[nodiscard]] Turn read_whole(schema::Seq seq);
  // Precondition: `seq` is the snapshot after the one that was read last.
  [[nodiscard]] Turn read_next(schema::Seq seq);

 private:
  // By origin.
  struct Touched {
    std::set<schema::RowId> sockets;
    std::set<schema::RowId> processes;
  };

  [[nodiscard]] Touched find_touched(const schema::Delta& delta) const;
  void apply(const schema::Delta& delta);
  [[nodiscard]] Turn make_turn(schema::Seq seq, const schema::Delta& delta);

  schema::DeltaReader reader_;
  const Moments& moments_;
  LivingRows living_;
  OutOfSight out_of_sight_;
  std::optional<schema::Seq> last_;
};

}  // namespace sockwitness::query
