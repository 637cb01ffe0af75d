// What a container is called, as a row of its dictionary and as columns beside what refers to it.
//
// In:    a database that may be written; a statement that stands on the first of the columns.
// Out:   the row's id; or the facts.
// Never: two rows for the same facts.
#pragma once

#include <optional>

#include "schema/disk/id_list.h"
#include "schema/disk/texts.h"
#include "schema/model/container.h"

namespace sockwitness::schema {

class Database;
class RowReader;

[[nodiscard]] std::optional<RowId> find_or_insert_container(
    Database& database, const std::optional<ContainerFacts>& facts, Texts& texts);

// container_facts, engine, name, image, project, service, pod, pod_namespace, pod_container.
[[nodiscard]] std::optional<ContainerFacts> decode_container(RowReader& row, Texts& texts);

}  // namespace sockwitness::schema
