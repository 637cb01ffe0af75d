// What tells of the chain from outside: refused, or read into what is written the same way. Keys,
// anchors, canonical rows, marks, and the files of a sealed export.
#include <cstdint>
#include <string>
#include <string_view>

#include "query/seal/manifest.h"
#include "query/seal/sealed_link.h"
#include "query/seal/sealed_row.h"
#include "query/verify/known_anchors.h"
#include "schema/chain/anchor.h"
#include "schema/chain/key_text.h"
#include "schema/chain/marks.h"
#include "schema/chain/merkle.h"
#include "schema/chain/stored_row.h"
#include "tests/fuzz/require.h"

namespace {

using namespace sockwitness;

void read_keys_and_anchors(std::string_view bytes) {
  if (const auto key = schema::parse_enrolled_key(bytes)) {
    const auto again = schema::parse_enrolled_key(schema::format_enrolled_key(*key));
    require(again && again->public_key == key->public_key && again->record == key->record);
    require(schema::fingerprint_of(key->public_key).size() == 39);
  }
  if (const auto anchor = schema::find_anchor(bytes)) {
    require(schema::find_anchor(schema::format_anchor(*anchor)) == anchor);
  }
  if (const auto place = schema::parse_key_place(bytes)) {
    const auto again = schema::parse_key_place(schema::format_key_place(*place));
    require(again && again->public_key == place->public_key && again->after == place->after);
  }
  query::KnownAnchors anchors;
  anchors.add_line(bytes, query::KnownAnchors::Origin::Outside);
  require(anchors.of({}).foreign >= 0);
}

void read_rows(std::string_view bytes) {
  static const query::TableColumns columns = query::read_table_columns();
  if (const auto row = schema::decode_row(bytes)) {
    require(schema::encode_row(*row) == bytes);
  }
  if (const auto marks = schema::decode_advance({}, bytes)) {
    require(schema::encode_advance({}, *marks) == bytes);
  }
  if (const auto link = query::parse_sealed_link(bytes)) {
    require(query::format_sealed_link(*link) == bytes);
  }
  if (const auto row = query::parse_sealed_row(bytes, columns)) {
    require(query::format_sealed_row(*row, columns) == bytes);
    auto again = schema::decode_row(schema::encode_row(row->row));
    require(again && again->table == row->row.table);
    again->values.resize(row->row.values.size());
    require(schema::encode_row(*again) == schema::encode_row(row->row));
    if (row->proof) {
      schema::Hasher hasher;
      static_cast<void>(
          schema::follow_path(hasher, {}, row->proof->place, UINT64_MAX, row->proof->path));
    }
  }
  if (const auto manifest = query::parse_manifest(bytes)) {
    require(query::format_manifest(*manifest) == bytes);
    require(!query::instructions_for(*manifest).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_keys_and_anchors(bytes);
  read_rows(bytes);
  return 0;
}
