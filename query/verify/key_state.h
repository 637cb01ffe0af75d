// The recorder's key file beside the database: which record it expects next.
//
// In:    the path of the database, the public key that its last link names.
// Out:   whether the end of the chain is the one that the keys know.
// Never: keeps a secret, or takes a file that cannot be read for one that agrees.
#pragma once

#include <string>

#include "query/verify/verdict.h"
#include "schema/chain/signature.h"

namespace sockwitness::query {

void check_key_state(const std::string& path, const schema::PublicKey& successor, Verdict& verdict);

}  // namespace sockwitness::query
