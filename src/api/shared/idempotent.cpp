#include "api/shared/idempotent.h"

#include <fstream>

#include "base/bytes.h"

namespace tintype::api {

namespace {

constexpr std::size_t kKeyLengthMax = 255;

// Every piece with its length before it, so that two different sequences never look alike.
class Fingerprint {
 public:
  void add(std::string_view piece) {
    digest_.update(std::to_string(piece.size()) + ":");
    digest_.update(piece);
  }
  std::string finish() { return hex_encode(digest_.finish()); }

 private:
  Sha256 digest_;
};

std::string digest_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Sha256 digest;
  std::vector<char> piece(256 * 1024);
  while (stream) {
    stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.update({piece.data(), static_cast<std::size_t>(stream.gcount())});
  }
  return digest.finish();
}

std::string fingerprint_of(const http::Request& request) {
  Fingerprint fingerprint;
  fingerprint.add(http::method_name(request.method));
  fingerprint.add(request.path);
  fingerprint.add(request.body);
  for (const http::FormPart& part : request.form) {
    fingerprint.add(part.name);
    fingerprint.add(part.text);
    fingerprint.add(part.file_name.value_or(""));
    fingerprint.add(part.file ? digest_of(part.file->path()) : std::string(part.too_large ? "too large" : ""));
  }
  return fingerprint.finish();
}

}  // namespace

Result<std::optional<app::IdempotencyKey>> idempotency_key(const http::Request& request, std::string_view owner) {
  const auto header = request.headers.find("idempotency-key");
  if (!header) return std::nullopt;
  bool visible = !header->empty() && header->size() <= kKeyLengthMax;
  for (const char c : *header) visible = visible && c > 0x20 && c < 0x7f;
  if (!visible || request.headers.count("idempotency-key") > 1) {
    return fail(ErrorCode::kInvalidInput, "Idempotency-Key must be 1 to 255 visible ASCII characters, once",
                "A random UUID is a good key");
  }
  return app::IdempotencyKey{std::string(owner), std::string(*header), fingerprint_of(request)};
}

}  // namespace tintype::api
