// Whether the file system of the database answers, before the recorder touches it.
//
// In:    the path of the database.
// Out:   nothing, where it answers.
// Never: asks itself, or lets a second process wait for the same path: who asks may never come
//        back.
#pragma once

#include <chrono>
#include <string>

namespace sockwitness::recorder {

// Throws schema::Error when it does not answer in time, or somebody waits for it already.
void refuse_unreachable(const std::string& database,
                        std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace sockwitness::recorder
