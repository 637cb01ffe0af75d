#include "schema/program/zone_file.h"

#include <algorithm>
#include <string>

namespace sockwitness::schema {
namespace {

constexpr std::size_t kHeadSize = 44;
constexpr std::size_t kTypeSize = 6;
constexpr std::int64_t kMostOffset = 26 * 3600;

// Big-endian, with a sign.
std::int64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value =
      (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t place = at; place < at + size; ++place) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[place]);
  }
  return static_cast<std::int64_t>(value);
}

// The head of one of the two blocks.
struct Counts {
  std::size_t utc = 0, standard = 0, leaps = 0, times = 0, types = 0, letters = 0;

  [[nodiscard]] std::size_t block_size(std::size_t time_size) const {
    return times * (time_size + 1) + types * kTypeSize + letters + leaps * (time_size + 4) +
           standard + utc;
  }
};

std::optional<Counts> read_head(std::string_view bytes) {
  if (bytes.size() < kHeadSize || !bytes.starts_with("TZif")) {
    return std::nullopt;
  }
  constexpr std::size_t kFirst = 20;
  constexpr std::int64_t kMost = 100'000;
  std::size_t counts[6];
  for (std::size_t place = 0; place < 6; ++place) {
    const std::int64_t count = number_at(bytes, kFirst + 4 * place, 4);
    if (count < 0 || count > kMost) {
      return std::nullopt;
    }
    counts[place] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

// Transitions and the types that they lead to: "times, numbers of types, types".
bool read_changes(std::string_view block,
                  const Counts& counts,
                  std::int64_t& first_offset,
                  std::vector<ZoneChange>& changes) {
  constexpr std::size_t kTime = 8;
  const std::size_t numbers = counts.times * kTime;
  const std::size_t types = numbers + counts.times;
  const auto offset_of = [&](std::size_t type) {
    return number_at(block, types + type * kTypeSize, 4);
  };
  for (std::size_t type = 0; type < counts.types; ++type) {
    if (std::abs(offset_of(type)) > kMostOffset) {
      return false;
    }
  }
  first_offset = offset_of(0);
  std::int64_t before = first_offset;
  for (std::size_t place = 0; place < counts.times; ++place) {
    const std::int64_t at = number_at(block, place * kTime, kTime);
    const std::size_t type = static_cast<unsigned char>(block[numbers + place]);
    if (type >= counts.types || (!changes.empty() && at < changes.back().at)) {
      return false;
    }
    const std::int64_t after = offset_of(type);
    changes.push_back({at, before, after});
    before = after;
  }
  return true;
}

}  // namespace

std::optional<ZoneFile> ZoneFile::parse(std::string_view bytes) {
  const auto old_head = read_head(bytes);
  if (!old_head || bytes[4] < '2' || bytes.size() < kHeadSize + old_head->block_size(4)) {
    return std::nullopt;
  }
  bytes.remove_prefix(kHeadSize + old_head->block_size(4));
  const auto head = read_head(bytes);
  if (!head || head->leaps != 0 || head->types == 0) {
    return std::nullopt;
  }
  bytes.remove_prefix(kHeadSize);
  const std::size_t size = head->block_size(8);
  if (bytes.size() < size + 2 || bytes[size] != '\n' || !bytes.ends_with('\n')) {
    return std::nullopt;
  }
  ZoneFile file;
  if (!read_changes(bytes, *head, file.first_offset_, file.changes_)) {
    return std::nullopt;
  }
  const std::string_view rule = bytes.substr(size + 1, bytes.size() - size - 2);
  if (!rule.empty()) {
    file.rule_ = ZoneRule::parse(rule);
    if (!file.rule_) {
      return std::nullopt;
    }
  }
  return file;
}

ZoneFile ZoneFile::fixed(std::int64_t offset) {
  ZoneFile file;
  file.first_offset_ = offset;
  return file;
}

std::int64_t ZoneFile::offset_at(std::int64_t seconds) const {
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), seconds, [](std::int64_t at, const ZoneChange& change) {
        return at < change.at;
      });
  if (next == changes_.end() && rule_) {
    return rule_->offset_at(seconds);
  }
  return next == changes_.begin() ? first_offset_ : std::prev(next)->after;
}

std::vector<ZoneChange> ZoneFile::changes(std::int64_t begin, std::int64_t end) const {
  std::vector<std::int64_t> times;
  for (const ZoneChange& change : changes_) {
    times.push_back(change.at);
  }
  if (rule_ && rule_->summer) {
    for (std::int64_t year = year_of(begin) - 1; year <= year_of(end) + 1; ++year) {
      times.push_back(rule_->begin_in(year));
      times.push_back(rule_->end_in(year));
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<ZoneChange> found;
  for (const std::int64_t at : times) {
    if (at < begin || at > end) {
      continue;
    }
    const ZoneChange change{at, offset_at(at - 1), offset_at(at)};
    if (change.before != change.after) {
      found.push_back(change);
    }
  }
  return found;
}

}  // namespace sockwitness::schema
