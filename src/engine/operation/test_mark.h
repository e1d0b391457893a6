// The word that stands across results of test keys.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/codec/codec.h"

namespace tintype::engine {

// Draws TEST from the lower left to the upper right into the rows of a picture as they pass by: translucent white with
// a dark outline, so that it is seen on light and on dark, and what lies beneath is too. In a picture that is much
// longer than it is wide the word stands several times, one behind the other. Where there is alpha the word has its own
// share of it, so that it is also seen where the picture is not.
class TestMark {
 public:
  explicit TestMark(const PictureShape& picture);

  // Whole rows of the picture, from `first_row` on.
  void draw(int first_row, std::span<std::uint8_t> rows) const;

 private:
  template <class Sample>
  void draw_row(int y, std::uint8_t* row) const;

  PictureShape picture_;
  double cell_width_ = 0, cell_height_ = 0;  // of what one word stands in
  double along_x_ = 0, along_y_ = 0;         // the direction of writing, of length 1
  double unit_px_ = 0;                       // the width of a stroke
};

}  // namespace tintype::engine
