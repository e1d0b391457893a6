#include "engine/operation/test_mark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/operation/bicubic.h"

namespace tintype::engine {

namespace {

// The word in units of a stroke's width, made of bars so that no font is needed.
constexpr double kLetterWidth = 4, kLetterHeight = 6.5, kAdvance = 5.4;
constexpr double kWordWidth = 3 * kAdvance + kLetterWidth;
constexpr double kOutline = 0.3;       // in units
constexpr double kOutlineMinPx = 1.0;  // a thinner one is not seen
constexpr double kFilled = 0.85;       // of its cell
constexpr double kWhiteShare = 0.5, kDarkShare = 0.4;
constexpr int kWordsMax = 64;

struct Bar {
  double left, top, right, bottom;
};

constexpr std::array<Bar, 2> kT = {Bar{0, 0, 4, 1}, {1.5, 0, 2.5, 6.5}};
constexpr std::array<Bar, 4> kE = {Bar{0, 0, 1, 6.5}, {0, 0, 4, 1}, {0, 2.75, 3.4, 3.75}, {0, 5.5, 4, 6.5}};
constexpr std::array<Bar, 5> kS = {
    Bar{0, 0, 4, 1}, {0, 0, 1, 3.75}, {0, 2.75, 4, 3.75}, {3, 2.75, 4, 6.5}, {0, 5.5, 4, 6.5}};
constexpr std::array<std::span<const Bar>, 4> kWord = {kT, kE, kS, kT};

// How far outside of the bars a place is; negative inside.
double distance(std::span<const Bar> letter, double x, double y) {
  double nearest = std::numeric_limits<double>::max();
  for (const Bar& bar : letter) {
    const double across = std::max(bar.left - x, x - bar.right), down = std::max(bar.top - y, y - bar.bottom);
    const double outside = std::hypot(std::max(across, 0.0), std::max(down, 0.0));
    nearest = std::min(nearest, outside + std::min(std::max(across, down), 0.0));
  }
  return nearest;
}

// Of a pixel whose middle is so far outside of a shape, the share that lies within.
double covered(double distance_px) {
  return std::clamp(0.5 - distance_px, 0.0, 1.0);
}

// One pixel's share of the word.
struct Ink {
  double white = 0, dark = 0;
  double all() const { return white + dark; }
};

Ink ink_at(double x, double y, double unit_px) {
  const double outline = std::max(kOutline, kOutlineMinPx / unit_px);
  const double reach = outline + 1 / unit_px;
  if (x < -reach || x > kWordWidth + reach || y < -reach || y > kLetterHeight + reach) return {};
  // Letters are further apart than their outlines reach, but for those of a few pixels.
  const double number = std::clamp(std::floor((x + (kAdvance - kLetterWidth) / 2) / kAdvance), 0.0, 3.0);
  const double outside = distance(kWord[static_cast<std::size_t>(number)], x - number * kAdvance, y);
  const double inner = covered(outside * unit_px), outer = covered((outside - outline) * unit_px);
  return {kWhiteShare * inner, kDarkShare * (outer - inner)};
}

}  // namespace

TestMark::TestMark(const PictureShape& picture) : picture_(picture) {
  const double width = picture.width, height = picture.height;
  const double words =
      std::clamp(std::floor(std::max(width, height) / std::min(width, height)), 1.0, static_cast<double>(kWordsMax));
  cell_width_ = width > height ? width / words : width;
  cell_height_ = width > height ? height : height / words;
  const double diagonal = std::hypot(cell_width_, cell_height_);
  along_x_ = cell_width_ / diagonal;
  along_y_ = -cell_height_ / diagonal;
  // The box around the turned word fits into the cell.
  unit_px_ = kFilled * std::min(cell_width_ / (kWordWidth * along_x_ - kLetterHeight * along_y_),
                                cell_height_ / (kLetterHeight * along_x_ - kWordWidth * along_y_));
}

void TestMark::draw(int first_row, std::span<std::uint8_t> rows) const {
  const std::size_t row_bytes = picture_.row_bytes();
  for (std::size_t at = 0; at < rows.size(); at += row_bytes, ++first_row) {
    if (picture_.bytes_per_sample == 1) {
      draw_row<std::uint8_t>(first_row, rows.data() + at);
    } else {
      draw_row<std::uint16_t>(first_row, rows.data() + at);
    }
  }
}

template <class Sample>
void TestMark::draw_row(int y, std::uint8_t* row) const {
  constexpr double kMost = std::numeric_limits<Sample>::max();
  const int channels = picture_.channels, colours = channels <= 2 ? 1 : 3;
  const double down = std::fmod(y + 0.5, cell_height_) - cell_height_ / 2;
  for (int x = 0; x < picture_.width; ++x) {
    const double across = std::fmod(x + 0.5, cell_width_) - cell_width_ / 2;
    const double along = (across * along_x_ + down * along_y_) / unit_px_ + kWordWidth / 2;
    const double below = (down * along_x_ - across * along_y_) / unit_px_ + kLetterHeight / 2;
    const Ink ink = ink_at(along, below, unit_px_);
    if (ink.all() <= 0) continue;
    // Over, with alpha apart from the colours (Porter and Duff 1984).
    double under = 1 - ink.all(), alpha = 1;
    if (picture_.has_alpha()) {
      under *= load_sample<Sample>(row, x, channels, colours) / kMost;
      alpha = ink.all() + under;
      store_sample<Sample>(row, x, channels, colours, static_cast<float>(alpha * kMost));
    }
    for (int colour = 0; colour < colours; ++colour) {
      const double before = load_sample<Sample>(row, x, channels, colour);
      store_sample<Sample>(row, x, channels, colour, static_cast<float>((ink.white * kMost + before * under) / alpha));
    }
  }
}

}  // namespace tintype::engine
