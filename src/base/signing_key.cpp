#include "base/signing_key.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace tintype {

namespace {

constexpr std::size_t kPublicKeyBytes = 32, kSignatureBytes = 64;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

struct SigningKey::State {
  std::unique_ptr<EVP_PKEY, FreeKey> key;
};

SigningKey::SigningKey(std::string_view seed)
    : state_(new State{std::unique_ptr<EVP_PKEY, FreeKey>(
          EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()))}),
      public_key_(kPublicKeyBytes, '\0') {
  std::size_t length = public_key_.size();
  if (!state_->key || EVP_PKEY_get_raw_public_key(state_->key.get(), bytes_of(public_key_), &length) != 1) {
    throw std::runtime_error("OpenSSL makes no Ed25519 key of " + std::to_string(seed.size()) + " bytes");
  }
}

SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

std::string SigningKey::sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t length = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &length, bytes_of(bytes), bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL does not sign with the Ed25519 key");
  }
  return signature;
}

}  // namespace tintype
