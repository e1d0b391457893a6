// Where a bucket is and how it is spoken to.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype {

enum class S3Addressing {
  kPath,  // https://endpoint/bucket/key
  kHost,  // https://bucket.endpoint/key
};

struct S3Options {
  std::string endpoint;         // scheme and host, with the port where it is not the scheme's; no trailing slash
  std::string public_endpoint;  // what signed URLs begin with; empty: endpoint
  std::string bucket;
  std::string region = "us-east-1";
  std::string access_key_id;
  std::string secret_access_key;
  S3Addressing addressing = S3Addressing::kPath;

  int requests_max = 64;                       // at once; more wait
  int attempts_max = 5;                        // of each request, the first one among them
  std::chrono::milliseconds retry_pause{100};  // before the second attempt; twice as long before each one after it
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::seconds stall_timeout{30};          // without a byte
  std::chrono::seconds assemble_timeout{300};      // the same where the store joins or copies objects
  std::int64_t single_put_bytes_max = 64LL << 20;  // larger files are sent in parts
  std::int64_t part_bytes = 16LL << 20;            // of these; more where kPartsMax of them would not do
  int page_rows_max = 1'000;                       // of a list; S3 gives no more
  std::filesystem::path spool_directory;           // see ObjectStore::spool_directory()
};

// Reads "s3://BUCKET?endpoint=URL&region=NAME&addressing=path|host". Without an endpoint it is Amazon's of the region,
// with the bucket in the host. kInvalidInput says what is wrong.
Result<S3Options> parse_s3_url(std::string_view url);

// "http://host:port" or "https://host" of an endpoint as people write it. kInvalidInput names it.
Result<std::string> parse_endpoint(std::string_view url);

}  // namespace tintype
