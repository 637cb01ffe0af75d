#include <algorithm>

#include "query/report/answers/when_gaps.h"
#include "query/report/answers/when_report.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;

void add_bracket(Value::Object& object,
                 const Moments& moments,
                 const SeqRange& seen,
                 const std::optional<Seq>& not_before,
                 const std::optional<Seq>& not_after) {
  object.push_back({"first_seen", moment_value(moments, seen.first)});
  object.push_back({"not_before", moment_value(moments, not_before)});
  object.push_back({"last_seen", moment_value(moments, seen.last)});
  object.push_back({"not_after", moment_value(moments, not_after)});
  object.push_back({"first_seq", seen.first.value()});
  object.push_back({"not_before_seq", seq_value(not_before)});
  object.push_back({"last_seq", seen.last.value()});
  object.push_back({"not_after_seq", seq_value(not_after)});
}

Value owner_span_value(const Moments& moments, const OwnerInterval& owner) {
  const Value whole = owner_value(owner.owner);
  Value::Object object = *std::get<Value::SharedObject>(whole.content());
  add_bracket(object, moments, owner.seen, owner.not_before, owner.not_after);
  return object;
}

Value endpoint_span_value(const Moments& moments, const EndpointInterval& endpoint) {
  Value::Object object = endpoint_members(endpoint.endpoint);
  object.push_back({"v6only", endpoint.v6only});
  object.push_back({"first_seen", moment_value(moments, endpoint.seen.first)});
  object.push_back({"last_seen", moment_value(moments, endpoint.seen.last)});
  return object;
}

Value::List lead_values(const Moments& moments, const WhenInterval& span) {
  Value::List leads;
  for (const LeadInterval& lead : span.leads) {
    leads.push_back(Value::Object{{"forwards_to", lead.leads_to},
                                  {"first_seen", moment_value(moments, lead.seen.first)},
                                  {"last_seen", moment_value(moments, lead.seen.last)}});
  }
  return leads;
}

Value peer_value(const Moments& moments, const Peer& peer) {
  return Value::Object{{"address", peer.address.text()},
                       {"connections", peer.connections},
                       {"first_seen", moment_value(moments, peer.seen.first)},
                       {"last_seen", moment_value(moments, peer.seen.last)}};
}

Value gap_value(const WhenInput& input, const WhenGap& gap) {
  const Moments& moments = input.moments;
  Value::Object object{{"kind",
                        gap.coverage_gaps == nullptr ? Value(chronicle_kind_word(gap.event->kind))
                                                     : Value("not_looked")},
                       {"from", moment_value(moments, gap.from)},
                       {"until", moment_value(moments, gap.until)},
                       {"from_seq", seq_value(gap.from)},
                       {"until_seq", seq_value(gap.until)}};
  if (gap.coverage_gaps != nullptr) {
    object.push_back({"text", unread_text(*gap.coverage_gaps).text()});
    return object;
  }
  for (Member& member : chronicle_members(*gap.event, input.missed)) {
    object.push_back(std::move(member));
  }
  return object;
}

template <class Range>
Value::List gap_values(const WhenInput& input, const Range& gaps) {
  Value::List list;
  for (const WhenGap& gap : gaps) {
    list.push_back(gap_value(input, gap));
  }
  return list;
}

Value span_value(const WhenInput& input, const WhenInterval& span) {
  const Moments& moments = input.moments;
  Value::Object object;
  add_bracket(object, moments, span.span.seen, span.span.not_before, span.span.not_after);
  const SeenCount count = count_seen(input, span);
  object.push_back({"snapshots", static_cast<std::uint64_t>(count.within - count.hidden)});
  object.push_back({"of_snapshots", static_cast<std::uint64_t>(count.within)});
  Value::List owners;
  for (const OwnerInterval& owner : span.owners) {
    owners.push_back(owner_span_value(moments, owner));
  }
  object.push_back({"owners", std::move(owners)});
  object.push_back(
      {"no_holder_reason",
       span.owners.empty() ? text_or_null(schema::no_holder_word(span.no_holder)) : Value()});
  object.push_back({"gaps", gap_values(input, gaps_of(input, span))});
  Value::List endpoints;
  for (const EndpointInterval& endpoint : span.endpoints) {
    endpoints.push_back(endpoint_span_value(moments, endpoint));
  }
  object.push_back({"endpoints", std::move(endpoints)});
  if (!span.leads.empty()) {
    object.push_back({"leads_to", lead_values(moments, span)});
  }
  Value::List restarts;
  for (const Seq seq : span.restarts) {
    restarts.push_back(Value::Object{{"seq", seq.value()}, {"time", moment_value(moments, seq)}});
  }
  object.push_back({"restarts", std::move(restarts)});
  Value::List peers;
  for (const Peer& peer : span.peers.most_frequent(input.peers)) {
    peers.push_back(peer_value(moments, peer));
  }
  object.push_back({"peers", std::move(peers)});
  object.push_back({"peers_total", static_cast<std::uint64_t>(span.peers.size())});
  object.push_back({"connections", span.peers.connections()});
  return object;
}

}  // namespace

Document build_when(const WhenInput& input) {
  Document document;
  document.format = "sockwitness.when/1";
  document.head = {{"query", input.query},
                   {"host", input.host},
                   {"looked", looked_value(input.moments, input.searched)},
                   {"note", text_or_null(input.note)}};
  document.rows_key = "spans";
  document.row_format = "sockwitness.span/1";
  for (const WhenInterval& span : input.spans) {
    document.rows.push_back(span_value(input, span));
  }
  document.tail = {{"gaps", gap_values(input, gaps_of(input))}};
  document.columns = words(
      "first_seen not_before last_seen not_after first_seq not_before_seq last_seq "
      "not_after_seq snapshots of_snapshots endpoints.protocol endpoints.local_address "
      "endpoints.local_port endpoints.path endpoints.netns owners.pid owners.name "
      "owners.program owners.script owners.user owners.unit owners.container no_holder_reason "
      "restarts.seq gaps.kind gaps.from gaps.until peers.address peers.connections "
      "peers_total connections owners.container_name owners.container_image");
  return document;
}

}  // namespace sockwitness::query
