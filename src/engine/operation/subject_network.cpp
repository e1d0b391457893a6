#include "engine/operation/subject_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr int kSideOfAny = 320;  // of networks that take any
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

Result<Field> ask(const std::shared_ptr<const Network>& network, int side, const Raster& picture,
                  const std::atomic<bool>& cancel) {
  auto runner = make_runner(network, {3, side, side}, side);
  if (!runner) return std::unexpected(runner.error());
  const std::vector<float> numbers = numbers_of(resized(picture, {side, side}));
  if (!(*runner)->feed(numbers.data(), side, &cancel)) {
    return fail(ErrorCode::kCancelled, "The job was cancelled");
  }
  Field saliency(side, side);
  for (int y = 0; y < side; ++y) {
    const float* row = (*runner)->row(0, y);
    for (int x = 0; x < side; ++x) {
      const float said = row[std::ptrdiff_t{x} * (*runner)->pixel(0)];
      if (!std::isfinite(said)) return fail_internal("the network for subjects answers what is no number");
      saliency.at(x, y) = std::clamp(said, 0.0F, 1.0F);
    }
  }
  return saliency;
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
                        *bytes + model->network->packed_bytes() + 8LL * side * side * static_cast<int>(sizeof(float)),
                        model->manifest.all_files()};
}

}  // namespace tintype::engine
