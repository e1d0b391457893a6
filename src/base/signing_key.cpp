#include "base/signing_key.h"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/openssl_handle.h"

namespace tintype {

namespace {

constexpr std::size_t kPublicKeyBytes = 32, kSignatureBytes = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

struct SigningKey::State {
  OpensslHandle<EVP_PKEY_free> key;
};

SigningKey::SigningKey(std::string_view seed)
    : state_(new State{OpensslHandle<EVP_PKEY_free>(
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
  const OpensslHandle<EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t length = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &length, bytes_of(bytes), bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL does not sign with the Ed25519 key");
  }
  return signature;
}

}  // namespace tintype
