// State files of container engines, some of them a user's own: names are short, whatever is in
// them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "recorder/containers/decode_state.h"
#include "recorder/containers/names.h"
#include "schema/view/container_identity.h"
#include "tests/fuzz/require.h"

using namespace sockwitness;

namespace {

void judge(const std::optional<schema::ContainerFacts>& facts) {
  if (!facts) {
    return;
  }
  for (const std::string* text : {&facts->name, &facts->image, &facts->pod, &facts->service}) {
    require(text->size() <= 1024);
  }
  require(schema::may_be_same_container("a", facts, "b", facts) ||
          schema::container_identity("a", facts) == "a");
  for (const std::string& name : schema::names_of(facts)) {
    require(!name.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  judge(recorder::decode_docker(input));
  judge(recorder::decode_bundle(input, schema::ContainerEngine::CriO));
  if (const auto names = recorder::decode_storage(input)) {
    for (const auto& [id, facts] : *names) {
      judge(facts);
    }
  }
  (void)recorder::decode_data_root(input);
  (void)recorder::find_cgroup_user(input);
  require(recorder::find_pod_uid(input).size() % 36 == 0);
  for (const auto& [uid, home] : recorder::parse_homes(input)) {
    require(home.starts_with('/'));
  }
  if (const auto log = recorder::parse_container_log(input)) {
    require(log->id.size() == 64 && !log->facts.pod_container.empty());
  }
  if (const auto log = recorder::parse_pod_log(input)) {
    require(!log->uid.empty() && !log->facts.pod.empty());
  }
  return 0;
}
