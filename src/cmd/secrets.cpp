#include "cmd/secrets.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/log.h"

namespace tintype::cmd {

namespace {

// A secret that is not configured lives in a file of its own, readable by us alone.
Result<std::string> secret(const std::filesystem::path& folder, const char* name, Random& random) {
  const std::filesystem::path path = folder / name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!std::filesystem::exists(path, error)) {
    // Whole or not at all, and the first of two programs that start at once wins: written aside, then linked.
    const std::string aside = path.string() + "." + new_secret(random);
    const int descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const std::string made = new_secret(random) + "\n";
    const bool written = descriptor >= 0 &&
                         ::write(descriptor, made.data(), made.size()) == static_cast<ssize_t>(made.size()) &&
                         ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    const bool linked = written && ::link(aside.c_str(), path.c_str()) == 0;
    const int cause = errno;
    ::unlink(aside.c_str());
    if (!linked && cause != EEXIST) return fail_internal("write " + path.string() + ": " + std::strerror(cause));
    if (linked) log(LogLevel::kInfo, "secret_made", {{"name", name}, {"file", path.string()}});
  }
  std::ifstream stream(path);
  std::string value;
  if (!std::getline(stream, value) || value.empty()) return fail_internal("read " + path.string());
  return value;
}

}  // namespace

Result<void> fill_secrets(Config& config, const std::filesystem::path& folder, Random& random) {
  const std::pair<const char*, std::string*> secrets[] = {{"jwt_secret", &config.auth.jwt_secret},
                                                          {"admin_key", &config.auth.admin_key},
                                                          {"url_key", &config.auth.url_key},
                                                          {"receipt_key", &config.auth.receipt_key}};
  for (const auto& [name, value] : secrets) {
    if (!value->empty()) continue;
    auto made = secret(folder, name, random);
    if (!made) return std::unexpected(made.error());
    *value = std::move(*made);
  }
  return {};
}

}  // namespace tintype::cmd
