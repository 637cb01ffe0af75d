// Texts of which only the ends are here: what is kept, and when two are the same.
#include "schema/model/long_text.h"

#include <catch2/catch.hpp>

#include "schema/chain/measure.h"
#include "schema/chain/sha256.h"

namespace sockwitness::schema {
namespace {

struct Text {
  std::string bytes;
  std::optional<LongText> measure;
};

Text whole(const std::string& bytes) {
  return {bytes, measure_if_long(bytes)};
}

Text shortened(const std::string& bytes) {
  Text text = whole(bytes);
  keep_ends(text.bytes, *text.measure);
  return text;
}

bool same(const Text& left, const Text& right) {
  const bool equal = same_text(left.bytes, left.measure, right.bytes, right.measure);
  REQUIRE(equal == same_text(right.bytes, right.measure, left.bytes, left.measure));
  return equal;
}

const std::string kHead(kKeptEnd, 'h');
const std::string kTail(kKeptEnd, 't');

}  // namespace

TEST_CASE("long text: a measure begins where a text is not always whole") {
  CHECK_FALSE(measure_if_long(""));
  CHECK_FALSE(measure_if_long(std::string(kAlwaysWhole, 'x')));
  const std::string bytes(kAlwaysWhole + 1, 'x');
  const auto measure = measure_if_long(bytes);
  REQUIRE(measure);
  CHECK(measure->length == bytes.size());
  CHECK(measure->sha256 == sha256(bytes));
  CHECK_FALSE(measure->shortened());
}

TEST_CASE("long text: the ends are exact, and nothing stands between them") {
  for (const std::size_t middle : {std::size_t{1}, kKeptEnd, std::size_t{1'000'000}}) {
    const std::string bytes = kHead + std::string(middle, 'm') + kTail;
    const Text text = shortened(bytes);
    CHECK(text.bytes == kHead + kTail);
    CHECK(text.measure->length == bytes.size());
    const TextEnds ends = ends_of(text.bytes, text.measure);
    CHECK(ends.head == kHead);
    CHECK(ends.tail == kTail);
  }
  CHECK(ends_of("whole", std::nullopt).head == "whole");
  CHECK(ends_of("whole", std::nullopt).tail.empty());
  // A head that is longer than what is there comes from damage.
  CHECK(ends_of("ab", LongText{9'000, "", 3}).head == "ab");
}

TEST_CASE("long text: equal ones are the same however they are kept, others never") {
  const std::string one = kHead + std::string(500, 'm') + kTail;
  std::string other = one;
  other[kKeptEnd + 250] = 'n';  // neither ends nor length tell them apart
  CHECK(same(whole(one), whole(one)));
  CHECK(same(shortened(one), shortened(one)));
  CHECK(same(whole(one), shortened(one)));
  CHECK_FALSE(same(whole(one), whole(other)));
  CHECK_FALSE(same(shortened(one), shortened(other)));
  CHECK_FALSE(same(whole(one), shortened(other)));
  CHECK_FALSE(same(shortened(one), whole(kHead)));
  CHECK_FALSE(same(shortened(one), {"", std::nullopt}));
  CHECK(identity_of_text(whole(one).bytes, whole(one).measure) ==
        identity_of_text(shortened(one).bytes, shortened(one).measure));
  CHECK(identity_of_text(whole(one).bytes, whole(one).measure) !=
        identity_of_text(shortened(other).bytes, shortened(other).measure));
  CHECK(identity_of_text("x", std::nullopt) == "x");
}

TEST_CASE("long text: one that was stored before there were measures is compared by its ends") {
  const std::string bytes = kHead + std::string(500, 'm') + kTail;
  const Text unmeasured{bytes, std::nullopt};
  CHECK(same(unmeasured, whole(bytes)));
  CHECK(same(unmeasured, shortened(bytes)));
  CHECK_FALSE(same(unmeasured, shortened(kHead + std::string(500, 'm') + kHead)));
  CHECK_FALSE(same(unmeasured, shortened(kTail + std::string(500, 'm') + kTail)));
  CHECK_FALSE(same(unmeasured, shortened(bytes + "x")));
}

}  // namespace sockwitness::schema
