#include <fmt/format.h>

#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "schema/chain/hex_bytes.h"
#include "schema/chain/key_text.h"
#include "schema/disk/database.h"
#include "schema/disk/link_row.h"

namespace sockwitness::recorder {

schema::ExitCode run_keys(const schema::DatabasePlace& place) {
  schema::Database database = schema::Database::open_for_reading(place.path);
  const auto segments = schema::read_segments(database);
  const auto last = database.last_commit();
  if (segments.empty() || !last) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        fmt::format("reading the keys of '{}': no record is signed yet", place.path),
        "record first: sockwitness-recorder snapshot");
  }
  const auto id = schema::from_hex<16>(last->archive);
  const std::string archive = id ? schema::to_hex(*id) : last->archive;
  std::string text =
      "# Keep these lines where nobody who can write the database can change them, then:\n"
      "# sockwitness verify --key FILE\n";
  for (const schema::SegmentRow& segment : segments) {
    text += fmt::format("{}\n# fingerprint {}\n",
                        schema::format_enrolled_key({archive, segment.record, segment.public_key}),
                        schema::fingerprint_of(segment.public_key));
  }
  answer(text);
  return schema::ExitCode::Clean;
}

}  // namespace sockwitness::recorder
