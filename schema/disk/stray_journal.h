// A journal beside a file that nobody was writing.
//
// In:    the path of a database whose last run ended in good order.
// Out:   an Error when something lies there that SQLite would roll back.
// Never: changes anything.
#pragma once

#include <string>

namespace sockwitness::schema {

void refuse_stray_journal(const std::string& path);

}  // namespace sockwitness::schema
