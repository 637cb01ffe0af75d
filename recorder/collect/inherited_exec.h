// What forked workers were started with, where they wrote a title over it before anyone looked.
//
// In:    a snapshot with all its processes.
// Out:   the same; the worker of a runtime that was forked has its parent's command line and script,
//        and its own line as a title.
// Never: gives a process what another exec was told, or a line for one that names an application.
#pragma once

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

void inherit_exec(schema::Snapshot& snapshot);

}  // namespace sockwitness::recorder
