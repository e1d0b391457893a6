#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "adapters/s3_signature/verify.h"

namespace tintype::s3 {
namespace {

// The examples of the Amazon S3 API Reference, "Signature Calculations for the Authorization Header" and
// "Authenticating Requests: Using Query Parameters".
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr UnixMs kExampleMs = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
constexpr std::string_view kExampleHost = "examplebucket.s3.amazonaws.com";
constexpr std::string_view kEmptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// What another implementation (@smithy/signature-v4 5) made of its own request.
const Credentials kOther{"test:tester", "testing"};
constexpr UnixMs kOtherMs = 1'772'323'199'000;  // 2026-02-28T23:59:59Z
constexpr std::string_view kOtherHost = "127.0.0.1:9000";
constexpr std::string_view kOddPath = "/pictures/a//b/../c d+e~(\xc3\xa4)'!*.jpg";

std::string authorization_of(const Signer::Signed& made) {
  const auto found = std::ranges::find(made.headers, "Authorization", &Header::name);
  return found == made.headers.end() ? "" : found->value;
}

std::string signature_in(const std::string& text) {
  const std::size_t at = text.rfind("Signature=");
  return at == std::string::npos ? text : text.substr(at + 10);
}

std::string signed_example(std::string_view method, std::string_view path, std::vector<Parameter> parameters,
                           std::vector<Header> headers, std::string_view payload) {
  const Signer signer(kExample, "us-east-1");
  return signature_in(authorization_of(
      signer.sign({method, kExampleHost, path, std::move(parameters), std::move(headers)}, payload, kExampleMs)));
}

TEST(S3Signer, MakesTheSignaturesOfTheReference) {
  EXPECT_EQ(signed_example("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, kEmptyDigest),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signed_example("PUT", "/test$file.text", {},
                           {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                           "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(signed_example("GET", "/", {{"lifecycle", ""}}, {}, kEmptyDigest),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signed_example("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, kEmptyDigest),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Signer, MakesThePresignedTargetOfTheReference) {
  const Signer signer(kExample, "us-east-1");
  EXPECT_EQ(signer.presign({"GET", kExampleHost, "/test.txt", {}, {}}, kExampleMs, 86'400),
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(S3Signer, SignsAsAnotherImplementationDoes) {
  const Signer signer(kOther, "eu-central-1");
  const std::string target =
      signer.presign({"PUT",
                      kOtherHost,
                      kOddPath,
                      {{"partNumber", "7"},
                       {"uploadId", "2~Ab+c/=&%"},
                       {"response-content-disposition", "attachment; filename=\"a b.jpg\"; filename*=UTF-8''a%20b.jpg"},
                       {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}},
                      {{"Content-Type", "image/jpeg"}, {"Content-Length", "8388608"}}},
                     kOtherMs, 900);
  EXPECT_TRUE(target.starts_with("/pictures/a//b/../c%20d%2Be~%28%C3%A4%29%27%21%2A.jpg?")) << target;
  EXPECT_EQ(signature_in(target), "7485877111106e55c9ff13958f9f3b5daf5e04c842784e5c9255f5e7224248ef");
  const auto made =
      signer.sign({"POST",
                   kOtherHost,
                   kOddPath,
                   {{"delete", ""}, {"z", "\xc3\xbc"}, {"a", "%2F"}},
                   {{"Content-MD5", "abc=="}, {"x-amz-copy-source", "/b/k%20x"}, {"x-amz-meta-a", "  two   spaces "}}},
                  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", kOtherMs);
  EXPECT_EQ(signature_in(authorization_of(made)), "f661f439d3405dca8ef44b982d968a6607762f79f69a4fbfa25cc33306d9b14f");
}

TEST(S3Signer, KeepsApartTheDaysAroundMidnight) {
  const Signer signer(kOther, "eu-central-1");
  const RequestToSign request{"GET", kOtherHost, "/b/k", {}, {}};
  std::vector<std::string> fresh;
  for (const UnixMs at : {kOtherMs, kOtherMs + 1'000, kOtherMs + 86'400'000}) {
    fresh.push_back(Signer(kOther, "eu-central-1").presign(request, at, 900));
  }
  std::vector<std::thread> threads;
  for (int lane = 0; lane < 4; ++lane) {
    threads.emplace_back([&] {
      for (std::size_t round = 0; round < 300; ++round) {
        const std::size_t which = round % 3;
        const UnixMs at = kOtherMs + (which == 0 ? 0 : which == 1 ? 1'000 : 86'400'000);
        EXPECT_EQ(signer.presign(request, at, 900), fresh[which]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// A request as a server sees it.
struct Seen {
  std::string method = "PUT";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers = {{"Host", std::string(kOtherHost)}};
  std::vector<Credentials> keys = {kExample, kOther};
  UnixMs now_ms = kOtherMs;

  std::expected<Verified, Refusal> verify() const {
    std::vector<HeaderView> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    return s3::verify({method, target, views}, keys, "eu-central-1", now_ms);
  }
  std::string refusal() const {
    const auto verified = verify();
    return verified ? "taken" : refusal_name(verified.error().code);
  }
};

Seen presigned_part() {
  Seen seen;
  seen.target = Signer(kOther, "eu-central-1")
                    .presign({"PUT",
                              kOtherHost,
                              kOddPath,
                              {{"partNumber", "7"}, {"uploadId", "2~Ab+c/=&%"}},
                              {{"content-length", "8388608"}}},
                             kOtherMs, 900);
  seen.headers.emplace_back("Content-Length", "8388608");
  seen.headers.emplace_back("Content-Type", "image/png");
  return seen;
}

Seen header_signed(std::string_view payload, std::vector<Header> headers = {}) {
  Seen seen;
  const auto made =
      Signer(kOther, "eu-central-1").sign({"PUT", kOtherHost, kOddPath, {{"tagging", ""}}, headers}, payload, kOtherMs);
  seen.target = made.target;
  for (const Header& header : headers) seen.headers.emplace_back(header.name, header.value);
  for (const Header& header : made.headers) seen.headers.emplace_back(header.name, header.value);
  return seen;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << text << " has no " << from;
  return text.replace(at, from.size(), to);
}

void set_header(Seen& seen, std::string_view name, const std::string& value) {
  const auto found = std::ranges::find_if(seen.headers, [&](const auto& row) { return row.first == name; });
  ASSERT_NE(found, seen.headers.end());
  found->second = value;
}

TEST(S3Verify, TakesAPresignedTarget) {
  const auto verified = presigned_part().verify();
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_TRUE(verified->presigned);
  EXPECT_EQ(verified->access_key_id, "test:tester");
  EXPECT_EQ(verified->payload, Payload::kUnsigned);
  EXPECT_EQ(verified->expires_at_ms, kOtherMs + 900'000);
  EXPECT_EQ(verified->path, kOddPath);
  EXPECT_EQ(verified->parameters, (std::vector<Parameter>{{"partNumber", "7"}, {"uploadId", "2~Ab+c/=&%"}}));
  EXPECT_EQ(verified->signed_headers, (std::vector<std::string>{"content-length", "host"}));
}

TEST(S3Verify, TakesThePresignedTargetOfTheReference) {
  const std::string target =
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  const std::vector<HeaderView> headers = {{"host", kExampleHost}};
  const std::vector<Credentials> keys = {kExample};
  const UnixMs end_ms = kExampleMs + 86'400'000;
  EXPECT_TRUE(verify({"GET", target, headers}, keys, "us-east-1", end_ms - 1));
  EXPECT_FALSE(verify({"GET", target, headers}, keys, "us-east-1", end_ms));
  EXPECT_FALSE(verify({"HEAD", target, headers}, keys, "us-east-1", kExampleMs));
  EXPECT_FALSE(verify({"GET", target, headers}, keys, "us-west-1", kExampleMs));
}

TEST(S3Verify, ReportsWhatIsSignedOfTheBody) {
  const std::pair<std::string_view, Payload> payloads[] = {
      {"UNSIGNED-PAYLOAD", Payload::kUnsigned},
      {kEmptyDigest, Payload::kSha256},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", Payload::kStreamingUnsignedTrailer},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", Payload::kStreamingSigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", Payload::kStreamingSignedTrailer}};
  for (const auto& [name, payload] : payloads) {
    const auto verified = header_signed(name).verify();
    ASSERT_TRUE(verified) << name << ": " << verified.error().message;
    EXPECT_FALSE(verified->presigned);
    EXPECT_EQ(verified->payload, payload) << name;
    EXPECT_EQ(verified->payload_sha256, payload == Payload::kSha256 ? name : "");
  }
  EXPECT_EQ(header_signed("STREAMING-SOMETHING").refusal(), "InvalidArgument");
  EXPECT_EQ(header_signed(std::string(64, 'g')).refusal(), "InvalidArgument");
}

TEST(S3Verify, TakesTheAuthorizationOfAnotherImplementation) {
  Seen seen;
  seen.method = "POST";
  seen.target = "/pictures/a//b/../c%20d%2Be~%28%C3%A4%29%27%21%2A.jpg?delete=&z=%C3%BC&a=%252F";
  seen.headers = {{"host", "127.0.0.1:9000"},
                  {"content-md5", "abc=="},
                  {"x-amz-copy-source", "/b/k%20x"},
                  {"x-amz-meta-a", "  two   spaces "},
                  {"x-amz-date", "20260228T235959Z"},
                  {"x-amz-content-sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
                  {"authorization",
                   "AWS4-HMAC-SHA256 Credential=test:tester/20260228/eu-central-1/s3/aws4_request, "
                   "SignedHeaders=content-md5;host;x-amz-content-sha256;x-amz-copy-source;x-amz-date;x-amz-meta-a, "
                   "Signature=f661f439d3405dca8ef44b982d968a6607762f79f69a4fbfa25cc33306d9b14f"}};
  EXPECT_EQ(seen.refusal(), "taken");
  // The same path and query, encoded as another client might.
  seen.target = "/pictures/a//b/../c%20d%2be~(%c3%a4)'!*.jpg?a=%252F&delete&z=%c3%bc";
  EXPECT_EQ(seen.refusal(), "taken");
  seen.target = replaced(seen.target, "a//b", "a/b");
  EXPECT_EQ(seen.refusal(), "SignatureDoesNotMatch");
}

TEST(S3Verify, RefusesWhateverWasChanged) {
  const Seen good = presigned_part();
  ASSERT_EQ(good.refusal(), "taken");
  for (std::size_t at = 1; at < good.target.size(); ++at) {
    Seen changed = good;
    changed.target[at] = changed.target[at] == 'A' ? 'B' : 'A';
    // A digit of an escape can be one of either case.
    if (changed.verify() && changed.verify()->parameters == good.verify()->parameters) {
      EXPECT_EQ(changed.verify()->path, good.verify()->path) << changed.target;
      continue;
    }
    EXPECT_NE(changed.refusal(), "taken") << changed.target;
  }
  for (const char* added : {"&x=1", "&versionId=null", "&acl"}) {
    Seen changed = good;
    changed.target += added;
    EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch") << added;
  }
  Seen changed = good;
  changed.method = "GET";
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch");
  changed = good;
  set_header(changed, "Host", "127.0.0.1:9001");
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch");
  changed = good;
  set_header(changed, "Content-Length", "8388609");
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch");
  changed = good;
  std::erase_if(changed.headers, [](const auto& header) { return header.first == "Content-Length"; });
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch");
  changed = good;
  changed.headers.emplace_back("content-length", "8388608");
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch") << "twice is not once";
  changed = good;
  changed.keys[1].secret_access_key = "another";
  EXPECT_EQ(changed.refusal(), "SignatureDoesNotMatch");
  changed = good;
  changed.keys = {kExample};
  EXPECT_EQ(changed.refusal(), "InvalidAccessKeyId");
}

TEST(S3Verify, RefusesATargetThatIsRepeatedOrLacksSomething) {
  const Seen good = presigned_part();
  for (const char* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
                           "X-Amz-Signature"}) {
    Seen changed = good;
    changed.target = replaced(good.target, name, "removed");
    EXPECT_EQ(changed.refusal(), "AuthorizationQueryParametersError") << name;
    changed.target = good.target + "&" + name + "=1";
    EXPECT_EQ(changed.refusal(), "AuthorizationQueryParametersError") << name;
  }
  const std::pair<const char*, const char*> changes[] = {{"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"},
                                                         {"eu-central-1", "eu-central-2"},
                                                         {"%2Fs3%2F", "%2Fsns%2F"},
                                                         {"aws4_request", "aws4_requests"},
                                                         {"%2Faws4_request", ""},
                                                         {"20260228T", "20260230T"},
                                                         {"20260228T235959Z", "20260228235959"},
                                                         {"20260228%2F", "20260227%2F"},
                                                         {"Expires=900", "Expires=604801"},
                                                         {"Expires=900", "Expires=0"},
                                                         {"Expires=900", "Expires=-1"},
                                                         {"Expires=900", "Expires=9e9"},
                                                         {"content-length%3Bhost", "content-length"},
                                                         {"content-length%3Bhost", "host%3Bcontent-length"},
                                                         {"content-length%3Bhost", "host%3Bhost"},
                                                         {"content-length%3Bhost", ""},
                                                         {"length%3Bhost", "Length%3Bhost"}};
  for (const auto& [from, to] : changes) {
    Seen changed = good;
    changed.target = replaced(good.target, from, to);
    EXPECT_EQ(changed.refusal(), "AuthorizationQueryParametersError") << from << " as " << to;
  }
  Seen changed = good;
  changed.target = good.target + "&partNumber=8";
  EXPECT_EQ(changed.refusal(), "InvalidArgument");
  changed.target = replaced(good.target, "partNumber=7", "partNumber=%7");
  EXPECT_EQ(changed.refusal(), "InvalidURI");
  changed.target = good.target + "&X-Amz-Security-Token=x";
  EXPECT_EQ(changed.refusal(), "InvalidToken");
}

TEST(S3Verify, KeepsToTheTime) {
  Seen seen = presigned_part();
  seen.now_ms = kOtherMs + 899'999;
  EXPECT_EQ(seen.refusal(), "taken");
  seen.now_ms = kOtherMs + 900'000;
  EXPECT_EQ(seen.refusal(), "AccessDenied");
  seen.now_ms = kOtherMs - kClockSkewMsMax;
  EXPECT_EQ(seen.refusal(), "taken");
  seen.now_ms -= 1;
  EXPECT_EQ(seen.refusal(), "AccessDenied");
  seen = header_signed(kUnsignedPayload);
  for (const UnixMs skew : {-kClockSkewMsMax, kClockSkewMsMax}) {
    seen.now_ms = kOtherMs + skew;
    EXPECT_EQ(seen.refusal(), "taken");
    seen.now_ms += skew > 0 ? 1 : -1;
    EXPECT_EQ(seen.refusal(), "RequestTimeTooSkewed");
  }
}

TEST(S3Verify, RefusesAnAuthorizationThatIsNone) {
  Seen bare;
  bare.target = "/b/k";
  EXPECT_EQ(bare.refusal(), "AccessDenied");
  const Seen good = header_signed(kEmptyDigest);
  const std::string authorization = good.headers.back().second;
  const auto refusal_of = [&](const std::string& value) {
    Seen changed = good;
    set_header(changed, "Authorization", value);
    return changed.refusal();
  };
  EXPECT_EQ(refusal_of("Bearer x"), "InvalidRequest");
  EXPECT_EQ(refusal_of("AWS key:signature"), "InvalidRequest");
  EXPECT_EQ(refusal_of("AWS4-HMAC-SHA256 nothing"), "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal_of("AWS4-HMAC-SHA256 "), "InvalidRequest") << "a header has no space at its end";
  EXPECT_EQ(refusal_of(replaced(authorization, "SignedHeaders=", "Signed=")), "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal_of(authorization + ",Signature=1"), "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal_of(replaced(authorization, "eu-central-1", "us-east-1")), "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal_of(authorization.substr(0, authorization.size() - 1)), "SignatureDoesNotMatch");
  EXPECT_EQ(refusal_of(replaced(authorization, "test:tester", "nobody")), "InvalidAccessKeyId");
  for (const char* name : {"x-amz-date", "x-amz-content-sha256"}) {
    Seen changed = good;
    std::erase_if(changed.headers, [&](const auto& header) { return header.first == name; });
    EXPECT_EQ(changed.refusal(), std::string_view(name).ends_with("date") ? "AccessDenied" : "InvalidRequest") << name;
  }
  Seen both = presigned_part();
  both.headers.emplace_back("Authorization", authorization);
  EXPECT_EQ(both.refusal(), "InvalidArgument");
}

TEST(S3Verify, WantsHeadersThatChangeTheRequestSigned) {
  for (Seen seen : {presigned_part(), header_signed(kEmptyDigest)}) {
    ASSERT_EQ(seen.refusal(), "taken");
    seen.headers.emplace_back("X-Amz-Acl", "public-read");
    EXPECT_EQ(seen.refusal(), "AccessDenied");
  }
  EXPECT_EQ(header_signed(kEmptyDigest, {{"X-Amz-Acl", "private"}}).refusal(), "taken");
}

}  // namespace
}  // namespace tintype::s3
