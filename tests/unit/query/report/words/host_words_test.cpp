#include "query/report/words/host_words.h"

#include <catch2/catch.hpp>

namespace sockwitness {

using schema::Gap;
using schema::GapPart;
using schema::GapReason;
using schema::GapSource;

namespace {

Gap gap_of(GapSource source, GapReason reason, schema::GapObject object, std::uint32_t count) {
  Gap gap;
  gap.source = source;
  gap.reason = reason;
  gap.object = std::move(object);
  gap.count = count;
  return gap;
}

}  // namespace

TEST_CASE("gaps are told in whole where that is short, else as how many of what") {
  CHECK(query::completeness_text({}, {}).text() == "complete");
  const Gap descriptors =
      gap_of(GapSource::ProcessField, GapReason::Permission, GapPart::Descriptors, 3);
  CHECK(query::completeness_text({descriptors}, {}).text() ==
        "1 gap: descriptors of 3 processes: permission");

  const std::vector<Gap> many{
      descriptors,
      gap_of(GapSource::ProcessField, GapReason::Permission, GapPart::ProgramFile, 43),
      gap_of(GapSource::Namespace, GapReason::Permission, schema::GapObject(), 2),
      gap_of(GapSource::NatRules, GapReason::NotSupported, schema::GapObject(), 1),
      gap_of(GapSource::NatRules, GapReason::Permission, schema::GapObject(), 1)};
  CHECK(query::completeness_text(many, {}).text() ==
        "5 gaps: 2 network namespaces, details of 43 processes, NAT rules (--gaps lists them)");
  CHECK(query::gap_lines(many, {}).size() == 5);
}

TEST_CASE("a recorder in a container says that it sees only its own processes") {
  const Gap outside =
      gap_of(GapSource::ProcessList, GapReason::NotSupported, GapPart::PidNamespace, 1);
  CHECK(query::gap_text(outside, {}).text() ==
        "not in the first pid namespace: processes outside of its own are not seen");
}

}  // namespace sockwitness
