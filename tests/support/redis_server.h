// A real Redis, for as long as a test program runs.
#pragma once

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/test_folder.h"

namespace tintype::test {

class RedisServer {
 public:
  static bool is_installed() { return std::filesystem::exists("/usr/bin/redis-server"); }

  explicit RedisServer(const std::string& password = {}) : url_(run("start", password)) {
    if (url_.empty()) throw std::runtime_error("Redis does not start");
  }
  ~RedisServer() { run("stop"); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  const std::string& url() const { return url_; }
  void empty() const { run("empty"); }
  void kill() const { run("kill"); }
  void restart() const { run("restart"); }  // at the same address, empty

 private:
  std::string run(const std::string& command, const std::string& more = {}) const {
    const std::filesystem::path& folder = folder_;
    const std::string script = std::string(TINTYPE_SOURCE_DIR) + "/tests/servers/redis";
    std::FILE* pipe =
        ::popen((script + " " + command + " " + folder.string() + " " + more + " </dev/null").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("popen");
    std::string output;
    char piece[256];
    while (std::fgets(piece, sizeof piece, pipe) != nullptr) output += piece;
    ::pclose(pipe);
    while (output.ends_with('\n')) output.pop_back();
    return output;
  }

  TestFolder folder_;
  std::string url_;
};

}  // namespace tintype::test
