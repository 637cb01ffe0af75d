// What a report says of the database that it was made from, as evidence.
//
// In:    a verdict; nothing: the database was not verified.
// Out:   the stamp, and the sentences that it rests on.
// Never: "verified" of what was not, or without what that does not exclude.
#pragma once

#include <string>

#include "query/verify/verdict.h"

namespace sockwitness::query {

struct Integrity {
  std::string word;      // unverified, consistent, authenticated
  std::string stamp;     // UNVERIFIED; else what it is, for people
  std::string text;      // why, and what is not proven
  std::string head;      // hash of the last record's head
  std::string keys;      // fingerprints of the first key of each row of keys
  std::string anchored;  // up to which record, of when
  std::string footer;    // for each printed page: letters, digits and blanks
  bool verified = false;
};

[[nodiscard]] Integrity integrity_of(const Verdict* verdict);

}  // namespace sockwitness::query
