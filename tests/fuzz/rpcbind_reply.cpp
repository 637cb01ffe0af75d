// Any bytes in place of rpcbind's answer, whole or byte by byte: the same outcome, within bounds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "recorder/rpc/rpcbind_codec.h"

using sockwitness::recorder::RecordReader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RecordReader whole;
  const auto state = whole.add(bytes);
  if (size < 4096) {
    RecordReader slow;
    auto slow_state = RecordReader::State::Incomplete;
    for (std::size_t at = 0; at < size && slow_state == RecordReader::State::Incomplete; ++at) {
      slow_state = slow.add(bytes.substr(at, 1));
    }
    if (slow_state != state ||
        (state == RecordReader::State::Complete && slow.record() != whole.record())) {
      std::abort();
    }
  }
  static_cast<void>(sockwitness::recorder::decode_dump_reply(whole.record(), 0x736f636b));
  static_cast<void>(sockwitness::recorder::decode_dump_reply(bytes, 0x736f636b));
  return 0;
}
