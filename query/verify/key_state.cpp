#include "query/verify/key_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "schema/chain/key_text.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::query {
namespace {

struct Places {
  bool absent = false;
  bool readable = false;
  std::vector<std::pair<std::int64_t, schema::PublicKey>> keys;
};

Places read_places(const std::string& path) {
  Places places;
  const int fd =
      schema::open_quietly(schema::key_file_of(path).c_str(), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    places.absent = errno == ENOENT || errno == ENOTDIR;
    return places;
  }
  places.readable = true;
  for (std::size_t place = 0; place < schema::kKeyPlaces; ++place) {
    std::array<char, schema::kKeyPlaceSize> text{};
    const ssize_t got =
        ::pread(fd, text.data(), text.size(), static_cast<off_t>(place * schema::kKeyPlaceSize));
    if (const auto key =
            schema::parse_key_place({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0})) {
      places.keys.emplace_back(key->after, key->public_key);
    }
    schema::wipe(text.data(), text.size());
  }
  ::close(fd);
  return places;
}

}  // namespace

void check_key_state(const std::string& path,
                     const schema::PublicKey& successor,
                     Verdict& verdict) {
  const Places places = read_places(path);
  if (!places.readable || places.keys.empty()) {
    verdict.key_state = places.absent || places.readable ? KeyState::Absent : KeyState::NotReadable;
    return;
  }
  std::int64_t after = 0;
  for (const auto& [record, key] : places.keys) {
    if (key == successor) {
      verdict.key_state = KeyState::Agrees;
      return;
    }
    after = std::max(after, record);
  }
  if (after < verdict.last_record) {
    verdict.key_state = KeyState::Older;
    verdict.notes.push_back(fmt::format(
        "the keys beside it are those of record {}: they were put back, or lost a step; the next "
        "run begins a new row of keys",
        after));
    return;
  }
  verdict.key_state = KeyState::Differs;
  ++verdict.problem_count;
  verdict.problems.push_back(
      {verdict.last_record + 1,
       std::nullopt,
       fmt::format("the keys beside it know of record {}, and the file ends otherwise: its end was "
                   "cut off, or it was put back to an older state",
                   after)});
}

}  // namespace sockwitness::query
