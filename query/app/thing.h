// The one word that a question is about: an endpoint, an address, a program, a user, a process.
//
// In:    the word as typed, the names of ports.
// Out:   what it adds to a filter.
// Never: a guess about a word that it does not know.
#pragma once

#include <optional>
#include <string>

#include "query/analysis/filter.h"
#include "query/report/words/port_names.h"

namespace sockwitness::query {

struct Thing {
  Filter filter;
  // A path names a unix socket or a program; the record decides. Then this one is the program.
  std::optional<Filter> as_program;
};

// `filter` is what the options say; the word adds to it. Throws schema::Error (Usage).
[[nodiscard]] Thing parse_thing(const std::string& word,
                                const Filter& filter,
                                const PortNames& names);

// True when only holders are spoken of: then the question is about processes, with or without
// sockets.
[[nodiscard]] bool is_about_processes(const Filter& filter);

// The grammar, for the help text; lines without indentation.
[[nodiscard]] std::string_view thing_grammar();

}  // namespace sockwitness::query
