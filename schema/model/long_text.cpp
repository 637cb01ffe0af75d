#include "schema/model/long_text.h"

#include <algorithm>

namespace sockwitness::schema {
namespace {

bool is_shortened(const std::optional<LongText>& measure) {
  return measure && measure->shortened();
}

std::uint64_t length_of(std::string_view bytes, const std::optional<LongText>& measure) {
  return measure ? measure->length : bytes.size();
}

bool same_ends(const TextEnds& shortened, std::string_view whole) {
  return whole.starts_with(shortened.head) && whole.ends_with(shortened.tail);
}

}  // namespace

TextEnds ends_of(std::string_view bytes, const std::optional<LongText>& measure) {
  if (!is_shortened(measure)) {
    return {bytes, {}};
  }
  const auto head = static_cast<std::size_t>(std::min<std::uint64_t>(*measure->head, bytes.size()));
  return {bytes.substr(0, head), bytes.substr(head)};
}

void keep_ends(std::string& bytes, LongText& measure) {
  bytes.erase(kKeptEnd, bytes.size() - kAlwaysWhole);
  bytes.shrink_to_fit();
  measure.head = kKeptEnd;
}

bool same_text(std::string_view left,
               const std::optional<LongText>& left_measure,
               std::string_view right,
               const std::optional<LongText>& right_measure) {
  if (!is_shortened(left_measure) && !is_shortened(right_measure)) {
    return left == right;
  }
  if (length_of(left, left_measure) != length_of(right, right_measure)) {
    return false;
  }
  if (left_measure && right_measure) {
    return left_measure->sha256 == right_measure->sha256;
  }
  // One of them was written before there were measures, and is whole.
  return is_shortened(left_measure) ? same_ends(ends_of(left, left_measure), right)
                                    : same_ends(ends_of(right, right_measure), left);
}

std::string identity_of_text(std::string_view bytes, const std::optional<LongText>& measure) {
  return measure ? std::to_string(measure->length) + ' ' + measure->sha256 : std::string(bytes);
}

}  // namespace sockwitness::schema
