// What happens when somebody ends the program before it has answered.
//
// In:    SIGINT, SIGTERM, SIGHUP.
// Out:   a message and the exit code for it; files that are not finished yet are gone.
// Never: an end without a word, or by a signal that a parent told us to ignore.
#pragma once

namespace sockwitness::query {

// From now on; for the program as a whole.
void handle_interruption();

}  // namespace sockwitness::query
