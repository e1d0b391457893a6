// The last look at what a network made before anybody pays for it, while its rows pass by.
#pragma once

#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/codec/codec.h"

namespace tintype::engine {

// How far a result agrees with the picture that it was made of, once it is reduced to the size of that again by the
// mean of each pixel's place. Rows of both are added from the top, those of the result not before their own; one thread
// may add input while another adds results.
class Agreement {
 public:
  // The result's sides are the same whole multiple of the input's.
  Agreement(const PictureShape& input, const PictureShape& result);

  // What it holds while the input is so many rows ahead.
  static std::int64_t bytes_max(const PictureShape& input, int rows_ahead);

  void add_input(std::span<const std::uint8_t> rows);
  void add_result(std::span<const std::uint8_t> rows);

  // kInternal when it is another picture: too dark, its channels exchanged, moved by a pixel, constant. The peak
  // signal-to-noise ratio, of pixels and of cells of many pixels, must reach `psnr_min_db`, unless the picture itself
  // changes so much from pixel to pixel that no network could be held to it: noise, patterns of single pixels.
  Result<void> check(double psnr_min_db) const;
  // The ratio of pixels, in dB, once all rows have passed; infinite when there is no difference.
  double fidelity_db() const;

 private:
  struct Range {
    float low = 1;
    float high = 0;
    void add(float value);
  };
  void compare();

  const PictureShape input_;
  const PictureShape result_;
  const int scale_;
  const int columns_;  // of cells
  const int cell_rows_;
  std::mutex mutex_;
  std::deque<std::vector<std::uint8_t>> waiting_;  // rows of the input whose result is to come
  std::vector<std::uint32_t> sums_;                // of the result's samples, by sample of the input
  std::vector<float> above_;                       // the input row before
  std::vector<double> cells_;                      // sums of differences: cell by cell, channel by channel
  std::vector<int> cell_counts_;                   // pixels
  Range input_range_;                              // of colours
  Range result_range_;
  std::int64_t result_rows_ = 0;
  int compared_ = 0;       // rows of the input
  double difference_ = 0;  // sums of squares: from the input,
  double change_ = 0;      // of the input from pixel to pixel
  std::int64_t changes_ = 0;
};

// What is said of it beside a result (JobResult::details), to a hundredth and as kFidelityMaxDb at most; kInvalidInput
// when it is less than was asked for.
Result<std::string> fidelity_details(double fidelity_db, int least_db);

// Looks for seams where a picture was cut from top to bottom: columns that differ from the one to their left by much
// more than their neighbours do, and than the input does there.
class SeamCheck {
 public:
  // Columns of the result, whose sides are the same whole multiple of the input's.
  SeamCheck(const PictureShape& input, const PictureShape& result, const std::vector<int>& cuts);

  void add_input(std::span<const std::uint8_t> rows);
  void add_result(std::span<const std::uint8_t> rows);
  Result<void> check() const;  // kInternal

 private:
  struct Cut {
    int column = 0;
    int input_column = 0;
    double across = 0;  // sums of differences
    double beside = 0;
    double in_step = 0;  // beside as well, where pixels of the input meet as they do at the cut
    double in_input = 0;
  };
  double mean_step(const std::uint8_t* row, int column, int apart) const;

  const PictureShape input_;
  const PictureShape result_;
  const int scale_;
  std::vector<Cut> cuts_;
  std::int64_t input_rows_ = 0;
  std::int64_t result_rows_ = 0;
};

}  // namespace tintype::engine
