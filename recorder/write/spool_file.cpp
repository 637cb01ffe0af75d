#include "recorder/write/spool_file.h"

#include <algorithm>
#include <new>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/snapshot_writer.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/chain/sha256.h"
#include "schema/disk/database.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/snapshot_row.h"

namespace sockwitness::recorder {
namespace {

constexpr std::string_view kTitle = "sockwitness spool 1\n";
constexpr std::string_view kDigest = "sha256 ";
constexpr std::size_t kDigestLine = kDigest.size() + 64 + 1;
constexpr std::size_t kLongestSpoolReason = 200;
constexpr schema::Seq kOnly{1};  // its number in a file of its own

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kLongestSpoolReason));
  std::replace_if(
      line.begin(), line.end(), [](char byte) { return byte == '\n' || byte == '\0'; }, ' ');
  return line;
}

// All of the label but its last line, which is the digest of what stands before it.
std::string format_label(const SpooledSnapshot& spooled) {
  const auto deep = spooled.snapshot.deep_seq;
  std::string text = fmt::format("{}archive {}\ndeep {}\nholder {}\nreason {}\n",
                                 kTitle,
                                 spooled.archive.empty() ? "-" : spooled.archive,
                                 deep ? deep->value() : 0,
                                 spooled.holder ? spooled.holder->value() : 0,
                                 one_line(spooled.reason));
  text.resize(kSpoolLabelSize - kDigestLine, '\n');
  return text;
}

std::optional<std::string_view> scan_field(std::string_view& text, std::string_view name) {
  std::string_view line = schema::scan_until(text, '\n');
  if (!schema::scan_literal(line, name)) {
    return std::nullopt;
  }
  return line;
}

bool is_archive(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

}  // namespace

std::optional<SpoolLabel> parse_spool_label(std::string_view tail) {
  if (!schema::scan_literal(tail, kTitle)) {
    return std::nullopt;
  }
  const auto archive = scan_field(tail, "archive ");
  const auto deep = schema::parse_number<std::int64_t>(scan_field(tail, "deep ").value_or(""));
  const auto holder = schema::parse_number<std::int32_t>(scan_field(tail, "holder ").value_or(""));
  const auto reason = scan_field(tail, "reason ");
  if (!archive || !deep || *deep < 0 || !holder || *holder < 0 || !reason ||
      (*archive != "-" && !is_archive(*archive))) {
    return std::nullopt;
  }
  SpoolLabel label;
  label.archive = *archive == "-" ? std::string_view() : *archive;
  label.reason = *reason;
  label.holder = *holder > 0 ? std::optional(schema::Pid(*holder)) : std::nullopt;
  label.deep_seq = *deep > 0 ? std::optional(schema::Seq(*deep)) : std::nullopt;
  return label;
}

std::string encode_spooled(const std::string& name, const SpooledSnapshot& spooled) {
  schema::Database database = schema::Database::make_in_memory(name);
  schema::Snapshot alone = spooled.snapshot;
  alone.deep_seq.reset();  // a number of the other database
  static_cast<void>(write_snapshot(database, alone, {}, {}));
  std::string bytes = database.image();
  bytes += format_label(spooled);
  bytes += std::string(kDigest) + schema::hex(schema::sha256(bytes)) + "\n";
  return bytes;
}

namespace {

schema::Snapshot load_only(const std::string& name, std::string_view image) {
  try {
    schema::Database database = schema::Database::open_image(name, image);
    if (schema::read_first_seq(database) != kOnly || schema::read_last_seq(database) != kOnly) {
      throw SpoolRefusal("it does not hold one snapshot");
    }
    schema::Snapshot snapshot = schema::load_snapshot(database, kOnly).snapshot;
    snapshot.seq.reset();
    return snapshot;
  } catch (const SpoolRefusal&) {
    throw;
  } catch (const schema::DatabaseError& failure) {
    if (failure.kind() == schema::DatabaseError::Kind::NoMemory) {
      throw std::bad_alloc();
    }
    throw SpoolRefusal(failure.message());
  } catch (const schema::Error& failure) {
    throw SpoolRefusal(failure.message());
  }
}

}  // namespace

SpooledSnapshot decode_spooled(const std::string& name, std::string_view bytes) {
  if (bytes.size() < kSpoolLabelSize) {
    throw SpoolRefusal("it is cut off");
  }
  const std::string_view image = bytes.substr(0, bytes.size() - kSpoolLabelSize);
  const auto label = parse_spool_label(bytes.substr(image.size()));
  if (!label) {
    throw SpoolRefusal("it is cut off, or no spool file that this version reads");
  }
  const std::string_view digest = bytes.substr(bytes.size() - kDigestLine);
  const std::string_view before = bytes.substr(0, bytes.size() - kDigestLine);
  if (digest != std::string(kDigest) + schema::hex(schema::sha256(before)) + "\n") {
    throw SpoolRefusal("it was changed after it was written (its SHA-256 is another)");
  }
  SpooledSnapshot spooled;
  spooled.snapshot = load_only(name, image);
  spooled.snapshot.deep_seq = label->deep_seq;
  spooled.archive = label->archive;
  spooled.reason = label->reason;
  spooled.holder = label->holder;
  return spooled;
}

}  // namespace sockwitness::recorder
