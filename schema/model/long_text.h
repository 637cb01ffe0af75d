// What is kept of a text of the host that is too long to be stored, or shown, whole.
//
// In:    a command line: bytes beside which a LongText stands when they are many.
// Out:   its length and its digest, so that equal ones are known to be equal; which of the bytes
//        are its begin and which its end.
// Never: cuts silently: whoever shows the bytes of a shortened text shows its length and digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

// Of a text that is not whole there are so many bytes of its begin, and of its end. Enough for any
// path (PATH_MAX).
inline constexpr std::size_t kKeptEnd = 4096;
// Up to here a command line is whole in whatever is kept or shown of it, and has no LongText.
inline constexpr std::size_t kAlwaysWhole = 2 * kKeptEnd;

struct LongText {
  std::uint64_t length = 0;  // bytes of the whole
  std::string sha256;        // over the whole, 32 bytes
  // Set: only the ends are here, and so many of the bytes beside are those of the begin.
  std::optional<std::uint64_t> head;

  [[nodiscard]] bool shortened() const { return head.has_value(); }

  friend bool operator==(const LongText&, const LongText&) = default;
};

struct TextEnds {
  std::string_view head;  // of a whole text all of it
  std::string_view tail;
};
[[nodiscard]] TextEnds ends_of(std::string_view bytes, const std::optional<LongText>& measure);

// Precondition: `bytes` is whole, longer than kAlwaysWhole, and `measure` is its own.
void keep_ends(std::string& bytes, LongText& measure);

// Whether two texts are the same on the host, whatever of each is here.
[[nodiscard]] bool same_text(std::string_view left,
                             const std::optional<LongText>& left_measure,
                             std::string_view right,
                             const std::optional<LongText>& right_measure);

// Equal for the same texts, and for those alone.
[[nodiscard]] std::string identity_of_text(std::string_view bytes,
                                           const std::optional<LongText>& measure);

}  // namespace sockwitness::schema
