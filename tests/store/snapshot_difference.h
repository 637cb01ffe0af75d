// Which parts of two snapshots differ.
//
// In:    two snapshots, sorted canonically.
// Out:   the names of the vectors and fields.
// Never: what the difference is: the message of a failed test names the seed.
#pragma once

#include <string>

#include "schema/model/snapshot.h"

namespace sockwitness::test {

// Empty when the snapshots are equal.
inline std::string differences(const schema::Snapshot& left, const schema::Snapshot& right) {
  std::string names;
  const auto compare = [&names](const char* name, const auto& one, const auto& other) {
    if (!(one == other)) {
      names += name;
      names += ' ';
    }
  };
  compare("seq", left.seq, right.seq);
  compare("begin", left.begin, right.begin);
  compare("end", left.end, right.end);
  compare("clock_sync", left.clock_sync, right.clock_sync);
  compare("context", left.context, right.context);
  compare("cost", left.cost, right.cost);
  compare("note", left.note, right.note);
  compare("deep_seq", left.deep_seq, right.deep_seq);
  compare("namespaces", left.namespaces, right.namespaces);
  compare("sockets", left.sockets, right.sockets);
  compare("processes", left.processes, right.processes);
  compare("programs", left.programs, right.programs);
  compare("holders", left.holders, right.holders);
  compare("descriptors", left.descriptors, right.descriptors);
  compare("mappings", left.mappings, right.mappings);
  compare("gaps", left.gaps, right.gaps);
  compare("users", left.users, right.users);
  compare("groups", left.groups, right.groups);
  compare("registrations", left.registrations, right.registrations);
  compare("something else ", names.empty() ? left : right, right);
  return names;
}

}  // namespace sockwitness::test
