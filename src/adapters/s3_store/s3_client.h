// Signed requests to one bucket, tried again where that may help. Thread-safe; blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/s3_signature/signer.h"
#include "adapters/s3_store/curl_pool.h"
#include "adapters/s3_store/s3_options.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"

namespace tintype::s3 {

// A part of an open file.
struct FileRange {
  int descriptor = -1;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
};

// Members are initialised for those who name a few of them: the compiler would ask for all.
// NOLINTBEGIN(readability-redundant-member-init)
struct Request {
  std::string_view method;
  std::string_view key = {};  // empty: the bucket itself
  std::vector<Parameter> parameters = {};
  std::vector<Header> headers = {};
  // What is sent: a file's range when there is one, else these bytes. `md5` are its 16, so that the store refuses what
  // was damaged on its way.
  std::string_view bytes = {};
  FileRange file = {};
  std::string_view md5 = {};
  std::span<char> into = {};              // where the body of a success goes; else it is in the answer
  std::chrono::seconds stall_timeout{0};  // zero: that of the options
  bool once = false;                      // true: no second attempt; the caller knows better what a failure means
};
// NOLINTEND(readability-redundant-member-init)

struct Answer {
  int status = 0;
  std::string body;          // unless it went into the request's span
  std::size_t received = 0;  // bytes that did
  std::string etag;          // with quotes; empty when there was none
  std::string media_type;
  std::string content_range;
  std::string last_modified;  // an HTTP date
  std::string date;           // the same: when it was answered
  std::int64_t content_length = -1;
  std::string error_code;  // S3's, e.g. "NoSuchUpload"; empty when the body names none
  std::string error_message;
  int attempts = 1;

  bool ok() const { return status >= 200 && status < 300 && error_code.empty(); }
};

class Client {
 public:
  // Both outlive it.
  Client(S3Options options, const Clock& clock, Random& random);

  const S3Options& options() const { return options_; }

  // The store's answer, whatever it is. After a failed connection or an answer that means "not now" (500, 502, 503,
  // 504, 429, OperationAborted, RequestTimeout) it asks again, with growing pauses: a request may then have been done
  // before. kOverloaded when no answer came.
  Result<Answer> perform(const Request& request);
  // Blocks for as long as comes before the attempt after this one, from 1.
  void pause(int attempt);

  // A URL of the public endpoint.
  std::string presign(std::string_view method, std::string_view key, std::vector<Parameter> parameters,
                      std::vector<Header> headers, UnixMs begins_ms, std::int64_t expires_seconds) const;

 private:
  Result<Answer> perform_once(const Request& request, std::string& cause);

  S3Options options_;
  const Clock& clock_;
  Random& random_;
  Signer signer_;
  CurlPool pool_;
};

// Whether the same request may be answered otherwise later.
bool means_not_now(const Answer& answer);

// What was asked for is not there, in a bucket that is. (A HEAD cannot tell a bucket that is missing.)
bool means_missing(const Answer& answer);

// The error that an answer stands for: kNotFound, kConflict for a condition that did not hold, kOverloaded for "not
// now", else kInternal with what the store said.
std::unexpected<Error> failure_of(const Request& request, const Answer& answer);

}  // namespace tintype::s3
