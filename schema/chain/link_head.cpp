#include "schema/chain/link_head.h"

#include "schema/chain/canonical_row.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kDomain = "sockwitness link 1\n";

template <class Bytes>
void append(std::string& text, const Bytes& bytes) {
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append(std::string& text, std::int64_t number) {
  append_big_endian(text, static_cast<std::uint64_t>(number), 8);
}

}  // namespace

std::string encode_link_head(const LinkHead& head) {
  std::string text(kDomain);
  append(text, head.archive);
  append(text, head.record);
  append(text, head.kind);
  append(text, head.written_us);
  append(text, head.previous);
  append(text, head.key);
  append(text, head.successor);
  append(text, head.environment);
  append(text, head.leaves);
  append(text, head.root);
  append_big_endian(text, head.marks.size(), 4);
  for (const auto& [numbering, mark] : head.marks) {
    append_big_endian(text, numbering, 4);
    append(text, mark);
  }
  return text;
}

Hash hash_link_head(Hasher& hasher, const LinkHead& head) {
  hasher.add(encode_link_head(head));
  return hasher.finish();
}

}  // namespace sockwitness::schema
