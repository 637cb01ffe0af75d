#include "query/report/html/charts.h"

#include <algorithm>
#include <array>
#include <vector>

#include "query/report/html/markup.h"

namespace sockwitness::query::html {
namespace {

using schema::WallTime;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr double kLeast = 1.5;  // a mark narrower than this would not be seen

Markup rectangle(
    const Markup& mark, double from, double to, double top, double height, const Markup& title) {
  const double width = std::max(kLeast, to - from);
  const double left = std::min(from, TimeAxis::kWidth - width);
  return markup("<rect class={} x={} y={} width={} height={}><title>{}</title></rect>",
                mark,
                number_text(left),
                number_text(top),
                number_text(width),
                number_text(height),
                title);
}

Markup line(const Markup& mark, double at, const Markup& title) {
  return markup("<path class={} d=\"M{} 0V18\"><title>{}</title></path>",
                mark,
                number_text(std::clamp(at, 0.5, TimeAxis::kWidth - 0.5)),
                title);
}

Markup unobserved_title(const Unobserved& interval) {
  return markup("not observed: {} to {} ({}, {})",
                time_text(interval.from),
                time_text(interval.to),
                own(length_text(interval)),
                own(cause_text(interval)));
}

// A column of the chart of changes.
struct Column {
  std::size_t opened = 0;
  std::size_t closed = 0;
  std::size_t changed = 0;
};

struct Grid {
  std::int64_t begin = 0;  // of the first column
  std::int64_t step = kDayUs;
  Markup word = "day";
  std::vector<Column> columns;
};

Grid count_changes(const ComplianceInput& input, const TimeAxis& axis) {
  Grid grid;
  const std::int64_t all = axis.to().microseconds - axis.from().microseconds;
  if (all <= 3 * kDayUs) {
    grid.step = kHourUs;
    grid.word = "hour";
  } else if (all > 400 * kDayUs) {
    grid.step = 7 * kDayUs;
    grid.word = "week";
  }
  const std::int64_t from = axis.from().microseconds;
  grid.begin = from - (from % grid.step + grid.step) % grid.step;
  grid.columns.resize(static_cast<std::size_t>((axis.to().microseconds - grid.begin) / grid.step) +
                      1);
  for (const RegisterChange& change : input.services.changes) {
    const WallTime at = std::clamp(input.wall(change.after), axis.from(), axis.to());
    Column& column =
        grid.columns[static_cast<std::size_t>((at.microseconds - grid.begin) / grid.step)];
    switch (change.change.kind) {
      case ChangeKind::NewListener:
      case ChangeKind::Reopened:
      case ChangeKind::Flapping:
        ++column.opened;
        break;
      case ChangeKind::VanishedService:
        ++column.closed;
        break;
      default:
        ++column.changed;
    }
  }
  return grid;
}

}  // namespace

Markup draw_ground(const ComplianceInput& input, const TimeAxis& axis) {
  Markup marks;
  for (const Unobserved& interval : input.coverage.unobserved) {
    marks += rectangle(
        "gap", axis.at(interval.from), axis.at(interval.to), 0, 18, unobserved_title(interval));
  }
  for (const ChronicleEvent& event : input.events) {
    if (event.kind == ChronicleKind::Reboot && event.before) {
      const WallTime at = input.moments[*event.before].begin.wall;
      marks += line("reboot", axis.at(at), Markup("reboot before ") + time_text(at));
    }
  }
  for (const schema::BaselineInfo& baseline : input.baselines) {
    if (axis.from() <= baseline.made_at && baseline.made_at <= axis.to()) {
      marks +=
          line("baseline",
               axis.at(baseline.made_at),
               Markup("baseline ") + host(baseline.name) + ", made " + time_text(baseline.made_at));
    }
  }
  return Markup(
             "<svg class=defs width=0 height=0 aria-hidden=true><defs>"
             "<pattern id=hatch width=6 height=6 patternUnits=userSpaceOnUse>"
             "<path class=hatch d=\"M-1 7L7-1M-1 1L1-1M5 7L7 5\"/></pattern>"
             "</defs><symbol id=ground viewBox=\"0 0 1000 18\" preserveAspectRatio=none>") +
         marks + "</symbol></svg>\n";
}

Markup draw_dates(const TimeAxis& axis) {
  constexpr std::array kShares{0.0, 0.25, 0.5, 0.75, 1.0};
  const bool days = axis.to().microseconds - axis.from().microseconds > 4 * kDayUs;
  Markup dates = "<div class=dates aria-hidden=true>";
  for (const double share : kShares) {
    const WallTime at = axis.instant(share);
    dates += markup("<span>{}</span>", days ? day_text(at) : minute_text(at));
  }
  return dates + "</div>";
}

Markup draw_coverage(const ComplianceInput& input, const TimeAxis& axis) {
  Markup marks = rectangle("seen",
                           0,
                           TimeAxis::kWidth,
                           0,
                           18,
                           Markup("observed: ") + own(coverage_text(input.coverage)));
  for (const CoverageGap& part : input.partial) {
    marks += rectangle("partial",
                       axis.at(input.wall(part.snapshots.first)),
                       axis.at(input.wall(part.snapshots.last)),
                       12,
                       6,
                       markup("partial: snapshots {} to {}",
                              part.snapshots.first.value(),
                              part.snapshots.last.value()));
  }
  return Markup(
             "<svg class=strip id=coverage viewBox=\"0 0 1000 18\" preserveAspectRatio=none "
             "role=img "
             "aria-label=\"coverage of the period\">") +
         marks + "<use href=\"#ground\" width=1000 height=18 /></svg>" + draw_dates(axis);
}

Markup draw_changes(const ComplianceInput& input, const TimeAxis& axis) {
  const Grid grid = count_changes(input, axis);
  std::size_t most = 1;
  for (const Column& column : grid.columns) {
    most = std::max(most, column.opened + column.closed + column.changed);
  }
  constexpr double kHeight = 100;
  Markup marks;
  for (const Unobserved& interval : input.coverage.unobserved) {
    marks += rectangle("gap",
                       axis.at(interval.from),
                       axis.at(interval.to),
                       0,
                       kHeight,
                       unobserved_title(interval));
  }
  for (std::size_t at = 0; at < grid.columns.size(); ++at) {
    const Column& column = grid.columns[at];
    if (column.opened + column.closed + column.changed == 0) {
      continue;
    }
    const std::int64_t begin = grid.begin + static_cast<std::int64_t>(at) * grid.step;
    const double left = axis.at({begin});
    const double right = std::max(left + kLeast, axis.at({begin + grid.step}) - 0.5);
    double top = kHeight;
    const auto add = [&](const Markup& mark, std::size_t count) {
      if (count > 0) {
        const double height = kHeight * static_cast<double>(count) / static_cast<double>(most);
        top -= height;
        marks += markup("<rect class={} x={} y={} width={} height={} />",
                        mark,
                        number_text(left),
                        number_text(top),
                        number_text(right - left),
                        number_text(height));
      }
    };
    marks += "<g>";
    add("opened", column.opened);
    add("changed", column.changed);
    add("closed", column.closed);
    marks += markup("<title>{} {}: {} opened, {} changed, {} closed</title></g>",
                    grid.word,
                    grid.step == kHourUs ? time_text({begin}) : day_text({begin}),
                    column.opened,
                    column.changed,
                    column.closed);
  }
  return markup(
             "<p class=note>Changes per {}; the highest column stands for {}.</p>"
             "<p class=legend><span><i class=opened></i>opened</span>"
             "<span><i class=changed></i>changed otherwise</span>"
             "<span><i class=closed></i>closed</span>"
             "<span><i class=gap></i>not observed</span></p>"
             "<svg class=columns id=changes-chart viewBox=\"0 0 1000 100\" "
             "preserveAspectRatio=none "
             "role=img aria-label=\"changes per {}\">"
             "{}</svg>",
             grid.word,
             most,
             grid.word,
             marks) +
         draw_dates(axis);
}

}  // namespace sockwitness::query::html
