#include "query/app/verify_options.h"

namespace sockwitness::query {

void add_kept_elsewhere(schema::Command command, KeptElsewhere& kept) {
  command.add_list("--key", kept.keys, "FILE", "a key that was kept elsewhere");
  command.add_list("--anchors", kept.anchors, "FILE", "anchors that were kept elsewhere");
  const schema::Option replies = command.add_list(
      "--tsr", kept.stamps.replies, "FILE", "what a time stamp authority answered (RFC 3161)");
  replies.needs(command.add_option("--tsa-ca",
                                   kept.stamps.authorities,
                                   "FILE",
                                   "certificates that such authorities are trusted by (PEM)"));
}

}  // namespace sockwitness::query
