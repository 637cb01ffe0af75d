#include "query/seal/needed_rows.h"

#include <utility>

#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/disk/row_references.h"

namespace sockwitness::query {
namespace {

constexpr std::size_t kEntityOfFrame = 1;
constexpr std::size_t kIdsOfFrame = 3;

}  // namespace

void NeededRows::add(RowNumber number) {
  if (number.number > 0 && number.number <= schema::mark_of(before_, number.numbering) &&
      all_.insert(number).second) {
    new_.insert(number);
  }
}

void NeededRows::add(const schema::StoredRow& row) {
  schema::visit_references(row, [&](schema::Numbering numbering, std::int64_t number) {
    add({static_cast<std::uint32_t>(numbering), number});
  });
}

std::set<RowNumber> NeededRows::take_new() {
  return std::exchange(new_, {});
}

std::uint32_t numbering_of_entity(std::int64_t entity) {
  using schema::Entity;
  using schema::Numbering;
  constexpr std::array kOf{std::pair{Entity::Netns, Numbering::Netns},
                           std::pair{Entity::Process, Numbering::Process},
                           std::pair{Entity::Socket, Numbering::Socket},
                           std::pair{Entity::Holder, Numbering::Holder},
                           std::pair{Entity::Descriptor, Numbering::Descriptor},
                           std::pair{Entity::Mapping, Numbering::Mapping},
                           std::pair{Entity::Gap, Numbering::Gap},
                           std::pair{Entity::UserName, Numbering::UserName},
                           std::pair{Entity::GroupName, Numbering::GroupName},
                           std::pair{Entity::Registration, Numbering::Registration}};
  static_assert(kOf.size() == schema::kEntities.size());
  for (const auto& [known, numbering] : kOf) {
    if (static_cast<std::int64_t>(known) == entity) {
      return static_cast<std::uint32_t>(numbering);
    }
  }
  return 0;
}

bool add_living(const schema::StoredRow& frame, NeededRows& needed) {
  const auto entity = frame.integer(kEntityOfFrame);
  const auto* list = frame.values.size() > kIdsOfFrame
                         ? std::get_if<schema::StoredBlob>(&frame.values[kIdsOfFrame])
                         : nullptr;
  const std::uint32_t numbering = numbering_of_entity(entity.value_or(0));
  const auto ids = list != nullptr ? schema::decode_ids(list->bytes) : std::nullopt;
  if (numbering == 0 || !ids) {
    return false;
  }
  for (const std::int64_t id : *ids) {
    needed.add(RowNumber{numbering, id});
  }
  return true;
}

}  // namespace sockwitness::query
