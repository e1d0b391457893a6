#include "engine/operation/gate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json_text.h"
#include "ports/image_engine.h"

namespace tintype::engine {

namespace {

constexpr int kCellsMax = 64;  // a side
constexpr int kCellPx = 8;     // of the input, a side, at least
// How much closer to the input than the input is to itself moved by a pixel, in dB. What removes all noise is 3 dB
// closer; of a cell hardly anything of what changes from pixel to pixel is left.
constexpr double kPixelsCloserDb = 2;
constexpr double kCellsCloserDb = 5;
constexpr double kPsnrOfFewMinDb = 12;  // in a picture of a few pixels the edges weigh much
constexpr int kFewPixels = 64;
constexpr float kVaried = 8.0F / 255;    // an input is not constant
constexpr float kConstant = 0.5F / 255;  // a result is
// A seam is a step of more than this, of 1, and so many times larger than the steps beside it.
constexpr double kSeamMin = 0.015;
constexpr double kSeamOfNeighboursMax = 3;
constexpr double kSeamOfInputMax = 1.5;  // networks sharpen edges
constexpr int kNeighbours = 4;           // to either side

std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

float white_of(const PictureShape& shape) {
  return shape.bytes_per_sample == 1 ? 255.0F : 65535.0F;
}

std::uint32_t sample_at(const PictureShape& shape, const std::uint8_t* row, std::size_t index) {
  if (shape.bytes_per_sample == 1) return row[index];
  std::uint16_t sample = 0;
  std::memcpy(&sample, row + index * sizeof sample, sizeof sample);
  return sample;
}

double decibels(double mean_square) {
  return mean_square > 0 ? -10 * std::log10(mean_square) : std::numeric_limits<double>::infinity();
}

// The sum over the pixels from x up to, but not with, end, of a picture of one byte or two.
template <class Sample>
double sum_of(const PictureShape& shape, const std::uint8_t* row, int x, int end) {
  const int colours = shape.channels <= 2 ? 1 : 3;
  std::uint64_t sum = 0;
  const auto sample = [&](int at) {
    Sample value = 0;
    std::memcpy(&value, row + static_cast<std::size_t>(at) * sizeof value, sizeof value);
    return std::uint64_t{value};
  };
  if (shape.channels == colours) {
    for (int at = x * colours; at < end * colours; ++at) sum += sample(at);
  } else {
    for (; x < end; ++x) {
      for (int channel = 0; channel < colours; ++channel) sum += sample(x * shape.channels + channel);
    }
  }
  return static_cast<double>(sum) / (static_cast<double>(std::numeric_limits<Sample>::max()) * colours);
}

double brightness_of(const PictureShape& shape, const std::uint8_t* row, int x, int end) {
  return shape.bytes_per_sample == 1 ? sum_of<std::uint8_t>(shape, row, x, end)
                                     : sum_of<std::uint16_t>(shape, row, x, end);
}

// The larger the more a column differs from the one to its left.
double step_at(const PictureShape& shape, const std::uint8_t* row, int column) {
  return std::abs(brightness_of(shape, row, column, column + 1) - brightness_of(shape, row, column - 1, column));
}

}  // namespace

Agreement::Agreement(const PictureShape& input, const PictureShape& result)
    : input_(input),
      result_(result),
      scale_(result.width / input.width),
      columns_(std::clamp(input.width / kCellPx, 1, kCellsMax)),
      cell_rows_(std::clamp(input.height / kCellPx, 1, kCellsMax)),
      sums_(at(input.width) * at(input.channels)),
      above_(sums_.size()),
      cells_(at(columns_) * at(cell_rows_) * at(input.channels)),
      cell_counts_(at(columns_) * at(cell_rows_)) {}

std::int64_t Agreement::bytes_max(const PictureShape& input, int rows_ahead) {
  const std::int64_t row = std::int64_t{input.width} * input.channels * std::int64_t{sizeof(float)};
  return static_cast<std::int64_t>(input.row_bytes()) * (std::min(rows_ahead, input.height) + 1) + 3 * row +
         std::int64_t{kCellsMax} * kCellsMax * (4 * std::int64_t{sizeof(double)} + std::int64_t{sizeof(int)});
}

void Agreement::Range::add(float value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

void Agreement::add_input(std::span<const std::uint8_t> rows) {
  for (; !rows.empty(); rows = rows.subspan(input_.row_bytes())) {
    const auto row = rows.first(input_.row_bytes());
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(row.begin(), row.end());
  }
}

void Agreement::add_result(std::span<const std::uint8_t> rows) {
  const std::size_t channels = at(input_.channels);
  for (; !rows.empty(); rows = rows.subspan(result_.row_bytes())) {
    std::size_t from = 0;
    for (std::size_t pixel = 0; pixel < sums_.size(); pixel += channels) {
      for (int copy = 0; copy < scale_; ++copy) {
        for (std::size_t channel = 0; channel < channels; ++channel) {
          sums_[pixel + channel] += sample_at(result_, rows.data(), from++);
        }
      }
    }
    if (++result_rows_ % scale_ == 0) compare();
  }
}

// A row of the input with what was made of it.
void Agreement::compare() {
  std::vector<std::uint8_t> samples;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;  // which check() finds
    samples = std::move(waiting_.front());
    waiting_.pop_front();
  }
  const float input_factor = 1 / white_of(input_);
  std::vector<float> row(sums_.size());
  for (std::size_t index = 0; index < row.size(); ++index) {
    row[index] = static_cast<float>(sample_at(input_, samples.data(), index)) * input_factor;
  }
  const std::size_t channels = at(input_.channels);
  const bool has_alpha = input_.has_alpha();
  const float factor = 1 / (white_of(result_) * static_cast<float>(scale_ * scale_));
  const std::int64_t first_cell = std::int64_t{compared_} * cell_rows_ / input_.height * columns_;
  for (int x = 0; x < input_.width; ++x) {
    const std::int64_t cell = first_cell + std::int64_t{x} * columns_ / input_.width;
    ++cell_counts_[at(cell)];
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const std::size_t index = at(x) * channels + channel;
      const float value = row[index], made = static_cast<float>(sums_[index]) * factor;
      const double difference = double{made} - value;
      difference_ += difference * difference;
      cells_[at(cell) * channels + channel] += difference;
      const double down = compared_ > 0 ? double{value} - above_[index] : 0.0;
      const double across = x > 0 ? double{value} - row[index - channels] : 0.0;
      change_ += down * down + across * across;
      changes_ += (compared_ > 0 ? 1 : 0) + (x > 0 ? 1 : 0);
      if (has_alpha && channel + 1 == channels) continue;
      input_range_.add(value);
      result_range_.add(made);
    }
  }
  above_ = std::move(row);
  std::ranges::fill(sums_, 0U);
  ++compared_;
}

Result<void> Agreement::check(double psnr_min_db) const {
  if (compared_ != input_.height) return fail_internal("RESULT_REJECTED: rows are missing");
  if (input_range_.high - input_range_.low > kVaried && result_range_.high - result_range_.low < kConstant) {
    return fail_internal("RESULT_REJECTED: it is constant");
  }
  const std::int64_t pixels = std::int64_t{input_.width} * input_.height;
  const double own = decibels(change_ / static_cast<double>(std::max<std::int64_t>(1, changes_)));
  const double floor = pixels < kFewPixels ? std::min(kPsnrOfFewMinDb, psnr_min_db) : psnr_min_db;
  double squares = 0;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    const double mean = cells_[cell] / std::max(1, cell_counts_[cell / at(input_.channels)]);
    squares += mean * mean;
  }
  const double of_pixels = fidelity_db();
  const double of_cells = decibels(squares / static_cast<double>(cells_.size()));
  if (of_pixels >= std::min(floor, own + kPixelsCloserDb) && of_cells >= std::min(floor, own + kCellsCloserDb))
    return {};
  return fail_internal("RESULT_REJECTED: it is another picture than the input, " + std::to_string(of_pixels) +
                       " dB by pixels, " + std::to_string(of_cells) + " by cells, " + std::to_string(own) +
                       " is its own change");
}

double Agreement::fidelity_db() const {
  return decibels(difference_ / (static_cast<double>(input_.width) * input_.height * input_.channels));
}

Result<std::string> fidelity_details(double fidelity_db, int least_db) {
  constexpr double kSteps = 100;  // a dB
  const double said = std::floor(std::min<double>(fidelity_db, kFidelityMaxDb) * kSteps) / kSteps;
  if (said >= least_db) return JsonText{{"fidelity", said}}.text();
  std::string number;
  JsonText::append(number, said);
  return fail(
      ErrorCode::kInvalidInput,
      "The result agrees with the picture to " + number + " dB, and " + std::to_string(least_db) + " were asked for",
      "Please ask for less, or for less denoising", std::string(kFidelityTooLow));
}

SeamCheck::SeamCheck(const PictureShape& input, const PictureShape& result, const std::vector<int>& cuts)
    : input_(input), result_(result), scale_(result.width / input.width) {
  for (const int column : cuts) {
    if (column > kNeighbours && column + kNeighbours < result.width)
      cuts_.push_back({column, column / scale_, 0, 0, 0, 0});
  }
}

void SeamCheck::add_input(std::span<const std::uint8_t> rows) {
  for (; !rows.empty(); rows = rows.subspan(input_.row_bytes()), ++input_rows_) {
    for (Cut& cut : cuts_) {
      double most = 0;
      for (int column = cut.input_column - 1; column <= cut.input_column + 1; ++column) {
        if (column > 0 && column < input_.width) most = std::max(most, step_at(input_, rows.data(), column));
      }
      cut.in_input += most;
    }
  }
}

void SeamCheck::add_result(std::span<const std::uint8_t> rows) {
  for (; !rows.empty(); rows = rows.subspan(result_.row_bytes()), ++result_rows_) {
    for (Cut& cut : cuts_) {
      cut.across += step_at(result_, rows.data(), cut.column);
      cut.beside += mean_step(rows.data(), cut.column, 1);
      cut.in_step += mean_step(rows.data(), cut.column, scale_);
    }
  }
}

// Of the columns to both sides, `apart` from one another.
double SeamCheck::mean_step(const std::uint8_t* row, int column, int apart) const {
  double sum = 0;
  int count = 0;
  for (int away = -kNeighbours; away <= kNeighbours; ++away) {
    const int beside = column + away * apart;
    if (away == 0 || beside < 1 || beside >= result_.width) continue;
    sum += step_at(result_, row, beside);
    ++count;
  }
  return count > 0 ? sum / count : 0.0;
}

Result<void> SeamCheck::check() const {
  for (const Cut& cut : cuts_) {
    const auto rows = static_cast<double>(std::max<std::int64_t>(1, result_rows_));
    const double in_input = cut.in_input / static_cast<double>(std::max<std::int64_t>(1, input_rows_));
    const double excess = cut.across / rows - kSeamOfInputMax * in_input;
    if (excess > kSeamMin && cut.across > kSeamOfNeighboursMax * std::max(cut.beside, cut.in_step)) {
      return fail_internal("RESULT_REJECTED: there is a seam at column " + std::to_string(cut.column));
    }
  }
  return {};
}

}  // namespace tintype::engine
