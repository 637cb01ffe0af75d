// How far spool has got, written and read: the same, or nothing.
#include "query/spool/spool_cursor.h"

#include <catch2/catch.hpp>

#include "tests/support/random_history.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using schema::WallTime;

namespace {

Stamp random_stamp(test::Dice& dice) {
  return {Seq(static_cast<std::int64_t>(dice.below(1000)) + 1),
          WallTime{static_cast<std::int64_t>(dice.bits64())}};
}

std::optional<Stamp> perhaps(test::Dice& dice) {
  return dice.one_in(2) ? std::optional(random_stamp(dice)) : std::nullopt;
}

SpoolCursor random_cursor(std::uint64_t seed) {
  test::Dice dice(seed);
  SpoolCursor cursor;
  for (std::uint64_t count = dice.below(3); count > 0; --count) {
    ArchiveCursor& archive = cursor[std::string(32, static_cast<char>('a' + count))];
    archive.last = perhaps(dice);
    archive.judged = perhaps(dice);
    archive.epoch = Seq(static_cast<std::int64_t>(dice.below(100)));
    archive.peers_from = Seq(static_cast<std::int64_t>(dice.below(100)));
    archive.record = static_cast<std::int64_t>(dice.below(1000));
    for (std::uint64_t program = dice.below(9); program > 0; --program) {
      archive.programs.insert(static_cast<std::int64_t>(dice.below(20)) + 1);
    }
    for (std::uint64_t service = dice.below(4); service > 0; --service) {
      schema::Endpoint place;
      place.netns = dice.bytes(9);
      place.protocol = schema::Protocol::Udp;
      place.family = schema::Family::Ipv6;
      place.address = *schema::IpAddress::parse("fd00::5");
      place.port = schema::Port(dice.bits16());
      place.name = dice.bytes(5);
      place.device = dice.bytes(5);
      archive.services.push_back({place,
                                  "0011223344556677",
                                  random_stamp(dice),
                                  perhaps(dice),
                                  random_stamp(dice),
                                  R"({"a":"b c","d":["e"]})"});
    }
    if (dice.one_in(2)) {
      archive.findings.push_back({dice.bytes(20) + "k",
                                  "8899aabbccddeeff",
                                  "a-rule",
                                  random_stamp(dice),
                                  perhaps(dice),
                                  random_stamp(dice),
                                  perhaps(dice),
                                  R"({"x":1})"});
    }
  }
  return cursor;
}

}  // namespace

TEST_CASE("spool cursor: what is written is read") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const SpoolCursor cursor = random_cursor(seed);
    CHECK(parse_spool_cursor(write_spool_cursor(cursor)) == cursor);
  }
}

TEST_CASE("spool cursor: a part or another text is nothing") {
  CHECK(parse_spool_cursor("cursors 1\n") == SpoolCursor());
  for (const char* text : {"",
                           "cursors 2\n",
                           "cursors 1\nlast 1 2\n",
                           "cursors 1\narchive a\nlast 1\n",
                           "cursors 1\narchive a\nlast 1 2 3\n",
                           "cursors 1\narchive a\nprograms 5-1\n",
                           "cursors 1\narchive a\nprograms 5\n",
                           "cursors 1\narchive a\nservice aa 1 1 00 80 - - aa 1 1 - - 1 1 {}\n",
                           "cursors 1\narchive a\nother\n"}) {
    CAPTURE(text);
    CHECK(!parse_spool_cursor(text));
  }
}

}  // namespace sockwitness
