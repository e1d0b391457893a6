#include "engine/net/weights.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cstring>

namespace tintype::engine {

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  // A pipe that nobody writes to would hold us up.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return fail(ErrorCode::kNotFound, "There is no file " + path.string() + " that can be read");
  struct stat facts = {};
  const bool plain = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0;
  void* data =
      plain ? ::mmap(nullptr, static_cast<std::size_t>(facts.st_size), PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  ::close(file);
  if (data == MAP_FAILED) return fail(ErrorCode::kInvalidInput, path.string() + " is empty or cannot be mapped");
  return std::shared_ptr<const MappedFile>(
      new MappedFile(static_cast<const char*>(data), static_cast<std::size_t>(facts.st_size)));
}

MappedFile::~MappedFile() {
  ::munmap(const_cast<char*>(data_), size_);
}

std::size_t bytes_of(NumberType type) {
  return type == NumberType::kF32 ? 4 : 2;
}

Weights::Weights(std::vector<float> values) : count_(values.size()) {
  auto kept = std::make_shared<const std::vector<float>>(std::move(values));
  data_ = reinterpret_cast<const char*>(kept->data());
  owner_ = std::move(kept);
}

Weights::Weights(std::shared_ptr<const void> owner, std::string_view bytes, NumberType type)
    : owner_(std::move(owner)), data_(bytes.data()), count_(bytes.size() / bytes_of(type)), type_(type) {}

std::vector<float> Weights::values() const {
  std::vector<float> values(count_);
  if (type_ == NumberType::kF32) {
    if (count_ > 0) std::memcpy(values.data(), data_, count_ * sizeof(float));
    return values;
  }
  for (std::size_t at = 0; at < count_; ++at) {
    std::uint16_t narrow = 0;
    std::memcpy(&narrow, data_ + at * sizeof narrow, sizeof narrow);
    values[at] =
        type_ == NumberType::kF16 ? widen_half(narrow) : std::bit_cast<float>(static_cast<std::uint32_t>(narrow) << 16);
  }
  return values;
}

Weights Weights::part(std::size_t first, std::size_t count) const {
  Weights part = *this;
  part.data_ += first * bytes_of(type_);
  part.count_ = count;
  return part;
}

float widen_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  std::uint32_t exponent = (half >> 10) & 31;
  std::uint32_t mantissa = half & 1023;
  std::uint32_t bits = sign;
  if (exponent == 31) {
    bits |= 0x7f800000 | (mantissa << 13);
  } else if (exponent != 0) {
    bits |= ((exponent + 112) << 23) | (mantissa << 13);
  } else if (mantissa != 0) {
    exponent = 113;
    while ((mantissa & 1024) == 0) {
      mantissa <<= 1;
      --exponent;
    }
    bits |= (exponent << 23) | ((mantissa & 1023) << 13);
  }
  return std::bit_cast<float>(bits);
}

}  // namespace tintype::engine
