#include "query/report/html/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/report/compliance/integrity.h"
#include "query/report/compliance/report_tables.h"
#include "query/report/html/charts.h"
#include "query/report/html/gantt.h"
#include "query/report/html/markup.h"
#include "query/report/html/parts.h"
#include "query/report/html/tables.h"
#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query::html {
namespace {

Markup hash_source(std::string_view text) {
  return markup("'sha256-{}'", own(schema::base64(schema::sha256(text))));
}

// At the foot of each printed page.
Markup foot_style(const ComplianceInput& input) {
  return markup("@page {{ @bottom-left {{ color: #444; content: \"{}\"; font-size: 6.5pt }} }}",
                own(integrity_of(input.verdict).footer));
}

Markup head(const ComplianceInput& input) {
  const Markup foot = foot_style(input);
  return markup(
      "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src {} {}; "
      "script-src {}; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=color-scheme content=\"light dark\">\n"
      "<meta name=referrer content=no-referrer>\n"
      "<title>Port changes on {}</title>\n<style>{}</style>\n<style>{}</style>\n</head>\n",
      hash_source(kStyle),
      hash_source(foot.text()),
      hash_source(kFilter),
      host(input.context().host_name),
      Markup::embedded(kStyle),
      foot);
}

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

// The answer, before any table.
Markup verdict(const ComplianceInput& input, const ReportFigures& figures) {
  const bool changes = !input.services.changes.empty();
  std::string text =
      fmt::format("{} at the begin, {} at the end. ",
                  count(figures.listening_at_begin, "service listened", "services listened"),
                  figures.listening_at_end);
  text += changes ? fmt::format("{} came, {} went; {} opened, {} closed, {}. ",
                                figures.begun,
                                figures.ended,
                                count(figures.opened, "address was", "addresses were"),
                                figures.closed,
                                count(figures.changed, "other change", "other changes"))
                  : no_change_text(input) + " ";
  text += figures.unapproved == 0 && figures.listening_at_end > 0
              ? "All that listens at the end is accounted for. "
          : figures.unapproved > 0
              ? fmt::format("{} approved. ",
                            count(figures.unapproved, "service is not", "services are not"))
              : std::string();
  if (changes && !tail_text(input).empty()) {
    text += tail_text(input) + " ";
  }
  if (!changes &&
      (input.coverage.snapshots == 0 || input.coverage.per_mille_at_most().value_or(0) == 0)) {
    return own(text);
  }
  const bool all = input.coverage.unobserved.empty();
  text += all ? "The schedule was kept for the whole period."
              : fmt::format("{} of the period was observed; nothing is known of the rest.",
                            coverage_text(input.coverage));
  return own(text);
}

Markup card(const Markup& value, const Markup& label, bool alarm) {
  return markup("<div class=\"card{}\"><b>{}</b><span>{}</span></div>",
                alarm ? Markup(" alarm") : Markup(),
                value,
                label);
}

Markup figures_section(const ComplianceInput& input, const ReportFigures& figures) {
  const auto number = [](std::size_t value) { return markup("{}", value); };
  const auto share = input.coverage.per_mille();
  const Markup coverage =
      share ? markup("{}.{}&#8239;%", *share / 10, *share % 10) : Markup("&#8211;");
  return Markup("<div class=cards id=figures>") +
         card(number(figures.listening_at_begin), "services at the begin", false) +
         card(number(figures.listening_at_end),
              markup("at the end: {} came, {} went", figures.begun, figures.ended),
              false) +
         card(number(figures.opened), "addresses opened", false) +
         card(number(figures.closed), "addresses closed", false) +
         card(number(figures.changed), "other changes", false) +
         card(number(figures.unapproved), "not approved at the end", figures.unapproved > 0) +
         card(number(figures.unapproved_changes),
              "changes not approved then",
              figures.unapproved_changes > 0) +
         card(number(figures.findings),
              markup("findings to act on, of {}", input.findings.rows.size()),
              figures.findings > 0) +
         card(coverage, "of the time observed", share && *share < 1000) +
         "</div><p class=note>Services at the begin, and those that came, less those that went are "
         "those at the end. A service may answer at several addresses, and a change of owner ends "
         "one service and begins another: addresses are counted as the changes below are, one by "
         "one. Findings to act on are of medium severity or higher, and not accepted.</p>";
}

Markup section(const Markup& id, const Markup& title, const Markup& content) {
  return markup("<section id={}><h2>{}</h2>\n{}</section>\n", id, title, content);
}

Markup verify_section(const ComplianceInput& input) {
  const Integrity integrity = integrity_of(input.verdict);
  return markup(
      "<p>{}. Head hash: <code>{}</code>. Signing keys: {}. Anchored: {}.</p>"
      "<p>That the database is as it was recorded: <code>sockwitness verify --key FILE --anchors "
      "FILE</code> with what was kept elsewhere, on another machine; what root can still do is in "
      "its "
      "help.</p>"
      "<p>That this page is the one that was made: <code>sha256sum -c</code> on the file beside "
      "it whose name ends in <code>.sha256</code>.</p>"
      "<p>That it says what the database says: <code>sockwitness {} --as-of {}</code> gives the "
      "same bytes from the same policy and rules, and <code>sockwitness show -l --at '#N'</code> "
      "shows any snapshot that a row "
      "names.</p>",
      host(integrity.text),
      host(integrity.head),
      host(integrity.keys),
      host(integrity.anchored),
      host(input.run.arguments),
      own(schema::format_utc(input.run.at)));
}

Markup method_section() {
  return "<p>A recorder looks at all sockets and processes of the host at intervals. A change lies "
         "between two snapshots; both are named, and the change is never dated more precisely. "
         "What opened and closed between two snapshots is not seen. A rootkit in the kernel can "
         "hide from it. Programs are known by the file that was mapped when they were looked at; "
         "the meaning of what they send is not. Approval is looked up in the policy and the "
         "baseline that this page names, and in nothing else.</p>";
}

}  // namespace

std::string write_page(const ComplianceInput& input) {
  // A clock that was set back ends the period before it begins.
  const schema::WallTime passed{input.coverage.from.microseconds + input.coverage.elapsed_us};
  const TimeAxis axis(input.coverage.from, std::max(input.coverage.to, passed));
  const ReportFigures figures = figures_of(input);
  const ReportTables tables = build_tables(input, words_of);
  Markup page = head(input);
  page += markup(
      "<body>\n<header><p class=kind>Register of listening services</p><h1>{}</h1>"
      "<p class=period>{} to {} <span>UTC</span></p>\n<p class=verdict>{}</p></header>\n<main>\n",
      host(input.context().host_name),
      time_text(input.coverage.from),
      time_text(input.coverage.to),
      verdict(input, figures));
  page += draw_ground(input, axis);
  page += figures_section(input, figures);
  const Integrity integrity = integrity_of(input.verdict);
  page += markup(
      "<p class=\"integrity{}\"><b>Integrity</b> {}. <a href=\"#verify\">How to verify</a></p>\n",
      integrity.verified ? Markup() : Markup(" unverified"),
      host(integrity.text));
  page += section("observed", "Observed", draw_coverage(input, axis));
  page += section("overview", "Services over the period", draw_gantt(input, axis));
  page += section("rhythm", "When it changed", draw_changes(input, axis));
  page += section("every-change", "Every change", changes_table(input));
  page += section("register", "Register of services", services_table(input));
  page += section("who-approved", "Approvals", approvals_table(input));
  page += section("policy-entries", "Policy", plain_table(policy_entries(input, words_of)));
  page += section("program-files", "Programs", programs_table(input));
  page += section("what-looks-wrong", "Findings", plain_table(tables.findings));
  page += section("gaps",
                  "What was not observed",
                  plain_table(tables.unobserved) + plain_table(tables.partial));
  page += section("clock", "Reboots, clock and recorder", plain_table(tables.events));
  page += section("rests-on", "What this report rests on", plain_list(tables.statements));
  page += section("method", "Method and limits", method_section());
  page += section("verify", "How to verify", verify_section(input));
  page += section(
      "frameworks",
      "Controls served",
      Markup("<p>Evidence can be handed in for a control; support helps and does not satisfy "
             "it alone. Whether a control is met is the auditor's judgement.</p>") +
          plain_table(tables.controls));
  page += section("words", "Definitions", plain_list(tables.definitions));
  page += markup(
      "</main>\n<footer>sockwitness {}, made {} UTC by {}</footer>\n"
      "<script>{}</script>\n</body>\n</html>\n",
      own(SOCKWITNESS_VERSION),
      time_text(input.run.at),
      host(input.run.user),
      Markup::embedded(kFilter));
  return page.text();
}

}  // namespace sockwitness::query::html
