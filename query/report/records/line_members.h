// A command line in the machine formats.
//
// In:    its raw bytes, and the measure of a long one.
// Out:   members of a JSON object: the text; exact bytes where the text is not exact; length and
//        digest of a line that is not whole.
// Never: passes the ends of a line off as the line.
#pragma once

#include <optional>
#include <string>

#include "query/report/neutral/value.h"
#include "schema/model/long_text.h"

namespace sockwitness::query {

// Nothing gives a null.
void add_command_line(Value::Object& object,
                      const std::optional<std::string>& raw,
                      const std::optional<schema::LongText>& measure);

// Precondition: `measure` is of a shortened line.
void add_shortened_line(Value::Object& object,
                        const std::string& raw,
                        const schema::LongText& measure);

}  // namespace sockwitness::query
