// A real PostgreSQL, for as long as a test program runs.
#pragma once

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/test_folder.h"

namespace tintype::test {

class PostgresServer {
 public:
  static bool is_installed() { return std::filesystem::exists("/usr/lib/postgresql"); }

  PostgresServer() : url_(run("start")) {
    if (url_.empty()) throw std::runtime_error("PostgreSQL does not start");
  }
  ~PostgresServer() { run("stop"); }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  const std::string& url() const { return url_; }
  // Ends every connection, and is back at the same address when it returns.
  void restart() const { run("restart"); }

 private:
  std::string run(const std::string& command) const {
    const std::filesystem::path& folder = folder_;
    const std::string script = std::string(TINTYPE_SOURCE_DIR) + "/tests/servers/postgresql";
    std::FILE* pipe = ::popen((script + " " + command + " " + folder.string() + " </dev/null").c_str(), "r");
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
