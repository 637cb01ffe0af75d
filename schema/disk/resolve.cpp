#include "schema/disk/resolve.h"

#include <fmt/format.h>

#include "schema/disk/lent_statement.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kHint = "try: sockwitness snapshots";

std::optional<Seq> find_seq(Database& database, std::string_view query, std::int64_t number) {
  try {
    LentStatement statement = database.lend(query);
    statement->bind(1, number);
    statement->executeStep();
    const auto found = RowReader(*statement).maybe_integer();
    return found ? std::optional(Seq(*found)) : std::nullopt;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::optional<Seq> find_from(Database& database, std::int64_t microseconds) {
  return find_seq(
      database, "SELECT min(seq) FROM snapshot NOT INDEXED WHERE began_us >= ?1", microseconds);
}

std::optional<Seq> find_until(Database& database, std::int64_t microseconds) {
  return find_seq(
      database, "SELECT max(seq) FROM snapshot NOT INDEXED WHERE began_us <= ?1", microseconds);
}

std::optional<Seq> find_state_at(Database& database, Seq first, Seq last, std::int64_t time) {
  if (!find_from(database, time)) {
    return std::nullopt;
  }
  const auto later = find_from(database, time + 1);
  if (!later) {
    return last;
  }
  return find_seq(database, "SELECT max(seq) FROM snapshot WHERE seq < ?1", later->value())
      .value_or(first);
}

std::optional<Resolved> find(Database& database, Seq first, Seq last, WallTime time, Side side) {
  const auto plain = [](const std::optional<Seq>& seq) {
    return seq ? std::optional(Resolved{*seq, std::nullopt}) : std::nullopt;
  };
  switch (side) {
    case Side::AtOrBefore: {
      const auto reading = read_time(database, time);
      return reading ? std::optional(Resolved{reading->at_or_before, reading}) : std::nullopt;
    }
    case Side::LastUntil:
      return plain(find_until(database, time.microseconds));
    case Side::StateAt:
      return plain(find_state_at(database, first, last, time.microseconds));
    case Side::FirstFrom:
      break;
  }
  return plain(find_from(database, time.microseconds));
}

std::string span_words(const Prune& first, const Prune& last) {
  return fmt::format("snapshots {} to {} ({} to {}) were pruned on {}",
                     first.snapshots.first.value(),
                     last.snapshots.last.value(),
                     format_utc(first.began),
                     format_utc(last.ended),
                     format_utc(last.at));
}

// What is not there any more; empty: it never was.
std::string pruned_words(Database& database, Seq seq) {
  const auto prunes = read_prunes(database);
  return prunes.empty() || seq > prunes.back().snapshots.last ||
                 seq < prunes.front().snapshots.first
             ? std::string()
             : span_words(prunes.front(), prunes.back());
}

std::string pruned_words(Database& database) {
  const auto prunes = read_prunes(database);
  return prunes.empty() ? std::string() : span_words(prunes.front(), prunes.back());
}

Error outside(
    Database& database, std::string_view doing, WallTime time, Seq end, std::string_view which) {
  const auto info = read_snapshot_info(database, end);
  const bool begin = which == "first";
  if (const std::string pruned = begin ? pruned_words(database) : std::string(); !pruned.empty()) {
    return {ExitCode::Usage,
            fmt::format("{} '{}': {}", doing, format_utc(time), pruned),
            fmt::format("the first one that is left is #{} at {}; {}",
                        end.value(),
                        format_utc(info ? info->begin.wall : WallTime()),
                        kHint)};
  }
  return {ExitCode::Usage,
          fmt::format("{} '{}': {} the {} snapshot",
                      doing,
                      format_utc(time),
                      begin ? "before" : "after",
                      which),
          fmt::format("the {} one is #{} at {}; {}",
                      which,
                      end.value(),
                      format_utc(info ? info->begin.wall : WallTime()),
                      kHint)};
}

}  // namespace

Resolved resolve(Database& database, const TimeSpec& spec, Side side, std::string_view doing) {
  const auto first = read_first_seq(database);
  const auto last = read_last_seq(database);
  if (!first || !last) {
    throw Error(ExitCode::Unusable,
                fmt::format("reading '{}': it holds no snapshot yet", database.path()),
                "record one first: sockwitness-recorder snapshot");
  }
  if (const auto* seq = std::get_if<Seq>(&spec)) {
    if (!read_snapshot_info(database, *seq)) {
      if (*seq >= *first && *seq <= *last) {
        throw missing_row(doing, *seq);
      }
      const std::string pruned = pruned_words(database, *seq);
      throw Error(
          ExitCode::Usage,
          fmt::format(
              "{} '#{}': {}", doing, seq->value(), pruned.empty() ? "no such snapshot" : pruned),
          fmt::format("there are #{} to #{}; {}", first->value(), last->value(), kHint));
    }
    return {*seq, std::nullopt};
  }
  const auto time = std::get<WallTime>(spec);
  if (const auto found = find(database, *first, *last, time, side)) {
    return *found;
  }
  const bool too_early = side == Side::AtOrBefore || side == Side::LastUntil;
  throw outside(database, doing, time, too_early ? *first : *last, too_early ? "first" : "last");
}

}  // namespace sockwitness::schema
