// Descriptors 0 to 2, before the program opens anything.
//
// In:    descriptors that a parent closed.
// Out:   each of them taken: no file of ours can become standard output or error.
// Never: lets an answer without a reader pass for written: writing to a closed standard output goes
//        on failing, messages to a closed standard error are lost.
#pragma once

namespace sockwitness::schema {

void fill_standard_streams();

}  // namespace sockwitness::schema
