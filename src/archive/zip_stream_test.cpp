#include "archive/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace tintype::archive {
namespace {

ZipEntry entry(std::string name, std::string bytes) {
  const auto size_bytes = static_cast<std::int64_t>(bytes.size());
  return {std::move(name), size_bytes, 1'700'000'000'000, [bytes]() -> Result<FileReader> {
            return FileReader([bytes](std::int64_t offset, std::span<char> out) -> Result<std::size_t> {
              const std::string_view rest = std::string_view(bytes).substr(static_cast<std::size_t>(offset));
              return rest.copy(out.data(), std::min<std::size_t>(out.size(), 1'000));  // in small bites
            });
          }};
}

Result<std::string> all_of(ZipStream stream, std::size_t piece) {
  std::string all;
  for (std::vector<char> out(piece);;) {
    const auto count = stream.read(out);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return all;
    all.append(out.data(), *count);
  }
}

bool next(::archive* reader, ::archive_entry** header) {
  const int code = ::archive_read_next_header(reader, header);
  return code == ARCHIVE_OK || code == ARCHIVE_WARN;
}

std::map<std::string, std::string> unpacked(const std::string& bytes) {
  std::map<std::string, std::string> files;
  ::archive* reader = ::archive_read_new();
  ::archive_read_support_format_zip(reader);
  EXPECT_EQ(::archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  ::archive_entry* header = nullptr;
  // A warning is that the test's own locale has no such letters.
  while (next(reader, &header)) {
    const char* name = ::archive_entry_pathname_utf8(header);
    std::string& file = files[name == nullptr ? "?" : name];
    char piece[4'096];
    for (la_ssize_t count = 0; (count = ::archive_read_data(reader, piece, sizeof piece)) > 0;) {
      file.append(piece, static_cast<std::size_t>(count));
    }
  }
  ::archive_read_free(reader);
  return files;
}

TEST(ZipStream, HasEveryFileByteByByteWhateverIsReadAtATime) {
  std::string large(300'000, 'x');
  for (std::size_t at = 0; at < large.size(); ++at) large[at] = static_cast<char>(at * 31);
  for (const std::size_t piece : {7UL, 4'096UL, 1'000'000UL}) {
    const auto bytes = all_of(ZipStream({entry("a.txt", "hello"),
                                         entry("Stra\xc3\x9f"
                                               "e.jpg",
                                               large),
                                         entry("empty", "")}),
                              piece);
    ASSERT_TRUE(bytes) << bytes.error().cause;
    const auto files = unpacked(*bytes);
    EXPECT_EQ(files.size(), 3U);
    EXPECT_EQ(files.at("a.txt"), "hello");
    EXPECT_EQ(files.at("empty"), "");
    EXPECT_TRUE(std::ranges::any_of(files, [&](const auto& file) { return file.second == large; }));
    EXPECT_TRUE(
        bytes->contains("Stra\xc3\x9f"
                        "e.jpg"));
  }
}

TEST(ZipStream, OfNothingIsAnArchive) {
  const auto bytes = all_of(ZipStream({}), 100);
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->starts_with("PK\x05\x06"));
}

TEST(ZipStream, WhatCannotBeReadEndsIt) {
  ZipEntry gone = entry("gone", "x");
  gone.open = []() -> Result<FileReader> { return fail(ErrorCode::kNotFound, "gone"); };
  const auto bytes = all_of(ZipStream({entry("a", "a"), gone}), 100);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::kNotFound);
  ZipEntry shorter = entry("short", "x");
  shorter.size_bytes = 2;
  EXPECT_FALSE(all_of(ZipStream({shorter}), 100));
}

}  // namespace
}  // namespace tintype::archive
