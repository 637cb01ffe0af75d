// A long text cut into pieces where its content says so, not where its positions do: texts that
// differ in a few places have all other pieces in common.
//
// In:    any bytes.
// Out:   views that follow each other without a gap; their lengths lie between the two below, but
//        for the last one, which may be shorter.
// Never: part of the format: whoever puts pieces together need not know where they were cut.
#pragma once

#include <string_view>
#include <vector>

namespace sockwitness::schema {

// Small ones share more of two texts, and cost more rows: a quarter of the bytes of a random text,
// and less than a thousand bytes for a compiler call of 30 KB that differs in a few words from
// another. With pieces twice as long the first halves and the second doubles.
inline constexpr std::size_t kShortestPiece = 64;
inline constexpr std::size_t kLongestPiece = 1024;

[[nodiscard]] std::vector<std::string_view> split_pieces(std::string_view text);

}  // namespace sockwitness::schema
