#include "query/alert/news.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

namespace sockwitness::query {
namespace {

constexpr std::array<std::string_view, 6> kNewsKinds{
    "change", "finding", "account", "coverage", "problem", "record"};
constexpr std::array<std::string_view, 3> kPhases{"new", "worse", "gone"};

}  // namespace

std::string_view news_kind_word(NewsKind kind) {
  return kNewsKinds.at(static_cast<std::size_t>(kind));
}

std::string_view news_phase_word(NewsPhase phase) {
  return kPhases.at(static_cast<std::size_t>(phase));
}

std::string phrase_of(const NewsItem& item) {
  std::string phrase = item.title;
  if (!item.where.empty()) {
    phrase += " " + item.where.front();
  }
  if (item.where.size() > 1) {
    phrase += fmt::format(" +{}", item.where.size() - 1);
  }
  if (!item.who.empty()) {
    phrase += " by " + item.who;
  }
  return phrase;
}

void sort_news(std::vector<NewsItem>& items) {
  const auto rank = [](const NewsItem& item) {
    return std::tuple(item.phase == NewsPhase::Gone, -static_cast<int>(item.severity));
  };
  std::stable_sort(items.begin(), items.end(), [&](const NewsItem& left, const NewsItem& right) {
    return rank(left) < rank(right);
  });
}

}  // namespace sockwitness::query
