#include "recorder/collect/line_room.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "recorder/observe/line_limits.h"
#include "schema/base/pieces.h"

namespace sockwitness::recorder {
namespace {

using schema::Process;

bool is_long_and_whole(const Process& process) {
  return process.long_line && !process.long_line->shortened();
}

class Pieces {
 public:
  // Bytes that the line would add.
  [[nodiscard]] std::size_t cost_of(std::string_view line) const {
    std::size_t cost = 0;
    std::unordered_set<std::string_view> own;
    for (const std::string_view piece : schema::split_pieces(line)) {
      cost += known_.contains(piece) || !own.insert(piece).second ? 0 : piece.size();
    }
    return cost;
  }
  // The line must outlive the object.
  void add(std::string_view line) {
    const auto pieces = schema::split_pieces(line);
    known_.insert(pieces.begin(), pieces.end());
  }

 private:
  std::unordered_set<std::string_view> known_;
};

struct Lines {
  std::vector<Process*> fresh;  // the shortest first
  std::size_t fresh_bytes = 0;
  std::size_t known_bytes = 0;  // of those that the snapshot before has as well
};

Lines find_lines(schema::Snapshot& snapshot, const schema::Snapshot* before) {
  std::map<std::pair<schema::Pid, schema::BootTime>, const Process*> earlier;
  if (before != nullptr) {
    for (const Process& process : before->processes) {
      earlier.emplace(std::pair(process.pid, process.start), &process);
    }
  }
  Lines lines;
  for (Process& process : snapshot.processes) {
    if (!is_long_and_whole(process)) {
      continue;
    }
    const auto known = earlier.find({process.pid, process.start});
    if (known != earlier.end() && known->second->long_line == process.long_line) {
      lines.known_bytes += process.command_line->size();
    } else {
      lines.fresh_bytes += process.command_line->size();
      lines.fresh.push_back(&process);
    }
  }
  std::stable_sort(
      lines.fresh.begin(), lines.fresh.end(), [](const Process* left, const Process* right) {
        return left->long_line->length < right->long_line->length;
      });
  return lines;
}

bool has_long_lines(const schema::Snapshot& snapshot) {
  return std::any_of(snapshot.processes.begin(), snapshot.processes.end(), is_long_and_whole);
}

}  // namespace

void fit_new_lines(schema::Snapshot& snapshot, const schema::Snapshot* before) {
  if (!has_long_lines(snapshot)) {
    return;
  }
  const Lines lines = find_lines(snapshot, before);
  if (lines.fresh_bytes <= kNewLineBytes &&  // whatever they have in common
      lines.fresh_bytes + lines.known_bytes <= kLinesInMemory) {
    return;
  }
  Pieces pieces;
  if (before != nullptr) {
    for (const Process& process : before->processes) {
      if (is_long_and_whole(process)) {
        pieces.add(*process.command_line);
      }
    }
  }
  std::size_t room = kNewLineBytes;
  std::size_t together = lines.known_bytes;
  for (Process* process : lines.fresh) {
    const std::size_t length = process->command_line->size();
    const std::size_t cost = pieces.cost_of(*process->command_line);
    if (cost <= room && together + length <= kLinesInMemory) {
      room -= cost;
      together += length;
      pieces.add(*process->command_line);
    } else {
      schema::keep_ends(*process->command_line, *process->long_line);
      snapshot.gaps.push_back(shortened_line_gap(process->pid));
    }
  }
}

}  // namespace sockwitness::recorder
