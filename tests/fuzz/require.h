// What a fuzz target holds to be true of every input.
//
// In:    a condition.
// Out:   an abort, which the fuzzer keeps the input of.
// Never: depends on NDEBUG.
#pragma once

#include <cstdlib>

inline void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}
