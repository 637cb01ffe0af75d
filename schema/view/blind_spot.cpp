#include "schema/view/blind_spot.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace sockwitness::schema {
namespace {

bool is_named(const std::vector<Netns>& namespaces, const std::string& label) {
  return std::any_of(namespaces.begin(), namespaces.end(), [&](const Netns& netns) {
    return netns.label == label;
  });
}

// "blue" of "/run/netns/blue": an entry that could not be followed. Nothing for other gaps.
// Source: ip-netns(8).
std::optional<std::string_view> entry_of(const Gap& gap) {
  for (const std::string_view folder : {"/run/netns/", "/var/run/netns/"}) {
    const std::string_view object = gap.object.text();
    if (object.starts_with(folder)) {
      return object.substr(folder.size());
    }
  }
  return std::nullopt;
}

// A gap without a namespace stands for one that could not even be named: it may be any that is
// missing; an entry that could not be followed is only the one that it names.
bool hides_namespace(const std::vector<Netns>& namespaces,
                     const Gap& gap,
                     const std::string& label) {
  if (gap.netns) {
    return namespaces.at(gap.netns->value()).label == label;
  }
  const auto entry = entry_of(gap);
  return !is_named(namespaces, label) && (!entry || *entry == label);
}

}  // namespace

bool hides_sockets(const Gap& gap) {
  return gap.source == GapSource::SocketTable || gap.source == GapSource::Namespace ||
         gap.source == GapSource::ProcessList;
}

bool hides_holders(const Gap& gap) {
  switch (gap.source) {
    case GapSource::ProcessList:
    case GapSource::Process:
      return true;
    case GapSource::Descriptors:
      // Of the last kind: sockets that no table lists. Who holds the others is known.
      return gap.object != GapPart::UnlistedSocket;
    case GapSource::ProcessField:
      return gap.object == GapPart::Descriptors || gap.object == GapPart::Threads ||
             gap.object == GapPart::ProgramFile;
    default:
      return false;
  }
}

bool hides(const std::vector<Netns>& namespaces, const Gap& gap, const Endpoint& endpoint) {
  switch (gap.source) {
    case GapSource::Namespace:
      return hides_namespace(namespaces, gap, endpoint.netns);
    case GapSource::ProcessList:
      // Hidden processes of other users may be in namespaces that no visible process names. A
      // recorder that is at home in a container has its own world, and misses nothing in it.
      return gap.reason != GapReason::NotSupported &&
             hides_namespace(namespaces, gap, endpoint.netns);
    case GapSource::Interfaces:
      return !endpoint.device.empty() && hides_namespace(namespaces, gap, endpoint.netns);
    case GapSource::NatRules:
      return is_forward(endpoint) && gap.object != GapPart::LegacyNat &&
             (!gap.netns || hides_namespace(namespaces, gap, endpoint.netns));
    case GapSource::SocketTable:
      return !is_forward(endpoint) && gap.object == endpoint.protocol &&
             (!gap.netns || hides_namespace(namespaces, gap, endpoint.netns));
    default:
      return false;
  }
}

}  // namespace sockwitness::schema
