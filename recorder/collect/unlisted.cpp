#include "recorder/collect/unlisted.h"

namespace sockwitness::recorder {
namespace {

constexpr std::int64_t kClockTick_ns = 10'000'000;  // starts are rounded down to it

}  // namespace

std::vector<std::string> list_cgroups(std::span<const schema::Process> processes) {
  std::set<std::string> cgroups;
  for (const schema::Process& process : processes) {
    if (!process.cgroup.empty()) {
      cgroups.insert(process.cgroup);
    }
  }
  return {cgroups.begin(), cgroups.end()};
}

std::set<schema::Pid> find_named(std::span<const schema::Process> processes) {
  std::set<schema::Pid> named;
  for (const schema::Process& process : processes) {
    named.insert({process.parent.value_or(process.pid), process.process_group, process.session});
  }
  named.erase(schema::Pid(0));  // of another pid namespace
  return named;
}

void mark_unlisted(std::span<schema::Process> found, schema::BootTime begin) {
  for (schema::Process& process : found) {
    process.unlisted = process.start.nanoseconds + kClockTick_ns < begin.nanoseconds;
  }
}

}  // namespace sockwitness::recorder
