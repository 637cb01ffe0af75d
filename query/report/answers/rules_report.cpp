#include "query/report/answers/rules_report.h"

#include <fmt/format.h>

#include "query/analysis/findings/rule_formula.h"
#include "query/report/words/severity_style.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

Value list_of(const std::vector<std::string>& texts) {
  Value::List list;
  for (const std::string& text : texts) {
    list.emplace_back(text);
  }
  return list;
}

// What has to stand in the policy, with dots for what the case decides.
std::string acceptance_form(const Rule& rule) {
  std::string text = fmt::format("[[accept]]\nrule = \"{}\"\n", rule.id);
  for (const std::string& part : rule.accept) {
    text += part == "port" ? "port = …\n" : fmt::format("{} = \"…\"\n", part);
  }
  return text + "reason = \"…\"\nuntil = …  # a date; may be left out\n";
}

Value formula_value(const Rule& rule) {
  Value::List list;
  for (const FormulaCase& each : formula_of(rule)) {
    list.push_back(Value::Object{{"severity", severity_word(each.severity)}, {"when", each.when}});
  }
  return list;
}

void add_formula(Page& page, const Rule& rule) {
  page.add(SafeText());
  page.add("How grave it is:", Style::Strong);
  const auto cases = formula_of(rule);
  page.add("- " + SafeText::own(severity_word(rule.severity)) +
           (cases.empty() ? SafeText()
                          : SafeText(", unless one of these applies, of which the first counts")));
  for (const FormulaCase& each : cases) {
    page.add("- " + SafeText::own(severity_word(each.severity)) + ": " + SafeText::host(each.when));
  }
}

Value rule_value(const Rule& rule) {
  return Value::Object{{"id", rule.id},
                       {"title", rule.title},
                       {"severity", severity_word(rule.severity)},
                       {"attack", list_of(rule.attack)},
                       {"source", rule.source},
                       {"enabled", rule.enabled},
                       {"explanation", rule.explanation},
                       {"benign", list_of(rule.benign)},
                       {"accept", acceptance_form(rule)},
                       {"sql", rule.sql},
                       {"formula", formula_value(rule)}};
}

void add_lines(Page& page, std::string_view text, Style style = Style::Plain) {
  while (!text.empty()) {
    page.add(SafeText::host(schema::scan_until(text, '\n')), style);
  }
}

}  // namespace

Document build_rules(const RulesInput& input) {
  Document document;
  document.format = "sockwitness.rules/1";
  document.head = {{"rules_version", input.version}};
  document.rows_key = "rules";
  document.row_format = "sockwitness.rule/1";
  for (const Rule& rule : input.rules) {
    document.rows.push_back(rule_value(rule));
  }
  Value::List not_run;
  for (const RuleFailure& failure : input.failures) {
    not_run.push_back(Value::Object{{"rule", failure.rule->id},
                                    {"source", failure.rule->source},
                                    {"line", failure.line},
                                    {"reason", failure.reason}});
  }
  Value::List problems;
  for (const schema::Error& problem : input.problems) {
    problems.push_back(
        Value::Object{{"message", problem.message()}, {"hint", text_or_null(problem.hint())}});
  }
  document.tail = {{"not_run", std::move(not_run)}, {"problems", std::move(problems)}};
  // What takes several lines is not for cells.
  document.columns = words("id severity title attack source enabled benign");
  return document;
}

Page lay_out_rules(const RulesInput& input) {
  Page page;
  Table table{{{"rule"}, {"severity"}, {"title"}, {"source"}}, {}, true};
  for (const Rule& rule : input.rules) {
    const Style style = rule.enabled ? Style::Plain : Style::Faint;
    table.rows.push_back(
        {{SafeText::own(rule.id), style},
         {rule.enabled ? SafeText::own(severity_word(rule.severity)) : SafeText("off"),
          rule.enabled ? severity_style(rule.severity) : style},
         {SafeText::host(rule.title), style},
         {SafeText::host(rule.source), style}});
  }
  page.add(std::move(table));
  page.add(SafeText());
  page.add(SafeText::own(fmt::format("{} rules, version {}", input.rules.size(), input.version)));
  for (const RuleFailure& failure : input.failures) {
    page.add("rule " + SafeText::own(failure.rule->id) +
                 " cannot run: " + SafeText::host(failure.rule->source) +
                 SafeText::own(fmt::format(":{}: ", failure.line)) + SafeText::host(failure.reason),
             Style::Warning);
  }
  for (const schema::Error& problem : input.problems) {
    page.add(SafeText::host(problem.message()) +
                 (problem.hint().empty() ? SafeText() : "; " + SafeText::host(problem.hint())),
             Style::Warning);
  }
  return page;
}

Page lay_out_rule(const Rule& rule) {
  Page page;
  page.add(SafeText::own(rule.id) + ": " + SafeText::host(rule.title), Style::Strong);
  std::vector<SafeText> techniques;
  for (const std::string& technique : rule.attack) {
    techniques.push_back(SafeText::own(technique));
  }
  page.add(join(std::vector{SafeText::own(severity_word(rule.severity)),
                            join(techniques, " "),
                            SafeText::host(rule.source),
                            rule.enabled ? SafeText() : SafeText("switched off")},
                ", "));
  page.add(SafeText());
  add_lines(page, rule.explanation);
  if (!rule.benign.empty()) {
    page.add(SafeText());
    page.add("What is known to look alike:", Style::Strong);
    for (const std::string& cause : rule.benign) {
      page.add("- " + SafeText::host(cause));
    }
  }
  add_formula(page, rule);
  page.add(SafeText());
  page.add("To accept a finding, add this to the policy (/etc/sockwitness/policy.toml):",
           Style::Strong);
  add_lines(page, acceptance_form(rule));
  page.add(SafeText());
  page.add("The condition:", Style::Strong);
  add_lines(page, rule.sql, Style::Faint);
  return page;
}

}  // namespace sockwitness::query
