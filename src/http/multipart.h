// Incremental parser of multipart/form-data (RFC 7578 over RFC 2046). It never holds more than one boundary's
// length of a part; what to do with the bytes is the sink's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype::http {

struct PartHeader {
  std::string name;
  std::optional<std::string> file_name;  // by `filename`, or `filename*` (RFC 5987) when it is there
  std::string media_type;
};

class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> begin_part(PartHeader header) = 0;
  virtual Result<void> part_bytes(std::string_view bytes) = 0;
  virtual Result<void> end_part() = 0;
};

bool is_multipart(std::string_view content_type);  // whether it is multipart/form-data, whatever follows

// The boundary of a Content-Type; kInvalidInput when it is no multipart/form-data or has no legal boundary.
Result<std::string> multipart_boundary(std::string_view content_type);

class MultipartParser {
 public:
  MultipartParser(const std::string& boundary, PartSink& sink);
  Result<void> feed(std::string_view bytes);  // any cut of the body
  Result<void> finish();                      // kInvalidInput when the closing boundary never came

 private:
  enum class State { kPreamble, kAfterBoundary, kHeaders, kBodyStart, kBody, kEpilogue };
  State state_ = State::kPreamble;
  std::string delimiter_;  // CRLF "--" boundary
  std::string buffer_;
  PartSink& sink_;
};

}  // namespace tintype::http
