// A real TLS server for tests (`openssl s_server`) with a certificate of its own that nobody has signed.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/test_folder.h"

namespace tintype::test {

class TlsServer {
 public:
  // Answers requests for /file with `answer`, which is a whole HTTP answer.
  TlsServer(const std::string& name, const char* ipv4, const std::string& answer) {
    std::ofstream(folder_ / "file") << answer;
    const std::string folder = static_cast<const std::filesystem::path&>(folder_).string();
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + name +
        " -addext subjectAltName=DNS:" + name + " -keyout " + folder + "/key.pem -out " + folder +
        "/cert.pem >/dev/null 2>&1";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl makes no certificate");
    start(folder, ipv4);
  }
  ~TlsServer() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::fclose(output_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  std::filesystem::path certificate() const { return folder_ / "cert.pem"; }

 private:
  void start(const std::string& folder, const char* ipv4) {
    int output[2];
    if (::pipe(output) != 0) throw std::runtime_error("pipe");
    const std::string place = std::string(ipv4) + ":0";
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(output[1], STDOUT_FILENO);
      ::dup2(output[1], STDERR_FILENO);
      ::close(output[0]);
      ::close(output[1]);
      if (::chdir(folder.c_str()) != 0) ::_exit(127);
      ::execlp("openssl", "openssl", "s_server", "-accept", place.c_str(), "-cert", "cert.pem", "-key", "key.pem",
               "-HTTP", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(output[1]);
    std::FILE* lines = ::fdopen(output[0], "r");
    char line[256];
    while (port_ == 0 && std::fgets(line, sizeof line, lines) != nullptr) {
      const std::string text = line;
      if (text.starts_with("ACCEPT ")) port_ = std::atoi(text.substr(text.rfind(':') + 1).c_str());
    }
    // Left open: what else it says must not be what ends it.
    output_ = lines;
    if (port_ == 0) throw std::runtime_error("openssl s_server does not start");
  }

  TestFolder folder_;
  pid_t process_ = -1;
  int port_ = 0;
  std::FILE* output_ = nullptr;
};

}  // namespace tintype::test
