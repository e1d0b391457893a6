// Downloads by libcurl, resumed by ranges (RFC 9110, section 14).
#pragma once

#include "ports/downloader.h"

namespace tintype {

class CurlDownloader final : public Downloader {
 public:
  CurlDownloader();
  Result<void> download(const Download& download, Progress progress) override;
};

}  // namespace tintype
