// Bytes of columns and of the file's head: refused, or read into what is written the same way.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "schema/base/error.h"
#include "schema/disk/address_codec.h"
#include "schema/disk/digest.h"
#include "schema/disk/file_head.h"
#include "schema/disk/id_list.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness::schema;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto ids = decode_ids(bytes)) {
    require(std::is_sorted(ids->begin(), ids->end()));
    require(encode_ids(*ids) == bytes);
  }
  try {
    const NumberSet set(bytes);
    const auto numbers = set.numbers();
    require(std::is_sorted(numbers.begin(), numbers.end()));
    for (std::size_t at = 0; at < numbers.size(); at += 1 + numbers.size() / 16) {
      require(set.contains(numbers[at]));
    }
    require(numbers.empty() == !set.contains_any(0, INT64_MAX));
  } catch (const Error& error) {
    require(error.code() == ExitCode::Unusable);
  }
  if (const auto head = decode_file_head(bytes)) {
    require(head->page_size >= 512 && (head->page_size & (head->page_size - 1)) == 0);
  }
  try {
    const IpAddress address = decode_address(bytes);
    require(address.bytes() == bytes);
    require(IpAddress::parse(address.text()) == address);
    require(address_fingerprint(address) > 0 && network_fingerprint(address) > 0);
  } catch (const Error& error) {
    require(error.code() == ExitCode::Unusable);
  }
  return 0;
}
