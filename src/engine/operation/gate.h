// The last look at a result before anybody pays for it, while its rows pass by.
#pragma once

#include <span>
#include <vector>

#include "engine/codec/codec.h"

namespace tintype::engine {

// A picture reduced to a few cells, so that the picture itself need not be kept. Rows are added from the top.
class Overview {
 public:
  // Up to 16 by 16 cells, none smaller than 16 pixels a side unless the picture is.
  explicit Overview(const PictureShape& shape);
  // With the cells of another picture's.
  Overview(const PictureShape& shape, const Overview& like);

  void add(std::span<const std::uint8_t> rows);
  // Of all colours of each cell, 0 to 1, row by row.
  std::vector<double> averages() const;

 private:
  PictureShape shape_;
  int columns_ = 1;
  int rows_ = 1;
  int seen_ = 0;  // rows of the picture
  std::vector<double> sums_;
  std::vector<std::int64_t> counts_;
};

// kInternal when the result is not the same picture: each cell must be about as bright as in the input, and what was
// drawn in the input must not be gone. A constant picture may stay constant.
Result<void> check_same(const Overview& input, const Overview& result);

// Looks for seams where a picture was cut from top to bottom: columns that differ from the one to their left by much
// more than their neighbours do.
class SeamCheck {
 public:
  SeamCheck(const PictureShape& shape, std::vector<int> cuts);

  void add(std::span<const std::uint8_t> rows);
  Result<void> check() const;  // kInternal

 private:
  struct Cut {
    int column = 0;
    double across = 0;  // sums of differences
    double beside = 0;
  };
  PictureShape shape_;
  std::vector<Cut> cuts_;
  std::int64_t seen_ = 0;  // rows
};

}  // namespace tintype::engine
