// Resamples a picture with or without alpha. With it, colours count by how much of them is seen: what is hidden behind
// full transparency does not shine through at the edges.
#pragma once

#include <optional>

#include "engine/codec/row_resizer.h"

namespace tintype::engine {

class AlphaResizer {
 public:
  AlphaResizer(const PictureShape& from, const Extent& to);

  const PictureShape& shape() const { return to_; }  // of the rows that come out: as they came in, only smaller
  static std::int64_t bytes_max(const PictureShape& from, const Extent& to);

  // As RowResizer::push().
  void push(std::span<const std::uint8_t> rows, std::vector<std::uint8_t>& out);

 private:
  PictureShape from_, to_;
  RowResizer resizer_;  // with alpha, on two-byte samples that it was multiplied into
  std::vector<std::uint8_t> multiplied_, made_;
};

}  // namespace tintype::engine
