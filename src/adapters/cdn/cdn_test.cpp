#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "adapters/cdn/cloudfront_urls.h"
#include "adapters/cdn/hmac_urls.h"
#include "base/bytes.h"

namespace tintype {
namespace {

constexpr UnixMs kNow = 1'700'000'000'000;
constexpr const char* kKey = "variants/img_1/large-abc.webp";

TEST(HmacUrls, TheOriginKnowsWhatTheCdnWasGiven) {
  const HmacUrls urls("https://cdn.example.com", {"key"});
  const std::string url = urls.object_url(kKey, {kNow + 300'000, "Kätzchen.webp"});
  ASSERT_TRUE(
      url.starts_with("https://cdn.example.com/cdn/variants/img_1/large-abc.webp?download=K%C3%A4tzchen.webp&"));
  const auto grant = urls.verify(url.substr(url.find("/cdn/")), kNow);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->key, kKey);
  EXPECT_EQ(grant->delivery.download_name, "Kätzchen.webp");
  EXPECT_EQ(grant->delivery.expires_at_ms, kNow + 300'000);
}

TEST(HmacUrls, AreForbiddenWhenTamperedWithOrOver) {
  const HmacUrls urls("https://cdn.example.com", {"key"});
  const std::string url = urls.object_url(kKey, {kNow + 300'000, {}});
  const std::string target = url.substr(url.find("/cdn/"));
  EXPECT_EQ(urls.verify(target, kNow + 300'000).error().code, ErrorCode::kForbidden);
  EXPECT_FALSE(urls.verify(target + "&download=x", kNow));
  EXPECT_FALSE(urls.verify("/renditions" + target.substr(4), kNow));
  EXPECT_FALSE(HmacUrls("https://cdn.example.com", {"other"}).verify(target, kNow));
  EXPECT_TRUE(HmacUrls("https://cdn.example.com", {"new", "key"}).verify(target, kNow));
}

struct RsaKey {
  RsaKey() : key(EVP_RSA_gen(2'048)) {}
  ~RsaKey() { EVP_PKEY_free(key); }
  std::string pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio, &text);
    const std::string copied(text, static_cast<std::size_t>(length));
    BIO_free(bio);
    return copied;
  }
  bool verifies(std::string_view text, std::string_view signature) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha1(), nullptr, key);
    const int verified =
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return verified == 1;
  }
  EVP_PKEY* key;
};

std::string parameter(const std::string& url, const std::string& name) {
  const std::size_t begin = url.find(name + "=") + name.size() + 1;
  return url.substr(begin, url.find('&', begin) - begin);
}

std::string signature_in(const std::string& url) {
  std::string base64 = parameter(url, "Signature");
  std::ranges::replace(base64, '-', '+');
  std::ranges::replace(base64, '_', '=');
  std::ranges::replace(base64, '~', '/');
  return base64_decode(base64).value_or("");
}

// The example of the developer guide.
TEST(CloudfrontUrls, TheCannedPolicyIsTheDocumentedText) {
  EXPECT_EQ(
      canned_policy("https://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes", 1'767'290'400),
      "{\"Statement\":[{\"Resource\":\"https://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes\","
      "\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1767290400}}}]}");
}

TEST(CloudfrontUrls, ThePublicKeyVerifiesTheSignature) {
  const RsaKey key;
  const auto urls = CloudfrontUrls::create({"https://d111.cloudfront.net", "K2JCJMDEHXQW5F", key.pem()});
  ASSERT_TRUE(urls);
  const std::string url = (*urls)->object_url(kKey, {kNow + 300'000, {}});
  const std::string resource = "https://d111.cloudfront.net/" + std::string(kKey);
  ASSERT_TRUE(url.starts_with(resource + "?Expires=1700000300&Signature="));
  EXPECT_EQ(parameter(url, "Key-Pair-Id"), "K2JCJMDEHXQW5F");
  EXPECT_TRUE(key.verifies(canned_policy(resource, 1'700'000'300), signature_in(url)));
  EXPECT_FALSE(key.verifies(canned_policy(resource, 1'700'000'301), signature_in(url)));
  EXPECT_EQ(url.find_first_of("+=/", url.find("Signature=") + 10), url.find("=K2JCJMDEHXQW5F"));
}

TEST(CloudfrontUrls, ADownloadsNameIsPartOfTheResource) {
  const RsaKey key;
  const auto urls = CloudfrontUrls::create({"https://d111.cloudfront.net", "K1", key.pem()});
  ASSERT_TRUE(urls);
  const std::string url = (*urls)->object_url(kKey, {kNow + 300'000, "Kätzchen.webp"});
  const std::string resource = url.substr(0, url.find("&Expires="));
  EXPECT_TRUE(
      resource.ends_with("?response-content-disposition=attachment%3B%20filename%3D%22K__tzchen.webp%22%3B%20"
                         "filename%2A%3DUTF-8%27%27K%25C3%25A4tzchen.webp"))
      << resource;
  EXPECT_TRUE(key.verifies(canned_policy(resource, 1'700'000'300), signature_in(url)));
}

TEST(CloudfrontUrls, OneThingHasOneUrlUntilItExpires) {
  const RsaKey key;
  const auto urls = CloudfrontUrls::create({"https://d111.cloudfront.net", "K1", key.pem()});
  ASSERT_TRUE(urls);
  const std::string first = (*urls)->object_url(kKey, {kNow, {}});
  EXPECT_EQ((*urls)->object_url(kKey, {kNow, {}}), first);
  EXPECT_NE((*urls)->object_url(kKey, {kNow + 60'000, {}}), first);
  EXPECT_NE((*urls)->object_url(kKey, {kNow, "a.webp"}), first);
}

TEST(CloudfrontUrls, WhatIsNoRsaKeyIsRefused) {
  EXPECT_FALSE(CloudfrontUrls::create({"https://d111.cloudfront.net", "K1", "no key"}));
  EXPECT_FALSE(CloudfrontUrls::create({"https://d111.cloudfront.net", "K1", ""}));
}

}  // namespace
}  // namespace tintype
