// Resamples a picture as its rows pass by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/codec/codec.h"

namespace tintype::engine {

// Lanczos with three lobes, widened by the factor where a side shrinks; edges are repeated outwards. Works in floating
// point and rounds once, to samples of as many bytes or of more. Every channel by itself, alpha too. Holds as many rows
// as the kernel is high.
class RowResizer {
 public:
  RowResizer(const PictureShape& from, int width, int height);
  RowResizer(const PictureShape& from, int width, int height, int bytes_per_sample_out);

  const PictureShape& shape() const { return to_; }  // of the rows that come out

  // What a resizer holds, beside the rows that it gives out.
  static std::int64_t bytes_max(const PictureShape& from, int width, int height);

  // Takes whole rows, from the top, and appends those to `out` that they complete; the last row in completes the last
  // row out.
  void push(std::span<const std::uint8_t> rows, std::vector<std::uint8_t>& out);

 private:
  // For each sample of one axis, the first it is made of and a weight for each from there on.
  struct Taps {
    int count = 0;               // the same for all: weights are filled up with zeros
    int stride = 0;              // from one sample's weights to the next one's, filled up with zeros too
    std::vector<int> first;      // in the axis, with `count` samples from there on inside it
    std::vector<float> weights;  // [sample][stride]
  };
  static Taps taps_of(int from, int to, int step);  // the stride is a multiple of `step`
  void finish_row(std::vector<std::uint8_t>& out);

  PictureShape from_, to_;
  Taps across_, down_;
  std::vector<std::uint8_t> window_;  // the last down_.count rows that came in, each at its number modulo that
  std::vector<float> blended_;        // samples of one row, resampled downwards
  std::vector<float> channel_row_;    // that row, channel behind channel
  int taken_ = 0;                     // rows in
  int given_ = 0;                     // rows out
};

}  // namespace tintype::engine
