#include "engine/operation/face_detection.h"

#include <algorithm>
#include <cmath>

#include "engine/face/cascades.h"
#include "engine/operation/samples.h"

namespace tintype::engine {

namespace {

constexpr int kCandidatesMax = 2 * kFacesMax;
constexpr double kScoreMin = 0.5;        // at first sight
constexpr double kSecondScoreMin = 0.6;  // of each of the two second looks
constexpr double kSureMin = 0.65;        // of both together
constexpr int kSecondSide = 192;
// Of the square: how far landmarks, or boxes, may be elsewhere at the second look.
constexpr double kMovedMax = 0.06, kMovedOfBoxMax = 0.15;
constexpr double kFaceOfSquare = 0.6;  // a face's side, of its square
// What two faces may have in common: of both together, as long as one of them may be none, and of the smaller.
constexpr double kSharedMax = 0.3, kSharedOfSmallerMax = 0.5;
constexpr int kSmallSidePx = 320;    // a second size of the picture, for faces that fill it
constexpr int kCascadeSidePx = 640;  // of the picture that cascades look through: more would take them too long
constexpr int kCascadeSmallestPx = 24;

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "The job was cancelled");
}

struct AnchorLevel {
  int stride = 0;
  std::vector<int> sizes;
};
const std::vector<AnchorLevel>& anchor_levels() {
  static const std::vector<AnchorLevel> kLevels = {
      {8, {10, 16, 24}}, {16, {32, 48}}, {32, {64, 96}}, {64, {128, 192, 256}}};
  return kLevels;
}

// A box and the unit square that fits into it as the squares of upright faces do: the mean over a few dozen
// photographs.
Similarity place_of_box(double left, double top, double right, double bottom) {
  constexpr double kWidth = 270.0 / 512, kHeight = 376.0 / 512, kX = 257.0 / 512, kY = 288.0 / 512;
  const double scale = std::sqrt((right - left) * (bottom - top) / (kWidth * kHeight));
  return {scale, 0, (left + right) / 2 - kX * scale, (top + bottom) / 2 - kY * scale};
}

// Whatever a network's numbers were: a face whose middle is in the picture, and whose square is not far larger.
bool lies_in(const Similarity& place, int width, int height) {
  constexpr double kLargestOfPicture = 4;
  const Point middle = place({0.5, 0.5});
  return place.scale() > 0 && place.scale() < kLargestOfPicture * std::max(width, height) && middle.x >= 0 &&
         middle.x <= width && middle.y >= 0 && middle.y <= height;
}

// The mean distance between where two places put the template's points, of the square's side.
double moved(const Similarity& a, const Similarity& b) {
  double sum = 0;
  for (const Point& point : kFaceTemplate) {
    const Point there = a(point), here = b(point);
    sum += std::hypot(there.x - here.x, there.y - here.y);
  }
  return sum / (kFaceTemplate.size() * a.scale());
}

enum class Shared { kOfBoth, kOfSmaller };

// The share that two faces have in common, by upright boxes around them.
double shared(const Face& a, const Face& b, Shared of) {
  const auto extent = [](double at, double side, double other_at, double other_side) {
    return std::max(
        0.0, std::min(at + side / 2, other_at + other_side / 2) - std::max(at - side / 2, other_at - other_side / 2));
  };
  const Point here = a.place({0.5, 0.55}), there = b.place({0.5, 0.55});
  const double side = kFaceOfSquare * a.place.scale(), other = kFaceOfSquare * b.place.scale();
  const double area = extent(here.x, side, there.x, other) * extent(here.y, side, there.y, other);
  switch (of) {
    case Shared::kOfBoth: return area / (side * side + other * other - area);
    case Shared::kOfSmaller: return area / std::min(side * side, other * other);
  }
  return 0;
}

// Of faces that share too much the surest alone, the surest first.
std::vector<Face> apart(std::vector<Face> faces, Shared of, int most) {
  const double shared_max = of == Shared::kOfBoth ? kSharedMax : kSharedOfSmallerMax;
  std::ranges::sort(faces, std::greater(), &Face::score);
  std::vector<Face> kept;
  for (const Face& face : faces) {
    if (static_cast<int>(kept.size()) == most) break;
    const auto covers = [&](const Face& other) { return shared(face, other, of) > shared_max; };
    if (std::ranges::none_of(kept, covers)) kept.push_back(face);
  }
  return kept;
}

// Which of a network's outputs is what, by how many numbers each place has.
struct Outputs {
  int scores = -1;     // 2: none, face
  int boxes = -1;      // 4
  int landmarks = -1;  // 10
};
Outputs outputs_of(const Network& network) {
  Outputs outputs;
  const auto shapes = infer_shapes(network.graph(), {3, kSmallSidePx, kSmallSidePx});
  for (std::size_t output = 0; shapes && output < network.graph().outputs.size(); ++output) {
    const int width = (*shapes)[at(network.graph().outputs[output])].width;
    if (width == 2) outputs.scores = static_cast<int>(output);
    if (width == 4) outputs.boxes = static_cast<int>(output);
    if (width == 10) outputs.landmarks = static_cast<int>(output);
  }
  return outputs;
}

Pixels mirrored(const Pixels& pixels) {
  Pixels out = pixels;
  const std::size_t bytes = at(pixels.channels * pixels.bytes_per_sample);
  for (std::size_t from = 0; from < pixels.data.size(); from += bytes) {
    const std::size_t x = from % pixels.row_bytes(), row = from - x;
    std::copy_n(pixels.data.begin() + static_cast<std::ptrdiff_t>(from), bytes,
                out.data.begin() + static_cast<std::ptrdiff_t>(row + pixels.row_bytes() - bytes - x));
  }
  return out;
}

Result<Pixels> reduced(const Pixels& picture, int longest_px) {
  const double factor = static_cast<double>(longest_px) / std::max(picture.width, picture.height);
  if (factor >= 1) return picture;
  return resize(picture, std::max(1, static_cast<int>(std::lround(picture.width * factor))),
                std::max(1, static_cast<int>(std::lround(picture.height * factor))));
}

}  // namespace

class FaceDetector::Finding {
 public:
  virtual ~Finding() = default;
  virtual Result<std::int64_t> bytes_max() const = 0;
  virtual Result<std::vector<Face>> find(const Pixels& picture, const std::atomic<bool>& cancel) = 0;
};

class FaceDetector::ByNetwork final : public Finding {
 public:
  explicit ByNetwork(std::shared_ptr<const Network> network)
      : network_(std::move(network)), outputs_(outputs_of(*network_)) {}

  Result<std::int64_t> bytes_max() const override {
    const Shape largest{3, kFaceDetectionSidePx, kFaceDetectionSidePx};
    const auto bytes = runner_bytes(*network_, largest, largest.height);
    if (!bytes) return bytes;
    return *bytes + largest.count() * std::int64_t{sizeof(float)};
  }

  Result<std::vector<Face>> find(const Pixels& picture, const std::atomic<bool>& cancel) override {
    std::vector<Face> candidates;
    for (const int side : {kFaceDetectionSidePx, kSmallSidePx}) {
      const auto level = reduced(picture, side);
      if (!level) return std::unexpected(level.error());
      auto runner = make_runner(network_, {3, padded(level->height), padded(level->width)}, padded(level->height));
      if (!runner) return std::unexpected(runner.error());
      const auto seen = look(**runner, *level, cancel);
      if (!seen) return seen;
      const double enlarged = static_cast<double>(picture.width) / level->width;
      for (const Face& face : *seen) candidates.push_back({face.place.times(enlarged), face.score});
      if (std::max(picture.width, picture.height) <= kSmallSidePx) break;
    }
    return confirmed(picture, apart(std::move(candidates), Shared::kOfBoth, kCandidatesMax), cancel);
  }

 private:
  // Sides that every level of the network divides.
  static int padded(int side) { return (side + 63) / 64 * 64; }

  Result<std::vector<Face>> confirmed(const Pixels& picture, const std::vector<Face>& candidates,
                                      const std::atomic<bool>& cancel) const {
    auto runner = make_runner(network_, {3, kSecondSide, kSecondSide}, kSecondSide);
    if (!runner) return std::unexpected(runner.error());
    std::vector<Face> faces;
    for (const Face& candidate : candidates) {
      const Pixels cut = cut_face(picture, candidate.place, kSecondSide);
      const auto upright = second_look(**runner, cut, cancel);
      if (!upright) return std::unexpected(upright.error());
      if (upright->score < kSecondScoreMin) continue;
      const auto turned = second_look(**runner, mirrored(cut), cancel);
      if (!turned) return std::unexpected(turned.error());
      if (turned->score < kSecondScoreMin) continue;
      const double score = candidate.score * std::min(upright->score, turned->score);
      if (score >= kSureMin) faces.push_back({candidate.place, score});
    }
    return apart(std::move(faces), Shared::kOfSmaller, kFacesMax);
  }

  // The surest face where it has to be in a cut one.
  Result<Face> second_look(Runner& runner, const Pixels& cut, const std::atomic<bool>& cancel) const {
    const auto seen = look(runner, cut, cancel);
    if (!seen) return std::unexpected(seen.error());
    const Similarity whole{kSecondSide, 0, 0, 0};
    const double most = outputs_.landmarks >= 0 ? kMovedMax : kMovedOfBoxMax;
    Face best;
    for (const Face& face : *seen) {
      if (face.score > best.score && moved(whole, face.place) <= most) best = face;
    }
    return best;
  }

  // All places that may be faces.
  Result<std::vector<Face>> look(Runner& runner, const Pixels& picture, const std::atomic<bool>& cancel) const {
    const int width = padded(picture.width), height = padded(picture.height);
    const std::vector<float> rows = numbers_of(picture, width, height);
    if (!runner.feed(rows.data(), height, &cancel)) return cancelled();
    const auto number = [&](int output, int place, int index) {
      return static_cast<double>(runner.row(output, place)[std::ptrdiff_t{index} * runner.pixel(output)]);
    };
    std::vector<Face> faces;
    int place = 0;
    for (const AnchorLevel& level : anchor_levels()) {
      for (int y = level.stride / 2; y < height; y += level.stride) {
        for (int x = level.stride / 2; x < width; x += level.stride) {
          for (const int size : level.sizes) {
            if (place >= runner.shape(outputs_.scores).height) return fail_internal("the detector has other anchors");
            const double score = number(outputs_.scores, place, 1);
            if (score >= kScoreMin) {
              const auto found =
                  place_from([&](int output, int index) { return number(output, place, index); }, x, y, size);
              if (found && lies_in(*found, width, height)) faces.push_back({*found, score});
            }
            ++place;
          }
        }
      }
    }
    return faces;
  }

  // Offsets are told in tenths of the anchor, sizes as logarithms in fifths (Liu et al. 2016).
  template <class Number>
  std::optional<Similarity> place_from(Number number, int x, int y, int size) const {
    constexpr double kOffset = 0.1, kLogarithm = 0.2;
    if (outputs_.landmarks >= 0) {
      std::array<Point, 5> points;
      for (int point = 0; point < 5; ++point) {
        points[at(point)] = {x + kOffset * size * number(outputs_.landmarks, 2 * point),
                             y + kOffset * size * number(outputs_.landmarks, 2 * point + 1)};
      }
      return fit_similarity(kFaceTemplate, points);
    }
    const double middle_x = x + kOffset * size * number(outputs_.boxes, 0);
    const double middle_y = y + kOffset * size * number(outputs_.boxes, 1);
    const double half_width = size * std::exp(kLogarithm * number(outputs_.boxes, 2)) / 2;
    const double half_height = size * std::exp(kLogarithm * number(outputs_.boxes, 3)) / 2;
    const Similarity found =
        place_of_box(middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height);
    return std::isfinite(found.scale()) ? std::optional(found) : std::nullopt;
  }

  // What the network was trained on: RetinaFace blue first and less the mean of ImageNet, the other half of 255 from
  // the middle. Zeros, right of the picture and below.
  std::vector<float> numbers_of(const Pixels& picture, int width, int height) const {
    const Samples samples{picture.channels, picture.bytes_per_sample, false};
    std::vector<float> numbers(at(width) * at(height) * 3);
    for (int y = 0; y < picture.height; ++y) {
      float* row = numbers.data() + at(y) * at(width) * 3;
      samples.widen(picture.data.data() + at(y) * picture.row_bytes(), 0, picture.width, row);
      for (float* pixel = row; pixel < row + at(picture.width) * 3; pixel += 3) {
        if (outputs_.landmarks >= 0) {
          const float red = 255 * pixel[0] - 123, green = 255 * pixel[1] - 117, blue = 255 * pixel[2] - 104;
          pixel[0] = blue;
          pixel[1] = green;
          pixel[2] = red;
        } else {
          for (int channel = 0; channel < 3; ++channel) pixel[channel] = (255 * pixel[channel] - 127) / 128;
        }
      }
    }
    return numbers;
  }

  const std::shared_ptr<const Network> network_;
  const Outputs outputs_;
};

class FaceDetector::ByCascades final : public Finding {
 public:
  explicit ByCascades(Cascades cascades) : cascades_(std::move(cascades)) {}

  // OpenCV's pyramid and sums over all of the picture.
  Result<std::int64_t> bytes_max() const override {
    return std::int64_t{kFaceDetectionSidePx} * kFaceDetectionSidePx * 32;
  }

  Result<std::vector<Face>> find(const Pixels& whole, const std::atomic<bool>& cancel) override {
    const auto level = reduced(whole, kCascadeSidePx);
    if (!level) return std::unexpected(level.error());
    const Pixels& picture = *level;
    const std::vector<std::uint8_t> grey = grey_of(picture);
    const double enlarged = static_cast<double>(whole.width) / picture.width;
    const auto boxes = cascades_.faces(grey, picture.width, picture.height, kCascadeSmallestPx);
    if (!boxes) return std::unexpected(boxes.error());
    std::vector<Face> faces;
    for (const FaceBox& box : *boxes) {
      if (cancel.load()) return cancelled();
      const auto eyes = cascades_.eyes(grey, picture.width, picture.height, box);
      if (!eyes) return std::unexpected(eyes.error());
      if (!*eyes) continue;
      const std::array<Point, 2> seen = {{{(*eyes)->left_x, (*eyes)->left_y}, {(*eyes)->right_x, (*eyes)->right_y}}};
      const auto place = fit_similarity(std::span(kFaceTemplate).first(2), seen);
      if (place) faces.push_back({place->times(enlarged), box.width / picture.width});
    }
    return apart(std::move(faces), Shared::kOfSmaller, kFacesMax);
  }

 private:
  static std::vector<std::uint8_t> grey_of(const Pixels& picture) {
    const Samples samples{picture.channels, picture.bytes_per_sample, false};
    std::vector<std::uint8_t> grey;
    std::vector<float> row(at(picture.width) * 3);
    for (int y = 0; y < picture.height; ++y) {
      samples.widen(picture.data.data() + at(y) * picture.row_bytes(), 0, picture.width, row.data());
      for (std::size_t x = 0; x < row.size(); x += 3) {
        const float luma = 0.299F * row[x] + 0.587F * row[x + 1] + 0.114F * row[x + 2];
        grey.push_back(static_cast<std::uint8_t>(std::clamp(luma, 0.0F, 1.0F) * 255 + 0.5F));
      }
    }
    return grey;
  }

  Cascades cascades_;
};

FaceDetector::FaceDetector(std::unique_ptr<Finding> finding) : finding_(std::move(finding)) {}
FaceDetector::FaceDetector(FaceDetector&&) noexcept = default;
FaceDetector& FaceDetector::operator=(FaceDetector&&) noexcept = default;
FaceDetector::~FaceDetector() = default;

bool FaceDetector::has_landmarks(const Network& network) {
  return outputs_of(network).landmarks >= 0;
}

Result<FaceDetector> FaceDetector::make(std::shared_ptr<const Network> network) {
  if (network == nullptr) {
    auto cascades = Cascades::open();
    if (!cascades) return std::unexpected(cascades.error());
    return FaceDetector(std::make_unique<ByCascades>(std::move(*cascades)));
  }
  const Outputs outputs = outputs_of(*network);
  if (outputs.scores < 0 || outputs.boxes < 0) {
    return fail(ErrorCode::kInvalidInput, "The network does not find faces");
  }
  return FaceDetector(std::make_unique<ByNetwork>(std::move(network)));
}

Result<std::int64_t> FaceDetector::bytes_max() const {
  return finding_->bytes_max();
}

Result<std::vector<Face>> FaceDetector::find(const Pixels& picture, const std::atomic<bool>& cancel) {
  auto faces = finding_->find(picture, cancel);
  if (!faces) return faces;
  if (cancel.load()) return cancelled();
  return faces;
}

}  // namespace tintype::engine
