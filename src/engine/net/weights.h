// Numbers of a network as they lie in its file, which stays mapped for as long as anybody holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

// A file mapped for reading. Its pages belong to the kernel's cache and cost no memory of ours.
class MappedFile {
 public:
  // kNotFound or kInvalidInput, the file named.
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_;
  std::size_t size_;
};

enum class NumberType : std::uint8_t { kF32, kF16, kBF16 };

std::size_t bytes_of(NumberType type);

// A run of numbers. Copying it copies no number.
class Weights {
 public:
  Weights() = default;
  // Numbers that were computed rather than read.
  explicit Weights(std::vector<float> values);
  // Little-endian numbers inside of what `owner` keeps alive; they need not be aligned.
  Weights(std::shared_ptr<const void> owner, std::string_view bytes, NumberType type);

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // All of them, widened to binary32.
  std::vector<float> values() const;
  // `count` of them from `first` on.
  Weights part(std::size_t first, std::size_t count) const;

 private:
  std::shared_ptr<const void> owner_;
  const char* data_ = nullptr;
  std::size_t count_ = 0;
  NumberType type_ = NumberType::kF32;
};

// IEEE 754 binary16 to binary32.
float widen_half(std::uint16_t half);

}  // namespace tintype::engine
