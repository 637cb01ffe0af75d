// What a socket says of itself when it is asked through a descriptor.
//
// In:    an open descriptor of a socket, of any family.
// Out:   protocol, family, type, identity, and whether a table of its namespace lists it.
// Never: reads from the socket or changes it. (Its kernel cookie is drawn, as any dump would do.)
#pragma once

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// `netns` of the answer stays empty where SIOCGSKNS is not permitted.
[[nodiscard]] Result<DescribedSocket> read_socket(int descriptor);

}  // namespace sockwitness::recorder
