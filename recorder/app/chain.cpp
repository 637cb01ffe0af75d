#include "recorder/app/chain.h"

#include <system_error>

#include "recorder/app/say.h"
#include "recorder/write/anchor_sink.h"
#include "recorder/write/chain_writer.h"
#include "schema/base/escape.h"

namespace sockwitness::recorder {
namespace {

ChainWriter* chain_of(schema::Database& database) {
  return dynamic_cast<ChainWriter*>(database.sealer());
}

}  // namespace

void begin_chain(schema::Database& database) {
  database.set_sealer(ChainWriter::open(database));
}

std::future<void> prepare_key(schema::Database& database) {
  ChainWriter* const chain = chain_of(database);
  const auto prepare = [chain] { chain->prepare(); };
  try {
    return std::async(std::launch::async, prepare);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, prepare);  // no thread is to be had: in get()
  }
}

std::vector<schema::Anchor> publish_anchors(schema::Database& database) {
  ChainWriter* const chain = chain_of(database);
  auto anchors = chain == nullptr ? std::vector<schema::Anchor>{} : chain->take_anchors();
  log_anchors(anchors);
  if (const auto why = append_anchors(database.path(), anchors)) {
    tell(schema::escape_terminal(*why) + ": the anchor of this record is not there");
  }
  return anchors;
}

}  // namespace sockwitness::recorder
