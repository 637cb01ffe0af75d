// Sockets by the address of their other end, found in the digests.
//
// In:    an open database, rows from one to another, prefixes.
// Out:   rows whose fingerprint fits, and rows that no digest speaks for.
// Never: exact: one of about 65,025 other addresses has the same fingerprint.
#pragma once

#include <vector>

#include "query/read/block_sieve.h"
#include "schema/model/ip.h"

namespace sockwitness::query {

struct RemoteHits {
  std::vector<schema::RowId> rows;  // ascending
  std::vector<RowRange> unknown;    // ascending
};

// False for prefixes wider than the networks whose fingerprints are stored.
[[nodiscard]] bool digests_can_tell(const schema::IpPrefix& prefix);

// Precondition: digests_can_tell() for each of them.
[[nodiscard]] RemoteHits find_remote(schema::Database& database,
                                     RowRange rows,
                                     const std::vector<schema::IpPrefix>& prefixes);

}  // namespace sockwitness::query
