#include "schema/view/container_identity.h"

#include <algorithm>
#include <array>

#include "schema/base/scan.h"
#include "schema/view/stable_name.h"

namespace sockwitness::schema {
namespace {

// Sorted. Source: moby, internal/namesgenerator/names-generator.go, "left".
constexpr std::array<std::string_view, 108> kAdjectives{
    "admiring",    "adoring",   "affectionate", "agitated",      "amazing",   "angry",
    "awesome",     "beautiful", "blissful",     "bold",          "boring",    "brave",
    "busy",        "charming",  "clever",       "compassionate", "competent", "condescending",
    "confident",   "cool",      "cranky",       "crazy",         "dazzling",  "determined",
    "distracted",  "dreamy",    "eager",        "ecstatic",      "elastic",   "elated",
    "elegant",     "eloquent",  "epic",         "exciting",      "fervent",   "festive",
    "flamboyant",  "focused",   "friendly",     "frosty",        "funny",     "gallant",
    "gifted",      "goofy",     "gracious",     "great",         "happy",     "hardcore",
    "heuristic",   "hopeful",   "hungry",       "infallible",    "inspiring", "intelligent",
    "interesting", "jolly",     "jovial",       "keen",          "kind",      "laughing",
    "loving",      "lucid",     "magical",      "modest",        "musing",    "mystifying",
    "naughty",     "nervous",   "nice",         "nifty",         "nostalgic", "objective",
    "optimistic",  "peaceful",  "pedantic",     "pensive",       "practical", "priceless",
    "quirky",      "quizzical", "recursing",    "relaxed",       "reverent",  "romantic",
    "sad",         "serene",    "sharp",        "silly",         "sleepy",    "stoic",
    "strange",     "stupefied", "suspicious",   "sweet",         "tender",    "thirsty",
    "trusting",    "unruffled", "upbeat",       "vibrant",       "vigilant",  "vigorous",
    "wizardly",    "wonderful", "xenodochial",  "youthful",      "zealous",   "zen"};
static_assert(std::is_sorted(kAdjectives.begin(), kAdjectives.end()));

constexpr std::string_view kGenerated = "bcdfghjklmnpqrstvwxz2456789";

bool is_generated(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         text.find_first_not_of(kGenerated) == std::string_view::npos;
}

bool is_number(std::string_view text, std::size_t least) {
  return text.size() >= least && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_digest(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         (text.size() == 12 || text.size() == 64);
}

// "web" of "web.1.ID": a task of Swarm's.
std::string_view without_task(std::string_view name) {
  constexpr std::size_t kTask = 25;
  const auto last = name.rfind('.');
  const auto slot = last == std::string_view::npos ? last : name.rfind('.', last - 1);
  const bool task = slot != std::string_view::npos && slot > 0 && last > slot + 1 &&
                    name.size() - last - 1 == kTask &&
                    is_number(name.substr(slot + 1, last - slot - 1), 1);
  return task ? name.substr(0, slot) : name;
}

// "web" of "0123456789ab_web": Compose renames what it is about to replace.
std::string_view without_short_id(std::string_view name) {
  constexpr std::size_t kShortId = 12;
  const bool renamed =
      name.size() > kShortId + 1 && name[kShortId] == '_' && is_digest(name.substr(0, kShortId));
  return renamed ? name.substr(kShortId + 1) : name;
}

// Without what a scheduler drew ("web-UUID" of Nomad); empty where the engine drew all of it.
std::string_view given_name(const ContainerFacts& facts) {
  constexpr std::size_t kUuid = 36;
  std::string_view name = is_drawn_name(facts.name) ? std::string_view() : facts.name;
  if (name.size() > kUuid + 1 && name[name.size() - kUuid - 1] == '-' &&
      is_uuid(name.substr(name.size() - kUuid))) {
    name.remove_suffix(kUuid + 1);
  }
  return without_short_id(without_task(name));
}

bool may_have_same_image(const ContainerFacts& left, const ContainerFacts& right) {
  const std::string_view one = stable_image(left.image);
  const std::string_view other = stable_image(right.image);
  return one.empty() || other.empty() || one == other;
}

// Nothing: one of both has no such part, and the next one decides.
std::optional<bool> share_name(const ContainerFacts& left, const ContainerFacts& right) {
  if (!left.pod.empty() && !right.pod.empty()) {
    return left.pod_namespace == right.pod_namespace &&
           stable_pod(left.pod) == stable_pod(right.pod) &&
           left.pod_container == right.pod_container;
  }
  if (!left.service.empty() && !right.service.empty()) {
    return left.project == right.project && left.service == right.service;
  }
  if (!given_name(left).empty() && !given_name(right).empty()) {
    return given_name(left) == given_name(right);
  }
  const std::string_view one = stable_image(left.image);
  const std::string_view other = stable_image(right.image);
  return one.empty() || other.empty() ? std::nullopt : std::optional(one == other);
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    if (!part.empty()) {
      text.append(text.empty() ? "" : "/").append(part);
    }
  }
  return text;
}

}  // namespace

std::string_view stable_pod(std::string_view pod) {
  constexpr std::size_t kDrawn = 5;
  const auto last = pod.rfind('-');
  if (last == std::string_view::npos || last == 0 ||
      !is_generated(pod.substr(last + 1), kDrawn, kDrawn)) {
    return pod;
  }
  const std::string_view owner = pod.substr(0, last);
  const auto before = owner.rfind('-');
  if (before == std::string_view::npos || before == 0) {
    return owner;
  }
  // The hash of a ReplicaSet's template, the minute of a CronJob.
  const std::string_view end = owner.substr(before + 1);
  return is_generated(end, 8, 10) || is_number(end, 8) ? owner.substr(0, before) : owner;
}

std::string_view stable_image(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    image = image.substr(0, colon);
  }
  (void)(scan_literal(image, "docker.io/") || scan_literal(image, "index.docker.io/"));
  (void)scan_literal(image, "library/");
  return image == "sha256" || is_digest(image) ? std::string_view() : image;
}

bool is_drawn_name(std::string_view name) {
  constexpr std::string_view kInfra = "-infra";  // what holds a pod of Podman's together
  constexpr std::size_t kShortId = 12;
  if (name.size() == kShortId + kInfra.size() && name.ends_with(kInfra) &&
      is_digest(name.substr(0, kShortId))) {
    return true;
  }
  const auto bar = name.find('_');
  if (bar == std::string_view::npos ||
      !std::binary_search(kAdjectives.begin(), kAdjectives.end(), name.substr(0, bar))) {
    return false;
  }
  std::string_view surname = name.substr(bar + 1);
  if (!surname.empty() && surname.back() >= '0' && surname.back() <= '9') {
    surname.remove_suffix(1);  // the first try was taken
  }
  return !surname.empty() &&
         std::all_of(surname.begin(), surname.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string container_identity(std::string_view id, const std::optional<ContainerFacts>& facts) {
  if (!facts) {
    return stable_container(id);
  }
  if (!facts->pod.empty()) {
    return join({facts->pod_namespace, stable_pod(facts->pod), facts->pod_container});
  }
  if (!facts->service.empty()) {
    return join({facts->project, facts->service});
  }
  if (const std::string_view name = given_name(*facts); !name.empty()) {
    return std::string(name);
  }
  const std::string_view image = stable_image(facts->image);
  return image.empty() ? stable_container(id) : "image " + std::string(image);
}

bool may_be_same_container(std::string_view left_id,
                           const std::optional<ContainerFacts>& left,
                           std::string_view right_id,
                           const std::optional<ContainerFacts>& right) {
  if (left_id == right_id) {
    return true;
  }
  if (left && right && !left_id.empty() && !right_id.empty()) {
    if (const auto same = share_name(*left, *right)) {
      return *same && may_have_same_image(*left, *right);
    }
  }
  return stable_container(left_id) == stable_container(right_id);
}

std::string container_name(const std::optional<ContainerFacts>& facts) {
  if (!facts) {
    return {};
  }
  return facts->pod.empty() ? facts->name
                            : join({facts->pod_namespace, facts->pod, facts->pod_container});
}

std::string container_label(const std::optional<ContainerFacts>& facts) {
  if (!facts) {
    return {};
  }
  if (!facts->pod.empty()) {
    return join({facts->pod_namespace, stable_pod(facts->pod)});
  }
  return facts->service.empty() ? std::string(given_name(*facts))
                                : join({facts->project, facts->service});
}

std::vector<std::string> names_of(const std::optional<ContainerFacts>& facts) {
  std::vector<std::string> names;
  if (facts) {
    for (std::string name : {container_name(facts),
                             container_identity({}, facts),
                             facts->name,
                             facts->service,
                             facts->pod,
                             facts->pod_container}) {
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

}  // namespace sockwitness::schema
