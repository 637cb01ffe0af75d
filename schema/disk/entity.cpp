#include "schema/disk/entity.h"

namespace sockwitness::schema {

std::string_view entity_table(Entity entity) {
  switch (entity) {
    case Entity::Netns:
      return "netns";
    case Entity::Process:
      return "process";
    case Entity::Socket:
      return "socket";
    case Entity::Holder:
      return "holder";
    case Entity::Descriptor:
      return "descriptor";
    case Entity::Mapping:
      return "mapping";
    case Entity::Gap:
      return "gap";
    case Entity::UserName:
      return "user_name";
    case Entity::GroupName:
      return "group_name";
    case Entity::Registration:
      return "registration";
  }
  return {};
}

}  // namespace sockwitness::schema
