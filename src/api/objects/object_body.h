// An object or a part on its way to the disk: decoded, checked and written as it comes, in one pass.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "api/objects/aws_chunked.h"
#include "api/objects/body_checks.h"
#include "base/random.h"
#include "base/side_threads.h"
#include "http/spool.h"

namespace tintype::api {

class ObjectBody final : public http::BodySink {
 public:
  // Of an admitted PUT. The file is made in `spool` with the first byte and is removed with this, unless it was taken.
  static S3Result<std::shared_ptr<ObjectBody>> open(const http::Request& request, const Admitted& admitted,
                                                    const std::filesystem::path& spool, Random& random,
                                                    SideThreads& side_threads);

  Result<void> take(std::string_view bytes) override;
  void settle() override { checking_.finish(); }

  struct Whole {
    std::filesystem::path file;  // whoever renames it away has taken it
    std::string md5;             // raw
  };
  // When all has come; call once.
  S3Result<Whole> finish();

 private:
  ObjectBody(BodyChecks checks, std::filesystem::path spool, Random& random, SideThreads& side_threads)
      : checks_(std::move(checks)),
        spool_(std::move(spool)),
        random_(random),
        checking_(side_threads, [this] { checks_.update(being_checked_); }) {}
  Result<void> keep(std::string_view bytes);

  BodyChecks checks_;
  const std::filesystem::path spool_;
  Random& random_;
  std::optional<AwsChunked> chunked_;
  std::optional<std::int64_t> decoded_bytes_;  // as the client says
  std::int64_t kept_bytes_ = 0;
  std::unique_ptr<http::SpoolWriter> writer_;
  // The digests take longer than all the rest: they go on while these bytes are written and the next ones are received.
  std::string_view being_checked_;
  SideThreads::Task checking_;
};

}  // namespace tintype::api
