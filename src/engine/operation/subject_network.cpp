#include "engine/operation/subject_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr int kSideOfAny = 320;       // of networks that take any
constexpr float kSurestShare = 0.5F;  // of what the surest view says, beside the mean of all
constexpr std::array kMean = {0.485F, 0.456F, 0.406F}, kDeviation = {0.229F, 0.224F, 0.225F};

// Rows of three numbers a pixel. The brightest of the picture's is taken for white, as where these were trained.
std::vector<float> numbers_of(const Raster& square) {
  int brightest = 1;
  for (std::size_t at = 0; at < square.rgba.size(); at += Raster::kChannels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      brightest = std::max<int>(brightest, square.rgba[at + channel]);
    }
  }
  std::vector<float> numbers;
  numbers.reserve(square.rgba.size() / Raster::kChannels * 3);
  for (std::size_t at = 0; at < square.rgba.size(); at += Raster::kChannels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float value = static_cast<float>(square.rgba[at + channel]) / static_cast<float>(brightest);
      numbers.push_back((value - kMean[channel]) / kDeviation[channel]);
    }
  }
  return numbers;
}

// A way to show it a picture. What is missed in one, as hair that fills the frame or a hand at its border, is often
// seen in another: with a wide margin around it, that goes on as the border is, or one that mirrors what is inside; the
// other way around; brighter.
struct View {
  double margin = 0;  // on each side, of the picture's
  bool mirrors_inside = false;
  bool is_turned = false;
  double power = 1;  // of coded values
};
constexpr View kViews[] = {{},
                           {.is_turned = true},
                           {.margin = 0.5},
                           {.margin = 0.25, .mirrors_inside = true, .is_turned = true},
                           {.power = 0.55}};

// Of the square that it is shown, the picture's share.
int picture_side(const View& view, int side) {
  return side - 2 * static_cast<int>(std::lround(side * view.margin / (1 + 2 * view.margin)));
}

Raster shown(const Raster& picture, const View& view, int side) {
  const int inner = picture_side(view, side), margin = (side - inner) / 2;
  const Raster small = resized(picture, {inner, inner});
  std::array<std::uint8_t, 256> levels{};
  for (std::size_t level = 0; level < levels.size(); ++level) {
    levels[level] =
        static_cast<std::uint8_t>(std::lround(255 * std::pow(static_cast<double>(level) / 255, view.power)));
  }
  const auto inside = [&](int at) {
    at -= margin;
    if (view.mirrors_inside && at < 0) at = -1 - at;
    if (view.mirrors_inside && at >= inner) at = 2 * inner - 1 - at;
    return std::clamp(at, 0, inner - 1);
  };
  Raster square(side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const std::uint8_t* from = small.at(inside(view.is_turned ? side - 1 - x : x), inside(y));
      std::uint8_t* to = square.at(x, y);
      for (int channel = 0; channel < 3; ++channel) to[channel] = levels[from[channel]];
      to[3] = from[3];
    }
  }
  return square;
}

Result<Field> ask(const std::shared_ptr<const Network>& network, int side, const View& view, const Raster& picture,
                  const std::atomic<bool>& cancel) {
  auto runner = make_runner(network, {3, side, side}, side);
  if (!runner) return std::unexpected(runner.error());
  const std::vector<float> numbers = numbers_of(shown(picture, view, side));
  if (!(*runner)->feed(numbers.data(), side, &cancel)) {
    return fail(ErrorCode::kCancelled, "The job was cancelled");
  }
  const int inner = picture_side(view, side), margin = (side - inner) / 2;
  Field saliency(inner, inner);
  for (int y = 0; y < inner; ++y) {
    const float* row = (*runner)->row(0, margin + y);
    for (int x = 0; x < inner; ++x) {
      const int from = margin + (view.is_turned ? inner - 1 - x : x);
      const float said = row[std::ptrdiff_t{from} * (*runner)->pixel(0)];
      if (!std::isfinite(said)) return fail_internal("the network for subjects answers what is no number");
      saliency.at(x, y) = std::clamp(said, 0.0F, 1.0F);
    }
  }
  return resized(saliency, {side, side});
}

// By all views: it misses more than it invents, so that one which is sure counts for more than one among many.
Result<Field> ask(const std::shared_ptr<const Network>& network, int side, const Raster& picture,
                  const std::atomic<bool>& cancel) {
  Field mean(side, side), most(side, side);
  for (const View& view : kViews) {
    const auto said = ask(network, side, view, picture, cancel);
    if (!said) return said;
    for (std::size_t at = 0; at < mean.values.size(); ++at) {
      mean.values[at] += said->values[at] / static_cast<float>(std::size(kViews));
      most.values[at] = std::max(most.values[at], said->values[at]);
    }
  }
  for (std::size_t at = 0; at < mean.values.size(); ++at) {
    mean.values[at] += kSurestShare * (most.values[at] - mean.values[at]);
  }
  return mean;
}

}  // namespace

Result<SubjectNetwork> subject_network(ModelCache& models, const std::filesystem::path& directory,
                                       const std::string& name) {
  const auto folder = read_models(directory);
  if (!folder) return std::unexpected(folder.error());
  const Manifest* chosen = nullptr;
  for (const Manifest& manifest : folder->models) {
    const bool is_wanted = name.empty() || manifest.name == name;
    if (manifest.purpose == Purpose::kSegmentation && is_wanted) chosen = &manifest;
  }
  if (chosen == nullptr) return SubjectNetwork{};
  const auto model = models.get(chosen->name, 0);
  if (!model) return std::unexpected(model.error());
  const int side = model->manifest.side > 0 ? model->manifest.side : kSideOfAny;
  const auto bytes = runner_bytes(*model->network, {3, side, side}, side);
  if (!bytes) return std::unexpected(bytes.error());
  return SubjectNetwork{[network = model->network, side](const Raster& picture, const std::atomic<bool>& cancel) {
                          return ask(network, side, picture, cancel);
                        },
                        *bytes + model->network->packed_bytes() + 12LL * side * side * static_cast<int>(sizeof(float)),
                        model->manifest.all_files()};
}

}  // namespace tintype::engine
