#include "engine/studio/patch_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace tintype::engine {

namespace {

constexpr int kAcross = 4;                                // pixels on each side of a line that are looked at
constexpr int kOutwards = 10, kOutwardsToEdge = 14;       // pixels along it, outside of the hole
constexpr int kWindow = 3;                                // pixels around one of the rim, for the direction there
constexpr float kSteepLeast = 2, kCoherenceLeast = 0.4F;  // levels for a pixel; from 0 to 1
constexpr float kTurnMost = 14, kTurnStep = 0.5F;         // degrees from that direction
constexpr float kTurnCost = 0.03F;                        // of the contrast for a degree
constexpr float kLengthLeast = 3;
constexpr float kContrastLeast = 2.5F, kContrastLeastToEdge = 5;  // levels
constexpr float kUnlikeMost = 0.7F, kUnlikeMostToEdge = 0.3F;     // of the contrast
constexpr float kBrighterShare = 0.2F;                            // of what ends are brighter that counts as unlike
constexpr float kApart = 2;                                       // pixels
constexpr int kLinesMax = 48;
constexpr int kDrawnAcross = 3;
constexpr int kFinerAside = 2, kFinerReach = 6;  // pixels to find the line of a coarser level again

using Colour = std::array<float, 3>;

struct Profile {
  std::vector<Colour> colours;
  float wavering = 0;  // levels along the line on average
  float contrast = 0;  // and across it
};

class Rim {
 public:
  explicit Rim(const PatchLevel& level) : level_(level) {}

  bool is_known(int x, int y) const { return level_.is_inside(x, y) && !level_.is_hole(x, y); }
  bool is_hole(float x, float y) const {
    const int to_x = static_cast<int>(std::lround(x)), to_y = static_cast<int>(std::lround(y));
    return level_.is_inside(to_x, to_y) && level_.is_hole(to_x, to_y);
  }

  // Between four pixels, those that are known.
  bool sample(float x, float y, Colour& colour) const {
    const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
    float weights = 0;
    colour = {};
    for (int j = 0; j < 2; ++j) {
      for (int i = 0; i < 2; ++i) {
        if (!is_known(left + i, top + j)) continue;
        const float weight =
            (1 - std::abs(x - static_cast<float>(left + i))) * (1 - std::abs(y - static_cast<float>(top + j)));
        const std::uint8_t* pixel = level_.canvas.at(left + i, top + j);
        for (std::size_t channel = 0; channel < 3; ++channel) colour[channel] += weight * pixel[channel];
        weights += weight;
      }
    }
    if (weights < 0.5F) return false;
    for (float& channel : colour) channel /= weights;
    return true;
  }

  // What is across a line that goes out of the hole at a place in a direction; none where too little of it is known.
  std::optional<Profile> profile(float x, float y, float along_x, float along_y, int outwards, bool is_back,
                                 int across = kAcross) const {
    Profile profile;
    const float side_x = is_back ? along_y : -along_y, side_y = is_back ? -along_x : along_x;
    int lines = 0;
    Colour mean{};
    std::vector<Colour> seen(static_cast<std::size_t>(outwards));
    for (int u = -across; u <= across; ++u) {
      std::size_t count = 0;
      Colour sum{};
      for (int s = 0; s < outwards; ++s) {
        const float out = static_cast<float>(s), aside = static_cast<float>(u);
        if (!sample(x + out * along_x + aside * side_x, y + out * along_y + aside * side_y, seen[count])) continue;
        for (std::size_t channel = 0; channel < 3; ++channel) sum[channel] += seen[count][channel];
        ++count;
      }
      if (static_cast<int>(count) < (outwards + 1) / 2) return std::nullopt;
      for (float& channel : sum) channel /= static_cast<float>(count);
      for (std::size_t at = 0; at < count; ++at) {
        for (std::size_t channel = 0; channel < 3; ++channel) {
          profile.wavering += std::abs(seen[at][channel] - sum[channel]) / static_cast<float>(3 * count);
        }
      }
      profile.colours.push_back(sum);
      for (std::size_t channel = 0; channel < 3; ++channel) mean[channel] += sum[channel];
      ++lines;
    }
    for (float& channel : mean) channel /= static_cast<float>(lines);
    for (const Colour& colour : profile.colours) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        profile.contrast += std::abs(colour[channel] - mean[channel]) / static_cast<float>(3 * lines);
      }
    }
    profile.wavering /= static_cast<float>(lines);
    return profile;
  }

  struct Edge {
    int x = 0, y = 0;
    float along_x = 0, along_y = 0;
    float strength = 0;
  };

  // Edges that go into the hole, strongest first.
  std::vector<Edge> edges() const {
    std::vector<Edge> found;
    for (int y = 0; y < level_.canvas.height; ++y) {
      for (int x = 0; x < level_.canvas.width; ++x) {
        if (!is_known(x, y) || !is_beside(x, y)) continue;
        if (const auto edge = edge_at(x, y)) found.push_back(*edge);
      }
    }
    std::ranges::stable_sort(found, std::greater{}, &Edge::strength);
    return found;
  }

  // Where a line of the level that is half as large goes into the hole, or one so far aside.
  std::optional<Edge> finer(const Line& line, float aside) const {
    const float from_x = 2 * line.x - aside * line.along_y, from_y = 2 * line.y + aside * line.along_x;
    for (int at = -kFinerReach; at <= kFinerReach; ++at) {
      const auto on = static_cast<float>(at);
      const float x = std::round(from_x + on * line.along_x), y = std::round(from_y + on * line.along_y);
      if (is_known(static_cast<int>(x), static_cast<int>(y)) && is_hole(x + line.along_x, y + line.along_y)) {
        return Edge{static_cast<int>(x), static_cast<int>(y), line.along_x, line.along_y, 0};
      }
    }
    return std::nullopt;
  }

 private:
  bool is_beside(int x, int y) const {
    return is_hole_at(x + 1, y) || is_hole_at(x - 1, y) || is_hole_at(x, y + 1) || is_hole_at(x, y - 1);
  }
  bool is_hole_at(int x, int y) const { return level_.is_inside(x, y) && level_.is_hole(x, y); }

  // By the structure tensor of what is known around a pixel (Foerstner, 1987; Bigun, 1987).
  std::optional<Edge> edge_at(int x, int y) const {
    float xx = 0, xy = 0, yy = 0, count = 0;
    for (int j = y - kWindow; j <= y + kWindow; ++j) {
      for (int i = x - kWindow; i <= x + kWindow; ++i) {
        if (!is_known(i + 1, j) || !is_known(i - 1, j) || !is_known(i, j + 1) || !is_known(i, j - 1)) continue;
        const std::uint8_t *right = level_.canvas.at(i + 1, j), *left = level_.canvas.at(i - 1, j),
                           *below = level_.canvas.at(i, j + 1), *above = level_.canvas.at(i, j - 1);
        for (int channel = 0; channel < 3; ++channel) {
          const float dx = static_cast<float>(right[channel] - left[channel]) / 2;
          const float dy = static_cast<float>(below[channel] - above[channel]) / 2;
          xx += dx * dx, xy += dx * dy, yy += dy * dy;
        }
        count += 3;
      }
    }
    if (count == 0) return std::nullopt;
    const float spread = std::hypot(xx - yy, 2 * xy);
    const float steep = std::sqrt((xx + yy + spread) / 2 / count);
    if (steep < kSteepLeast || spread < kCoherenceLeast * (xx + yy)) return std::nullopt;
    const float angle = std::atan2(2 * xy, xx - yy) / 2 + std::numbers::pi_v<float> / 2;
    Edge edge{x, y, std::cos(angle), std::sin(angle), steep};
    const auto leads_in = [&](float sign) {
      const float dx = sign * edge.along_x, dy = sign * edge.along_y;
      const auto own_x = static_cast<float>(x), own_y = static_cast<float>(y);
      return is_hole(own_x + 2 * dx, own_y + 2 * dy) && is_hole(own_x + kLengthLeast * dx, own_y + kLengthLeast * dy) &&
             !is_hole(own_x - 2 * dx, own_y - 2 * dy);
    };
    if (leads_in(1)) return edge;
    edge.along_x = -edge.along_x, edge.along_y = -edge.along_y;
    if (leads_in(1)) return edge;
    return std::nullopt;
  }

  const PatchLevel& level_;
};

struct Candidate {
  Line line;
  float unlike = 0;  // of its ends, as a share of their contrast
};

// How far a hole goes from a place on.
float length_in(const PatchLevel& level, const Rim& rim, float x, float y, float along_x, float along_y,
                bool& ends_at_edge) {
  float length = 1;
  while (rim.is_hole(x + length * along_x, y + length * along_y)) ++length;
  ends_at_edge = !level.is_inside(static_cast<int>(std::lround(x + length * along_x)),
                                  static_cast<int>(std::lround(y + length * along_y)));
  return length;
}

std::optional<Candidate> best_from(const PatchLevel& level, const Rim& rim, const Rim::Edge& edge) {
  std::optional<Candidate> best;
  const auto x = static_cast<float>(edge.x), y = static_cast<float>(edge.y);
  const int turns = static_cast<int>(kTurnMost / kTurnStep);
  for (int turn = -turns; turn <= turns; ++turn) {
    const float angle = static_cast<float>(turn) * kTurnStep * std::numbers::pi_v<float> / 180;
    const float along_x = std::cos(angle) * edge.along_x - std::sin(angle) * edge.along_y;
    const float along_y = std::sin(angle) * edge.along_x + std::cos(angle) * edge.along_y;
    Line line{x, y, along_x, along_y, 0, false};
    line.length = length_in(level, rim, x, y, along_x, along_y, line.ends_at_edge);
    if (line.length < kLengthLeast) continue;
    const auto begin = rim.profile(x, y, -along_x, -along_y, line.ends_at_edge ? kOutwardsToEdge : kOutwards, true);
    if (!begin) continue;
    float unlike = begin->wavering;
    float contrast = begin->contrast;
    if (!line.ends_at_edge) {
      const auto end =
          rim.profile(x + line.length * along_x, y + line.length * along_y, along_x, along_y, kOutwards, false);
      if (!end) continue;
      Colour brighter{};
      for (std::size_t at = 0; at < begin->colours.size(); ++at) {
        for (std::size_t channel = 0; channel < 3; ++channel) {
          brighter[channel] +=
              (end->colours[at][channel] - begin->colours[at][channel]) / static_cast<float>(begin->colours.size());
        }
      }
      float apart = 0;
      for (std::size_t at = 0; at < begin->colours.size(); ++at) {
        for (std::size_t channel = 0; channel < 3; ++channel) {
          apart += std::abs(end->colours[at][channel] - begin->colours[at][channel] - brighter[channel]) /
                   static_cast<float>(3 * begin->colours.size());
        }
      }
      for (const float channel : brighter) apart += kBrighterShare * std::abs(channel) / 3;
      unlike = (begin->wavering + end->wavering) / 2 + apart;
      contrast = std::min(begin->contrast, end->contrast);
    }
    if (contrast < (line.ends_at_edge ? kContrastLeastToEdge : kContrastLeast)) continue;
    unlike = unlike / contrast + kTurnCost * std::abs(static_cast<float>(turn)) * kTurnStep;
    if (unlike > (line.ends_at_edge ? kUnlikeMostToEdge : kUnlikeMost)) continue;
    if (line.ends_at_edge) unlike += 1;  // after all that have two ends
    if (!best || unlike < best->unlike) best = Candidate{line, unlike};
  }
  return best;
}

float distance(const Line& line, float x, float y) {
  const float at = std::clamp((x - line.x) * line.along_x + (y - line.y) * line.along_y, 0.0F, line.length);
  return std::hypot(x - line.x - at * line.along_x, y - line.y - at * line.along_y);
}

float side_of(const Line& line, float x, float y) {
  return (x - line.x) * -line.along_y + (y - line.y) * line.along_x;
}

bool crosses(const Line& one, const Line& other) {
  const auto parts = [](const Line& by, const Line& of) {
    return side_of(by, of.x, of.y) * side_of(by, of.x + of.length * of.along_x, of.y + of.length * of.along_y) < 0;
  };
  return parts(one, other) && parts(other, one);
}

bool is_same(const Line& one, const Line& other) {
  const float end_x = one.x + one.length * one.along_x, end_y = one.y + one.length * one.along_y;
  const float other_x = other.x + other.length * other.along_x, other_y = other.y + other.length * other.along_y;
  return std::min(distance(other, one.x, one.y), distance(one, other.x, other.y)) < kApart ||
         std::min(distance(other, end_x, end_y), distance(one, other_x, other_y)) < kApart;
}

std::vector<Candidate> found_again(const PatchLevel& level, const Rim& rim, const std::vector<Line>& coarse) {
  std::vector<Candidate> candidates;
  for (const Line& line : coarse) {
    std::optional<Candidate> best;
    for (int aside = -kFinerAside; aside <= kFinerAside; ++aside) {
      const auto edge = rim.finer(line, static_cast<float>(aside));
      const auto candidate = edge ? best_from(level, rim, *edge) : std::nullopt;
      if (candidate && (!best || candidate->unlike < best->unlike)) best = candidate;
    }
    if (best) candidates.push_back(*best);
  }
  return candidates;
}

}  // namespace

std::vector<Line> made_finer(const PatchLevel& level, const std::vector<Line>& coarse) {
  const Rim rim(level);
  std::vector<Line> lines;
  for (const Candidate& candidate : found_again(level, rim, coarse)) lines.push_back(candidate.line);
  return lines;
}

std::vector<Line> lines_through(const PatchLevel& level, const std::vector<Line>& coarse) {
  const Rim rim(level);
  std::vector<Candidate> candidates = found_again(level, rim, coarse);
  for (const Rim::Edge& edge : rim.edges()) {
    if (auto candidate = best_from(level, rim, edge)) candidates.push_back(*candidate);
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::unlike);
  std::vector<Line> lines;
  for (const Candidate& candidate : candidates) {
    if (std::ssize(lines) == kLinesMax) break;
    const bool is_free = std::ranges::none_of(
        lines, [&](const Line& line) { return crosses(candidate.line, line) || is_same(candidate.line, line); });
    if (is_free) lines.push_back(candidate.line);
  }
  return lines;
}

void draw(const std::vector<Line>& lines, int scale, PatchLevel& level) {
  level.drawn = Marks(level.canvas.width, level.canvas.height);
  const Rim rim(level);
  const int across_most = kAcross * scale, outwards = kOutwards * scale;
  std::vector<float> nearest(level.hole.values.size(), static_cast<float>(kDrawnAcross * scale) + 0.5F);
  for (const Line& line : lines) {
    const auto begin = rim.profile(line.x, line.y, -line.along_x, -line.along_y, outwards, true, across_most);
    const float end_x = line.x + line.length * line.along_x, end_y = line.y + line.length * line.along_y;
    const auto end =
        line.ends_at_edge ? begin : rim.profile(end_x, end_y, line.along_x, line.along_y, outwards, false, across_most);
    if (!begin || !end) continue;
    const int reach = kDrawnAcross * scale + 1;
    const int left = std::max(0, static_cast<int>(std::min(line.x, end_x)) - reach);
    const int right = std::min(level.canvas.width - 1, static_cast<int>(std::max(line.x, end_x)) + reach);
    const int top = std::max(0, static_cast<int>(std::min(line.y, end_y)) - reach);
    const int bottom = std::min(level.canvas.height - 1, static_cast<int>(std::max(line.y, end_y)) + reach);
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        if (!level.is_hole(x, y)) continue;
        const float to_x = static_cast<float>(x) - line.x, to_y = static_cast<float>(y) - line.y;
        const float at = to_x * line.along_x + to_y * line.along_y, aside = to_y * line.along_x - to_x * line.along_y;
        if (at < -1 || at > line.length + 1 || std::abs(aside) >= nearest[level.index(x, y)]) continue;
        nearest[level.index(x, y)] = std::abs(aside);
        const float share = std::clamp(at / line.length, 0.0F, 1.0F);
        const float place =
            std::clamp(aside + static_cast<float>(across_most), 0.0F, static_cast<float>(2 * across_most) - 0.001F);
        const auto before = static_cast<std::size_t>(place);
        const float part = place - static_cast<float>(before);
        for (std::size_t channel = 0; channel < 3; ++channel) {
          const auto across = [&](const Profile& profile) {
            return (1 - part) * profile.colours[before][channel] + part * profile.colours[before + 1][channel];
          };
          const float value = (1 - share) * across(*begin) + share * across(*end);
          level.canvas.at(x, y)[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
        }
        level.drawn.row(y)[x] = 1;
      }
    }
  }
}

}  // namespace tintype::engine
