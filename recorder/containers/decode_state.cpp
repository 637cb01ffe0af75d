#include "recorder/containers/decode_state.h"

#include <nlohmann/json.hpp>

namespace sockwitness::recorder {
namespace {

using schema::ContainerEngine;
using schema::ContainerFacts;
using Json = nlohmann::json;

constexpr std::size_t kLongestWord = 1024;  // of a name
constexpr int kDeepest = 24;                // values within values

// Discarded for what is none, or is nested deeper than any engine does.
Json parse(std::string_view text) {
  bool too_deep = false;
  Json json = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > kDeepest;
        return !too_deep;
      },
      false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

// Takes texts out of objects, and remembers what is not as it should be.
class Taker {
 public:
  [[nodiscard]] std::string text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) {
      return {};
    }
    const auto* text = found->get_ptr<const std::string*>();
    if (text == nullptr || text->size() > kLongestWord) {
      malformed_ = true;
      return {};
    }
    return *text;
  }

  // The first of these keys that says something.
  [[nodiscard]] std::string first(const Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      if (std::string found = text(object, key); !found.empty()) {
        return found;
      }
    }
    return {};
  }

  // An empty one where there is none.
  [[nodiscard]] Json object(const Json& within, const char* key) {
    const auto found = within.find(key);
    if (found == within.end() || found->is_null()) {
      return Json::object();
    }
    malformed_ = malformed_ || !found->is_object();
    return found->is_object() ? *found : Json::object();
  }

  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  bool malformed_ = false;
};

// Labels and annotations that several engines have.
void add_common(Taker& take, const Json& labels, ContainerFacts& facts) {
  facts.project = take.first(labels,
                             {"com.docker.compose.project",
                              "io.podman.compose.project",
                              "com.docker.stack.namespace",
                              "com.amazonaws.ecs.task-definition-family"});
  facts.service = take.first(labels,
                             {"com.docker.compose.service",
                              "io.podman.compose.service",
                              "com.docker.swarm.service.name",
                              "com.amazonaws.ecs.container-name"});
  facts.pod = take.first(labels, {"io.kubernetes.pod.name", "io.kubernetes.cri.sandbox-name"});
  facts.pod_namespace =
      take.first(labels, {"io.kubernetes.pod.namespace", "io.kubernetes.cri.sandbox-namespace"});
  facts.pod_container =
      take.first(labels, {"io.kubernetes.container.name", "io.kubernetes.cri.container-name"});
  if (facts.pod_container == "POD") {  // what holds the pod together
    facts.pod_container.clear();
  }
}

std::optional<ContainerFacts> finish(const Taker& take, ContainerFacts facts) {
  return take.malformed() ? std::nullopt : std::optional(std::move(facts));
}

}  // namespace

std::optional<ContainerFacts> decode_docker(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object()) {
    return std::nullopt;
  }
  Taker take;
  ContainerFacts facts;
  facts.engine = ContainerEngine::Docker;
  facts.name = take.text(json, "Name");
  if (facts.name.starts_with('/')) {
    facts.name.erase(0, 1);
  }
  const Json config = take.object(json, "Config");
  facts.image = take.text(config, "Image");
  add_common(take, take.object(config, "Labels"), facts);
  return finish(take, std::move(facts));
}

std::optional<ContainerFacts> decode_bundle(std::string_view text, ContainerEngine engine) {
  const Json json = parse(text);
  if (!json.is_object()) {
    return std::nullopt;
  }
  Taker take;
  ContainerFacts facts;
  facts.engine = engine;
  const Json annotations = take.object(json, "annotations");
  facts.name = take.text(annotations, "nerdctl/name");
  facts.image = take.first(annotations,
                           {"io.kubernetes.cri.image-name",
                            "io.kubernetes.cri-o.ImageName",
                            "io.kubernetes.cri-o.Image",
                            "nerdctl/image",
                            "org.opencontainers.image.ref.name"});
  add_common(take, annotations, facts);
  return finish(take, std::move(facts));
}

std::optional<ContainerNames> decode_storage(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_array()) {
    return std::nullopt;
  }
  Taker take;
  ContainerNames names;
  for (const Json& entry : json) {
    if (!entry.is_object()) {
      return std::nullopt;
    }
    ContainerFacts facts;
    facts.engine = ContainerEngine::Podman;
    const auto list = entry.find("names");
    if (list != entry.end() && list->is_array() && !list->empty() && list->front().is_string()) {
      facts.name = list->front().get<std::string>();
    }
    // A text that holds another object.
    const auto metadata = entry.find("metadata");
    if (metadata != entry.end() && metadata->is_string()) {
      const Json inner = parse(metadata->get_ref<const std::string&>());
      if (inner.is_object()) {
        facts.image = take.text(inner, "image-name");
        facts.name = facts.name.empty() ? take.text(inner, "name") : facts.name;
        if (std::string pod = take.text(inner, "pod-name"); !pod.empty()) {
          facts.engine = ContainerEngine::CriO;
        }
      }
    }
    if (facts.name.size() > kLongestWord) {
      return std::nullopt;
    }
    names.emplace(take.text(entry, "id"), std::move(facts));
  }
  return take.malformed() ? std::nullopt : std::optional(std::move(names));
}

std::optional<std::string> decode_data_root(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object()) {
    return std::nullopt;
  }
  Taker take;
  std::string root = take.first(json, {"data-root", "graph"});
  return take.malformed() ? std::nullopt : std::optional(std::move(root));
}

}  // namespace sockwitness::recorder
