// Bytes of the file that are read without SQLite: its head, and the lists of row ids.
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "schema/disk/digest.h"
#include "schema/disk/file_head.h"
#include "schema/disk/id_list.h"
#include "schema/disk/row_numbers.h"

namespace sockwitness::schema {

TEST_CASE("a list of ids is a byte each when they lie close together") {
  CHECK(encode_ids({}).empty());
  CHECK(encode_ids({1, 2, 3}) == std::string("\x01\x01\x01"));
  CHECK(encode_ids({127}) == std::string("\x7f"));
  CHECK(encode_ids({128}) == std::string("\x80\x01"));
  CHECK(encode_ids({300, 301}) == std::string("\xac\x02\x01"));
}

TEST_CASE("every list of ids comes back") {
  std::mt19937_64 engine(1);
  for (int tried = 0; tried < 2000; ++tried) {
    std::vector<RowId> ids;
    RowId last = 0;
    for (std::uint64_t count = engine() % 50; count > 0; --count) {
      const RowId step = static_cast<RowId>(1 + engine() % (1ULL << (engine() % 56)));
      last += step;
      ids.push_back(last);
    }
    REQUIRE(decode_ids(encode_ids(ids)) == ids);
  }
  const std::vector<RowId> highest{1, INT64_MAX};
  CHECK(decode_ids(encode_ids(highest)) == highest);
}

TEST_CASE("bytes that make no ascending list are damage") {
  const std::string bytes = GENERATE(values<std::string>({
      std::string("\x00", 1),                                   // not ascending
      std::string("\x01\x00", 2),                               // the same id again
      std::string("\x80", 1),                                   // cut off
      std::string("\x01\x80", 2),                               // cut off after the first
      std::string("\x81\x00", 2),                               // overlong
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),  // 64 bits
      std::string("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),  // the sum overflows
  }));
  CHECK_FALSE(decode_ids(bytes));
}

TEST_CASE("rows with a number are two or three bytes each") {
  CHECK(encode_row_numbers(0, {}).empty());
  CHECK(encode_row_numbers(16'384, {{16'385, 7}, {16'387, 300}}) ==
        std::string("\x01\x07\x02\xac\x02"));
  std::mt19937_64 engine(4);
  for (int tried = 0; tried < 2000; ++tried) {
    const auto before = static_cast<RowId>(engine() % 1'000'000);
    std::vector<RowNumber> rows;
    RowId last = before;
    for (std::uint64_t count = engine() % 50; count > 0; --count) {
      last += static_cast<RowId>(1 + engine() % (1ULL << (engine() % 56)));
      rows.push_back({last, static_cast<std::int64_t>(engine() >> (1 + engine() % 63))});
    }
    REQUIRE(decode_row_numbers(before, encode_row_numbers(before, rows)) == rows);
  }
}

TEST_CASE("bytes that make no rows with a number are damage") {
  const std::string bytes = GENERATE(values<std::string>({
      std::string("\x01"),                                          // no number
      std::string("\x01\x07\x02"),                                  // none for the second
      std::string("\x00\x07", 2),                                   // not ascending
      std::string("\x01\x80", 2),                                   // cut off
      std::string("\x81\x00\x07", 3),                               // overlong
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x07"),  // 64 bits
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x07"),      // the sum overflows
  }));
  CHECK_FALSE(decode_row_numbers(1, bytes));
}

TEST_CASE("every set of numbers comes back, as a list or as a bitmap") {
  std::mt19937_64 engine(2);
  std::size_t bitmaps = 0;
  for (int tried = 0; tried < 500; ++tried) {
    std::set<std::int64_t> numbers;
    const std::uint64_t limit = 1 + engine() % 70'000;
    for (std::uint64_t count = engine() % 9'000; count > 0; --count) {
      numbers.insert(static_cast<std::int64_t>(engine() % limit));
    }
    const std::string bytes = encode_numbers(numbers);
    bitmaps += bytes.front() == 1 ? 1U : 0U;
    CHECK(bytes.size() <= 1 + numbers.size() * 2 + 1);
    CHECK(bytes.size() <= 2 + limit / 8);
    const NumberSet read(bytes);
    REQUIRE(read.numbers() == std::vector<std::int64_t>(numbers.begin(), numbers.end()));
    for (int asked = 0; asked < 20; ++asked) {
      const auto first = static_cast<std::int64_t>(engine() % (limit + 10));
      const auto last = first + static_cast<std::int64_t>(engine() % 5);
      const auto found = numbers.lower_bound(first);
      REQUIRE(read.contains_any(first, last) == (found != numbers.end() && *found <= last));
    }
  }
  CHECK(bitmaps > 100);
  CHECK(bitmaps < 500);
  CHECK(NumberSet(encode_numbers({})).numbers().empty());
}

TEST_CASE("bytes that make no set are damage") {
  for (const std::string& bytes :
       {std::string(), std::string("\x02\x01"), std::string("\x00\x80", 2)}) {
    CHECK_THROWS_AS(NumberSet(bytes), Error);
  }
}

TEST_CASE("fingerprints follow the address, whatever its form") {
  const auto address = [](const char* text) { return *IpAddress::parse(text); };
  CHECK(address_fingerprint(address("192.0.2.7")) ==
        address_fingerprint(address("::ffff:192.0.2.7")));
  CHECK(network_fingerprint(address("192.0.2.7")) == network_fingerprint(address("192.0.2.200")));
  CHECK(network_fingerprint(address("2001:db8:1:2::1")) ==
        network_fingerprint(address("2001:db8:1:ffff::")));
  CHECK(address_fingerprint(address("192.0.2.7")) != address_fingerprint(address("192.0.2.8")));
  CHECK(network_fingerprint(address("192.0.2.7")) != network_fingerprint(address("192.0.3.7")));
  CHECK(address_fingerprint(address("0.0.0.0")) != 0);
}

namespace {

std::string head_bytes() {
  std::string bytes("SQLite format 3\0", 16);
  bytes += std::string("\x10\x00\x01\x01", 4);
  bytes.resize(kFileHeadSize, '\0');
  bytes.replace(28, 4, std::string("\0\0\1\2", 4));
  bytes.replace(60, 4, std::string("\0\0\0\7", 4));
  bytes.replace(68, 4, "SkWt");
  return bytes;
}

}  // namespace

TEST_CASE("the head of a file says what it is") {
  const auto head = decode_file_head(head_bytes());
  REQUIRE(head);
  CHECK(head->page_size == 4096);
  CHECK(head->page_count == 258);
  CHECK(head->user_version == 7);
  CHECK(head->application_id == 0x536B5774);
  CHECK_FALSE(head->write_ahead_log);
  std::string largest = head_bytes();
  largest.replace(16, 2, std::string("\x00\x01", 2));
  CHECK(decode_file_head(largest)->page_size == 65536);
  std::string logged = head_bytes();
  logged[19] = 2;
  CHECK(decode_file_head(logged)->write_ahead_log);
}

TEST_CASE("what is no head of a database is refused") {
  std::string bytes = head_bytes();
  SECTION("too short") {
    bytes.resize(kFileHeadSize - 1);
  }
  SECTION("empty") {
    bytes.clear();
  }
  SECTION("another magic") {
    bytes[0] = 's';
  }
  SECTION("the magic lacks its NUL") {
    bytes[15] = ' ';
  }
  SECTION("page size 0") {
    bytes.replace(16, 2, std::string("\0\0", 2));
  }
  SECTION("page size 256") {
    bytes.replace(16, 2, std::string("\1\0", 2));
  }
  SECTION("page size 4097") {
    bytes.replace(16, 2, std::string("\x10\x01", 2));
  }
  CHECK_FALSE(decode_file_head(bytes));
}

}  // namespace sockwitness::schema
