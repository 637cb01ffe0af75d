// Where an export puts its objects: one line each.
//
// In:    an object of the format.
// Out:   nothing; whoever made the sink writes it.
// Never: asked for anything back.
#pragma once

#include <functional>

#include "query/report/neutral/value.h"

namespace sockwitness::query {

using LineSink = std::function<void(const Value::Object&)>;

}  // namespace sockwitness::query
