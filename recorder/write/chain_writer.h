// Links of the records that are written: root, head, signature, and the step from key to key.
//
// In:    an open database, the key file beside it.
// Out:   a link for each record in the transaction that wrote it; before the commit the next key is
//        on the disk, after it the key that signed is wiped.
// Never: signs two things with one key, or goes on with a key that the file does not ask for: then
//        a new row of keys begins, and a record says why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recorder/write/key_file.h"
#include "schema/chain/anchor.h"
#include "schema/disk/link_row.h"
#include "schema/disk/sealer.h"

namespace sockwitness::recorder {

class ChainWriter final : public schema::Sealer {
 public:
  // Throws schema::Error.
  [[nodiscard]] static std::shared_ptr<ChainWriter> open(schema::Database& database);

  // The next key and, where the program is another, its digest: no part of it needs the database,
  // so it may be done beside other work, once, before the next commit. Throws schema::Error.
  void prepare();

  void before_record(schema::Database& database, schema::WallTime written) override;
  void seal(schema::Database& database) override;
  void committed() override;

  // Of the records that were committed since the last call.
  [[nodiscard]] std::vector<schema::Anchor> take_anchors();

 private:
  ChainWriter(KeyFile keys, schema::Database& database);

  struct Step {  // from the last record of a transaction to the next one
    std::size_t place = 0;
    schema::KeyPlace key;
  };
  [[nodiscard]] schema::LinkRow sign_next(schema::LinkHead head, schema::SecretKey& key) const;
  void find_current_key();
  [[nodiscard]] const Step& next();
  void set_after(schema::RowId record, KeyFile::Sync sync);

  KeyFile keys_;
  std::optional<schema::LinkRow> last_;
  schema::Marks marks_;  // all rows that are there
  std::optional<schema::KnownEnvironment> known_environment_;
  schema::EnvironmentRow environment_;
  std::optional<Step> current_;                 // nothing: a row of keys begins
  std::size_t kept_place_ = 1;                  // then: what is known of the row before it
  std::optional<schema::SegmentRow> segment_;   // that one; its record is not known yet
  std::optional<schema::SecretKey> first_key_;  // its first key, which is never on the disk
  std::optional<Step> next_;                    // on the disk, not in use yet

  // Of the transaction that is under way.
  std::optional<schema::LinkRow> sealed_;
  schema::Marks sealed_marks_;
  std::vector<schema::Anchor> sealed_anchors_;

  std::vector<schema::Anchor> anchors_;
};

}  // namespace sockwitness::recorder
