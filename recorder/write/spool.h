// The files beside a database in which finished snapshots wait while it cannot be written.
//
// In:    the path of the database. Precondition: the caller holds the recorder's lock.
// Out:   files "<path>.spool-1", "<path>.spool-2", … of mode 0600, each complete and synced before
//        it has its name.
// Never: follows a link, reads what another user could have written, grows without bounds, or
//        removes what it could not take in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/write/spool_file.h"

namespace sockwitness::recorder {

struct SpoolLimits {
  std::size_t files = 1000;
  std::uint64_t file_bytes = std::uint64_t{256} << 20U;
  std::uint64_t all_bytes = std::uint64_t{512} << 20U;
};

class Spool {
 public:
  // Throws schema::Error when the directory cannot be listed.
  explicit Spool(std::string database_path, SpoolLimits limits = {});

  // Numbers in the order in which they were taken.
  [[nodiscard]] const std::vector<std::uint32_t>& waiting() const { return waiting_; }
  [[nodiscard]] std::string path_of(std::uint32_t number) const;

  // The number that the next one gets.
  [[nodiscard]] std::uint32_t next() const;
  // Throws schema::Error when there is no room within the limits or on the disk; then there is no
  // such file.
  void put(std::uint32_t number, std::string_view bytes);
  // Throws SpoolRefusal when it is not to be trusted or cannot be read, schema::Error when it may
  // be read later.
  [[nodiscard]] std::string read(std::uint32_t number) const;
  // What it says of itself; nothing: it is not to be trusted, or says nothing.
  [[nodiscard]] std::optional<SpoolLabel> read_label(std::uint32_t number) const;
  // It was taken in. Throws schema::Error; then it is found once more.
  void remove(std::uint32_t number);
  // It is not taken in, ever: it keeps its content under another name, which is returned. Throws
  // schema::Error.
  std::string set_aside(std::uint32_t number);

 private:
  void forget(std::uint32_t number);
  void require_room(std::uint64_t bytes) const;

  std::string database_;
  SpoolLimits limits_;
  std::vector<std::uint32_t> waiting_;
};

}  // namespace sockwitness::recorder
