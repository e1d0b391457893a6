#include "adapters/outbound_http/curl_downloader.h"

#include <gtest/gtest.h>
#include <fstream>
#include <iterator>
#include <set>

#include "base/bytes.h"
#include "support/one_answer_server.h"
#include "support/test_folder.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;
using test::answer;
using Server = test::OneAnswerServer;

const std::string kBytes = [] {
  std::string bytes;
  for (int at = 0; at < 100'000; ++at) bytes.push_back(static_cast<char>(at % 251));
  return bytes;
}();
constexpr std::size_t kHalf = 40'000;

std::string rest_from(std::size_t begin, const std::string& headers = {}) {
  const std::string range = std::to_string(begin) + "-" + std::to_string(kBytes.size() - 1);
  return answer("206 Partial Content", kBytes.substr(begin),
                "Content-Range: bytes " + range + "/" + std::to_string(kBytes.size()) + "\r\n" + headers);
}

// An answer that says how long it is and ends before.
std::string half(const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(kBytes.size()) +
         "\r\nConnection: close\r\n\r\n" + kBytes.substr(0, kHalf);
}

class CurlDownload : public testing::Test {
 protected:
  CurlDownload() {
    download_.path = folder_ / "net.pth";
    download_.sha256 = hex_encode(sha256(kBytes));
    download_.size_bytes_max = static_cast<std::int64_t>(kBytes.size());
    download_.timeout = std::chrono::minutes(5);
    download_.stall_timeout = std::chrono::minutes(1);
  }

  Result<void> fetch(const std::string& url) {
    download_.url = url;
    CurlDownloader downloader;
    return downloader.download(download_, [&](std::int64_t received, std::optional<std::int64_t> total) {
      received_ = received;
      total_ = total;
    });
  }
  // What an earlier run left.
  void keep(const std::string& bytes, const std::string& etag = {}) {
    std::ofstream(folder_ / "net.pth.part", std::ios::binary) << bytes;
    if (!etag.empty()) std::ofstream(folder_ / "net.pth.etag") << etag << "\n";
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  using Names = std::set<std::string>;
  Names names() const {
    Names names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }

  TestFolder folder_;
  Download download_;
  std::int64_t received_ = 0;
  std::optional<std::int64_t> total_;
};

TEST_F(CurlDownload, AFileArrives) {
  Server server(answer("200 OK", kBytes));
  const auto fetched = fetch(server.url("/net.pth"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(read("net.pth"), kBytes);
  EXPECT_EQ(names(), Names{"net.pth"});
  EXPECT_EQ(received_, static_cast<std::int64_t>(kBytes.size()));
  EXPECT_EQ(total_, received_);
  EXPECT_TRUE(fetch(server.url("/net.pth")));
  EXPECT_EQ(server.requests().size(), 1U) << "what is there is not fetched again";
}

TEST_F(CurlDownload, OnlyTheRestIsAskedFor) {
  keep(kBytes.substr(0, kHalf), "\"v1\"");
  Server server(rest_from(kHalf, "ETag: \"v1\"\r\n"));
  const auto fetched = fetch(server.url());
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(read("net.pth"), kBytes);
  EXPECT_EQ(names(), Names{"net.pth"});
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_NE(server.requests()[0].find("Range: bytes=40000-\r\n"), std::string::npos) << server.requests()[0];
  EXPECT_NE(server.requests()[0].find("If-Range: \"v1\"\r\n"), std::string::npos) << server.requests()[0];
}

TEST_F(CurlDownload, ATagThatIsNoneIsNotSent) {
  for (const char* etag : {"W/\"v1\"", "\"v1\"\r", "v1", "\"a b\""}) {
    keep(kBytes.substr(0, kHalf), etag);
    fs::remove(folder_ / "net.pth");
    Server server(rest_from(kHalf));
    ASSERT_TRUE(fetch(server.url())) << etag;
    EXPECT_EQ(server.requests()[0].find("If-Range"), std::string::npos) << etag;
  }
}

TEST_F(CurlDownload, AServerWithoutRangesSendsAllOfIt) {
  keep(std::string(kHalf, 'x'));
  Server server(answer("200 OK", kBytes));
  ASSERT_TRUE(fetch(server.url()));
  EXPECT_EQ(read("net.pth"), kBytes);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlDownload, WhatIsWholeAlreadyIsOnlyChecked) {
  keep(kBytes);
  Server server(answer("416 Range Not Satisfiable", ""));
  ASSERT_TRUE(fetch(server.url()));
  EXPECT_EQ(read("net.pth"), kBytes);
  fs::remove(folder_ / "net.pth");
  keep(kBytes);
  download_.size_bytes = kBytes.size();
  ASSERT_TRUE(fetch(server.url()));
  EXPECT_EQ(server.requests().size(), 1U) << "of a known length nothing is asked for";
}

TEST_F(CurlDownload, KeptBytesOfAnotherFileAreFetchedAgain) {
  keep(std::string(kBytes.size(), 'x'));
  download_.size_bytes = kBytes.size();
  Server server(answer("200 OK", kBytes));
  ASSERT_TRUE(fetch(server.url()));
  EXPECT_EQ(read("net.pth"), kBytes);
}

TEST_F(CurlDownload, AnotherPartThanAskedForIsRefused) {
  keep(kBytes.substr(0, kHalf));
  Server server(rest_from(kHalf + 1));
  EXPECT_FALSE(fetch(server.url()));
  EXPECT_EQ(names(), Names{});
}

TEST_F(CurlDownload, WhatWasCutOffIsKeptWithItsTag) {
  for (const std::string etag : {"\"v1\"", "W/\"v1\""}) {
    fs::remove(folder_ / "net.pth.part");
    Server server(half("ETag: " + etag + "\r\n"));
    const auto fetched = fetch(server.url());
    ASSERT_FALSE(fetched);
    EXPECT_NE(fetched.error().suggestion.find("40000 bytes"), std::string::npos) << fetched.error().suggestion;
    EXPECT_EQ(read("net.pth.part"), kBytes.substr(0, kHalf));
    EXPECT_EQ(read("net.pth.etag"), etag.starts_with('W') ? "" : etag + "\n");
    EXPECT_EQ(server.requests().size(), 2U) << "asked again at once, and no more when that brings nothing";
  }
}

TEST_F(CurlDownload, AnEndThatIsNotSaidIsOneOnlyAtTheKnownLength) {
  download_.size_bytes = kBytes.size();
  Server server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + kBytes.substr(0, kHalf));
  EXPECT_FALSE(fetch(server.url()));
  EXPECT_EQ(names(), Names{"net.pth.part"});
}

TEST_F(CurlDownload, AWrongDigestIsSaidAndLeavesNothing) {
  download_.sha256 = std::string(64, '0');
  Server server(answer("200 OK", kBytes, "ETag: \"v1\"\r\n"));
  const auto fetched = fetch(server.url());
  ASSERT_FALSE(fetched);
  EXPECT_NE(fetched.error().message.find("net.pth"), std::string::npos);
  EXPECT_NE(fetched.error().message.find(download_.sha256), std::string::npos);
  EXPECT_NE(fetched.error().message.find(hex_encode(sha256(kBytes))), std::string::npos);
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlDownload, NothingLargerThanSaidIsTaken) {
  download_.size_bytes_max = kBytes.size() - 1;
  Server told(answer("200 OK", kBytes));
  EXPECT_EQ(fetch(told.url()).error().code, ErrorCode::kFileTooLarge);
  EXPECT_EQ(received_, 0) << "the length is looked at first";
  Server endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + kBytes);
  EXPECT_EQ(fetch(endless.url()).error().code, ErrorCode::kFileTooLarge);
  EXPECT_LT(received_, static_cast<std::int64_t>(kBytes.size()));
  download_.size_bytes = kBytes.size() + 1;
  EXPECT_EQ(fetch(told.url()).error().code, ErrorCode::kFileTooLarge) << "nor of another size than is known";
  EXPECT_EQ(names(), Names{});
}

TEST_F(CurlDownload, APageInTheFilesPlaceCostsNothing) {
  keep(kBytes.substr(0, kHalf), "\"v1\"");
  download_.size_bytes = kBytes.size();
  Server portal(answer("200 OK", "<html>please sign in</html>"));
  EXPECT_FALSE(fetch(portal.url()));
  Server missing(answer("404 Not Found", kBytes));
  const auto fetched = fetch(missing.url("/net.pth"));
  ASSERT_FALSE(fetched);
  EXPECT_NE(fetched.error().message.find("404"), std::string::npos) << fetched.error().message;
  EXPECT_EQ(read("net.pth.part"), kBytes.substr(0, kHalf));
  Server odd(answer("204 No Content", ""));
  EXPECT_FALSE(fetch(odd.url()));
  EXPECT_EQ(names(), (Names{"net.pth.etag", "net.pth.part"}));
}

TEST_F(CurlDownload, RedirectsAreFollowedSoFarAndOnlyToHttp) {
  Server target(rest_from(kHalf));
  Server server(answer("302 Found", "moved", "ETag: \"of the redirect\"\r\nLocation: " + target.url() + "\r\n"));
  keep(kBytes.substr(0, kHalf));
  ASSERT_TRUE(fetch(server.url()));
  EXPECT_NE(target.requests()[0].find("Range: bytes=40000-\r\n"), std::string::npos);
  fs::remove(folder_ / "net.pth");
  Server circle(answer("302 Found", "", "Location: /again\r\n"));
  EXPECT_FALSE(fetch(circle.url()));
  EXPECT_EQ(circle.requests().size(), 6U);
  Server elsewhere(answer("302 Found", "", "Location: file:///etc/hostname\r\n"));
  EXPECT_FALSE(fetch(elsewhere.url()));
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/", ""}) EXPECT_FALSE(fetch(url)) << url;
  EXPECT_EQ(names(), Names{});
}

TEST_F(CurlDownload, AServerThatStallsIsGivenUp) {
  Server server("");
  download_.stall_timeout = std::chrono::seconds(1);
  const auto stalled = fetch(server.url());
  ASSERT_FALSE(stalled);
  EXPECT_EQ(stalled.error().code, ErrorCode::kDeadlineExceeded);
  download_.stall_timeout = std::chrono::minutes(1);
  download_.timeout = std::chrono::seconds(0);
  EXPECT_FALSE(fetch(server.url())) << "no time at all is not all the time";
  EXPECT_EQ(names(), Names{});
}

TEST_F(CurlDownload, ALinkIsNotWrittenThrough) {
  std::ofstream(folder_ / "elsewhere") << "mine";
  fs::create_symlink("elsewhere", folder_ / "net.pth.part");
  Server server(answer("200 OK", kBytes));
  EXPECT_FALSE(fetch(server.url()));
  EXPECT_EQ(read("elsewhere"), "mine");
}

}  // namespace
}  // namespace tintype
