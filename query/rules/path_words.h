// What a path says about a file: its name, the kind of place it lies in, whether it hides.
//
// In:    a path as bytes, as the process's own mount namespace names it.
// Out:   views into it, and words.
// Never: looks at a file system.
#pragma once

#include <string_view>

#include "schema/base/base_name.h"

namespace sockwitness::query {

using schema::base_name;

// "system" where packages install, "local" where administrators do (/usr/local, /opt, /srv),
// "home", "temporary" where everybody may write, "device" elsewhere below /dev and /proc, "memory"
// for an anonymous file, "other"; empty for a path that is not absolute.
[[nodiscard]] std::string_view place_of(std::string_view path);

// The root of the tree of a product that a file lies in, as people install what is no package:
// "/opt/acme" of "/opt/acme/bin/agentd", "/home/u/.nvm" of "/home/u/.nvm/v20/bin/node". Empty for
// a file that lies loose, and where everybody may write.
[[nodiscard]] std::string_view product_tree(std::string_view path);

// The first component that begins with a dot ("..." as well), or is made of blanks; empty for none.
[[nodiscard]] std::string_view hidden_component(std::string_view path);

}  // namespace sockwitness::query
