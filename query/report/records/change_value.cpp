#include "query/report/records/change_value.h"

#include "query/report/records/records.h"

namespace sockwitness::query {

Value change_value(const Change& change) {
  Value::Object object{{"kind", change_kind_word(change.kind)},
                       {"severity", severity_word(change.severity)}};
  for (Member& member : endpoint_members(change.endpoint)) {
    object.push_back(std::move(member));
  }
  object.push_back({"before", change.before ? service_value(*change.before) : Value()});
  object.push_back({"after", change.after ? service_value(*change.after) : Value()});
  object.push_back({"why", change.why});
  return object;
}

}  // namespace sockwitness::query
