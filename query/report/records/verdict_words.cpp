#include "query/report/records/verdict_words.h"

#include <fmt/format.h>

namespace sockwitness::query {

std::string_view result_word(Verdict::Result result) {
  switch (result) {
    case Verdict::Result::Intact:
      return "intact";
    case Verdict::Result::Altered:
      return "altered";
    case Verdict::Result::Unsigned:
      return "unsigned";
    case Verdict::Result::Unreadable:
      return "unreadable";
  }
  return "";
}

std::vector<std::string> unproven(const Verdict& verdict) {
  std::vector<std::string> texts;
  if (verdict.result != Verdict::Result::Intact) {
    return texts;
  }
  if (!verdict.authenticated_to) {
    texts.emplace_back(
        "NOT AUTHENTIC: no key was given (--key), so it is consistent in itself only; replacement "
        "by a chain that was made anew is not excluded");
  } else if (*verdict.authenticated_to < verdict.last_record) {
    texts.push_back(
        fmt::format("records {} to {} are signed by keys that nothing you gave vouches for",
                    *verdict.authenticated_to + 1,
                    verdict.last_record));
  }
  if (!verdict.anchored_to) {
    texts.push_back(fmt::format("no anchor was given (--anchors): rollback {} is not excluded",
                                verdict.key_state == KeyState::Agrees
                                    ? "of the file together with its keys"
                                    : "to an older state"));
  } else if (*verdict.anchored_to < verdict.last_record) {
    texts.push_back(
        fmt::format("records {} to {} are not anchored: their end may have been cut off",
                    *verdict.anchored_to + 1,
                    verdict.last_record));
  }
  if (verdict.first_linked > verdict.first_record) {
    texts.push_back(
        fmt::format("records {} to {} lay there before the chain began: nobody signed them when "
                    "they were made; since record {} a change of them would be seen",
                    verdict.first_record,
                    verdict.first_linked - 1,
                    verdict.first_linked));
  }
  return texts;
}

}  // namespace sockwitness::query
