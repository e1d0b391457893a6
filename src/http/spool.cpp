#include "http/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace tintype::http {

namespace {

constexpr const char* kPrefix = "body-";
constexpr std::int64_t kSentBytes = 2 << 20;

}  // namespace

Result<std::unique_ptr<SpoolWriter>> SpoolWriter::create(const std::filesystem::path& directory, Random& random) {
  const std::filesystem::path path = directory / new_id(random, kPrefix);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail_internal("create " + path.string() + ": " + std::strerror(errno));
  return std::unique_ptr<SpoolWriter>(new SpoolWriter(descriptor, std::make_shared<SpooledFile>(path)));
}

SpoolWriter::~SpoolWriter() {
  ::close(descriptor_);
}

Result<void> SpoolWriter::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) return fail_internal("write " + file_->path().string() + ": " + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
    written_bytes_ += count;
  }
  if (written_bytes_ - sent_bytes_ >= kSentBytes) {
    ::sync_file_range(descriptor_, sent_bytes_, written_bytes_ - sent_bytes_, SYNC_FILE_RANGE_WRITE);  // a hint
    sent_bytes_ = written_bytes_;
  }
  return {};
}

Result<void> FormSink::begin_part(PartHeader header) {
  if (parts_.size() >= static_cast<std::size_t>(policy_.parts_max)) {
    return fail(ErrorCode::kInvalidInput, "The form has more than " + std::to_string(policy_.parts_max) + " parts",
                "Please send less at once");
  }
  FormPart part;
  part.name = std::move(header.name);
  part.file_name = std::move(header.file_name);
  part.media_type = std::move(header.media_type);
  parts_.push_back(std::move(part));
  if (!parts_.back().file_name) return {};
  auto writer = SpoolWriter::create(directory_, random_);
  if (!writer) return std::unexpected(writer.error());
  writer_ = std::move(*writer);
  parts_.back().file = writer_->file();
  return {};
}

Result<void> FormSink::part_bytes(std::string_view bytes) {
  FormPart& part = parts_.back();
  part.size_bytes += static_cast<std::int64_t>(bytes.size());
  if (!part.file_name) {
    if (part.size_bytes > policy_.field_bytes_max) {
      return fail(ErrorCode::kInvalidInput, "The field '" + part.name.substr(0, 64) + "' is too long");
    }
    part.text.append(bytes);
    return {};
  }
  if (part.too_large) return {};
  if (part.size_bytes > policy_.part_bytes_max) {
    part.too_large = true;
    part.file.reset();
    writer_.reset();
    return {};
  }
  return writer_->append(bytes);
}

Result<void> FormSink::end_part() {
  writer_.reset();
  const FormPart& part = parts_.back();
  if (!part.file_name && !is_valid_utf8(part.text)) {
    return fail(ErrorCode::kInvalidInput, "The field '" + part.name.substr(0, 64) + "' is not valid UTF-8");
  }
  return {};
}

void clear_spool(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix)) std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace tintype::http
