// An object's bytes as a file, for whoever reads files: the store's own file where it has one, else a copy.
#pragma once

#include <filesystem>
#include <string>

#include "base/random.h"
#include "ports/object_store.h"

namespace tintype::app {

class LocalCopy {
 public:
  enum class Need {
    kReading,    // nobody changes the object meanwhile
    kOwnership,  // somebody might: always a copy
  };
  // In `folder` when a copy is needed, which goes with this; the system's folder for temporary files when it is empty.
  static Result<LocalCopy> of(ObjectReader& reader, Need need, const std::filesystem::path& folder, Random& random);
  LocalCopy(LocalCopy&& other) noexcept;
  LocalCopy& operator=(LocalCopy&&) = delete;
  ~LocalCopy();

  const std::filesystem::path& path() const { return path_; }
  const std::string& sha256() const { return sha256_; }  // hex

 private:
  LocalCopy() = default;
  std::filesystem::path path_;
  bool owned_ = false;
  std::string sha256_;
};

}  // namespace tintype::app
