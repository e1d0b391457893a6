#include "engine/face/cascades.h"

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <string>

namespace tintype::engine {

namespace {

// Where Debian's opencv-data puts them.
const std::string kFolder = "/usr/share/opencv4/haarcascades/";
constexpr double kPyramidStep = 1.1;
constexpr int kFaceNeighbours = 5;
constexpr int kEyeNeighbours = 4;
// Of a face's box: how far down eyes are, how far apart, and how much one may be above the other.
constexpr double kEyesAbove = 0.62;
constexpr double kEyesApartMin = 0.25, kEyesApartMax = 0.65, kEyesTiltMax = 0.45;
constexpr double kEyeMin = 0.14, kEyeMax = 0.42;
constexpr int kEyeFacePx = 200;  // a smaller face is enlarged to this before its eyes are looked for

cv::Mat borrow(std::span<const std::uint8_t> grey, int width, int height) {
  return {height, width, CV_8UC1, const_cast<std::uint8_t*>(grey.data())};  // only read
}

// Of all pairs that could be eyes the one that is most level, for its distance.
std::optional<EyePair> best_pair(const std::vector<cv::Rect>& found, double face_width) {
  std::optional<EyePair> best;
  double least = kEyesTiltMax;
  for (const cv::Rect& left : found) {
    for (const cv::Rect& right : found) {
      const EyePair pair{left.x + left.width / 2.0, left.y + left.height / 2.0, right.x + right.width / 2.0,
                         right.y + right.height / 2.0};
      const double apart = (pair.right_x - pair.left_x) / face_width;
      if (apart < kEyesApartMin || apart > kEyesApartMax) continue;
      const double tilt = std::abs(pair.right_y - pair.left_y) / (pair.right_x - pair.left_x);
      if (tilt >= least) continue;
      least = tilt;
      best = pair;
    }
  }
  return best;
}

}  // namespace

struct Cascades::State {
  cv::CascadeClassifier faces;
  cv::CascadeClassifier eyes;
};

Cascades::Cascades(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cascades::Cascades(Cascades&&) noexcept = default;
Cascades& Cascades::operator=(Cascades&&) noexcept = default;
Cascades::~Cascades() = default;

Result<Cascades> Cascades::open() {
  auto state = std::make_unique<State>();
  try {
    if (state->faces.load(kFolder + "haarcascade_frontalface_default.xml") &&
        state->eyes.load(kFolder + "haarcascade_eye.xml")) {
      return Cascades(std::move(state));
    }
  } catch (const cv::Exception& exception) {
    return fail_internal(exception.what());
  }
  return fail(ErrorCode::kNotFound, "There is nothing that finds faces: no network, and no cascades in " + kFolder,
              "Please add a network with `tintype models add`, or install Debian's opencv-data");
}

Result<std::vector<FaceBox>> Cascades::faces(std::span<const std::uint8_t> grey, int width, int height,
                                             int smallest_px) {
  try {
    cv::Mat level;
    cv::equalizeHist(borrow(grey, width, height), level);
    std::vector<cv::Rect> found;
    state_->faces.detectMultiScale(level, found, kPyramidStep, kFaceNeighbours, 0, {smallest_px, smallest_px});
    std::vector<FaceBox> boxes;
    for (const cv::Rect& face : found) {
      boxes.push_back({static_cast<double>(face.x), static_cast<double>(face.y), static_cast<double>(face.width),
                       static_cast<double>(face.height)});
    }
    return boxes;
  } catch (const cv::Exception& exception) {
    return fail_internal(exception.what());
  }
}

Result<std::optional<EyePair>> Cascades::eyes(std::span<const std::uint8_t> grey, int width, int height,
                                              const FaceBox& face) {
  try {
    const cv::Rect upper = cv::Rect(static_cast<int>(face.x), static_cast<int>(face.y), static_cast<int>(face.width),
                                    static_cast<int>(face.height * kEyesAbove)) &
                           cv::Rect(0, 0, width, height);
    if (upper.width < 8 || upper.height < 8) return std::optional<EyePair>();
    const double factor = std::max(1.0, kEyeFacePx / face.width);
    cv::Mat part;
    cv::resize(borrow(grey, width, height)(upper), part, {}, factor, factor, cv::INTER_CUBIC);
    cv::equalizeHist(part, part);
    const auto side = [&](double share) {
      const int length = static_cast<int>(face.width * factor * share);
      return cv::Size(length, length);
    };
    std::vector<cv::Rect> found;
    state_->eyes.detectMultiScale(part, found, kPyramidStep, kEyeNeighbours, 0, side(kEyeMin), side(kEyeMax));
    auto pair = best_pair(found, face.width * factor);
    if (!pair) return pair;
    return std::optional(EyePair{upper.x + pair->left_x / factor, upper.y + pair->left_y / factor,
                                 upper.x + pair->right_x / factor, upper.y + pair->right_y / factor});
  } catch (const cv::Exception& exception) {
    return fail_internal(exception.what());
  }
}

}  // namespace tintype::engine
