#include "query/report/answers/seal_report.h"

#include <fmt/format.h>

#include "schema/chain/hex_bytes.h"
#include "schema/program/shell_word.h"

namespace sockwitness::query {
namespace {

Value::List key_values(const Manifest& manifest) {
  Value::List values;
  for (const schema::EnrolledKey& key : manifest.keys) {
    values.push_back(Value::Object{{"record", key.record},
                                   {"public_key", schema::to_hex(key.public_key)},
                                   {"fingerprint", schema::fingerprint_of(key.public_key)}});
  }
  return values;
}

}  // namespace

Document build_seal(const Sealed& sealed, const std::string& folder) {
  const Manifest& manifest = sealed.manifest;
  const auto end_of = [](const std::optional<Range>& range, std::int64_t Range::*end) {
    return range ? Value((*range).*end) : Value();
  };
  Document document;
  document.format = "sockwitness.seal/1";
  document.head = {{"folder", folder},
                   {"archive", schema::to_hex(manifest.archive)},
                   {"first_seq", end_of(manifest.asked, &Range::first)},
                   {"last_seq", end_of(manifest.asked, &Range::last)},
                   {"first_record", end_of(manifest.complete, &Range::first)},
                   {"last_record", end_of(manifest.complete, &Range::last)},
                   {"rows", sealed.rows},
                   {"rows_with_proof", sealed.carried},
                   {"links", sealed.links},
                   {"anchors", sealed.anchors},
                   {"head_record", manifest.head.record},
                   {"head_hash", schema::to_hex(manifest.head.head)}};
  document.rows_key = "keys";
  document.row_format = "sockwitness.seal-key/1";
  document.rows = key_values(manifest);
  document.columns = words("record fingerprint public_key");
  return document;
}

Page lay_out_seal(const Sealed& sealed, const std::string& folder) {
  const Manifest& manifest = sealed.manifest;
  Page page;
  const SafeText place = "sealed in " + SafeText::host(folder) + ": ";
  if (manifest.complete) {
    page.add(place + SafeText::own(fmt::format(
                         "all {} rows of records {} to {}, {} rows from before that they lead to, "
                         "{} links, {} anchors",
                         sealed.rows,
                         manifest.complete->first,
                         manifest.complete->last,
                         sealed.carried,
                         sealed.links,
                         sealed.anchors)));
  } else {
    page.add(place + SafeText::own(fmt::format("{} rows with their proofs, {} links, {} anchors",
                                               sealed.carried,
                                               sealed.links,
                                               sealed.anchors)));
  }
  page.add(SafeText::own(fmt::format(
      "head      record {}: {}", manifest.head.record, schema::to_hex(manifest.head.head))));
  for (const schema::EnrolledKey& key : manifest.keys) {
    page.add(SafeText::own(fmt::format(
        "key       from record {}: {}", key.record, schema::fingerprint_of(key.public_key))));
  }
  page.add("anywhere: sockwitness verify " + SafeText::host(schema::shell_word(folder)) +
           " --key FILE");
  return page;
}

}  // namespace sockwitness::query
