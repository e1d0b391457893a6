// Nothing that a stranger sends is taken for signed, and what is changed on its way is not either.
// The input is lines: the method, the target, and then a header each. What a known key has signed is made from the
// target's path, and has to be taken.
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/s3_signature/verify.h"

using namespace tintype::s3;

namespace {

const std::vector<Credentials> kKeys = {{"AKIAIOSFODNN7EXAMPLE", "a secret that no input knows"}};
constexpr tintype::UnixMs kNowMs = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
constexpr std::string_view kRegion = "us-east-1";

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view method = next_line(text);
  const std::string_view target = next_line(text);
  std::vector<HeaderView> headers;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.push_back({line.substr(0, colon), line.substr(std::min(colon + 1, line.size()))});
  }
  if (verify({method, target, headers}, kKeys, kRegion, kNowMs)) std::abort();

  const Signer signer(kKeys.front(), std::string(kRegion));
  const std::string path = "/" + std::string(target);
  const std::string ours = signer.presign({method, "host", path, {{"name", path}}, {}}, kNowMs, 60);
  const std::vector<HeaderView> host = {{"Host", "host"}};
  const auto verified = verify({method, ours, host}, kKeys, kRegion, kNowMs);
  if (!verified || verified->path != path || verified->parameters.size() != 1 ||
      verified->parameters.front().value != path) {
    std::abort();
  }
  const std::string other = std::string(method) + "X";
  if (verify({other, ours, host}, kKeys, kRegion, kNowMs)) std::abort();
  return 0;
}
