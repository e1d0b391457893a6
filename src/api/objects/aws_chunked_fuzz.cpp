// Whatever comes, and however it is cut, is decoded to the same bytes or refused alike. The first byte is the cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/objects/aws_chunked.h"

namespace {

struct Outcome {
  std::string bytes;
  bool whole = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view coded, std::size_t piece_bytes) {
  using namespace tintype;
  Outcome outcome;
  api::AwsChunked chunked(nullptr);
  const auto take = [&](std::string_view bytes) -> Result<void> {
    outcome.bytes.append(bytes);
    return {};
  };
  Result<void> done;
  for (; done && !coded.empty(); coded.remove_prefix(std::min(piece_bytes, coded.size()))) {
    done = chunked.feed(coded.substr(0, piece_bytes), take);
  }
  outcome.whole = done && chunked.finish();
  if (!outcome.whole) outcome.bytes.clear();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view coded(reinterpret_cast<const char*>(data + 1), size - 1);
  if (decode(coded, data[0] + 1U) != decode(coded, size)) std::abort();
  return 0;
}
