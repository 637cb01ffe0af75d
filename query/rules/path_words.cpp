#include "query/rules/path_words.h"

#include <array>

#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

struct NamedPlace {
  std::string_view below;
  std::string_view word;
};

// The first that fits counts. Source: file-hierarchy(7); the world-writable ones as Debian has
// them.
constexpr auto kPlaces = std::to_array<NamedPlace>({{"/memfd:", "memory"},
                                                    {"/tmp/", "temporary"},
                                                    {"/var/tmp/", "temporary"},
                                                    {"/dev/shm/", "temporary"},
                                                    {"/dev/mqueue/", "temporary"},
                                                    {"/run/user/", "temporary"},
                                                    {"/run/lock/", "temporary"},
                                                    {"/run/shm/", "temporary"},
                                                    {"/var/lock/", "temporary"},
                                                    {"/var/run/user/", "temporary"},
                                                    {"/dev/", "device"},
                                                    {"/proc/", "device"},
                                                    {"/home/", "home"},
                                                    {"/root/", "home"},
                                                    {"/usr/local/", "local"},
                                                    {"/opt/", "local"},
                                                    {"/srv/", "local"},
                                                    {"/usr/", "system"},
                                                    {"/bin/", "system"},
                                                    {"/sbin/", "system"},
                                                    {"/lib/", "system"},
                                                    {"/lib32/", "system"},
                                                    {"/lib64/", "system"},
                                                    {"/libx32/", "system"}});

bool is_blank(std::string_view component) {
  return !component.empty() && component.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

std::string_view place_of(std::string_view path) {
  if (!path.starts_with('/')) {
    return {};
  }
  for (const NamedPlace& place : kPlaces) {
    if (path.starts_with(place.below)) {
      return place.word;
    }
  }
  return "other";
}

std::string_view hidden_component(std::string_view path) {
  while (!path.empty()) {
    const std::string_view component = schema::scan_until(path, '/');
    const bool dotted = component.starts_with('.') && component != "." && component != "..";
    if (dotted || is_blank(component)) {
      return component;
    }
  }
  return {};
}

}  // namespace sockwitness::query
