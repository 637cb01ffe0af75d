#include "schema/disk/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "schema/disk/big_endian.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::schema {
namespace {

constexpr std::uint32_t kLeastSize = 512;
constexpr std::uint32_t kMostSize = 65536;
constexpr std::uint64_t kAround = 8;  // bytes of a record that are not the page

bool is_size(std::uint32_t size, std::uint32_t least) {
  return size >= least && size <= kMostSize && (size & (size - 1)) == 0;
}

class Reader {
 public:
  explicit Reader(const std::string& path)
      : fd_(open_quietly(path.c_str(), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)) {
    struct stat status {};
    if (fd_ >= 0 && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) {
      size_ = static_cast<std::uint64_t>(status.st_size);
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Until the next call; shorter at the end of the file.
  [[nodiscard]] std::string_view read(std::uint64_t at, std::size_t length) {
    if (at < begin_ || at + length > begin_ + window_.size()) {
      constexpr std::size_t kWindow = std::size_t{1} << 18;
      window_.resize(std::max(kWindow, length));
      const ssize_t got =
          size_ == 0 ? 0 : ::pread(fd_, window_.data(), window_.size(), static_cast<off_t>(at));
      window_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      begin_ = at;
    }
    return std::string_view(window_).substr(at - begin_, length);
  }

 private:
  int fd_;
  std::uint64_t size_ = 0;
  std::uint64_t begin_ = 0;
  std::string window_;
};

// What is wrong with the records of one head, which begin there.
std::string find_flaw(Reader& reader, const JournalHead& head, std::uint64_t at) {
  for (std::uint32_t number = 0; number < head.records; ++number) {
    const auto record = reader.read(at, head.page_size + kAround);
    if (record.size() < head.page_size + kAround) {
      return fmt::format("it is cut off: {} records are missing", head.records - number);
    }
    const std::uint32_t page = big_endian(record, 0, 4);
    const std::string_view content = record.substr(4, head.page_size);
    const bool adds_up =
        big_endian(record, 4 + head.page_size, 4) == journal_checksum(head.nonce, content);
    if (page == 0 || page > head.pages || !adds_up) {
      return fmt::format("the record at byte {} does not add up", at);
    }
    at += record.size();
  }
  return {};
}

}  // namespace

std::optional<JournalHead> decode_journal_head(std::string_view bytes) {
  constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  if (bytes.size() < kJournalHeadSize || !bytes.starts_with(kMagic)) {
    return std::nullopt;
  }
  return JournalHead{big_endian(bytes, 8, 4),
                     big_endian(bytes, 12, 4),
                     big_endian(bytes, 16, 4),
                     big_endian(bytes, 20, 4),
                     big_endian(bytes, 24, 4)};
}

std::uint32_t journal_checksum(std::uint32_t nonce, std::string_view page) {
  constexpr std::size_t kStep = 200;
  std::uint32_t sum = nonce;
  for (std::size_t at = page.size(); at > kStep;) {
    at -= kStep;
    sum += static_cast<std::uint8_t>(page[at]);
  }
  return sum;
}

JournalLook look_at_journal(const std::string& path) {
  // Written by a program that does not sync: as many records as there is room for.
  constexpr std::uint32_t kUncounted = 0xffffffff;
  Reader reader(path);
  JournalLook look;
  look.head = decode_journal_head(reader.read(0, kJournalHeadSize));
  std::uint64_t at = 0;
  for (auto head = look.head; head && look.flaw.empty();) {
    if (!is_size(head->sector_size, 32) || !is_size(head->page_size, kLeastSize)) {
      look.flaw = "its head names impossible sizes";
      break;
    }
    at += head->sector_size;
    const std::uint64_t record = head->page_size + kAround;
    if (head->records == kUncounted) {
      head->records =
          static_cast<std::uint32_t>((reader.size() - std::min(at, reader.size())) / record);
    }
    look.flaw = find_flaw(reader, *head, at);
    at += head->records * record;
    at = (at + head->sector_size - 1) / head->sector_size * head->sector_size;
    head = decode_journal_head(reader.read(at, kJournalHeadSize));
  }
  return look;
}

}  // namespace sockwitness::schema
