// The bytes of the chain: what they must be by the vectors, and what is refused.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/chain/anchor.h"
#include "schema/chain/canonical_row.h"
#include "schema/chain/hex_bytes.h"
#include "schema/chain/key_text.h"
#include "schema/chain/link_head.h"
#include "schema/chain/marks.h"
#include "schema/chain/merkle.h"
#include "schema/chain/sha256.h"

namespace sockwitness::test {
namespace {

using namespace schema;
using Words = std::vector<std::string>;

Words split(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const auto byte = from_hex<1>(text.substr(at, 2));
    REQUIRE(byte);
    bytes += static_cast<char>((*byte)[0]);
  }
  return bytes;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> fixed(const std::string& text) {
  const auto value = from_hex<Size>(text);
  REQUIRE(value);
  return *value;
}

std::string dump(std::string_view bytes) {
  std::string text = hex(bytes);
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  return text;
}

Marks parse_marks(const std::string& text) {
  Marks marks;
  std::string_view rest = text == "-" ? std::string_view() : std::string_view(text);
  while (!rest.empty()) {
    const auto numbering = parse_number<std::uint32_t>(scan_until(rest, ':'));
    const auto mark = parse_number<std::int64_t>(scan_until(rest, ','));
    REQUIRE((numbering && mark));
    marks[*numbering] = *mark;
  }
  return marks;
}

std::string encode_row(const Words& words) {
  CanonicalRow row;
  row.begin(words[1]);
  for (std::size_t at = 2; at < words.size(); ++at) {
    std::string_view value = words[at];
    if (scan_literal(value, "integer:")) {
      row.integer(*parse_number<std::int64_t>(value));
    } else if (scan_literal(value, "real:")) {
      row.real(std::stod(std::string(value)));
    } else if (scan_literal(value, "text:")) {
      row.text(unhex(value));
    } else if (scan_literal(value, "blob:")) {
      row.blob(unhex(value));
    } else {
      REQUIRE(value == "null");
      row.null();
    }
  }
  return std::string(row.bytes());
}

LinkHead parse_head(const Words& words) {
  LinkHead head;
  head.archive = fixed<16>(words[1]);
  head.record = *parse_number<std::int64_t>(words[2]);
  head.kind = *parse_number<std::int64_t>(words[3]);
  head.written_us = *parse_number<std::int64_t>(words[4]);
  head.previous = fixed<32>(words[5]);
  head.key = fixed<32>(words[6]);
  head.successor = fixed<32>(words[7]);
  head.environment = fixed<32>(words[8]);
  head.leaves = *parse_number<std::int64_t>(words[9]);
  head.root = fixed<32>(words[10]);
  head.marks = parse_marks(words[11]);
  return head;
}

// What our code makes of the words before the sign.
std::string answer(const Words& words, Hasher& hasher, std::vector<Hash>& leaves) {
  if (words[0] == "row") {
    const std::string bytes = encode_row(words);
    leaves.push_back(leaf_hash(hasher, bytes));
    return dump(bytes) + " " + to_hex(leaves.back());
  }
  if (words[0] == "root") {
    MerkleRoot root(hasher);
    for (std::size_t at = 0; at < *parse_number<std::size_t>(words[1]); ++at) {
      root.add_leaf(leaves.at(at));
    }
    return to_hex(root.finish());
  }
  if (words[0] == "advance") {
    const Marks before = parse_marks(words[1]);
    const std::string bytes = encode_advance(before, parse_marks(words[2]));
    Marks both = before;
    for (const auto& [numbering, mark] : parse_marks(words[2])) {
      both[numbering] = mark;
    }
    CHECK(decode_advance(before, bytes) == both);
    return bytes.empty() ? "-" : dump(bytes);
  }
  if (words[0] == "head") {
    const LinkHead head = parse_head(words);
    return dump(encode_link_head(head)) + " " + to_hex(hash_link_head(hasher, head));
  }
  REQUIRE(words[0] == "sign");
  const SecretKey secret(fixed<32>(words[1]));
  const Hash head = fixed<32>(words[2]);
  const Signature signature = secret.sign(head);
  CHECK(is_signed(secret.public_key(), head, signature));
  return to_hex(secret.public_key()) + " " + to_hex(signature);
}

}  // namespace

TEST_CASE("the bytes of the chain are those of the vectors") {
  std::ifstream file(SOCKWITNESS_CHAIN_VECTORS);
  Hasher hasher;
  std::vector<Hash> leaves;
  std::map<std::string, int> counts;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    const auto sign = line.find(" = ");
    REQUIRE(sign != std::string::npos);
    const Words words = split(line.substr(0, sign));
    INFO(line);
    CHECK(answer(words, hasher, leaves) == line.substr(sign + 3));
    ++counts[words[0]];
  }
  int all = 0;
  for (const auto& [kind, count] : counts) {
    std::cout << count << " vectors: " << kind << '\n';
    all += count;
  }
  CHECK(counts.size() == 5);
  CHECK(all >= 20);
}

TEST_CASE("a row leads to its root by its path, and no other row does") {
  Hasher hasher;
  std::vector<Hash> leaves;
  int led = 0;
  for (std::size_t count = 1; count <= 20; ++count) {
    leaves.push_back(leaf_hash(hasher, std::to_string(count)));
    MerkleRoot whole(hasher);
    for (const Hash& leaf : leaves) {
      whole.add_leaf(leaf);
    }
    const Hash root = whole.finish();
    const MerkleTree tree(hasher, leaves);
    CHECK(tree.root() == root);
    for (std::size_t at = 0; at < count; ++at) {
      const auto path = tree.path(at);
      for (std::size_t other = 0; other < count; ++other) {
        CHECK((follow_path(hasher, leaves[other], at, count, path) == root) == (other == at));
        led += other == at ? 1 : 0;
      }
      auto longer = path;
      longer.push_back(root);
      CHECK(follow_path(hasher, leaves[at], at, count, longer) != root);
    }
  }
  CHECK(led == 210);
}

TEST_CASE("an advance that no recorder writes is refused") {
  const std::vector<std::string> refused = {"01",
                                            "0001",
                                            "0100",
                                            "018000",
                                            "81",
                                            "80800101",
                                            "0101ff",
                                            "8000",
                                            "ff7f01",
                                            "01ffffffffffffffffff7f"};
  for (const std::string& bytes : refused) {
    INFO(bytes);
    CHECK_FALSE(decode_advance({}, unhex(bytes)));
  }
  CHECK_FALSE(decode_advance({{1, INT64_MAX}}, unhex("0101")));
  CHECK(decode_advance({}, "") == Marks{});
}

TEST_CASE("a signature is by one key over one head") {
  const SecretKey first = SecretKey::make();
  const SecretKey second = SecretKey::make();
  Hash head{};
  head[5] = 7;
  const Signature signature = first.sign(head);
  CHECK(is_signed(first.public_key(), head, signature));
  CHECK_FALSE(is_signed(second.public_key(), head, signature));
  CHECK_FALSE(is_signed(PublicKey{}, head, signature));
  CHECK_FALSE(is_signed(first.public_key(), head, Signature{}));
  CHECK_FALSE(is_signed(first.public_key(), Hash{}, signature));
  for (std::size_t bit = 0; bit < 512; bit += 7) {
    Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(is_signed(first.public_key(), head, changed));
  }
}

TEST_CASE("a place of the key file is whole or nothing") {
  const SecretKey secret = SecretKey::make();
  const std::string text = format_key_place({41, secret.public_key(), secret});
  REQUIRE(text.size() == kKeyPlaceSize);
  const auto place = parse_key_place(text);
  REQUIRE(place);
  CHECK(place->after == 41);
  CHECK(place->public_key == secret.public_key());
  CHECK(place->secret.bytes() == secret.bytes());
  const std::size_t written = text.find_last_not_of('\n') + 1;
  for (std::size_t length = 0; length < written; ++length) {
    std::string torn = text.substr(0, length);
    torn.resize(kKeyPlaceSize, '\n');
    CHECK_FALSE(parse_key_place(torn));
  }
  for (std::size_t at = 0; at < written; ++at) {
    std::string changed = text;
    changed[at] = changed[at] == '0' ? '1' : '0';
    CHECK_FALSE(parse_key_place(changed));
  }
  CHECK_FALSE(parse_key_place(std::string(kKeyPlaceSize, '\n')));
  CHECK_FALSE(parse_key_place(""));
}

TEST_CASE("an anchor is found wherever a log puts it") {
  const Anchor anchor{{1, 2}, 4711, {3}, {4}};
  const std::string line = format_anchor(anchor);
  for (const std::string& contexts : {std::string(),
                                      std::string("<85>Nov 30 14:00:00 sockwitness-recorder[7]: "),
                                      std::string("{\"MESSAGE\":\"")}) {
    CHECK(find_anchor(contexts + line) == anchor);
    CHECK(find_anchor(contexts + line + "\r") == anchor);
    CHECK(find_anchor(contexts + line + "\",\"x\":1}") == anchor);
  }
  CHECK_FALSE(find_anchor(""));
  for (std::size_t length = 0; length < line.size(); ++length) {
    CHECK_FALSE(find_anchor(line.substr(0, length)));
  }
}

TEST_CASE("a key that was enrolled is read as it was printed") {
  const SecretKey secret = SecretKey::make();
  const EnrolledKey key{std::string(32, 'a'), 1, secret.public_key()};
  const auto read = parse_enrolled_key(format_enrolled_key(key));
  REQUIRE(read);
  CHECK(read->archive == key.archive);
  CHECK(read->record == 1);
  CHECK(read->public_key == key.public_key);
  for (const char* refused : {"", "sockwitness-key", "sockwitness-key aa 1 bb", "key"}) {
    CHECK_FALSE(parse_enrolled_key(refused));
  }
  CHECK(fingerprint_of(key.public_key).size() == 39);
}

}  // namespace sockwitness::test
