// Texts in pieces: put together they are the text again, and an edit changes few of them.
#include "schema/base/pieces.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include <catch2/catch.hpp>

namespace sockwitness::schema {
namespace {

std::string random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
  return bytes;
}

void check_whole(const std::string& text) {
  std::string together;
  const auto pieces = split_pieces(text);
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    REQUIRE(pieces[at].size() <= kLongestPiece);
    REQUIRE(pieces[at].size() >= (at + 1 < pieces.size() ? kShortestPiece : 1));
    together += pieces[at];
  }
  REQUIRE(together == text);
}

std::size_t count_new(const std::string& before, const std::string& after) {
  const auto old_pieces = split_pieces(before);
  const std::set<std::string_view> known(old_pieces.begin(), old_pieces.end());
  const auto pieces = split_pieces(after);
  return static_cast<std::size_t>(
      std::count_if(pieces.begin(), pieces.end(), [&](std::string_view piece) {
        return !known.contains(piece);
      }));
}

}  // namespace

TEST_CASE("pieces: together they are the text, whatever its length") {
  const std::string text = random_bytes(4 * kLongestPiece, 1);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    check_whole(text.substr(0, length));
  }
  for (const char byte : {'\0', 'a', '\xFF'}) {
    for (std::size_t length :
         {std::size_t{1}, kShortestPiece, kLongestPiece, 3 * kLongestPiece + 1}) {
      check_whole(std::string(length, byte));
    }
  }
}

TEST_CASE("pieces: one edit changes few of them, wherever it is") {
  const std::string text = random_bytes(200'000, 2);
  const std::size_t all = split_pieces(text).size();
  CHECK(all > text.size() / kLongestPiece);
  std::mt19937_64 random(3);
  std::size_t most = 0;
  for (int edit = 0; edit < 300; ++edit) {
    const std::size_t at = random() % text.size();
    std::string changed = text;
    switch (edit % 3) {
      case 0:
        changed[at] = static_cast<char>(changed[at] + 1);
        break;
      case 1:
        changed.insert(at, "another word");
        break;
      default:
        changed.erase(at, 7);
    }
    most = std::max(most, count_new(text, changed));
  }
  CHECK(most <= 8);
  CHECK(count_new(text, "x" + text) <= 3);
  CHECK(count_new(text, text + "x") <= 2);
  CHECK(count_new(text, text) == 0);
}

}  // namespace sockwitness::schema
