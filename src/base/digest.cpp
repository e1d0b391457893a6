#include "base/digest.h"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/crc.h"
#include "base/openssl_handle.h"

namespace tintype {

namespace {

// Fetched once each: OpenSSL 3 otherwise looks the algorithm up at every digest.
const EVP_MD* algorithm_of(DigestKind kind) {
  static const EVP_MD* const md5_algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha1_algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256_algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case DigestKind::kMd5: return md5_algorithm;
    case DigestKind::kSha1: return sha1_algorithm;
    case DigestKind::kSha256: return sha256_algorithm;
    case DigestKind::kCrc32:
    case DigestKind::kCrc32c:
    case DigestKind::kCrc64Nvme: return nullptr;
  }
  return nullptr;
}

bool is_crc(DigestKind kind) {
  return kind == DigestKind::kCrc32 || kind == DigestKind::kCrc32c || kind == DigestKind::kCrc64Nvme;
}

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t at = bytes; at-- > 0; value >>= 8) text[at] = static_cast<char>(value & 255);
  return text;
}

}  // namespace

struct Digest::State {
  explicit State(DigestKind asked) : kind(asked) {
    if (is_crc(kind)) return;
    context.reset(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex2(context.get(), algorithm_of(kind), nullptr) != 1) {
      throw std::runtime_error("a digest is missing");
    }
  }

  DigestKind kind;
  OpensslHandle<EVP_MD_CTX_free> context;  // none for a CRC
  std::uint64_t crc = 0;
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>(kind)) {}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

DigestKind Digest::kind() const {
  return state_->kind;
}

void Digest::update(std::string_view bytes) {
  switch (state_->kind) {
    case DigestKind::kMd5:
    case DigestKind::kSha1:
    case DigestKind::kSha256: EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()); break;
    case DigestKind::kCrc32: state_->crc = crc32(static_cast<std::uint32_t>(state_->crc), bytes); break;
    case DigestKind::kCrc32c: state_->crc = crc32c(static_cast<std::uint32_t>(state_->crc), bytes); break;
    case DigestKind::kCrc64Nvme: state_->crc = crc64_nvme(state_->crc, bytes); break;
  }
}

std::string Digest::finish() {
  if (is_crc(state_->kind)) return big_endian(state_->crc, state_->kind == DigestKind::kCrc64Nvme ? 8 : 4);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), &length);
  digest.resize(length);
  return digest;
}

std::string md5(std::string_view bytes) {
  Digest digest(DigestKind::kMd5);
  digest.update(bytes);
  return digest.finish();
}

}  // namespace tintype
