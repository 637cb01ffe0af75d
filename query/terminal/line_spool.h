// A folder of files of lines that another program reads while they grow, and how far they have got.
//
// In:    lines, each for the files of its kind; the caller's own words about how far it is.
// Out:   NAME.000001.jsonl, NAME.000002.jsonl, …: whole lines in order, together with those words;
//        what was removed for want of room, counted.
// Never: a line twice, half or lost, wherever the program is killed: what is to be added lies in one
//        file, `pending`, before the first of it is added, and the next run adds what is missing.
//        Renames or shortens a file that may be being read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/terminal/state_file.h"

namespace sockwitness::query {

struct SpoolLimits {
  std::uint64_t file = 0;  // bytes after which the next file of its kind is begun
  std::uint64_t all = 0;   // bytes of all files together
};

// A file that made room for others.
struct RemovedFile {
  std::string name;  // "peers.000003.jsonl"
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
};

class LineSpool {
 public:
  // Makes the folder; takes the lock, or throws schema::Error (Unusable) when another run has it;
  // completes what a run before was killed in.
  LineSpool(std::string folder, SpoolLimits limits);

  // What the caller committed last; nothing: it never did, or it is lost.
  [[nodiscard]] const std::optional<std::string>& cursor() const { return cursor_; }
  // Why it is lost; empty: it is not, or there never was one.
  [[nodiscard]] const std::string& damage() const { return damage_; }

  // `line` ends in a newline, and has no other.
  void add(const std::string& kind, std::string_view line);
  // What was added since the last commit is dropped.
  void discard();
  // Of all that was added since the last commit.
  [[nodiscard]] std::uint64_t bytes_waiting() const { return waiting_bytes_; }
  // The oldest files, which commit() of the same lines would remove to keep within the limit.
  [[nodiscard]] std::vector<RemovedFile> files_in_excess(std::uint64_t bytes_more) const;
  // Adds the lines, removes `excess`, and keeps `cursor` (no empty line within); all of it or, for
  // now, nothing.
  void commit(std::string_view cursor, const std::vector<RemovedFile>& excess = {});
  // A commit failed: another run completes it, this one can write no more.
  [[nodiscard]] bool is_broken() const { return broken_; }

 private:
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
  };
  // One file that grows.
  struct Growth {
    std::string name;
    std::uint64_t from = 0;  // its size before
    std::string_view text;
  };

  [[nodiscard]] std::string path_of(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string state_text(std::string_view cursor) const;
  bool take_state(std::string_view text);
  void learn_files();
  void complete_pending();
  void apply(std::string_view plan);
  void grow(const Growth& growth) const;
  File& file_for(const std::string& kind, std::uint64_t bytes);

  std::string folder_;
  SpoolLimits limits_;
  std::optional<StateLock> lock_;
  std::map<std::string, std::vector<File>> files_;  // by kind, ascending by number
  std::map<std::string, std::string> waiting_;      // lines by kind
  std::uint64_t waiting_bytes_ = 0;
  std::optional<std::string> cursor_;
  std::string damage_;
  bool broken_ = false;
};

}  // namespace sockwitness::query
