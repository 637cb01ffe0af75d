// The uid that a user name had last in the history.
//
// In:    an opened history; the words of a filter or policy: names and numbers of users.
// Out:   the same words, and the uid that each name had last.
// Never: a number for a name that no snapshot has.
#pragma once

#include <string>
#include <vector>

#include "query/read/history.h"

namespace sockwitness::query {

void add_user_numbers(History& history, std::vector<std::string>& words);

}  // namespace sockwitness::query
