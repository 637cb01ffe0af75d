#include "schema/chain/measure.h"

#include "schema/chain/sha256.h"

namespace sockwitness::schema {

std::optional<LongText> measure_if_long(std::string_view whole) {
  if (whole.size() <= kAlwaysWhole) {
    return std::nullopt;
  }
  return LongText{whole.size(), sha256(whole), std::nullopt};
}

}  // namespace sockwitness::schema
