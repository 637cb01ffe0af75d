// Who runs this program.
//
// In:    the user that it was started as, the login session, the accounts of this host.
// Out:   a user, and who had logged in.
// Never: asks a name service.
#pragma once

#include "schema/model/baseline.h"

namespace sockwitness::recorder {

// The login user is that of /proc/self/loginuid; where the kernel knows none, what sudo says.
[[nodiscard]] schema::Author read_author(schema::Uid user);

}  // namespace sockwitness::recorder
