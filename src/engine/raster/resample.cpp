#include "engine/raster/resample.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace tintype::engine {

namespace {

// What of one side's pixels goes into a pixel of the other length: `count` of them from `first` on.
struct Share {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares_of(int from, int to) {
  std::vector<Share> shares(static_cast<std::size_t>(to));
  const double ratio = static_cast<double>(from) / to;
  for (int at = 0; at < to; ++at) {
    Share& share = shares[static_cast<std::size_t>(at)];
    if (from > to) {
      const double begin = at * ratio, end = (at + 1) * ratio;
      share.first = static_cast<int>(begin);
      const int last = std::min(from - 1, static_cast<int>(std::ceil(end)) - 1);
      for (int source = share.first; source <= last; ++source) {
        const double covered = std::min(end, source + 1.0) - std::max(begin, static_cast<double>(source));
        share.weights.push_back(static_cast<float>(covered / ratio));
      }
      continue;
    }
    const double middle = std::clamp((at + 0.5) * ratio - 0.5, 0.0, from - 1.0);
    share.first = static_cast<int>(middle);
    const float behind = static_cast<float>(middle - share.first);
    share.weights.push_back(1 - behind);
    if (share.first + 1 < from) share.weights.push_back(behind);
  }
  return shares;
}

// A picture of `channels` numbers a pixel in other sides: the columns of each row first, then rows into rows. `row_in`
// gives a source row; `row_out` takes a finished one.
template <class RowIn, class RowOut>
void resample(const Extent& from, const Extent& to, int channels, RowIn row_in, RowOut row_out) {
  const auto columns = shares_of(from.width_px, to.width_px);
  const auto rows = shares_of(from.height_px, to.height_px);
  const std::size_t in_size = static_cast<std::size_t>(from.width_px) * channels;
  const std::size_t out_size = static_cast<std::size_t>(to.width_px) * channels;
  std::vector<float> source(in_size), sum(out_size);
  // Narrowed rows of the source are kept while they may be needed: two where it grows.
  std::vector<std::vector<float>> kept(2, std::vector<float>(out_size));
  int kept_rows[2] = {-1, -1};
  const auto narrowed = [&](int y) -> const std::vector<float>& {
    const int slot = y % 2;
    if (kept_rows[slot] == y) return kept[slot];
    kept_rows[slot] = y;
    row_in(y, source.data());
    float* out = kept[slot].data();
    for (int x = 0; x < to.width_px; ++x) {
      const Share& share = columns[static_cast<std::size_t>(x)];
      for (int channel = 0; channel < channels; ++channel) {
        float value = 0;
        const float* in = source.data() + static_cast<std::size_t>(share.first) * channels + channel;
        for (const float weight : share.weights) {
          value += weight * *in;
          in += channels;
        }
        *out++ = value;
      }
    }
    return kept[slot];
  };
  for (int y = 0; y < to.height_px; ++y) {
    const Share& share = rows[static_cast<std::size_t>(y)];
    std::ranges::fill(sum, 0.0F);
    for (std::size_t at = 0; at < share.weights.size(); ++at) {
      const std::vector<float>& row = narrowed(share.first + static_cast<int>(at));
      const float weight = share.weights[at];
      for (std::size_t index = 0; index < out_size; ++index) sum[index] += weight * row[index];
    }
    row_out(y, std::span<const float>(sum));
  }
}

}  // namespace

Field resized(const Field& field, const Extent& sides) {
  if (field.width == sides.width_px && field.height == sides.height_px) return field;
  Field result(sides.width_px, sides.height_px);
  resample(
      {field.width, field.height}, sides, 1, [&](int y, float* out) { std::copy_n(field.row(y), field.width, out); },
      [&](int y, std::span<const float> row) { std::ranges::copy(row, result.row(y)); });
  return result;
}

Raster resized(const Raster& picture, const Extent& sides) {
  if (picture.width == sides.width_px && picture.height == sides.height_px) return picture;
  Raster result(sides.width_px, sides.height_px);
  resample(
      picture.extent(), sides, Raster::kChannels,
      [&](int y, float* out) {
        const std::uint8_t* in = picture.row(y);
        for (int x = 0; x < picture.width; ++x, in += 4, out += 4) {
          const float alpha = static_cast<float>(in[3]) / 255.0F;
          for (int channel = 0; channel < 3; ++channel) out[channel] = static_cast<float>(in[channel]) * alpha;
          out[3] = alpha;
        }
      },
      [&](int y, std::span<const float> row) {
        std::uint8_t* out = result.row(y);
        for (std::size_t at = 0; at < row.size(); at += 4, out += 4) {
          const float alpha = row[at + 3];
          for (std::size_t channel = 0; channel < 3; ++channel) {
            const float value = alpha > 0 ? row[at + channel] / alpha : 0;
            out[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
          }
          out[3] = static_cast<std::uint8_t>(std::clamp(std::lround(alpha * 255.0F), 0L, 255L));
        }
      });
  return result;
}

Extent extent_within(const Extent& sides, std::int64_t pixels_max) {
  const double pixels = static_cast<double>(sides.width_px) * sides.height_px;
  if (pixels <= static_cast<double>(pixels_max)) return sides;
  const double ratio = std::sqrt(static_cast<double>(pixels_max) / pixels);
  return {std::max(1, static_cast<int>(sides.width_px * ratio)),
          std::max(1, static_cast<int>(sides.height_px * ratio))};
}

float sample(const Field& field, float x, float y) {
  const float inside_x = std::clamp(x, 0.0F, static_cast<float>(field.width - 1));
  const float inside_y = std::clamp(y, 0.0F, static_cast<float>(field.height - 1));
  const int left = static_cast<int>(inside_x), top = static_cast<int>(inside_y);
  const int right = std::min(left + 1, field.width - 1), bottom = std::min(top + 1, field.height - 1);
  const float across = inside_x - static_cast<float>(left), down = inside_y - static_cast<float>(top);
  const float above = field.at(left, top) * (1 - across) + field.at(right, top) * across;
  const float below = field.at(left, bottom) * (1 - across) + field.at(right, bottom) * across;
  return above * (1 - down) + below * down;
}

std::array<float, 4> keys_weights(float t) {
  const float squared = t * t, cubed = squared * t;
  return {-0.5F * cubed + squared - 0.5F * t, 1.5F * cubed - 2.5F * squared + 1, -1.5F * cubed + 2 * squared + 0.5F * t,
          0.5F * cubed - 0.5F * squared};
}

}  // namespace tintype::engine
