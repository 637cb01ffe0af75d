// An answer that is written while it is still being found.
//
// In:    what surrounds the rows, then row after row.
// Out:   bytes on standard output, in pieces.
// Never: all rows in memory.
#pragma once

#include <functional>
#include <string>

#include "query/app/options.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/writers/text_writer.h"

namespace sockwitness::query {

class RowOutput {
 public:
  // Only the form that is asked for is built, each time.
  RowOutput(const GlobalOptions& options,
            const std::function<Document()>& frame,
            const std::function<Page()>& head);

  void add(const std::function<Value()>& row, const std::function<Page()>& lines);
  // `nothing`: the text for people when there was no row.
  void finish(const std::function<Page()>& nothing);
  [[nodiscard]] bool empty() const { return rows_ == 0; }

 private:
  void put(const std::string& text);
  void flush();

  OutputFormat format_;
  TextOptions text_;
  Document frame_;
  std::uint64_t rows_ = 0;
  std::string waiting_;
};

}  // namespace sockwitness::query
