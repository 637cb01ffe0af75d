// What the recorder says: the answer on standard output, everything else on standard error.
//
// In:    finished text, safe for a terminal.
// Out:   written at once.
// Never: takes an answer for given that could not be written; fails because nobody listens to a
//        message.
#pragma once

#include <string>

namespace sockwitness::recorder {

// What is said of an act whose answer could not be written.
inline constexpr const char* kRecorded = "it is recorded all the same";

// Throws schema::Error (Unusable); `done` says what is safe all the same.
void answer(const std::string& text, const char* done = "");
// "sockwitness-recorder: text" and a line break.
void tell(const std::string& text);
// That something failed for want of memory; asks for none. Not `noted`: the run is in no account.
void tell_out_of_memory(bool noted) noexcept;

}  // namespace sockwitness::recorder
