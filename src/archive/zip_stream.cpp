#include "archive/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <optional>

namespace tintype::archive {

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr int kFileMode = 0644;

struct FreeArchive {
  void operator()(::archive* writer) const { ::archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(::archive_entry* entry) const { ::archive_entry_free(entry); }
};

}  // namespace

class ZipStream::State {
 public:
  explicit State(std::vector<ZipEntry> entries) : entries_(std::move(entries)), writer_(::archive_write_new()) {}

  Result<std::size_t> read(std::span<char> out) {
    while (taken_ == made_.size() && !is_finished_) {
      made_.clear();
      taken_ = 0;
      if (auto went = step(); !went) return std::unexpected(went.error());
    }
    const std::size_t count = std::min(out.size(), made_.size() - taken_);
    std::copy_n(made_.begin() + static_cast<std::ptrdiff_t>(taken_), count, out.begin());
    taken_ += count;
    return count;
  }

 private:
  // Takes what libarchive has made.
  static la_ssize_t take(::archive*, void* state, const void* bytes, std::size_t count) {
    const auto* begin = static_cast<const char*>(bytes);
    std::vector<char>& made = static_cast<State*>(state)->made_;
    made.insert(made.end(), begin, begin + count);
    return static_cast<la_ssize_t>(count);
  }

  Result<void> hold(int code) {
    if (code >= ARCHIVE_WARN) return {};
    const char* cause = ::archive_error_string(writer_.get());
    return fail_internal(std::string("libarchive: ") + (cause == nullptr ? "no reason given" : cause));
  }

  // A little more of the archive: its beginning, a piece of a file, or its end.
  Result<void> step() {
    if (!is_open_) return open();
    if (reader_) return pass_piece();
    if (next_ < entries_.size()) return begin(entries_[next_++]);
    is_finished_ = true;
    return hold(::archive_write_close(writer_.get()));
  }

  Result<void> open() {
    is_open_ = true;
    for (const int code : {::archive_write_set_format_zip(writer_.get()),
                           ::archive_write_set_options(writer_.get(), "zip:compression=store,zip:hdrcharset=UTF-8"),
                           ::archive_write_set_bytes_per_block(writer_.get(), 0)}) {
      if (auto held = hold(code); !held) return held;
    }
    return hold(::archive_write_open(writer_.get(), this, nullptr, take, nullptr));
  }

  Result<void> begin(const ZipEntry& entry) {
    auto reader = entry.open();
    if (!reader) return std::unexpected(reader.error());
    const std::unique_ptr<::archive_entry, FreeEntry> header(::archive_entry_new());
    ::archive_entry_set_pathname_utf8(header.get(), entry.name.c_str());
    ::archive_entry_set_size(header.get(), entry.size_bytes);
    ::archive_entry_set_filetype(header.get(), AE_IFREG);
    ::archive_entry_set_perm(header.get(), kFileMode);
    ::archive_entry_set_mtime(header.get(), entry.modified_at_ms / 1'000, 0);
    reader_ = std::move(*reader);
    offset_bytes_ = 0;
    left_bytes_ = entry.size_bytes;
    return hold(::archive_write_header(writer_.get(), header.get()));
  }

  Result<void> pass_piece() {
    if (left_bytes_ == 0) {
      reader_ = nullptr;
      return hold(::archive_write_finish_entry(writer_.get()));
    }
    piece_.resize(static_cast<std::size_t>(std::min<std::int64_t>(left_bytes_, kPieceBytes)));
    const auto count = reader_(offset_bytes_, piece_);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return fail_internal("a file of an archive is shorter than it was");
    offset_bytes_ += static_cast<std::int64_t>(*count);
    left_bytes_ -= static_cast<std::int64_t>(*count);
    const la_ssize_t written = ::archive_write_data(writer_.get(), piece_.data(), *count);
    return hold(written < 0 ? static_cast<int>(written) : ARCHIVE_OK);
  }

  const std::vector<ZipEntry> entries_;
  std::vector<char> made_, piece_;
  std::size_t taken_ = 0;
  std::size_t next_ = 0;
  FileReader reader_;  // of the entry that is being written
  std::int64_t offset_bytes_ = 0, left_bytes_ = 0;
  bool is_open_ = false, is_finished_ = false;
  const std::unique_ptr<::archive, FreeArchive> writer_;  // goes first: closing may still call take()
};

ZipStream::ZipStream(std::vector<ZipEntry> entries) : state_(std::make_unique<State>(std::move(entries))) {}
ZipStream::ZipStream(ZipStream&&) noexcept = default;
ZipStream& ZipStream::operator=(ZipStream&&) noexcept = default;
ZipStream::~ZipStream() = default;

Result<std::size_t> ZipStream::read(std::span<char> out) {
  return state_->read(out);
}

}  // namespace tintype::archive
