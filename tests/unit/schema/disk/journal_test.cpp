// A rollback journal as SQLite writes it, cut off and altered everywhere.
#include "schema/disk/journal.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/scratch_dir.h"

namespace sockwitness::schema {
namespace {

constexpr std::uint32_t kPage = 512;
constexpr std::uint32_t kSector = 512;
constexpr std::uint32_t kNonce = 0xDECADE01;

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
  }
  return bytes;
}

std::string head(std::uint32_t records) {
  std::string bytes("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  bytes += number(records) + number(kNonce) + number(9) + number(kSector) + number(kPage);
  bytes.resize(kSector, '\0');
  return bytes;
}

std::string record(std::uint32_t page) {
  std::string content(kPage, static_cast<char>(page));
  return number(page) + content + number(journal_checksum(kNonce, content));
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + kSector - 1) / kSector * kSector, '\0');
  return bytes;
}

JournalLook look(const std::string& bytes) {
  const test::ScratchDir scratch;
  const std::string path = scratch.file("some-journal");
  std::ofstream(path, std::ios::binary) << bytes;
  return look_at_journal(path);
}

}  // namespace

TEST_CASE("the checksum of a page takes every two hundredth byte from its end") {
  std::string page(1024, '\0');
  CHECK(journal_checksum(7, page) == 7);
  for (const std::size_t at : {824U, 624U, 424U, 224U, 24U}) {
    page[at] = '\xff';
  }
  CHECK(journal_checksum(7, page) == 7 + 5 * 255);
  page[823] = 'x';
  CHECK(journal_checksum(7, page) == 7 + 5 * 255);
}

TEST_CASE("a journal that SQLite would roll back is whole, or something is said of it") {
  const std::string first = head(2) + record(1) + record(9);
  const std::string whole = padded(first) + head(1) + record(3);
  CHECK(look(whole).head == JournalHead{2, kNonce, 9, kSector, kPage});
  CHECK(look(whole).flaw.empty());
  CHECK(look(whole + "what was not synced").flaw.empty());
  // Cut off within records that are counted; a head that is cut off was not written yet.
  for (std::size_t length = 0; length < whole.size(); length += 13) {
    INFO(length);
    const JournalLook cut = look(whole.substr(0, length));
    CHECK(cut.head.has_value() == (length >= kJournalHeadSize));
    const bool between = length >= first.size() && length < padded(first).size() + kJournalHeadSize;
    CHECK(cut.flaw.empty() == (!cut.head || between));
  }
}

TEST_CASE("a journal that is not on the disk yet, or is none, is nothing to roll back") {
  std::string unsynced = head(0) + record(1);
  CHECK(look(unsynced).flaw.empty());
  unsynced.replace(0, 12, std::string(12, '\0'));
  CHECK_FALSE(look(unsynced).head);
  CHECK_FALSE(look("").head);
  CHECK_FALSE(look("text").head);
  CHECK_FALSE(look_at_journal("/nonexistent/some-journal").head);
}

TEST_CASE("what is counted and does not add up is a flaw") {
  const std::string whole = head(2) + record(1) + record(9);
  const auto with = [&](std::size_t at, const std::string& bytes) {
    std::string altered = whole;
    return look(altered.replace(at, bytes.size(), bytes)).flaw;
  };
  CHECK(with(8, number(3)) == "it is cut off: 1 records are missing");
  CHECK(with(8, number(0xfffffff0)) == "it is cut off: 4294967278 records are missing");
  CHECK(with(8, number(0xffffffff)).empty());  // as many as there are
  CHECK(with(12, number(1)) == "the record at byte 512 does not add up");
  CHECK(with(16, number(8)) == "the record at byte 1032 does not add up");  // page 9 of 8
  CHECK(with(20, number(500)) == "its head names impossible sizes");
  CHECK(with(20, number(0)) == "its head names impossible sizes");
  CHECK(with(24, number(0)) == "its head names impossible sizes");
  CHECK(with(24, number(131072)) == "its head names impossible sizes");
  CHECK(with(512, number(0)) == "the record at byte 512 does not add up");
  CHECK(with(512 + 4 + 312, "x") == "the record at byte 512 does not add up");
  CHECK(with(512 + 4 + 512, number(0)) == "the record at byte 512 does not add up");
}

}  // namespace sockwitness::schema
