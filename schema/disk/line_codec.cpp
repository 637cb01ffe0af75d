#include "schema/disk/line_codec.h"

#include <utility>

namespace sockwitness::schema {

void decode_command_line(std::optional<RowId> id,
                         Texts& texts,
                         std::optional<std::string>& line,
                         std::optional<LongText>& measure) {
  if (!id) {
    return;
  }
  Texts::Line stored = texts.get_line(*id);
  line = std::move(stored.bytes);
  measure = std::move(stored.measure);
}

std::optional<RowId> intern_command_line(const std::optional<std::string>& line,
                                         const std::optional<LongText>& measure,
                                         Texts& texts) {
  return line ? std::optional(texts.intern_line(*line, measure)) : std::nullopt;
}

}  // namespace sockwitness::schema
