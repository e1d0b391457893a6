#include "adapters/cdn/cloudfront_urls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "base/bytes.h"
#include "base/content_disposition.h"
#include "base/openssl_handle.h"

namespace tintype {

namespace {

std::string sign_sha1(EVP_PKEY* key, std::string_view text) {
  const OpensslHandle<EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t length = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha1(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1) {
    throw std::runtime_error("OpenSSL does not sign with the CloudFront key");
  }
  signature.resize(length);
  return signature;
}

std::string url_safe(std::string base64) {
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '=', '_');
  std::ranges::replace(base64, '/', '~');
  return base64;
}

// One signature takes a thousand times as long as an HMAC; URLs expire on full minutes and are asked for again.
constexpr std::size_t kKeptMax = 8'192;

}  // namespace

std::string canned_policy(std::string_view resource, std::int64_t expires_at_s) {
  return "{\"Statement\":[{\"Resource\":\"" + std::string(resource) +
         "\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":" + std::to_string(expires_at_s) + "}}}]}";
}

struct CloudfrontUrls::State {
  using Urls = std::unordered_map<std::string, std::string>;  // by resource and expiry

  CloudfrontOptions options;
  OpensslHandle<EVP_PKEY_free> key;
  std::mutex mutex;
  Urls young, old;  // when `young` is full it becomes `old`, and what was old is forgotten
};

CloudfrontUrls::CloudfrontUrls(std::unique_ptr<State> state) : state_(std::move(state)) {}
CloudfrontUrls::~CloudfrontUrls() = default;

Result<std::unique_ptr<CloudfrontUrls>> CloudfrontUrls::create(CloudfrontOptions options) {
  auto state = std::make_unique<State>();
  const OpensslHandle<BIO_free> pem(
      BIO_new_mem_buf(options.private_key.data(), static_cast<int>(options.private_key.size())));
  // Without a callback OpenSSL would ask the terminal for the password of a key that has one.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  state->key.reset(PEM_read_bio_PrivateKey(pem.get(), nullptr, no_password, nullptr));
  if (!state->key || EVP_PKEY_get_base_id(state->key.get()) != EVP_PKEY_RSA) {
    return fail(ErrorCode::kInvalidInput, "The CloudFront key is no RSA private key in PEM without a password",
                "Please name one in delivery.cloudfront_key_file");
  }
  state->options = std::move(options);
  return std::unique_ptr<CloudfrontUrls>(new CloudfrontUrls(std::move(state)));
}

std::string CloudfrontUrls::object_url(std::string_view key, const Delivery& delivery) const {
  std::string resource = state_->options.cdn_url + "/" + std::string(key);
  if (!delivery.download_name.empty()) {
    resource += "?response-content-disposition=" + percent_encode(attachment_named(delivery.download_name));
  }
  const std::int64_t expires_at_s = (delivery.expires_at_ms + 999) / 1'000;
  const std::string name = resource + " " + std::to_string(expires_at_s);
  {
    const std::lock_guard lock(state_->mutex);
    for (const State::Urls* urls : {&state_->young, &state_->old}) {
      if (const auto found = urls->find(name); found != urls->end()) return found->second;
    }
  }
  std::string url = signed_url(resource, expires_at_s);
  const std::lock_guard lock(state_->mutex);
  if (state_->young.size() >= kKeptMax) state_->old = std::exchange(state_->young, {});
  state_->young.emplace(name, url);
  return url;
}

std::string CloudfrontUrls::signed_url(const std::string& resource, std::int64_t expires_at_s) const {
  const std::string signature = sign_sha1(state_->key.get(), canned_policy(resource, expires_at_s));
  const char separator = resource.find('?') == std::string::npos ? '?' : '&';
  return resource + separator + "Expires=" + std::to_string(expires_at_s) +
         "&Signature=" + url_safe(base64_encode(signature)) + "&Key-Pair-Id=" + state_->options.key_pair_id;
}

}  // namespace tintype
