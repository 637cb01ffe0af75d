// What was found out about a database as evidence, and on what that rests.
//
// In:    filled by the verifier.
// Out:   values.
// Never: a judgement that hides what it could not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sockwitness::query {

struct Problem {
  std::optional<std::int64_t> record;  // nothing: of the file as a whole
  std::optional<std::int64_t> seq;     // the snapshot that this record is
  std::string what;
};

// A row of keys: each signs the next one's public key, nothing vouches for the first.
struct KeySegment {
  std::int64_t first = 0;  // records
  std::int64_t last = 0;
  std::string public_key;  // of the first, hexadecimal
  std::string fingerprint;
  std::int64_t reason = 0;            // key_segment.reason
  std::optional<std::int64_t> known;  // highest record that the keys before it knew of
  bool given = false;                 // one of its keys was given from outside
};

// A change of what makes the records; not an alteration of them.
struct ChainEvent {
  std::int64_t record = 0;
  std::string what;
};

// Somebody else says that a record was there at a time.
struct StampedRecord {
  std::int64_t record = 0;
  std::int64_t at_us = 0;
  std::string authority;
};

enum class KeyState { Absent, NotReadable, Agrees, Differs, Older };

struct Verdict {
  // Unsigned: no record has a signature, so nothing can be said.
  enum class Result { Intact, Altered, Unsigned, Unreadable };

  Result result = Result::Intact;
  std::string archive;  // hexadecimal
  std::int64_t first_record = 0;
  std::int64_t last_record = 0;
  std::int64_t first_linked = 0;  // records before it lay there when the chain began; 0: no link
  std::optional<std::int64_t> first_seq;
  std::optional<std::int64_t> last_seq;
  std::int64_t links = 0;
  std::int64_t rows = 0;
  std::int64_t sealed_rows = 0;  // of a sealed export: single rows, each with a proof of its own
  std::string head;              // of the last link, hexadecimal

  std::vector<Problem> problems;   // the first ones, in the order of records
  std::int64_t problem_count = 0;  // all of them

  std::vector<KeySegment> segments;
  std::vector<ChainEvent> events;
  // A key from outside vouches for all records up to this one; nothing: none was given, or it is of
  // no use.
  std::optional<std::int64_t> authenticated_to;
  KeyState key_state = KeyState::Absent;

  std::int64_t anchors = 0;          // from outside, of this archive, that agree
  std::int64_t foreign_anchors = 0;  // of other archives
  std::int64_t unreadable_lines = 0;
  std::optional<std::int64_t> anchored_to;       // record
  std::optional<std::int64_t> anchored_to_seq;   // the last snapshot up to there
  std::optional<std::int64_t> anchored_at_us;    // when that record was written
  std::optional<std::int64_t> agrees_beside_to;  // with the anchors that lie beside the file

  std::vector<StampedRecord> stamps;  // ascending by record

  std::vector<std::string> notes;

  [[nodiscard]] bool authenticated() const {
    return result == Result::Intact && authenticated_to && *authenticated_to == last_record;
  }
  // Somebody outside knows of this record; `seq`: the last snapshot up to there, 0 for none.
  void anchor(std::int64_t record, std::int64_t written_us, std::int64_t seq) {
    anchors += 1;
    anchored_to = record;
    anchored_at_us = written_us;
    if (seq > 0) {
      anchored_to_seq = seq;
    }
  }
  [[nodiscard]] bool anchored() const { return anchored_to && *anchored_to == last_record; }
};

}  // namespace sockwitness::query
