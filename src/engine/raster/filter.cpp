#include "engine/raster/filter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tintype::engine {

namespace {

constexpr double kOwnWeightsSigmaMax = 2;

template <class Combine>
Field combined(const Field& a, const Field& b, Combine combine) {
  Field result(a.width, a.height);
  for (std::size_t at = 0; at < a.values.size(); ++at) result.values[at] = combine(a.values[at], b.values[at]);
  return result;
}

Field product(const Field& a, const Field& b) {
  return combined(a, b, [](float x, float y) { return x * y; });
}

// Means along rows of as many pixels as there are within `radius`.
void blur_rows(const Field& in, int radius, Field& out) {
  for (int y = 0; y < in.height; ++y) {
    const float* row = in.row(y);
    float* to = out.row(y);
    double sum = 0;
    for (int x = 0; x <= std::min(radius, in.width - 1); ++x) sum += row[x];
    for (int x = 0; x < in.width; ++x) {
      const int first = std::max(0, x - radius), last = std::min(in.width - 1, x + radius);
      to[x] = static_cast<float>(sum / (last - first + 1));
      if (last + 1 < in.width && x + radius + 1 < in.width) sum += row[x + radius + 1];
      if (x - radius >= 0) sum -= row[x - radius];
    }
  }
}

void blur_columns(const Field& in, int radius, Field& out) {
  std::vector<double> sums(static_cast<std::size_t>(in.width));
  const auto add = [&](int y, double sign) {
    const float* row = in.row(y);
    for (int x = 0; x < in.width; ++x) sums[static_cast<std::size_t>(x)] += sign * row[x];
  };
  for (int y = 0; y <= std::min(radius, in.height - 1); ++y) add(y, 1);
  for (int y = 0; y < in.height; ++y) {
    const int first = std::max(0, y - radius), last = std::min(in.height - 1, y + radius);
    float* to = out.row(y);
    for (int x = 0; x < in.width; ++x) {
      to[x] = static_cast<float>(sums[static_cast<std::size_t>(x)] / (last - first + 1));
    }
    if (y + radius + 1 < in.height) add(y + radius + 1, 1);
    if (y - radius >= 0) add(y - radius, -1);
  }
}

// Along one direction by weights of its own; outside, the edge goes on.
Field weighted(const Field& in, const std::vector<float>& weights, bool along_rows) {
  const int radius = static_cast<int>(weights.size()) / 2;
  Field out(in.width, in.height);
  for (int y = 0; y < in.height; ++y) {
    float* to = out.row(y);
    for (int offset = -radius; offset <= radius; ++offset) {
      const float weight = weights[static_cast<std::size_t>(offset + radius)];
      const float* row = in.row(along_rows ? y : std::clamp(y + offset, 0, in.height - 1));
      for (int x = 0; x < in.width; ++x) {
        to[x] += weight * row[along_rows ? std::clamp(x + offset, 0, in.width - 1) : x];
      }
    }
  }
  return out;
}

// The extreme of every window of 2 radius + 1 values in constant time a value (van Herk, 1992): running extremes from
// both ends of blocks as long as the window.
template <class Better>
void extremes(const std::vector<float>& in, int radius, std::vector<float>& out, Better better) {
  const int count = static_cast<int>(in.size()), window = 2 * radius + 1;
  const auto value = [&](int at) { return in[static_cast<std::size_t>(std::clamp(at, 0, count - 1))]; };
  const int padded = count + 2 * radius;
  std::vector<float> forward(static_cast<std::size_t>(padded)), backward(static_cast<std::size_t>(padded));
  for (int at = 0; at < padded; ++at) {
    const float own = value(at - radius);
    forward[static_cast<std::size_t>(at)] =
        at % window == 0 ? own : better(forward[static_cast<std::size_t>(at - 1)], own);
  }
  for (int at = padded - 1; at >= 0; --at) {
    const float own = value(at - radius);
    const bool ends_block = at % window == window - 1 || at == padded - 1;
    backward[static_cast<std::size_t>(at)] = ends_block ? own : better(backward[static_cast<std::size_t>(at + 1)], own);
  }
  for (int at = 0; at < count; ++at) {
    out[static_cast<std::size_t>(at)] =
        better(backward[static_cast<std::size_t>(at)], forward[static_cast<std::size_t>(at + window - 1)]);
  }
}

template <class Better>
Field morphed(const Field& field, int radius, Better better) {
  if (radius <= 0) return field;
  Field result = field;
  std::vector<float> line(static_cast<std::size_t>(field.width)), out(line.size());
  for (int y = 0; y < field.height; ++y) {
    std::copy_n(result.row(y), field.width, line.begin());
    extremes(line, radius, out, better);
    std::ranges::copy(out, result.row(y));
  }
  line.resize(static_cast<std::size_t>(field.height));
  out.resize(line.size());
  for (int x = 0; x < field.width; ++x) {
    for (int y = 0; y < field.height; ++y) line[static_cast<std::size_t>(y)] = result.at(x, y);
    extremes(line, radius, out, better);
    for (int y = 0; y < field.height; ++y) result.at(x, y) = out[static_cast<std::size_t>(y)];
  }
  return result;
}

}  // namespace

Field box_blur(const Field& field, int radius) {
  if (radius <= 0) return field;
  Field across(field.width, field.height), result(field.width, field.height);
  blur_rows(field, radius, across);
  blur_columns(across, radius, result);
  return result;
}

Field gaussian_blur(const Field& field, double sigma) {
  if (sigma <= 0) return field;
  if (sigma <= kOwnWeightsSigmaMax) {
    const int radius = static_cast<int>(std::ceil(3 * sigma));
    std::vector<float> weights;
    float sum = 0;
    for (int at = -radius; at <= radius; ++at) {
      weights.push_back(static_cast<float>(std::exp(-at * at / (2 * sigma * sigma))));
      sum += weights.back();
    }
    for (float& weight : weights) weight /= sum;
    return weighted(weighted(field, weights, true), weights, false);
  }
  // Three boxes of two lengths, so that their variances add up to the Gaussian's as nearly as whole lengths can.
  const double ideal = std::sqrt(4 * sigma * sigma + 1);
  int shorter = static_cast<int>(ideal);
  if (shorter % 2 == 0) --shorter;
  const double of_shorter = (12 * sigma * sigma - 3.0 * shorter * shorter - 12.0 * shorter - 9) / (-4.0 * shorter - 4);
  Field result = field;
  for (int pass = 0; pass < 3; ++pass) {
    const int length = pass < std::lround(of_shorter) ? shorter : shorter + 2;
    result = box_blur(result, length / 2);
  }
  return result;
}

Field guided_filter(const Field& guide, const Field& field, int radius, float epsilon) {
  const Field mean_guide = box_blur(guide, radius), mean = box_blur(field, radius);
  const Field correlation = box_blur(product(guide, field), radius);
  const Field square = box_blur(product(guide, guide), radius);
  Field slope(guide.width, guide.height), offset(guide.width, guide.height);
  for (std::size_t at = 0; at < guide.values.size(); ++at) {
    const float variance = square.values[at] - mean_guide.values[at] * mean_guide.values[at];
    slope.values[at] =
        (correlation.values[at] - mean_guide.values[at] * mean.values[at]) / (std::max(variance, 0.0F) + epsilon);
    offset.values[at] = mean.values[at] - slope.values[at] * mean_guide.values[at];
  }
  slope = box_blur(slope, radius);
  offset = box_blur(offset, radius);
  Field result = product(slope, guide);
  for (std::size_t at = 0; at < result.values.size(); ++at) result.values[at] += offset.values[at];
  return result;
}

Field guided_filter(const Field3& guide, const Field& field, int radius, float epsilon) {
  const std::array<const Field*, 3> guides = {&guide.first, &guide.second, &guide.third};
  const Field mean = box_blur(field, radius);
  std::array<Field, 3> means, covariances;
  for (int i = 0; i < 3; ++i) {
    means[i] = box_blur(*guides[i], radius);
    covariances[i] = box_blur(product(*guides[i], field), radius);
  }
  // The guide's own covariances: xx, xy, xz, yy, yz, zz.
  std::array<Field, 6> own;
  for (int i = 0, at = 0; i < 3; ++i) {
    for (int j = i; j < 3; ++j) own[at++] = box_blur(product(*guides[i], *guides[j]), radius);
  }
  std::array<Field, 3> slopes;
  for (Field& slope : slopes) slope = Field(field.width, field.height);
  Field offset(field.width, field.height);
  for (std::size_t at = 0; at < field.values.size(); ++at) {
    const float x = means[0].values[at], y = means[1].values[at], z = means[2].values[at], p = mean.values[at];
    const float xx = own[0].values[at] - x * x + epsilon, xy = own[1].values[at] - x * y,
                xz = own[2].values[at] - x * z, yy = own[3].values[at] - y * y + epsilon,
                yz = own[4].values[at] - y * z, zz = own[5].values[at] - z * z + epsilon;
    const float px = covariances[0].values[at] - x * p, py = covariances[1].values[at] - y * p,
                pz = covariances[2].values[at] - z * p;
    const float cx = yy * zz - yz * yz, cy = yz * xz - xy * zz, cz = xy * yz - yy * xz;
    const float determinant = xx * cx + xy * cy + xz * cz;
    const float a = (cx * px + cy * py + cz * pz) / determinant;
    const float b = (cy * px + (xx * zz - xz * xz) * py + (xy * xz - xx * yz) * pz) / determinant;
    const float c = (cz * px + (xy * xz - xx * yz) * py + (xx * yy - xy * xy) * pz) / determinant;
    slopes[0].values[at] = a;
    slopes[1].values[at] = b;
    slopes[2].values[at] = c;
    offset.values[at] = p - a * x - b * y - c * z;
  }
  Field result = box_blur(offset, radius);
  for (int i = 0; i < 3; ++i) {
    const Field slope = box_blur(slopes[i], radius);
    for (std::size_t at = 0; at < result.values.size(); ++at) {
      result.values[at] += slope.values[at] * guides[i]->values[at];
    }
  }
  return result;
}

Field dilated(const Field& field, int radius) {
  return morphed(field, radius, [](float a, float b) { return std::max(a, b); });
}

Field eroded(const Field& field, int radius) {
  return morphed(field, radius, [](float a, float b) { return std::min(a, b); });
}

}  // namespace tintype::engine
