// Writes what is done to baselines: each a record of its own.
//
// In:    a database opened for appending, under the recorder's lock.
// Out:   rows; all or nothing on disk.
// Never: changes a baseline that is there.
#pragma once

#include <string>

#include "schema/model/baseline.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

// `baseline.info` says what it is; its record and the counts of its services are set here. Throws
// schema::Error: Usage when there is one of that name, Unusable when it cannot be written.
[[nodiscard]] schema::BaselineInfo write_baseline(schema::Database& database,
                                                  schema::Baseline baseline,
                                                  schema::WallTime now);

// Throws schema::Error (Usage) when there is none of that name.
void write_baseline_drop(schema::Database& database,
                         const std::string& name,
                         const std::string& note,
                         const schema::Author& author,
                         schema::WallTime now);

struct AcceptedServices {
  std::string baseline;  // name
  std::string thing;     // as it was named
  schema::Seq seq;       // the snapshot that shows the services
  schema::Acceptance acceptance;
  std::vector<schema::Service> services;
};

// Likewise.
void write_acceptance(schema::Database& database,
                      const AcceptedServices& accepted,
                      const schema::Author& author,
                      schema::WallTime now);

}  // namespace sockwitness::recorder
