// The words that a question is about: endpoints, addresses, programs, users, processes.
//
// In:    the words as typed, the names of ports.
// Out:   what they add to a filter: any of one kind, all kinds together.
// Never: takes a word that is the name of a port for a program's.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
[[nodiscard]] Thing parse_things(const std::vector<std::string>& words,
                                 const Filter& filter,
                                 const PortNames& names);

// True when only holders are spoken of: then the question is about processes, with or without
// sockets.
[[nodiscard]] bool is_about_processes(const Filter& filter);

// The grammar, for the help text; lines without indentation.
[[nodiscard]] std::string_view thing_grammar();

}  // namespace sockwitness::query
