// The services of a range of snapshots, once for each run of snapshots that show the same.
//
// In:    an open history, the clocks of the stretch.
// Out:   sets of services in order, without holes. The cost is that of what listens and of its
//        changes, not of the snapshots.
// Never: connections, or unix sockets: they are not in a register of ports.
#pragma once

#include <functional>

#include "query/analysis/moments.h"
#include "query/read/on_progress.h"
#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

using VisitServices = std::function<void(schema::SeqRange, schema::ServiceSet)>;

// Whether what later snapshots show counts for an earlier one: a UDP port that the kernel chose is
// a service when it stays, which is known from the second snapshot on that has it.
enum class Hindsight { Use, Leave };

// `latest` is the last snapshot of the history. Without hindsight what is told of a snapshot is the
// same however many follow it.
void visit_services(History& history,
                    const Moments& moments,
                    schema::SeqRange stretch,
                    schema::Seq latest,
                    const OnProgress& on_progress,
                    const VisitServices& visit,
                    Hindsight hindsight = Hindsight::Use);

}  // namespace sockwitness::query
