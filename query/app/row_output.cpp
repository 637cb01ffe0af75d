#include "query/app/row_output.h"

#include <unistd.h>

#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "query/terminal/sink.h"

namespace sockwitness::query {

RowOutput::RowOutput(const GlobalOptions& options,
                     const std::function<Document()>& frame,
                     const std::function<Page()>& head)
    : format_(options.format) {
  if (format_ == OutputFormat::Text) {
    const Screen screen = read_screen(STDOUT_FILENO, options.colour);
    text_ = {screen.colour, screen.width, !screen.utf8};
    put(write_text(head(), text_));
    return;
  }
  frame_ = frame();
  if (format_ == OutputFormat::Json) {
    put(json_head(frame_));
  } else if (format_ == OutputFormat::Csv) {
    put(csv_head(frame_));
  }
}

void RowOutput::add(const std::function<Value()>& row, const std::function<Page()>& lines) {
  switch (format_) {
    case OutputFormat::Text:
      put(write_text(lines(), text_));
      break;
    case OutputFormat::Json:
      put(json_row(row(), rows_ == 0));
      break;
    case OutputFormat::JsonLines:
      put(json_line(frame_, row()));
      break;
    case OutputFormat::Csv:
      put(csv_row(frame_, row()));
      break;
  }
  ++rows_;
}

void RowOutput::finish(const std::function<Page()>& nothing) {
  if (format_ == OutputFormat::Json) {
    put(json_tail(frame_, rows_ == 0));
  } else if (format_ == OutputFormat::Text && rows_ == 0) {
    put(write_text(nothing(), text_));
  }
  flush();
}

void RowOutput::put(const std::string& text) {
  constexpr std::size_t kPiece = 1 << 16;
  waiting_ += text;
  if (waiting_.size() >= kPiece) {
    flush();
  }
}

void RowOutput::flush() {
  write_all(STDOUT_FILENO, waiting_);
  waiting_.clear();
}

}  // namespace sockwitness::query
