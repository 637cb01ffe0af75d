#include "schema/chain/link_head.h"

#include "schema/chain/canonical_row.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kDomain = "sockwitness link 1\n";

template <class Bytes>
void append_part(std::string& text, const Bytes& bytes) {
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append_part(std::string& text, std::int64_t number) {
  append_big_endian(text, static_cast<std::uint64_t>(number), 8);
}

}  // namespace

std::string encode_link_head(const LinkHead& head) {
  std::string text(kDomain);
  append_part(text, head.archive);
  append_part(text, head.record);
  append_part(text, head.kind);
  append_part(text, head.written_us);
  append_part(text, head.previous);
  append_part(text, head.key);
  append_part(text, head.successor);
  append_part(text, head.environment);
  append_part(text, head.leaves);
  append_part(text, head.root);
  append_big_endian(text, head.marks.size(), 4);
  for (const auto& [numbering, mark] : head.marks) {
    append_big_endian(text, numbering, 4);
    append_part(text, mark);
  }
  return text;
}

Hash hash_link_head(Hasher& hasher, const LinkHead& head) {
  hasher.add(encode_link_head(head));
  return hasher.finish();
}

}  // namespace sockwitness::schema
