// Time stamps of an authority, against the heads of a chain.
//
// In:    stamps whose signatures were checked.
// Out:   which records were there by then.
// Never: takes a stamp of another head for none: what was stamped has to be here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/verify/known_anchors.h"
#include "query/verify/verdict.h"

namespace sockwitness::query {

struct StampFiles {
  std::vector<std::string> replies;
  std::string authorities;  // certificates in PEM
};

// Throws schema::Error (Usage) for a reply that is not signed as it has to be.
void read_stamps(const StampFiles& files, KnownAnchors& anchors);

// Of each link, in ascending order. True: it is stamped, which is an anchor from outside.
[[nodiscard]] bool take_stamp(const KnownAnchors& anchors,
                              std::int64_t record,
                              const schema::Hash& head,
                              Verdict& verdict);
// After the last one.
void report_stamps_of_others(const KnownAnchors& anchors, Verdict& verdict);

}  // namespace sockwitness::query
