// Whatever comes, the parser neither crashes nor reads differently for being fed in other pieces.
// The input's first byte is the length of a piece, the rest is the body behind the boundary "b".
#include <cstdlib>
#include <vector>

#include "http/multipart.h"

namespace {

using namespace tintype;
using namespace tintype::http;

class Recorder final : public PartSink {
 public:
  Result<void> begin_part(PartHeader header) override {
    if (open) std::abort();
    open = true;
    parts.push_back(header.name + "\n" + header.file_name.value_or("-") + "\n" + header.media_type + "\n");
    return {};
  }
  Result<void> part_bytes(std::string_view bytes) override {
    if (!open || bytes.empty()) std::abort();
    parts.back().append(bytes);
    return {};
  }
  Result<void> end_part() override {
    if (!open) std::abort();
    open = false;
    return {};
  }
  std::vector<std::string> parts;
  bool open = false;
};

bool parse(std::string_view body, std::size_t piece, Recorder& recorder) {
  MultipartParser parser("b", recorder);
  while (!body.empty()) {
    if (!parser.feed(body.substr(0, piece))) return false;
    body.remove_prefix(std::min(piece, body.size()));
  }
  return parser.finish().has_value() && !recorder.open;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)multipart_boundary(body);
  (void)multipart_boundary("multipart/form-data; " + std::string(body));
  Recorder whole, pieces;
  const bool whole_is_good = parse(body, body.size() + 1, whole);
  const bool pieces_are_good = parse(body, data[0] % 64 + 1U, pieces);
  // A bound on a header's length may be met earlier or later in pieces, so only what is taken has to agree.
  if (whole_is_good && pieces_are_good && whole.parts != pieces.parts) std::abort();
  if (whole_is_good != pieces_are_good && body.size() < 256) std::abort();
  return 0;
}
