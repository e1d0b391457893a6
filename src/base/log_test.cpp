#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

namespace tintype {
namespace {

// Takes standard error's place for a while, with a pipe that is read only when asked.
class Capture {
 public:
  Capture() : saved_(::dup(STDERR_FILENO)) {
    flush_log();
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return;
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    reading_ = ends[0];
  }
  ~Capture() {
    restore();
    ::close(reading_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // Everything that was logged until now.
  std::string read_all() {
    std::string text;
    std::thread reader([&] {
      char buffer[4096];
      for (ssize_t count = 0; (count = ::read(reading_, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
      }
    });
    flush_log();
    restore();
    reader.join();
    return text;
  }

 private:
  // Closes the pipe's last writing end, which ends the reading.
  void restore() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    saved_ = -1;
  }

  int saved_;
  int reading_ = -1;
};

// What follows the time, whose length is fixed.
std::string without_time(const std::string& line) {
  const std::string start = "{\"time\":\"2025-12-12T10:30:00.000Z\",";
  return line.size() > start.size() ? line.substr(start.size()) : line;
}

TEST(Log, ALineIsOneObjectWithItsFields) {
  Capture capture;
  log(LogLevel::kInfo, "http.request",
      {{"path", "/a/b"}, {"status", 200}, {"ratio", 0.25}, {"ok", true}, {"token", Redacted{}}});
  EXPECT_EQ(without_time(capture.read_all()),
            "\"level\":\"info\",\"event\":\"http.request\",\"path\":\"/a/b\",\"status\":200,\"ratio\":0.25,"
            "\"ok\":true,\"token\":\"[redacted]\"}\n");
}

TEST(Log, NothingALineHoldsCanBreakIt) {
  Capture capture;
  log(LogLevel::kError, "a\"b",
      {{"lines", "x\r\ny\\"}, {"not_utf8", "\xff\xc3"}, {"utf8", "\xc3\xa4"}, {"nan", std::nan("")}});
  EXPECT_EQ(without_time(capture.read_all()),
            "\"level\":\"error\",\"event\":\"a\\\"b\",\"lines\":\"x\\r\\ny\\\\\","
            "\"not_utf8\":\"\\ufffd\\ufffd\",\"utf8\":\"\xc3\xa4\",\"nan\":null}\n");
}

TEST(Log, LevelsBelowTheAskedOneAreSilent) {
  Capture capture;
  log(LogLevel::kDebug, "quiet");
  set_log_level(LogLevel::kWarning);
  log(LogLevel::kInfo, "quiet too");
  set_log_level(LogLevel::kInfo);
  EXPECT_EQ(capture.read_all(), "");
}

TEST(Log, LinesOfManyThreadsArriveWhole) {
  Capture capture;
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;
  for (int at = 0; at < kThreads; ++at) {
    threads.emplace_back([] {
      for (int line = 0; line < kLines; ++line) log(LogLevel::kInfo, "same");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = capture.read_all();
  int whole = 0;
  for (std::size_t begin = 0; begin < text.size(); ++whole) {
    const std::size_t end = text.find('\n', begin);
    ASSERT_NE(end, std::string::npos);
    ASSERT_EQ(without_time(text.substr(begin, end - begin)), "\"level\":\"info\",\"event\":\"same\"}");
    begin = end + 1;
  }
  EXPECT_EQ(whole, kThreads * kLines);
}

TEST(Log, AStuckReaderHoldsNobodyUpAndTheLossIsCounted) {
  Capture capture;
  constexpr int kLines = 60'000;  // far beyond what may wait and what a pipe holds; nobody reads yet
  for (int line = 0; line < kLines; ++line) log(LogLevel::kInfo, "flood", {{"line", line}});
  const std::string text = capture.read_all();
  EXPECT_NE(text.find("\"event\":\"log_lines_dropped\",\"lines\":"), std::string::npos);
  EXPECT_NE(text.find("\"line\":0}"), std::string::npos);
  // What is told as lost and what was written make up what was logged.
  int told = 0;
  int written = 0;
  const std::string lost = "\"log_lines_dropped\",\"lines\":";
  for (std::size_t at = text.find(lost); at != std::string::npos; at = text.find(lost, at + 1)) {
    told += std::stoi(text.substr(at + lost.size()));
  }
  for (std::size_t at = text.find("\"flood\""); at != std::string::npos; at = text.find("\"flood\"", at + 1)) ++written;
  EXPECT_EQ(told + written, kLines);
}

}  // namespace
}  // namespace tintype
