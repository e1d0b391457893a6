// What a store has to do for clients that hold its signed links: the half of the port's contract that takes a store
// which answers HTTP. Instantiated where one does.
#pragma once

#include "base/content_disposition.h"
#include "contract/object_store_contract.h"
#include "support/plain_http.h"

namespace tintype {

class ReachableObjectStoreContract : public ObjectStoreContract {
 protected:
  static constexpr std::size_t kPart = static_cast<std::size_t>(kPartBytesMin);
  static constexpr std::int64_t kMinuteMs = 60'000;

  static UnixMs in_minutes(int minutes) { return SystemClock().now_ms() + minutes * kMinuteMs; }

  std::string begin(std::string_view key, std::string_view media_type = "image/png") {
    const auto id = store_->begin_multipart(key, media_type);
    EXPECT_TRUE(id) << id.error().cause;
    return id.value_or("");
  }

  std::string part_url(std::string_view key, std::string_view id, int number, std::size_t size) {
    return store_->signed_part_url(key, id, number, static_cast<std::int64_t>(size), in_minutes(10));
  }

  // Sends a part as a client does; answers its ETag.
  std::string send(std::string_view key, std::string_view id, int number, std::string_view bytes) {
    const auto answer =
        test::http("PUT", part_url(key, id, number, bytes.size()), {{"Content-Type", "image/png"}}, bytes);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.header("etag");
  }

  std::vector<StoredPart> parts_of(std::string_view key, std::string_view id) {
    const auto parts = store_->list_parts(key, id);
    EXPECT_TRUE(parts) << parts.error().cause;
    return parts.value_or(std::vector<StoredPart>());
  }

  ErrorCode refusal_of_completing(std::string_view key, std::string_view id, const std::vector<StoredPart>& parts) {
    const auto info = store_->complete_multipart(key, id, parts);
    EXPECT_FALSE(info);
    return info ? ErrorCode::kInternal : info.error().code;
  }
};

inline std::string changed_in(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << text << " has no " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_P(ReachableObjectStoreContract, JoinsPartsThatCameInAnyOrder) {
  const std::string key = "images/a/original-1.png";
  const std::string bytes = pattern_of(2 * kPart + 1'234);
  const std::string id = begin(key);
  std::vector<StoredPart> sent;
  for (const std::size_t at : {2U, 0U, 1U}) {
    const std::string_view part = std::string_view(bytes).substr(at * kPart, kPart);
    const int number = static_cast<int>(at) + 1;
    sent.push_back({number, send(key, id, number, part), static_cast<std::int64_t>(part.size())});
  }
  std::ranges::sort(sent, {}, &StoredPart::number);
  EXPECT_EQ(parts_of(key, id), sent);
  EXPECT_FALSE(*store_->stat(key)) << "visible before it is whole";
  EXPECT_TRUE(keys_under("").empty());
  const auto info = store_->complete_multipart(key, id, sent);
  ASSERT_TRUE(info) << info.error().message << info.error().cause;
  EXPECT_EQ(info->size_bytes, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(info->media_type, "image/png");
  EXPECT_EQ((*store_->stat(key))->etag, info->etag);
  EXPECT_TRUE(read_all(key) == bytes);
  EXPECT_EQ(keys_under(""), std::set<std::string>{key});
}

TEST_P(ReachableObjectStoreContract, TheLastBytesUnderANumberCount) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  const std::string first = send(key, id, 1, std::string(kPart, 'a'));
  send(key, id, 2, "the end");
  const std::string second = send(key, id, 1, std::string(kPart, 'b'));
  EXPECT_NE(first, second);
  const auto parts = parts_of(key, id);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].etag, second);
  const auto info = store_->complete_multipart(key, id, parts);
  ASSERT_TRUE(info) << info.error().message << info.error().cause;
  EXPECT_TRUE(read_all(key) == std::string(kPart, 'b') + "the end");
}

TEST_P(ReachableObjectStoreContract, ASinglePartMayBeSmall) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  send(key, id, 1, "tiny");
  ASSERT_TRUE(store_->complete_multipart(key, id, parts_of(key, id)));
  EXPECT_EQ(read_all(key), "tiny");
}

TEST_P(ReachableObjectStoreContract, MakesAnObjectOfExactlyTheNamedParts) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  for (const int number : {1, 2, 3}) send(key, id, number, std::string(kPart, static_cast<char>('a' + number)));
  const auto parts = parts_of(key, id);
  ASSERT_EQ(parts.size(), 3U);
  const StoredPart missing{4, parts[0].etag, parts[0].size_bytes};
  const StoredPart other{2, parts[0].etag, parts[0].size_bytes};
  EXPECT_EQ(refusal_of_completing(key, id, {parts[0], missing}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal_of_completing(key, id, {parts[0], other}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal_of_completing(key, id, {parts[1], parts[0]}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal_of_completing(key, id, {parts[0], parts[0]}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal_of_completing(key, id, {}), ErrorCode::kInvalidInput);
  EXPECT_FALSE(*store_->stat(key));
  EXPECT_EQ(parts_of(key, id), parts) << "the upload stays";
  // Not all of them: that is refused, or it is just those.
  std::string whole = std::string(kPart, 'b') + std::string(kPart, 'd');
  auto info = store_->complete_multipart(key, id, std::vector<StoredPart>{parts[0], parts[2]});
  if (!info) {
    EXPECT_EQ(info.error().code, ErrorCode::kInvalidInput);
    info = store_->complete_multipart(key, id, parts);
    whole.insert(kPart, std::string(kPart, 'c'));
  }
  ASSERT_TRUE(info) << info.error().message << info.error().cause;
  EXPECT_TRUE(read_all(key) == whole);
  EXPECT_EQ(refusal_of_completing("images/a/y.png", "an-upload-that-never-was", parts), ErrorCode::kNotFound);
}

TEST_P(ReachableObjectStoreContract, OnlyTheLastPartMayBeSmall) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  send(key, id, 1, "small");
  send(key, id, 2, std::string(kPart, 'b'));
  EXPECT_EQ(refusal_of_completing(key, id, parts_of(key, id)), ErrorCode::kInvalidInput);
  EXPECT_EQ(parts_of(key, id).size(), 2U);
  send(key, id, 1, std::string(kPart, 'a'));
  EXPECT_TRUE(store_->complete_multipart(key, id, parts_of(key, id)));
}

TEST_P(ReachableObjectStoreContract, TakesNoPartOfAnUploadThatWasAborted) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  const std::string etag = send(key, id, 1, "bytes");
  const std::string late = part_url(key, id, 1, 5);
  ASSERT_TRUE(store_->abort_multipart(key, id));
  EXPECT_EQ(test::http("PUT", late, {}, "bytes").status, 404);
  const auto parts = store_->list_parts(key, id);
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal_of_completing(key, id, {{1, etag, 5}}), ErrorCode::kNotFound);
  EXPECT_TRUE(store_->abort_multipart(key, id)) << "none there is no error";
  EXPECT_FALSE(*store_->stat(key));
}

TEST_P(ReachableObjectStoreContract, NoPartChangesAnUploadThatIsComplete) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  send(key, id, 1, "bytes");
  const std::string late = part_url(key, id, 1, 5);
  ASSERT_TRUE(store_->complete_multipart(key, id, parts_of(key, id)));
  const int status = test::http("PUT", late, {}, "other").status;
  // A store that keeps the whole as its parts may take one more, and then has to see that it is another.
  const std::string read = read_all(key);
  EXPECT_TRUE(status == 404 ? read == "bytes" : read.starts_with("failed: ")) << status << ": " << read;
}

TEST_P(ReachableObjectStoreContract, CompletingTwiceIsTheSameOrNotFound) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  send(key, id, 1, "bytes");
  const auto parts = parts_of(key, id);
  const auto first = store_->complete_multipart(key, id, parts);
  ASSERT_TRUE(first);
  const auto second = store_->complete_multipart(key, id, parts);
  if (second) {
    EXPECT_EQ(second->etag, first->etag);
  } else {
    EXPECT_EQ(second.error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(read_all(key), "bytes");
}

TEST_P(ReachableObjectStoreContract, LinksHoldForWhatWasSignedAlone) {
  const std::string key = "images/a/x.png";
  const std::string id = begin(key);
  const std::string other = begin("images/a/y.png");
  const std::string url = part_url(key, id, 1, 5);
  const auto status = [&](const std::string& method, const std::string& changed, std::string_view body = "bytes") {
    return test::http(method, changed, {}, body).status;
  };
  EXPECT_EQ(status("PUT", url, "more bytes"), 403) << "another length than was signed";
  EXPECT_EQ(status("PUT", url, "byte"), 403);
  EXPECT_EQ(status("PUT", changed_in(url, "partNumber=1", "partNumber=2")), 403);
  EXPECT_EQ(status("PUT", changed_in(url, "x.png", "y.png")), 403);
  EXPECT_EQ(status("PUT", changed_in(url, id, other)), 403);
  EXPECT_EQ(status("PUT", changed_in(url, "&uploadId=" + id, "")), 403);
  EXPECT_EQ(status("DELETE", url, ""), 403);
  EXPECT_EQ(status("GET", url, ""), 403);
  const std::size_t digit = url.find("X-Amz-Signature=") + 16;
  std::string forged = url;
  forged[digit] = forged[digit] == '0' ? '1' : '0';
  EXPECT_EQ(status("PUT", forged), 403);
  const std::string ended = store_->signed_part_url(key, id, 1, std::nullopt, in_minutes(-1));
  EXPECT_EQ(status("PUT", ended), 403);
  EXPECT_TRUE(parts_of(key, id).empty()) << "nothing of it was kept";
  EXPECT_EQ(status("PUT", url), 200);
}

TEST_P(ReachableObjectStoreContract, TakesAnObjectByALink) {
  const std::string key = "images/a/staged.png";
  const std::string bytes = pattern_of(300'000);
  const std::string url = store_->signed_put_url(key, 300'000, in_minutes(10));
  EXPECT_EQ(test::http("PUT", url, {}, "short").status, 403);
  EXPECT_EQ(test::http("PUT", store_->signed_put_url(key, std::nullopt, in_minutes(-1)), {}, bytes).status, 403);
  EXPECT_EQ(test::http("GET", url).status, 403);
  EXPECT_FALSE(*store_->stat(key));
  const auto answer = test::http("PUT", url, {{"Content-Type", "image/png"}}, bytes);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ((*store_->stat(key))->etag, answer.header("etag"));
  EXPECT_TRUE(read_all(key) == bytes);
}

TEST_P(ReachableObjectStoreContract, ServesAnObjectByALink) {
  const std::string key = "images/a/x.png";
  const std::string bytes = pattern_of(5'000);
  const auto put = store_->put_bytes(key, bytes, "image/png");
  ASSERT_TRUE(put);
  const std::string url = store_->signed_url(key, {in_minutes(10), {}});
  auto answer = test::http("GET", url);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.body == bytes);
  EXPECT_EQ(answer.header("content-type"), "image/png");
  EXPECT_EQ(answer.header("etag"), put->etag);
  answer = test::http("GET", url, {{"Range", "bytes=100-199"}});
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.body, bytes.substr(100, 100));
  EXPECT_EQ(test::http("GET", url, {{"If-None-Match", put->etag}}).status, 304);
  EXPECT_EQ(test::http("GET", store_->signed_url(key, {in_minutes(-1), {}})).status, 403);
  EXPECT_EQ(test::http("GET", changed_in(url, "x.png", "y.png")).status, 403);
  EXPECT_EQ(test::http("PUT", url, {}, "other").status, 403);
  const std::string gone = store_->signed_url("images/a/none.png", {in_minutes(10), {}});
  EXPECT_EQ(test::http("GET", gone).status, 404);
}

TEST_P(ReachableObjectStoreContract, ALinkCanNameTheDownload) {
  ASSERT_TRUE(store_->put_bytes("images/a/x.png", "bytes", "image/png"));
  const std::string name = "Grüße \"1\" & co; 100%.png";
  const auto answer = test::http("GET", store_->signed_url("images/a/x.png", {in_minutes(10), name}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-disposition"), attachment_named(name));
}

TEST_P(ReachableObjectStoreContract, TheSameLinkIsGivenForTheSameEnd) {
  const UnixMs end_ms = in_minutes(60);
  // A quarter of an hour may end between the two, and does not twice.
  const auto is_same = [&] {
    return store_->signed_url("images/a/x.png", {end_ms, "x.png"}) ==
           store_->signed_url("images/a/x.png", {end_ms, "x.png"});
  };
  EXPECT_TRUE(is_same() || is_same());
}

}  // namespace tintype
