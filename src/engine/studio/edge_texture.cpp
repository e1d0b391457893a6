#include "engine/studio/edge_texture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/smooth_fill.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

// Parts of the shorter side.
constexpr float kDepthPart = 0.35F;   // so deep texture is looked for
constexpr float kAroundPart = 0.1F;   // along the edge: within so much it is said what is usual
constexpr float kBusyPart = 0.02F;    // what differs from what is so near is busy
constexpr float kSmoothPart = 0.03F;  // what is larger is tone, what is smaller texture
constexpr float kBlurPart = 0.08F;    // along the edge: so smooth tones are that do not differ from row to row
constexpr float kNearPart = 0.03F;    // along the edge: within so much it is said whether they do
constexpr float kSpreadPart = 0.15F;  // along the edge: so far tiles are from at first
constexpr float kUnevenPart = 0.08F, kUneven = 0.6F;  // of how far that is, which places so far apart differ by
constexpr float kRowPart = 0.006F;                    // along the edge: of what is thinner a row says nothing
constexpr float kRimPart = 0.008F;                    // so near what does not go on there is no texture

constexpr float kFade = 3;       // so many times farther outwards than the mirror image its tone is seen
constexpr int kSmallSide = 128;  // of fields that are seen small, where the shorter side is so long
constexpr float kUnlike = 50, kVeryUnlike = 130;  // levels
// How much of what is seen of a row has to go on for its tone to be trusted, and to be followed from row to row.
constexpr float kToneShare = 0.12F, kRowShareMin = 0.25F, kRowShare = 0.65F;
// What rows have to differ by, in variances of what they do within themselves and of noise.
constexpr float kRowsDiffer = 0.35F, kRowsDifferMuch = 1, kVarianceMin = 30;
// Of the texture: how strong what is calm in it is, and how many times stronger the rest may be.
constexpr float kCalm = 0.35F, kOverCalm = 3.5F, kOverUsual = 1.5F, kLevel = 1, kStrong = 0.35F;
constexpr float kBusyMin = 4;  // levels
constexpr int kCandidates = 48;
constexpr float kUnknownCost = 300, kAwayCost = 3, kStrengthCost = 4, kAnyCost = 8;  // in levels
constexpr float kKnownMin = 0.9F;

using Colour = std::array<float, 3>;

// How far a colour, in levels, is unlike what is usual there, 0 to 1.
float unusual_share(const Colour& colour, const Colour& usual) {
  float unlike = 0;
  for (std::size_t at = 0; at < colour.size(); ++at) unlike = std::max(unlike, std::abs(usual[at] - colour[at]));
  return smooth_step(kUnlike, kVeryUnlike, unlike);
}

float strength_of(const Colour& detail) {
  return std::max({std::abs(detail[0]), std::abs(detail[1]), std::abs(detail[2])});
}

// Blurred by itself as far as it counts.
Field weighted_blur(const Field& values, const Field& weights, float sigma) {
  Field sums = values;
  for (std::size_t at = 0; at < sums.values.size(); ++at) sums.values[at] *= weights.values[at];
  sums = gaussian_blur(sums, sigma);
  const Field counts = gaussian_blur(weights, sigma);
  for (std::size_t at = 0; at < sums.values.size(); ++at) sums.values[at] /= std::max(counts.values[at], 1e-4F);
  return sums;
}

float quantile(std::vector<float>& values, float share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<float>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

// The quantile of `value` among all rows near each that go on; where there are none it is as beside.
template <class Value>
Field usual_of_rows(const Field& known, int reach, float share, Value value) {
  Field usual(1, known.height), is_said(1, known.height);
  std::vector<float> values;
  for (int row = 0; row < known.height; ++row) {
    values.clear();
    for (int y = std::max(0, row - reach); y < std::min(known.height, row + reach + 1); ++y) {
      for (int x = 0; x < known.width; ++x) {
        if (known.at(x, y) > 0.5F) values.push_back(value(x, y));
      }
    }
    if (values.size() < 16) continue;
    usual.at(0, row) = quantile(values, share), is_said.at(0, row) = 1;
  }
  return smoothly_filled(usual, is_said);
}

}  // namespace

EdgeTexture::EdgeTexture(const Raster& canvas, const CanvasSide& side, const KnownAt& known, const Look& look)
    : canvas_(canvas), side_(side), look_(look), rows_(look.end - look.begin) {
  deep_ = std::clamp(static_cast<int>(kDepthPart * look.side), 1, side.depth());
  step_ = std::max(1, static_cast<int>(look.side) / kSmallSide);
  tile_side_ = std::max(4, static_cast<int>(look.tile_part * look.side));
  known_ = Field((side.depth() + step_ - 1) / step_, (rows_ + step_ - 1) / step_);
  for (int y = 0; y < known_.height; ++y) {
    for (int x = 0; x < known_.width; ++x) known_.at(x, y) = known(look.begin + y * step_, -1 - x * step_);
  }
  find_busy();
  find_tone(known);
  find_texture();
  lay_tiles();
}

Colour EdgeTexture::seen(int row, int deep) const {
  const int along = look_.begin + row, outwards = -1 - deep;
  const std::uint8_t* pixel = canvas_.at(side_.x(along, outwards), side_.y(along, outwards));
  return {static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
}

// How much places differ from what is beside them in their row, in levels.
void EdgeTexture::find_busy() {
  busy_ = Field(known_.width, known_.height);
  const int reach = std::max(1, static_cast<int>(kBusyPart * look_.side / static_cast<float>(step_)));
  std::vector<float> values;
  for (int y = 0; y < busy_.height; ++y) {
    for (int x = 0; x < busy_.width; ++x) {
      Colour sum{}, squares{};
      float count = 1e-3F;
      for (int beside = std::max(0, x - reach); beside < std::min(busy_.width, x + reach + 1); ++beside) {
        if (known_.at(beside, y) <= 0) continue;
        const Colour own = seen(y * step_, beside * step_);
        for (std::size_t channel = 0; channel < own.size(); ++channel) {
          sum[channel] += own[channel], squares[channel] += own[channel] * own[channel];
        }
        ++count;
      }
      float variance = 0;
      for (std::size_t channel = 0; channel < sum.size(); ++channel) {
        variance += (squares[channel] - sum[channel] * sum[channel] / count) / count / 3;
      }
      busy_.at(x, y) = std::sqrt(std::max(0.0F, variance));
      if (known_.at(x, y) > 0.5F) values.push_back(busy_.at(x, y));
    }
  }
  usually_busy_ = std::max(kBusyMin, values.empty() ? 0 : quantile(values, 0.5F));
}

// How much a place counts for the tone.
float EdgeTexture::calm(int x, int y) const {
  const float busy = busy_.at(x, y) / usually_busy_;
  return 1 / (1 + busy * busy * busy * busy);
}

void EdgeTexture::find_tone(const KnownAt& known) {
  // What is unlike most around it is left out: it stands before what goes on.
  std::array<Field, 3> usual;
  for (std::size_t channel = 0; channel < usual.size(); ++channel) {
    usual[channel] =
        usual_of_rows(known_, std::max(1, static_cast<int>(kAroundPart * look_.side / static_cast<float>(step_))), 0.5F,
                      [&](int x, int y) { return seen(y * step_, x * step_)[channel]; });
  }
  Levels sums;
  sums.fill(Field(1, rows_));
  Field squares(1, rows_), weights(1, rows_), shares(1, rows_);
  const int stride = std::max(1, step_ / 3);
  float whole = 0;
  for (int deep = 0; deep < side_.depth(); deep += stride) {
    const float weight = std::exp(-static_cast<float>(deep) / (look_.tone_part * look_.side));
    whole += weight;
    for (int row = 0; row < rows_; ++row) {
      const float goes_on = known(look_.begin + row, -1 - deep);
      if (goes_on <= 0) continue;
      const Colour own = seen(row, deep);
      Colour most{};
      for (std::size_t channel = 0; channel < own.size(); ++channel) {
        most[channel] = sample(usual[channel], 0, static_cast<float>(row) / static_cast<float>(step_));
      }
      const float share = weight * goes_on * (1 - unusual_share(own, most)) * calm(deep / step_, row / step_);
      weights.at(0, row) += share, shares.at(0, row) += weight * goes_on;
      for (std::size_t channel = 0; channel < own.size(); ++channel) {
        sums[channel].at(0, row) += share * own[channel], squares.at(0, row) += share * own[channel] * own[channel];
      }
    }
  }
  Field trust(1, rows_), within(1, rows_), between(1, rows_), row_share(1, rows_);
  Levels blurred;
  for (int row = 0; row < rows_; ++row) {
    const float weight = std::max(weights.at(0, row), 1e-6F);
    within.at(0, row) = squares.at(0, row) / weight;
    for (Field& sum : sums) {
      float& mean = sum.at(0, row);
      mean /= weight, within.at(0, row) -= mean * mean;
    }
    row_share.at(0, row) = shares.at(0, row) / whole;
    trust.at(0, row) = std::min(1.0F, weights.at(0, row) / whole / kToneShare);
  }
  for (std::size_t channel = 0; channel < sums.size(); ++channel) {
    Field counts = trust;
    for (float& count : counts.values) count += 1e-3F;
    blurred[channel] = weighted_blur(smoothly_filled(sums[channel], trust), counts, kBlurPart * look_.side);
    sums[channel] = gaussian_blur(smoothly_filled(sums[channel], trust), kRowPart * look_.side);
    for (int row = 0; row < rows_; ++row) {
      const float step = sums[channel].at(0, row) - blurred[channel].at(0, row);
      between.at(0, row) += step * step;
    }
  }
  const float near = kNearPart * look_.side;
  within = weighted_blur(within, trust, near), between = weighted_blur(between, trust, near);
  row_share = gaussian_blur(row_share, near);
  tone_ = blurred;
  for (int row = 0; row < rows_; ++row) {
    const float ratio = between.at(0, row) / (within.at(0, row) + kVarianceMin);
    const float followed =
        smooth_step(kRowsDiffer, kRowsDifferMuch, ratio) * smooth_step(kRowShareMin, kRowShare, row_share.at(0, row));
    for (std::size_t channel = 0; channel < tone_.size(); ++channel) {
      float& tone = tone_[channel].at(0, row);
      tone = std::lerp(tone, sums[channel].at(0, row), followed);
    }
  }
}

void EdgeTexture::find_texture() {
  const float small = 1 / static_cast<float>(step_);
  Field goes_on((deep_ + step_ - 1) / step_, known_.height);
  for (int y = 0; y < goes_on.height; ++y) std::copy_n(known_.row(y), goes_on.width, goes_on.row(y));
  known_ = goes_on;
  smooth_.fill(Field(known_.width, known_.height));
  for (int y = 0; y < known_.height; ++y) {
    for (int x = 0; x < known_.width; ++x) {
      int count = 0;
      Colour sum{};
      for (int row = y * step_; row < std::min(rows_, (y + 1) * step_); ++row) {
        for (int deep = x * step_; deep < std::min(deep_, (x + 1) * step_); ++deep, ++count) {
          const Colour own = seen(row, deep);
          for (std::size_t channel = 0; channel < own.size(); ++channel) {
            sum[channel] += own[channel] - tone_[channel].at(0, row);
          }
        }
      }
      for (std::size_t channel = 0; channel < sum.size(); ++channel) {
        smooth_[channel].at(x, y) = sum[channel] / static_cast<float>(count);
      }
    }
  }
  for (int y = 0; y < goes_on.height; ++y) {
    for (int x = 0; x < goes_on.width; ++x) goes_on.at(x, y) *= calm(x, y) + 1e-3F;
  }
  for (Field& field : smooth_) field = weighted_blur(field, goes_on, kSmoothPart * look_.side * small);
  strength_ = Field(known_.width, known_.height);
  for (int y = 0; y < known_.height; ++y) {
    for (int x = 0; x < known_.width; ++x) strength_.at(x, y) = strength_of(detail(y * step_, x * step_));
  }
  limit_ = usual_of_rows(known_, std::max(1, static_cast<int>(kAroundPart * look_.side * small)), kCalm,
                         [&](int x, int y) { return strength_.at(x, y); });
  limit_ = gaussian_blur(limit_, kNearPart * look_.side * small);
  std::vector<float> limits = limit_.values;
  const float most = kOverUsual * quantile(limits, kCalm);
  for (float& limit : limit_.values) limit = kOverCalm * std::min(limit, most) + kLevel;
  known_ = gaussian_blur(known_, std::max(0.5F, kRimPart * look_.side * small));
  for (float& share : known_.values) share = smooth_step(0.75F, 1, share);
}

float EdgeTexture::in_small(const Field& field, int row, int deep) const {
  const float small = 1 / static_cast<float>(step_);
  return sample(field, (static_cast<float>(deep) + 0.5F) * small - 0.5F,
                (static_cast<float>(row) + 0.5F) * small - 0.5F);
}

Colour EdgeTexture::smooth(int row, int deep) const {
  return {in_small(smooth_[0], row, deep), in_small(smooth_[1], row, deep), in_small(smooth_[2], row, deep)};
}

Colour EdgeTexture::detail(int row, int deep) const {
  const Colour own = seen(row, deep), over = smooth(row, deep);
  return {own[0] - tone_[0].at(0, row) - over[0], own[1] - tone_[1].at(0, row) - over[1],
          own[2] - tone_[2].at(0, row) - over[2]};
}

void EdgeTexture::lay_tiles() {
  tiles_across_ = (side_.growth() + tile_side_ - 1) / tile_side_ + 1;
  tiles_down_ = (rows_ + tile_side_ - 1) / tile_side_ + 2;
  for (int down = 0; down < tiles_down_; ++down) {
    for (int across = 0; across < tiles_across_; ++across) tiles_.push_back(tile(across, down));
  }
}

// Of twice the side, around that corner of the grid.
TextureTile EdgeTexture::tile(int across, int down) const {
  const int sides = 2 * tile_side_, first = (down - 1) * tile_side_ - shift(across);
  TextureTile best;
  float least = std::numeric_limits<float>::max();
  const float limit =
      sample(limit_, 0, static_cast<float>(std::clamp(first + tile_side_, 0, rows_ - 1)) / static_cast<float>(step_));
  for (int at = 0; at < kCandidates; ++at) {
    const auto random = [&](int which) { return cell_share(across * 4 + which, down * kCandidates + at, look_.seed); };
    const bool is_near = at < kCandidates / 2;
    const float spread = is_near ? kSpreadPart * look_.side : static_cast<float>(rows_);
    TextureTile own;
    own.along = std::clamp(first + static_cast<int>((2 * random(0) - 1) * spread), 0, std::max(0, rows_ - sides));
    own.deep = static_cast<int>(random(1) * static_cast<float>(std::max(0, deep_ - sides)));
    const bool is_mirrored = random(2) < 0.5F;
    own.is_turned_inwards = !side_.is_column() || is_mirrored, own.is_turned_along = !side_.is_column() && is_mirrored;
    float goes_on = 0, unlike = 0, strength = 0, count = 0;
    for (int y = 0; y < sides; y += std::max(step_, tile_side_ / 8)) {
      const int row = std::min(own.along + y, rows_ - 1), to = std::clamp(first + y, 0, rows_ - 1);
      for (const Field& tone : tone_) unlike += std::abs(tone.at(0, row) - tone.at(0, to)) / 3;
      float sum = 0, columns = 0, most = 0;
      for (int x = 0; x < sides; x += std::max(step_, tile_side_ / 8), ++columns) {
        const int column = std::min((own.deep + x) / step_, known_.width - 1);
        sum += known_.at(column, row / step_);
        most += strength_.at(column, row / step_) * strength_.at(column, row / step_);
      }
      goes_on += sum / columns, strength += most / columns, ++count;
    }
    own.is_there = goes_on > kKnownMin * count;
    const float cost = unlike / count + kStrengthCost * std::max(0.0F, std::sqrt(strength / count) - kStrong * limit) +
                       kUnknownCost * (1 - goes_on / count) +
                       kAwayCost * std::abs(static_cast<float>(own.along - first)) / look_.side + kAnyCost * random(3);
    if (cost < least) least = cost, best = own;
  }
  return best;
}

Colour EdgeTexture::at(int along, int outwards) const {
  const int row = std::clamp(along - look_.begin, 0, rows_ - 1);
  // Nowhere along the edge as far as beside, so that this ends in no line either.
  const float scale_of_places = 1 / (kUnevenPart * look_.side);
  const float uneven = gradient_noise(
      {static_cast<float>(along) * scale_of_places, static_cast<float>(outwards) * scale_of_places}, look_.seed);
  const float away = static_cast<float>(outwards) / look_.side * (1 + kUneven * uneven);
  const float mirrored = 1 - smooth_step(0, look_.mirror_part, away);
  const float toned = 1 - smooth_step(0, kFade * look_.mirror_part, away);
  Colour sum{}, colour{tone_[0].at(0, row), tone_[1].at(0, row), tone_[2].at(0, row)};
  float squares = 0;
  const auto shown = [&](int from_row, int deep) { return in_small(known_, from_row, deep); };
  const int inwards = std::min(outwards, deep_ - 1);
  if (toned > 0) {
    const Colour over = smooth(row, inwards);
    for (std::size_t channel = 0; channel < sum.size(); ++channel) colour[channel] += toned * over[channel];
  }
  if (mirrored > 0) {
    const Colour own = detail(row, inwards);
    const float share = mirrored * shown(row, inwards);
    for (std::size_t channel = 0; channel < sum.size(); ++channel) sum[channel] += share * own[channel];
    squares += share * share;
  }
  if (mirrored < 1) {
    for (int corner = 0; corner < 4; ++corner) {
      const int across = outwards / tile_side_ + corner % 2;
      const int down = (row + shift(across)) / tile_side_ + corner / 2;
      const TextureTile& tile = tiles_[static_cast<std::size_t>(down) * static_cast<std::size_t>(tiles_across_) +
                                       static_cast<std::size_t>(across)];
      if (!tile.is_there) continue;
      const int x = outwards - (across - 1) * tile_side_, y = row + shift(across) - (down - 1) * tile_side_;
      const auto near = [&](int of) {
        return 1 - std::abs(static_cast<float>(of) + 0.5F - static_cast<float>(tile_side_)) /
                       static_cast<float>(tile_side_);
      };
      const int last = 2 * tile_side_ - 1;
      const int from_row = std::min(tile.along + (tile.is_turned_along ? last - y : y), rows_ - 1);
      const int deep = std::min(tile.deep + (tile.is_turned_inwards ? last - x : x), deep_ - 1);
      const float part = near(x) * near(y);
      const float share = (1 - mirrored) * part * std::sqrt(part) * shown(from_row, deep);
      if (share <= 0) continue;
      const Colour own = detail(from_row, deep);
      const float strength = strength_of(own);
      const float most = std::min(sample(limit_, 0, static_cast<float>(from_row) / static_cast<float>(step_)),
                                  sample(limit_, 0, static_cast<float>(row) / static_cast<float>(step_)));
      const float kept = share * std::min(1.0F, most / std::max(strength, 1e-3F));
      for (std::size_t channel = 0; channel < sum.size(); ++channel) sum[channel] += kept * own[channel];
      squares += share * share;
    }
  }
  const float scale = 1 / std::sqrt(std::max(squares, 1e-4F));
  for (std::size_t channel = 0; channel < sum.size(); ++channel) colour[channel] += scale * sum[channel];
  return colour;
}

std::int64_t edge_texture_bytes_max(const Extent& picture, const Extent& canvas) {
  // By rows; of cells seen small in all of the picture and beside the edge, with what they are blurred by; and of
  // tiles.
  constexpr std::int64_t kRowBytes = 40 * sizeof(float), kCellBytes = 4 * sizeof(float);
  constexpr std::int64_t kBesideBytes = 16 * sizeof(float), kTileBytes = 2 * sizeof(TextureTile);
  const int shorter = std::min(picture.width_px, picture.height_px);
  const std::int64_t step = std::max(1, shorter / kSmallSide), beside = static_cast<int>(kDepthPart * shorter) + step;
  const int tile = std::max(4, static_cast<int>(kTilePartMin * shorter));
  const auto bytes = [&](std::int64_t rows, std::int64_t depth, std::int64_t growth) {
    const std::int64_t lines = rows / step + 1;
    return rows * kRowBytes + lines * ((depth / step + 1) * kCellBytes + beside / step * kBesideBytes) +
           (rows / tile + 3) * (growth / tile + 3) * kTileBytes;
  };
  return std::max(bytes(canvas.height_px, picture.width_px, canvas.width_px - picture.width_px),
                  bytes(canvas.width_px, picture.height_px, canvas.height_px - picture.height_px));
}

}  // namespace tintype::engine
