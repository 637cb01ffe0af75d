// The services of a range of snapshots, once for each run of snapshots that show the same.
//
// In:    an open history, the clocks of the range.
// Out:   sets of services in order, without holes. The cost is that of what listens and of its
//        changes, not of the snapshots.
// Never: connections, or unix sockets: they are not in a register of ports.
#pragma once

#include <functional>

#include "query/analysis/history/moments.h"
#include "query/analysis/history/register.h"
#include "query/read/on_progress.h"
#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

using VisitServices = std::function<void(schema::SeqRange, schema::ServiceSet)>;

// Whether what later snapshots show counts for an earlier one: a UDP port that the kernel chose is
// a service when it stays, which is known from the second snapshot on that has it.
enum class Hindsight { Use, Leave };

// `latest` is the last snapshot of the history. Without hindsight the services of a snapshot are
// the same however many follow it.
void visit_services(History& history,
                    const Moments& moments,
                    schema::SeqRange range,
                    schema::Seq latest,
                    const OnProgress& on_progress,
                    const VisitServices& visit,
                    Hindsight hindsight = Hindsight::Use);

// The register of those services.
[[nodiscard]] Register read_register(History& history,
                                     const Moments& moments,
                                     schema::SeqRange range,
                                     schema::Seq latest,
                                     const OnProgress& on_progress);

}  // namespace sockwitness::query
