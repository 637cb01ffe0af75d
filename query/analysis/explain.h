// A service as one sentence, for the user who has to account for it.
//
// In:    one service.
// Out:   its owner, the package, the ancestors, from where it is reachable; raw bytes of the host
//        among it.
// Never: escapes, or says whether it is approved.
#pragma once

#include <string>
#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::query {

// `port_name` is that of the services database, empty for none.
[[nodiscard]] std::string explain(const schema::Service& service, std::string_view port_name);

// "systemd(1)", "bash(77), sshd(60), …": the ancestors of an owner, nearest first.
[[nodiscard]] std::string ancestry_words(const schema::Owner& owner);

}  // namespace sockwitness::query
