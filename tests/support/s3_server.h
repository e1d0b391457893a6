// A real store that speaks S3, for as long as a test program runs.
#pragma once

#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>

#include "support/test_folder.h"

namespace tintype::test {

class S3Server {
 public:
  // "ceph" or "swift"; see tests/servers.
  explicit S3Server(std::string name) : name_(std::move(name)) {
    std::istringstream line(run("start"));
    if (!(line >> endpoint >> access_key_id >> secret_access_key)) throw std::runtime_error(name_ + " does not start");
  }
  ~S3Server() { run("stop"); }
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  // Another command of its script; answers what it prints.
  std::string run(const std::string& command) const {
    const std::filesystem::path& folder = folder_;
    const std::string script = std::string(TINTYPE_SOURCE_DIR) + "/tests/servers/" + name_;
    std::FILE* pipe = ::popen((script + " " + command + " " + folder.string() + " </dev/null").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("popen");
    std::string output;
    char piece[256];
    while (std::fgets(piece, sizeof piece, pipe) != nullptr) output += piece;
    ::pclose(pipe);
    return output;
  }

  std::string endpoint;
  std::string access_key_id;
  std::string secret_access_key;

 private:
  std::string name_;
  TestFolder folder_;
};

}  // namespace tintype::test
