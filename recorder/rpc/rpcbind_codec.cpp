#include "recorder/rpc/rpcbind_codec.h"

namespace sockwitness::recorder {
namespace {

constexpr std::uint32_t kCall = 0;
constexpr std::uint32_t kReply = 1;
constexpr std::uint32_t kRpcVersion = 2;
constexpr std::uint32_t kRpcbindProgram = 100000;
constexpr std::uint32_t kRpcbindVersion = 4;
constexpr std::uint32_t kProcedureDump = 4;
constexpr std::uint32_t kAccepted = 0;
constexpr std::uint32_t kSuccess = 0;
constexpr std::uint32_t kLastFragment = 0x8000'0000U;
constexpr std::uint32_t kMaxAuthentication = 400;  // RFC 5531 section 8.2
constexpr std::size_t kWord = 4;

void append_word(std::string& out, std::uint32_t word) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out.push_back(static_cast<char>(word >> (shift - 8U) & 0xffU));
  }
}

std::uint32_t word_at(std::string_view bytes) {
  std::uint32_t word = 0;
  for (const char byte : bytes.substr(0, kWord)) {
    word = word << 8U | static_cast<unsigned char>(byte);
  }
  return word;
}

// Takes values from the front; after the first that is not there, all are empty and ok() is false.
class XdrReader {
 public:
  explicit XdrReader(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t word() {
    const auto bytes = take(kWord);
    return ok_ ? word_at(bytes) : 0;
  }

  // Variable-length opaque or string: a length, the bytes, zeros up to the next multiple of four.
  std::string_view opaque() {
    const std::size_t size = word();
    const auto bytes = take(size);
    const auto padding = take((kWord - size % kWord) % kWord);
    ok_ = ok_ && padding.find_first_not_of('\0') == std::string_view::npos;
    return ok_ ? bytes : std::string_view{};
  }

  bool boolean() {
    const auto value = word();
    ok_ = ok_ && value <= 1;
    return ok_ && value == 1;
  }

  void expect(std::uint32_t value) { ok_ = word() == value && ok_; }
  void require(bool condition) { ok_ = ok_ && condition; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::string build_dump_call(std::uint32_t transaction) {
  std::string call;
  append_word(call, transaction);
  append_word(call, kCall);
  append_word(call, kRpcVersion);
  append_word(call, kRpcbindProgram);
  append_word(call, kRpcbindVersion);
  append_word(call, kProcedureDump);
  for (int part = 0; part < 2; ++part) {  // credentials and verifier: none, of length 0
    append_word(call, 0);
    append_word(call, 0);
  }
  std::string record;
  append_word(record, kLastFragment | static_cast<std::uint32_t>(call.size()));
  return record + call;
}

RecordReader::State RecordReader::add(std::string_view bytes) {
  pending_ += bytes;
  while (pending_.size() >= kWord) {
    const auto mark = word_at(pending_);
    const std::size_t size = mark & ~kLastFragment;
    if (record_.size() + size > kMaxRpcReply) {
      return State::TooLong;
    }
    if (pending_.size() < kWord + size) {
      return State::Incomplete;
    }
    record_.append(pending_, kWord, size);
    pending_.erase(0, kWord + size);
    if ((mark & kLastFragment) != 0) {
      return State::Complete;
    }
  }
  return State::Incomplete;
}

std::optional<std::vector<schema::RpcRegistration>> decode_dump_reply(std::string_view record,
                                                                      std::uint32_t transaction) {
  XdrReader reader(record);
  reader.expect(transaction);
  reader.expect(kReply);
  reader.expect(kAccepted);
  static_cast<void>(reader.word());  // which verifier
  reader.require(reader.opaque().size() <= kMaxAuthentication);
  reader.expect(kSuccess);
  std::vector<schema::RpcRegistration> registrations;
  while (reader.boolean()) {  // a linked list: "one more follows"
    auto& entry = registrations.emplace_back();
    entry.program = reader.word();
    entry.version = reader.word();
    entry.transport = reader.opaque();
    entry.address = reader.opaque();
    entry.owner = reader.opaque();
  }
  if (!reader.at_end()) {
    return std::nullopt;
  }
  return registrations;
}

}  // namespace sockwitness::recorder
