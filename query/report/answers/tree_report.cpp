#include "query/report/answers/tree_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/report/records/records.h"
#include "query/report/words/socket_words.h"
#include "schema/model/snapshot.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

constexpr std::size_t kDeepest = 32;

SafeText who(const schema::SnapshotView& view, const TreeNode& node) {
  const schema::Process& process = view.process(node.process);
  const std::size_t depth = std::min(node.depth, kDeepest);
  SafeText text = SafeText::own(std::string(2 * depth, ' '));
  if (node.depth > kDeepest) {
    text += SafeText::own(fmt::format("({} deeper) ", node.depth - kDeepest));
  }
  text += process_text(view, process);
  if (process.zombie) {
    text += " zombie";
  }
  return text;
}

}  // namespace

Document build_tree(const TreeInput& input) {
  const schema::Snapshot& snapshot = input.view.snapshot();
  Document document;
  document.format = "sockwitness.tree/1";
  document.head = {
      {"note", text_or_null(input.note)},
      {"snapshot", snapshot_value(info_of(snapshot), snapshot.gaps, snapshot.namespaces)}};
  document.rows_key = "processes";
  document.row_format = "sockwitness.process/1";
  if (snapshot.seq) {
    document.seq = snapshot.seq->value();
  }
  for (const TreeNode& node : input.nodes) {
    const Value whole = owner_value(schema::owner_of(input.view, input.view.process(node.process)));
    Value::Object object = *std::get<Value::SharedObject>(whole.content());
    object.push_back({"depth", static_cast<std::uint64_t>(node.depth)});
    object.push_back({"selected", node.meant});
    document.rows.push_back(std::move(object));
  }
  document.columns = words(
      "depth pid parent name program script command_line user unit container started_at "
      "selected container_name container_image");
  return document;
}

Page lay_out_tree(const TreeInput& input, const ClockFace& clock) {
  const schema::Snapshot& snapshot = input.view.snapshot();
  Page page;
  page.add(SafeText::host(snapshot.context.host_name) +
               SafeText::own(fmt::format(" · snapshot {} · {} · ",
                                         snapshot.seq.value_or(schema::Seq(0)).value(),
                                         clock(snapshot.begin.wall))) +
               completeness_text(snapshot.gaps, snapshot.namespaces),
           Style::Strong);
  if (input.each_gap) {
    add_gaps(page, snapshot.gaps, snapshot.namespaces);
  }
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  if (input.nodes.empty()) {
    page.add("no such process");
    return page;
  }
  Table table{{{"process"}, {"user"}, {"unit"}, {"started"}, {"program"}}, {}, true};
  for (const TreeNode& node : input.nodes) {
    const schema::Process& process = input.view.process(node.process);
    const schema::Program* program = input.view.program(process);
    const Style style = node.meant ? Style::Plain : Style::Faint;
    table.rows.push_back(
        {{who(input.view, node), style},
         {user_text(input.view, process.effective_uid), style},
         {place_text(process.unit, process.container, process.container_facts), style},
         {SafeText::own(clock(input.view.started_at(process))), style},
         {program == nullptr ? SafeText() : SafeText::host(program->path), style}});
  }
  page.add(std::move(table));
  return page;
}

}  // namespace sockwitness::query
