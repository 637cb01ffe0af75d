// A file that lies beside the database and is nothing but room: a full disk has this much left for
// what frees more.
//
// In:    the path of the database; the file "<path>.ballast" beside it.
// Out:   the room is given back, or taken again.
// Never: takes room that the recorder will need soon; touches what is no plain file of this user.
#pragma once

#include <cstdint>
#include <string>

namespace sockwitness::recorder {

inline constexpr std::int64_t kBallastSize = 4 << 20;  // bytes

// True: there was one.
[[nodiscard]] bool release_ballast(const std::string& database_path);
// Unless there is one, or the file system has little room: then it does without.
void keep_ballast(const std::string& database_path);

}  // namespace sockwitness::recorder
