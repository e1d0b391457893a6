// Bodies and parts on their way to disk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/message.h"
#include "http/multipart.h"
#include "http/router.h"

namespace tintype::http {

// A new file in the spool directory that bytes are appended to. Owned by one coroutine at a time.
class SpoolWriter {
 public:
  static Result<std::unique_ptr<SpoolWriter>> create(const std::filesystem::path& directory, Random& random);
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;
  // Every so often what came is sent on its way to the disk, so that a sync at the end has little left to wait for.
  Result<void> append(std::string_view bytes);
  const std::shared_ptr<SpooledFile>& file() const { return file_; }

 private:
  SpoolWriter(int descriptor, std::shared_ptr<SpooledFile> file) : descriptor_(descriptor), file_(std::move(file)) {}
  int descriptor_;
  std::shared_ptr<SpooledFile> file_;
  std::int64_t written_bytes_ = 0;
  std::int64_t sent_bytes_ = 0;
};

// Collects the parts of a form: fields in memory, files in the spool directory.
class FormSink final : public PartSink {
 public:
  FormSink(const BodyPolicy& policy, std::filesystem::path directory, Random& random)
      : policy_(policy), directory_(std::move(directory)), random_(random) {}
  Result<void> begin_part(PartHeader header) override;
  Result<void> part_bytes(std::string_view bytes) override;
  Result<void> end_part() override;
  std::vector<FormPart> take() { return std::move(parts_); }

 private:
  const BodyPolicy& policy_;
  const std::filesystem::path directory_;
  Random& random_;
  std::vector<FormPart> parts_;
  std::unique_ptr<SpoolWriter> writer_;
};

// Removes what a crash left behind.
void clear_spool(const std::filesystem::path& directory);

}  // namespace tintype::http
