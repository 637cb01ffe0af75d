// The directory of the usual database, which is ours to make.
//
// In:    the path of the database.
// Out:   its directory, with those above it, on the disk: a loss of power does not take it away
//        again.
// Never: lets others look into it, or its group write to it.
#pragma once

#include <string>

namespace sockwitness::recorder {

// Throws schema::Error.
void make_state_directory(const std::string& database_path);

}  // namespace sockwitness::recorder
