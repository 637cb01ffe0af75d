#include "schema/disk/container_codec.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// The parameters of both statements are the same.
RowBinder bind(SQLite::Statement& statement, const ContainerFacts& facts, Texts& texts) {
  RowBinder binder(statement);
  binder.enumeration(facts.engine);
  for (const std::string* text : {&facts.name,
                                  &facts.image,
                                  &facts.project,
                                  &facts.service,
                                  &facts.pod,
                                  &facts.pod_namespace,
                                  &facts.pod_container}) {
    binder.maybe_integer(texts.intern_unless_empty(*text));
  }
  return binder;
}

}  // namespace

std::optional<RowId> find_or_insert_container(Database& database,
                                              const std::optional<ContainerFacts>& facts,
                                              Texts& texts) {
  if (!facts) {
    return std::nullopt;
  }
  LentStatement find = database.lend(sql::kFindContainer);
  bind(*find, *facts, texts);
  if (find->executeStep()) {
    return RowReader(*find).integer();
  }
  LentStatement insert = database.lend(sql::kInsertContainer);
  bind(*insert, *facts, texts).run();
  return database.sqlite().getLastInsertRowid();
}

std::optional<ContainerFacts> decode_container(RowReader& row, Texts& texts) {
  const bool refers = row.maybe_integer().has_value();
  if (!refers) {
    return std::nullopt;
  }
  if (row.is_null_here()) {
    throw Error(ExitCode::Unusable,
                "reading a row of the database: it refers to a container that is not there",
                "the file is damaged or was altered");
  }
  ContainerFacts facts;
  facts.engine = row.enumeration(ContainerEngine::Kubernetes);
  for (std::string* text : {&facts.name,
                            &facts.image,
                            &facts.project,
                            &facts.service,
                            &facts.pod,
                            &facts.pod_namespace,
                            &facts.pod_container}) {
    *text = texts.get_or_empty(row.maybe_integer());
  }
  return facts;
}

}  // namespace sockwitness::schema
