// Which user a name meant, wherever in the history it was one's.
//
// In:    an opened history; the words of a filter or policy: names and numbers of users.
// Out:   the same words, and the number that each name was given last.
// Never: a number for a name that no snapshot has.
#pragma once

#include <string>
#include <vector>

#include "query/read/history.h"

namespace sockwitness::query {

void add_user_numbers(History& history, std::vector<std::string>& words);

}  // namespace sockwitness::query
