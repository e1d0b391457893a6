#include "engine/operation/face_alignment.h"

#include <algorithm>
#include <cmath>

#include "engine/operation/bicubic.h"

namespace tintype::engine {

namespace {

constexpr int kSamplesMax = 4;  // a side, of each pixel, where a face becomes smaller

template <class Sample>
void cut(const Pixels& picture, const Similarity& place, Pixels& out) {
  const Bicubic<Sample> from(picture);
  const int colours = out.channels;
  const int samples = std::clamp(static_cast<int>(std::ceil(place.scale() / out.width - 0.1)), 1, kSamplesMax);
  const double step = 1.0 / (out.width * samples);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      float sums[3] = {};
      for (int at = 0; at < samples * samples; ++at) {
        float colour[3] = {};
        from.at(place({(x * samples + at % samples + 0.5) * step, (y * samples + at / samples + 0.5) * step}), colours,
                colour);
        for (int channel = 0; channel < colours; ++channel) sums[channel] += colour[channel];
      }
      for (int channel = 0; channel < colours; ++channel) {
        store_sample<Sample>(out, x, y, channel, sums[channel] / static_cast<float>(samples * samples));
      }
    }
  }
}

}  // namespace

double Similarity::scale() const {
  return std::hypot(a, b);
}

Similarity Similarity::inverse() const {
  const double squares = a * a + b * b;
  const double back_a = a / squares, back_b = -b / squares;
  return {back_a, back_b, -(back_a * move_x - back_b * move_y), -(back_b * move_x + back_a * move_y)};
}

std::optional<Similarity> fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  const auto mean = [](std::span<const Point> points) {
    Point sum;
    for (const Point& point : points) sum = {sum.x + point.x, sum.y + point.y};
    const auto count = static_cast<double>(points.size());
    return Point{sum.x / count, sum.y / count};
  };
  const Point from_mean = mean(from), to_mean = mean(to);
  double along = 0, across = 0, squares = 0;
  for (std::size_t at = 0; at < from.size(); ++at) {
    const double x = from[at].x - from_mean.x, y = from[at].y - from_mean.y;
    const double to_x = to[at].x - to_mean.x, to_y = to[at].y - to_mean.y;
    along += x * to_x + y * to_y;
    across += x * to_y - y * to_x;
    squares += x * x + y * y;
  }
  Similarity fit{along / squares, across / squares, 0, 0};
  const Point moved = fit(from_mean);
  fit.move_x = to_mean.x - moved.x;
  fit.move_y = to_mean.y - moved.y;
  const double scale = fit.scale();
  if (!(scale > 0) || !std::isfinite(scale + fit.move_x + fit.move_y)) return std::nullopt;
  return fit;
}

Pixels cut_face(const Pixels& picture, const Similarity& place, int side) {
  Pixels face{side, side, picture.channels <= 2 ? 1 : 3, picture.bytes_per_sample, {}};
  face.data.resize(face.shape().size_bytes());
  if (picture.bytes_per_sample == 1) {
    cut<std::uint8_t>(picture, place, face);
  } else {
    cut<std::uint16_t>(picture, place, face);
  }
  return face;
}

}  // namespace tintype::engine
