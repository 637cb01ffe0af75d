#include "query/analysis/history/event_kind.h"

#include <algorithm>
#include <array>

namespace sockwitness::query {
namespace {

struct KindEntry {
  EventKind kind;
  std::string_view word;
  std::string_view group;
};

using Kind = EventKind;

constexpr std::array<KindEntry, 31> kEntries{{
    {Kind::ListenerPresent, "listener_present", "listener"},
    {Kind::ListenerAppeared, "listener_appeared", "listener"},
    {Kind::ListenerVanished, "listener_vanished", "listener"},
    {Kind::ListenerRestarted, "listener_restarted", "listener"},
    {Kind::OwnerChanged, "owner_changed", "listener"},
    {Kind::ExposureWidened, "exposure_widened", "listener"},
    {Kind::ExposureNarrowed, "exposure_narrowed", "listener"},
    {Kind::ForwardingChanged, "forwarding_changed", "listener"},
    {Kind::ConnectionPresent, "connection_present", "connection"},
    {Kind::ConnectionOpened, "connection_opened", "connection"},
    {Kind::ConnectionClosed, "connection_closed", "connection"},
    {Kind::ProcessPresent, "process_present", "process"},
    {Kind::ProcessStarted, "process_started", "process"},
    {Kind::ProcessExec, "process_exec", "process"},
    {Kind::ProcessEnded, "process_ended", "process"},
    {Kind::ProgramChanged, "program_changed", "program"},
    {Kind::Reboot, "reboot", "boot"},
    {Kind::TimeGap, "time_gap", "gap"},
    {Kind::ViewLost, "view_lost", "gap"},
    {Kind::ViewRegained, "view_regained", "gap"},
    {Kind::ClockStep, "clock_step", "clock"},
    {Kind::Suspend, "suspend", "clock"},
    {Kind::MissedRun, "missed_run", "recorder"},
    {Kind::RecorderStarted, "recorder_started", "recorder"},
    {Kind::RecorderChanged, "recorder_changed", "recorder"},
    {Kind::Noted, "noted", "recorder"},
    {Kind::Pruned, "pruned", "recorder"},
    {Kind::Thinned, "thinned", "recorder"},
    {Kind::BaselineAdded, "baseline_added", "baseline"},
    {Kind::BaselineDropped, "baseline_dropped", "baseline"},
    {Kind::ServicesAccepted, "services_accepted", "baseline"},
}};

}  // namespace

std::string_view event_kind_word(EventKind kind) {
  const auto found = std::find_if(kEntries.begin(), kEntries.end(), [kind](const KindEntry& entry) {
    return entry.kind == kind;
  });
  return found == kEntries.end() ? std::string_view() : found->word;
}

EventKinds parse_event_kinds(std::string_view word) {
  EventKinds kinds;
  for (const KindEntry& entry : kEntries) {
    if (word == "all" || word == entry.word || word == entry.group) {
      kinds.insert(entry.kind);
    }
  }
  return kinds;
}

std::vector<std::string> known_event_words() {
  std::vector<std::string> words{"all"};
  for (const KindEntry& entry : kEntries) {
    if (std::find(words.begin(), words.end(), entry.group) == words.end()) {
      words.emplace_back(entry.group);
    }
    words.emplace_back(entry.word);
  }
  return words;
}

bool any_of_group(const EventKinds& kinds, std::string_view group) {
  return std::any_of(kEntries.begin(), kEntries.end(), [&](const KindEntry& entry) {
    return entry.group == group && kinds.contains(entry.kind);
  });
}

}  // namespace sockwitness::query
