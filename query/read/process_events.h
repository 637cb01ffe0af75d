// When processes were first and last seen, and what they became by exec.
//
// In:    an open history, a filter or the processes themselves.
// Out:   events of each process that was meant at some snapshot of the range.
// Never: a changed command line or a replaced file for an exec.
#pragma once

#include <unordered_map>
#include <vector>

#include "query/analysis/filter.h"
#include "query/read/event_source.h"
#include "query/read/same_things.h"
#include "query/read/version_reader.h"
#include "query/read/visibility_reader.h"
#include "query/read/window_reader.h"

namespace sockwitness::query {

class ProcessEvents : public EventSource {
 public:
  // `origins` ascending: at least those that the filter may mean.
  ProcessEvents(const Reading& reading, const Filter& filter, std::vector<schema::RowId> origins);

  bool next(std::vector<TimelineEvent>& events) override;
  [[nodiscard]] schema::Seq until() const override { return windows_.window().last; }

 private:
  struct Shown {
    SharedEventSnapshot event_snapshot;
    schema::ProcessIndex index;
  };
  [[nodiscard]] Shown show(const ProcessHistory& thing, schema::Seq seq);
  [[nodiscard]] bool is_own_run(const ProcessHistory& thing) const;
  [[nodiscard]] bool is_meant(const ProcessHistory& thing);
  void add_thing(const ProcessHistory& thing, std::vector<TimelineEvent>& events);
  // Of versions from `first` on; `seen` without a break.
  void add_execs(const ProcessHistory& thing,
                 std::size_t first,
                 schema::SeqRange seen,
                 std::vector<TimelineEvent>& events);
  [[nodiscard]] std::vector<ProcessVersion> take_earlier(const ProcessHistory& thing);

  Reading reading_;
  Filter filter_;
  VersionReader reader_;
  SameThings same_;
  WindowReader<ProcessHistory> windows_;
  // Versions of things that go on in another one, by the origin of that.
  std::unordered_map<schema::RowId, std::vector<ProcessVersion>> earlier_;
  VisibilityReader visibility_;
};

}  // namespace sockwitness::query
