#include "query/rules/path_words.h"

#include <algorithm>
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

// Products stand below these, each in a folder of its own.
constexpr auto kShelves = std::to_array<std::string_view>({"/opt/",
                                                           "/srv/",
                                                           "/usr/local/lib/",
                                                           "/usr/local/libexec/",
                                                           "/usr/local/share/",
                                                           "/usr/local/",
                                                           "/var/lib/",
                                                           "/var/opt/",
                                                           "/root/"});

// A product has its programs and its libraries in folders that are called so.
bool is_part_of_product(std::string_view component) {
  constexpr auto kParts = std::to_array<std::string_view>({"bin",
                                                           "sbin",
                                                           "lib",
                                                           "lib32",
                                                           "lib64",
                                                           "libexec",
                                                           "embedded",
                                                           "node_modules",
                                                           "site-packages",
                                                           "dist-packages",
                                                           "plugins",
                                                           "server",
                                                           "servers",
                                                           "extensions",
                                                           "versions",
                                                           "out",
                                                           "jre",
                                                           "dist"});
  return std::find(kParts.begin(), kParts.end(), component) != kParts.end();
}

// Behind "/opt/" or "/home/user/"; 0: on no shelf.
std::size_t end_of_shelf(std::string_view path) {
  if (path.starts_with("/home/")) {
    const auto user = path.find('/', 6);
    return user == std::string_view::npos ? 0 : user + 1;
  }
  const auto shelf = std::find_if(kShelves.begin(), kShelves.end(), [&](std::string_view each) {
    return path.starts_with(each);
  });
  return shelf == kShelves.end() ? 0 : shelf->size();
}

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

std::string_view product_tree(std::string_view path) {
  const std::size_t begin = end_of_shelf(path);
  const auto end = path.find('/', begin);
  if (begin == 0 || end == std::string_view::npos || is_blank(path.substr(begin, end - begin)) ||
      (place_of(path) != "home" && !hidden_component(path).empty()) ||
      is_part_of_product(path.substr(begin, end - begin))) {
    return {};
  }
  std::string_view inside = path.substr(end + 1, path.rfind('/') - end);
  while (!inside.empty()) {
    if (is_part_of_product(schema::scan_until(inside, '/'))) {
      return path.substr(0, end);
    }
  }
  return {};
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
