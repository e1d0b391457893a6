// A ZIP archive (PKWARE's APPNOTE) of files that are read while it is sent: nothing of it is kept. libarchive is behind
// it and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace tintype::archive {

// Fills `out` from an offset of a file; fewer bytes only at its end. May block.
using FileReader = std::function<Result<std::size_t>(std::int64_t offset_bytes, std::span<char> out)>;

struct ZipEntry {
  std::string name;  // UTF-8; '/' separates folders
  std::int64_t size_bytes = 0;
  UnixMs modified_at_ms = 0;
  std::function<Result<FileReader>()> open;  // called when its turn comes
};

// Entries are stored as they are, as pictures do not get smaller. One thread at a time.
class ZipStream {
 public:
  explicit ZipStream(std::vector<ZipEntry> entries);
  ZipStream(ZipStream&&) noexcept;
  ZipStream& operator=(ZipStream&&) noexcept;
  ~ZipStream();

  // The next bytes of the archive; 0 at its end. After an error there is no reading on.
  Result<std::size_t> read(std::span<char> out);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tintype::archive
