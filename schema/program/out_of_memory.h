// When memory runs out: the program ends at once, with a message and the exit code of an answer
// that cannot be given.
//
// In:    a request for memory that failed.
// Out:   a message, leftovers removed, exit code Unusable.
// Never: asks for memory; throws: what a library catches and takes for "nothing there" would make
//        an answer with less in it, and an exception needs memory of its own.
#pragma once

namespace sockwitness::schema {

inline constexpr const char* kOutOfMemory = "out of memory";
inline constexpr const char* kOutOfMemoryHint =
    "nothing was changed; ask for less at a time (--since, --until, a filter), or raise the limit "
    "(ulimit -v, MemoryMax=)";

// "program: doing: out of memory", and the hint. The texts live as long as the program.
void end_when_out_of_memory(const char* program, const char* doing) noexcept;

// What that does; also for those who ask for memory in another way than C++.
[[noreturn]] void end_out_of_memory() noexcept;

}  // namespace sockwitness::schema
