#include "engine/studio/surface.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/camera.h"
#include "engine/studio/smooth_fill.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr float kInside = 0.5F;

// Of the swelling's equation: from the coarsest level on, each begins with what the one before found.
constexpr int kCoarsestSidePx = 24;
constexpr int kCoarsestSweeps = 400, kSweeps = 40;
constexpr float kOverRelaxation = 1.7F;

// Of the relief that shading gives, in shares of the picture's longer side.
constexpr double kReliefFinest = 0.005, kReliefWidest = 0.025;
constexpr float kReliefVariance = 0.02F;  // of logarithms of luminance, that is no edge
constexpr float kReliefDepth = 0.0025F;   // of a step by the factor e, in longer sides
constexpr float kReliefSlopeMax = 0.12F;
constexpr float kDarkest = 0.03F;  // of linear luminance, so that noise in the dark is no relief

constexpr int kOutlinePx = 2;  // along the outline normals are not to be trusted

// Of what is flat.
constexpr std::int64_t kCornersPixelsMax = 60'000;
constexpr int kCorners = 4;
constexpr float kStraight = 0.012F;                      // of its size: so far an edge may be from a straight line
constexpr float kSideSeenMin = 0.7F, kSideSeen = 0.85F;  // of each side: corners may be round
constexpr float kStripMax = 0.15F, kNoStrip = 0.25F;     // shortest side by longest: a strip is rather a stick
constexpr int kSideSamples = 64;

// Of where things stand.
constexpr double kFootShare = 0.01;    // of the subject's pixels may lie below its foot
constexpr double kFootOutside = 1.15;  // where the foot is if the picture cuts it off
constexpr double kHorizonMax = 0.4, kGroundMin = 0.2;
constexpr double kWallDistance = 0.2;
constexpr double kBend = 0.2;   // of the way to the wall
constexpr double kWayMin = -3;  // in front of the foot; beyond, ground is no nearer

// One level of the equation: u is 0 outside, and its Laplacian -4 inside, in pixels of the level.
struct Level {
  Field inside, u;
};

// Red and black squares in turns, so that bands of rows do not depend on each other.
void sweep(Level& level, int colour, int begin, int end) {
  Field& u = level.u;
  for (int y = begin; y < end; ++y) {
    const float* above = u.row(std::max(0, y - 1));
    const float* below = u.row(std::min(u.height - 1, y + 1));
    const float* inside = level.inside.row(y);
    float* row = u.row(y);
    for (int x = (y + colour) % 2; x < u.width; x += 2) {
      if (inside[x] < kInside) continue;
      const float left = row[std::max(0, x - 1)], right = row[std::min(u.width - 1, x + 1)];
      const float solved = 0.25F * (left + right + above[x] + below[x] + 4);
      row[x] += kOverRelaxation * (solved - row[x]);
    }
  }
}

Result<void> relax(Level& level, int sweeps, const Task& task) {
  for (int count = 0; count < 2 * sweeps; ++count) {
    // The span is done by whole sweeps: rows() would call it done after the first.
    const double done = static_cast<double>(count) / (2 * sweeps);
    const auto swept = task.part(done, done + 0.5 / sweeps).rows(level.u.height, [&](int begin, int end) {
      sweep(level, count % 2, begin, end);
    });
    if (!swept) return swept;
  }
  return {};
}

std::vector<Level> levels_of(const Field& outline) {
  std::vector<Level> levels{{outline, Field(outline.width, outline.height)}};
  while (std::min(levels.back().u.width, levels.back().u.height) >= 2 * kCoarsestSidePx) {
    const Extent half{(levels.back().u.width + 1) / 2, (levels.back().u.height + 1) / 2};
    Field inside = resized(levels.back().inside, half);
    levels.push_back({std::move(inside), Field(half.width_px, half.height_px)});
  }
  return levels;
}

// What the coarser level found, in the finer one's pixels, is where it begins.
void begin_with(const Level& coarser, Level& finer) {
  finer.u = resized(coarser.u, {finer.u.width, finer.u.height});
  for (std::size_t at = 0; at < finer.u.values.size(); ++at) {
    finer.u.values[at] = finer.inside.values[at] < kInside ? 0 : 4 * finer.u.values[at];
  }
}

void set_normal(Field3& normals, std::size_t at, float x, float y, float z) {
  const float length = std::sqrt(x * x + y * y + z * z);
  normals.first.values[at] = x / length;
  normals.second.values[at] = y / length;
  normals.third.values[at] = z / length;
}

// Half the difference of a pixel's neighbours; at the edge, the difference to the one there is.
struct Slope {
  float across, down;
};
Slope slope_at(const Field& field, int x, int y) {
  const int left = std::max(0, x - 1), right = std::min(field.width - 1, x + 1);
  const int above = std::max(0, y - 1), below = std::min(field.height - 1, y + 1);
  return {(field.at(right, y) - field.at(left, y)) / static_cast<float>(std::max(1, right - left)),
          (field.at(x, below) - field.at(x, above)) / static_cast<float>(std::max(1, below - above))};
}

// Heights in pixels: of logarithms of luminance what is neither noise nor an edge.
Field relief_of(const Raster& picture) {
  Field light = luma_of(picture);
  for (float& value : light.values) {
    value = std::log(value * value + kDarkest);  // the square is close to linear light
  }
  const int longer = std::max(picture.width, picture.height);
  const auto radius = [&](double share) { return std::max(1, static_cast<int>(std::lround(share * longer))); };
  const Field fine = guided_filter(light, light, radius(kReliefFinest), kReliefVariance);
  const Field wide = guided_filter(light, light, radius(kReliefWidest), kReliefVariance * 4);
  Field relief(picture.width, picture.height);
  for (std::size_t at = 0; at < relief.values.size(); ++at) {
    relief.values[at] = (fine.values[at] - wide.values[at]) * kReliefDepth * static_cast<float>(longer);
  }
  return relief;
}

using Corners = std::vector<cv::Point2f>;

// A convex polygon of four corners around another: again and again the side goes whose neighbours meet nearest beyond.
// Empty where none meet.
Corners corners_around(Corners corners) {
  while (corners.size() > kCorners) {
    const std::size_t count = corners.size();
    float least = std::numeric_limits<float>::max();
    std::size_t chosen = count;
    cv::Point2f meeting;
    for (std::size_t at = 0; at < count; ++at) {
      const cv::Point2f before = corners[(at + count - 1) % count], from = corners[at], to = corners[(at + 1) % count];
      const cv::Point2f along = from - before, back = to - corners[(at + 2) % count], across = to - from;
      const float turn = along.cross(back);
      if (std::abs(turn) < 1e-6F) continue;
      const float share = across.cross(back) / turn;
      if (share < 0 || turn * across.cross(along) < 0) continue;  // they meet on the other side
      const cv::Point2f there = from + share * along;
      const float added = std::abs(across.cross(there - from));
      if (added >= least) continue;
      least = added;
      chosen = at;
      meeting = there;
    }
    if (chosen == count) return {};
    corners[chosen] = meeting;
    corners.erase(corners.begin() + static_cast<std::ptrdiff_t>((chosen + 1) % count));
  }
  return corners.size() == kCorners ? corners : Corners();
}

// How surely this is the outline of something flat that is seen from before, as cards, pages, frames and screens are:
// four straight sides. 0 to 1.
float flatness_of(const Field& outline) {
  const Field small = resized(outline, extent_within({outline.width, outline.height}, kCornersPixelsMax));
  std::vector<cv::Point> pixels;
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      if (small.at(x, y) > kInside) pixels.emplace_back(x, y);
    }
  }
  if (pixels.empty()) return 0;
  std::vector<cv::Point> hull;
  cv::convexHull(pixels, hull);
  const Corners corners = corners_around({hull.begin(), hull.end()});
  if (corners.empty()) return 0;
  const cv::Point2f middle = (corners[0] + corners[1] + corners[2] + corners[3]) / 4;
  const float inset = std::max(1.0F, kStraight * std::sqrt(static_cast<float>(pixels.size())));
  float seen_least = 1, shortest = std::numeric_limits<float>::max(), longest = 0;
  for (std::size_t at = 0; at < kCorners; ++at) {
    const cv::Point2f from = corners[at], side = corners[(at + 1) % kCorners] - from;
    const float length = std::hypot(side.x, side.y);
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
    cv::Point2f inwards{-side.y / std::max(length, 1.0F), side.x / std::max(length, 1.0F)};
    if (inwards.dot(middle - from) < 0) inwards = -inwards;
    int seen = 0;
    for (int step = 0; step < kSideSamples; ++step) {
      const float share = (static_cast<float>(step) + 0.5F) / kSideSamples;
      const cv::Point2f place = from + share * side + inset * inwards;
      seen += sample(small, place.x, place.y) > kInside;
    }
    seen_least = std::min(seen_least, static_cast<float>(seen) / kSideSamples);
  }
  const double filled = static_cast<double>(pixels.size()) / std::max(1.0, cv::contourArea(corners));
  constexpr double kFilledMin = 0.9;
  if (filled < kFilledMin) return 0;
  return smooth_step(kSideSeenMin, kSideSeen, seen_least) * smooth_step(kStripMax, kNoStrip, shortest / longest);
}

Ground ground_of(const Field& subject) {
  double sum = 0;
  for (const float value : subject.values) sum += value;
  Ground ground{.foot = 1, .horizon = kHorizonMax, .distance = kWallDistance};
  if (sum <= 0) return ground;
  double below = 0;
  int row = subject.height;
  while (row > 0 && below <= kFootShare * sum) {
    --row;
    for (int x = 0; x < subject.width; ++x) below += subject.at(x, row);
  }
  const double share = (row + 1.0) / subject.height;
  ground.foot = share > 0.985 ? kFootOutside : share;
  ground.horizon = std::clamp(ground.foot - kGroundMin, 0.0, kHorizonMax);
  return ground;
}

}  // namespace

// Ground is a plane, whose nearness falls evenly from row to row: what is straight on it stays so from everywhere. It
// bends up to the wall softly, in the last part of the way.
double Ground::behind(double row_share) const {
  const double way = std::clamp((foot - row_share) / std::max(foot - horizon, kGroundMin), kWayMin, 1.0);
  const double rest = std::min(1 - way, kBend);
  const double risen = way < 1 - kBend ? way / (1 - kBend / 2) : 1 - rest * rest / (kBend * (2 - kBend));
  return distance * risen / (1 + distance * longer_at_subject() * (1 - risen));
}

double Ground::tilt(double row_share, const Extent& picture) const {
  constexpr double kSpan = 0.04;  // of rows, over which it is measured
  const double longer = std::max(picture.width_px, picture.height_px);
  const double up = kSpan * picture.height_px / longer * (1 + behind(row_share) * longer_at_subject());
  const double back = behind(row_share - kSpan / 2) - behind(row_share + kSpan / 2);
  return back / std::hypot(back, up);
}

Result<CutOut> subject_of(const Raster& picture, const Saliency& network, const Task& task) {
  auto found = cut_out(picture, network, task);
  if (found || found.error().code != ErrorCode::kInvalidInput) return found;
  return CutOut{Field(picture.width, picture.height), picture};
}

Result<Swelling> swollen(const Field& outline, const Task& task) {
  std::vector<Level> levels = levels_of(outline);
  for (std::size_t index = levels.size(); index-- > 0;) {
    const bool is_coarsest = index + 1 == levels.size();
    if (!is_coarsest) begin_with(levels[index + 1], levels[index]);
    const double done = static_cast<double>(levels.size() - 1 - index) / static_cast<double>(levels.size());
    const Task part = task.part(done, done + 1.0 / static_cast<double>(levels.size()));
    if (auto relaxed = relax(levels[index], is_coarsest ? kCoarsestSweeps : kSweeps, part); !relaxed) {
      return std::unexpected(relaxed.error());
    }
  }
  const Field u = gaussian_blur(levels.front().u, 1);
  Swelling swelling{Field(u.width, u.height), Field3(u.width, u.height)};
  for (int y = 0; y < u.height; ++y) {
    for (int x = 0; x < u.width; ++x) {
      const std::size_t at = static_cast<std::size_t>(y) * u.width + x;
      const float height = std::sqrt(std::max(u.at(x, y), 0.0F));
      swelling.height.values[at] = outline.values[at] < kInside ? 0 : height;
      // The slope of a root is that of what is under it by twice the root: nothing is divided by 0 at the outline.
      const Slope slope = slope_at(u, x, y);
      set_normal(swelling.normals, at, -slope.across, slope.down, std::max(2 * height, 1e-3F));
    }
  }
  return swelling;
}

Result<Surface> estimate_surface(const Raster& picture, const Field& subject, const Task& task) {
  auto swelling = swollen(subject, task.part(0, 0.7));
  if (!swelling) return std::unexpected(swelling.error());
  Surface surface{subject, std::move(swelling->height), std::move(swelling->normals), ground_of(subject)};
  Field inside = subject;
  for (float& value : inside.values) value = value > kInside ? 1 : 0;
  inside = eroded(inside, kOutlinePx);
  for (Field* field : {&surface.normals.first, &surface.normals.second, &surface.normals.third}) {
    *field = smoothly_filled(*field, inside);
    if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  }
  const float flatness = flatness_of(subject);
  for (float& height : surface.height.values) height *= 1 - flatness;
  const Field relief = relief_of(picture);
  const auto done = task.part(0.7, 1).rows(picture.height, [&](int begin, int end) {
    const auto limited = [](float value) { return kReliefSlopeMax * std::tanh(value / kReliefSlopeMax); };
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * picture.width + x;
        const Slope slope = slope_at(relief, x, y);
        // What is seen on something flat is print.
        const float round = 1 - flatness, share = subject.values[at];
        set_normal(surface.normals, at, round * (surface.normals.first.values[at] - share * limited(slope.across)),
                   round * (surface.normals.second.values[at] + share * limited(slope.down)),
                   round * std::max(surface.normals.third.values[at], 0.0F) + flatness + 1e-3F);
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return surface;
}

}  // namespace tintype::engine
