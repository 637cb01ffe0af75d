// Texts in pieces: any bytes come back from theirs; any rows of a file are read, or are damage.
//
// The rows are made of the input: a table of texts, of lengths and of runs that know nothing of
// each other.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/base/pieces.h"
#include "schema/disk/database.h"
#include "schema/disk/texts.h"
#include "schema/view/command_line.h"
#include "tests/fuzz/require.h"
#include "tests/support/scratch_dir.h"

namespace {

using namespace sockwitness;

// Small numbers most often, so that rows meet; large ones now and then.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) {
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::int64_t number() {
    const std::uint8_t small = byte();
    if (small < 250) {
      return small;
    }
    std::int64_t large = 0;
    const std::size_t count = std::min(sizeof large, bytes_.size());
    std::memcpy(&large, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return large;
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

constexpr int kTexts = 8;

void insert_rows(SQLite::Database& sqlite, Numbers& input) {
  SQLite::Statement text(sqlite, "INSERT INTO text (id, hash, bytes) VALUES (?1, ?2, ?3)");
  SQLite::Statement length(sqlite, "INSERT INTO long_text VALUES (?1, ?2, ?3, ?4, ?5)");
  SQLite::Statement run(sqlite, "INSERT OR IGNORE INTO text_run VALUES (?1, ?2, ?3, ?4)");
  for (int id = 1; id <= kTexts; ++id) {
    const std::uint8_t shape = input.byte();
    const std::string_view bytes = input.take(shape & 0x3FU);
    text.reset();
    text.bind(1, id);
    text.bind(2, 0);
    text.bind(3, bytes.data() == nullptr ? "" : bytes.data(), static_cast<int>(bytes.size()));
    text.exec();
    if ((shape & 0x40U) != 0) {
      length.reset();
      length.clearBindings();
      length.bind(1, id);
      length.bind(2, input.number());
      if ((shape & 0x80U) != 0) {
        const std::string digest(input.byte() % 64, 'd');
        length.bind(3, digest.data(), static_cast<int>(digest.size()));
        length.bind(4, input.number());
        length.bind(5, input.number());
      }
      length.exec();
    }
  }
  for (int count = input.byte() % 16; count > 0; --count) {
    run.reset();
    run.bind(1, 1 + input.byte() % kTexts);
    run.bind(2, input.number());
    run.bind(3, input.number());
    run.bind(4, input.number());
    run.exec();
  }
}

void read_texts(schema::Database& database) {
  for (const schema::LineLimits limits :
       {schema::LineLimits{}, schema::LineLimits{schema::kAlwaysWhole, 1U << 20U}}) {
    schema::Texts texts(database, limits);
    for (int id = 1; id <= kTexts; ++id) {
      try {
        const schema::Texts::Line line = texts.get_line(id);
        const bool is_short = line.measure && line.measure->shortened();
        require(!line.measure || is_short || line.measure->length > schema::kAlwaysWhole);
        require(!line.measure || line.measure->sha256.size() == 32);
        require(!is_short || line.bytes.size() < line.measure->length);
        require(!is_short || *line.measure->head <= line.bytes.size());
        (void)schema::command_line_text(line.bytes, line.measure);
        (void)schema::split_arguments(line.bytes, line.measure);
        (void)texts.get(id);
      } catch (const schema::Error& error) {
        require(error.code() == schema::ExitCode::Unusable);
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string together;
  for (const std::string_view piece : schema::split_pieces(bytes)) {
    require(!piece.empty() && piece.size() <= schema::kLongestPiece);
    together += piece;
  }
  require(together == bytes);

  static const test::ScratchDir scratch;
  static schema::Database database = [] {
    auto made = schema::Database::open_for_append(scratch.file("fuzz.db"));
    made.sqlite().exec(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; "
        "PRAGMA journal_mode = MEMORY");
    return made;
  }();
  SQLite::Transaction transaction(database.sqlite());  // never committed
  {
    // Stored and read again; what is stored twice is there once.
    schema::Texts texts(database);
    const schema::RowId id = texts.intern(bytes);
    require(texts.intern(bytes) == id);
    require(schema::Texts(database).get(id) == bytes);
    database.sqlite().exec("DELETE FROM text_run; DELETE FROM long_text; DELETE FROM text");
  }
  Numbers input(bytes);
  insert_rows(database.sqlite(), input);
  read_texts(database);
  return 0;
}
