#include "query/report/records/line_members.h"

#include <algorithm>

#include "schema/base/escape.h"
#include "schema/view/command_line.h"

namespace sockwitness::query {
namespace {

// The arguments joined by blanks. Exact only when each argument is free of blanks and the last one
// is ended.
struct CommandLine {
  std::string text;
  bool exact = true;
};

CommandLine split_command_line(const std::string& raw) {
  CommandLine line{raw, raw.empty() || raw.back() == '\0'};
  if (!raw.empty() && line.exact) {
    line.text.pop_back();
  }
  line.exact = line.exact && line.text.find(' ') == std::string::npos && schema::is_utf8(raw) &&
               line.text.find_last_of('\0') != line.text.size() - 1;
  std::replace(line.text.begin(), line.text.end(), '\0', ' ');
  return line;
}

}  // namespace

void add_shortened_line(Value::Object& object,
                        const std::string& raw,
                        const schema::LongText& measure) {
  const schema::TextEnds ends = schema::ends_of(raw, measure);
  object.push_back({"command_line", schema::json_text(schema::command_line_text(raw, measure))});
  object.push_back({"command_line_truncated", true});
  object.push_back({"command_line_length", measure.length});
  object.push_back({"command_line_sha256", schema::hex(measure.sha256)});
  object.push_back({"command_line_head_b64", schema::base64(ends.head)});
  object.push_back({"command_line_tail_b64", schema::base64(ends.tail)});
}

void add_command_line(Value::Object& object,
                      const std::optional<std::string>& raw,
                      const std::optional<schema::LongText>& measure) {
  if (!raw) {
    object.push_back({"command_line", {}});
    return;
  }
  if (measure && measure->shortened()) {
    return add_shortened_line(object, *raw, *measure);
  }
  const CommandLine line = split_command_line(*raw);
  // Escaped here already, so that the writer adds no second set of bytes: those of the joined text.
  object.push_back({"command_line", schema::json_text(line.text)});
  if (!line.exact) {
    object.push_back({"command_line_b64", schema::base64(*raw)});
  }
}

}  // namespace sockwitness::query
