// Which database this is.
//
// In:    an opened history.
// Out:   what the recorder drew when it made the file, hexadecimal; copies of it have the same.
// Never: a number that follows from the path or the host.
#pragma once

#include <string>

namespace sockwitness::query {

class History;

[[nodiscard]] std::string read_archive(History& history);

}  // namespace sockwitness::query
