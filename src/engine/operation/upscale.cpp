#include "engine/operation/upscale.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

namespace tintype::engine {

namespace {

// Symmetric reflection, as often as it takes: ... 1 0 | 0 1 2 | 2 1 ...
int mirrored(int at, int length) {
  const int period = 2 * length;
  const int folded = ((at % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

// How a picture is cut: equal tiles, so that one shape serves all.
struct Grid {
  int core_width, core_height;
  int columns, rows;
  int margin;

  Grid(int width, int height, int tile_px, int reach)
      : columns((width + tile_px - 1) / tile_px), rows((height + tile_px - 1) / tile_px), margin(reach) {
    core_width = (width + columns - 1) / columns;
    core_height = (height + rows - 1) / rows;
  }
  int tile_width() const { return core_width + 2 * margin; }
  int tile_height() const { return core_height + 2 * margin; }
  int count() const { return columns * rows; }
};

// One run over a picture; the tiles are shared out among threads.
class Upscaling {
 public:
  Upscaling(const Pixels& picture, std::shared_ptr<const Graph> graph, const UpscaleOptions& options,
            const std::atomic<bool>& cancel, const std::function<void(double)>& progress)
      : picture_(picture),
        graph_(std::move(graph)),
        options_(options),
        cancel_(cancel),
        progress_(progress),
        grid_(picture.width, picture.height, options.tile_px, graph_->receptive_field_radius()),
        colours_(picture.channels <= 2 ? 1 : 3) {}

  Result<Pixels> run() {
    result_.width = picture_.width * graph_->scale;
    result_.height = picture_.height * graph_->scale;
    result_.channels = picture_.channels;
    result_.bytes_per_sample = picture_.bytes_per_sample;
    result_.data.resize(result_.row_bytes() * static_cast<std::size_t>(result_.height));
    {
      std::vector<std::jthread> threads;  // joined at the end of the block, however it is left
      const int count = std::min(options_.threads, grid_.count());
      for (int at = 1; at < count; ++at) threads.emplace_back([this] { run_tiles_fenced(); });
      run_tiles_fenced();
    }
    if (thrown_) std::rethrow_exception(thrown_);
    if (error_) return std::unexpected(std::move(*error_));
    if (picture_.has_alpha()) {
      if (auto merged = merge_alpha(); !merged) return std::unexpected(merged.error());
    }
    return std::move(result_);
  }

 private:
  // What is thrown here, for want of memory, is the caller's to hear.
  void run_tiles_fenced() noexcept {
    try {
      run_tiles();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      thrown_ = std::current_exception();
      stopped_.store(true);
    }
  }

  void run_tiles() {
    auto runner = make_runner(options_.backend, graph_, grid_.tile_width(), grid_.tile_height());
    if (!runner) return stop(runner.error());
    const std::size_t pixels =
        static_cast<std::size_t>(grid_.tile_width()) * static_cast<std::size_t>(grid_.tile_height());
    const auto scale = static_cast<std::size_t>(graph_->scale);
    std::vector<float> input(pixels * 3), output(pixels * 3 * scale * scale);
    while (!stopped_.load()) {
      const int tile = next_.fetch_add(1);
      if (tile >= grid_.count()) return;
      if (cancel_.load()) return stop(fail(ErrorCode::kCancelled, "The job was cancelled").error());
      read_tile(tile, input.data());
      (*runner)->run(input.data(), output.data());
      if (!write_tile(tile, output.data())) return stop(fail_internal("the network answered NaN").error());
      progress_(static_cast<double>(done_.fetch_add(1) + 1) / grid_.count());
    }
  }

  void stop(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stopped_.store(true);
  }

  float sample(int y, int x, int channel) const {
    const std::size_t at = static_cast<std::size_t>(y) * picture_.row_bytes() +
                           static_cast<std::size_t>((x * picture_.channels + channel) * picture_.bytes_per_sample);
    if (picture_.bytes_per_sample == 1) return static_cast<float>(picture_.data[at]) / 255.0F;
    std::uint16_t value = 0;
    std::memcpy(&value, picture_.data.data() + at, sizeof value);
    return static_cast<float>(value) / 65535.0F;
  }

  void read_tile(int tile, float* planes) const {
    const int top = tile / grid_.columns * grid_.core_height - grid_.margin;
    const int left = tile % grid_.columns * grid_.core_width - grid_.margin;
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < grid_.tile_height(); ++y) {
        const int from_y = mirrored(top + y, picture_.height);
        for (int x = 0; x < grid_.tile_width(); ++x) {
          *planes++ = sample(from_y, mirrored(left + x, picture_.width), colours_ == 1 ? 0 : channel);
        }
      }
    }
  }

  // Crops the margin away. False when there is something that is not a number.
  bool write_tile(int tile, const float* planes) {
    const int scale = graph_->scale;
    const int top = tile / grid_.columns * grid_.core_height, left = tile % grid_.columns * grid_.core_width;
    const int height = std::min(grid_.core_height, picture_.height - top) * scale;
    const int width = std::min(grid_.core_width, picture_.width - left) * scale;
    const auto enlarged = [scale](int side) {
      return static_cast<std::size_t>(side) * static_cast<std::size_t>(scale);
    };
    const std::size_t stride = enlarged(grid_.tile_width());
    const std::size_t plane = stride * enlarged(grid_.tile_height());
    const float* core = planes + enlarged(grid_.margin) * (stride + 1);
    bool sound = true;
    for (int y = 0; y < height; ++y) {
      std::uint8_t* out = result_.data.data() + static_cast<std::size_t>(top * scale + y) * result_.row_bytes() +
                          static_cast<std::size_t>(left * scale * result_.channels * result_.bytes_per_sample);
      const float* row = core + static_cast<std::size_t>(y) * stride;
      for (int x = 0; x < width; ++x) {
        for (int channel = 0; channel < colours_; ++channel) {
          const float value = colours_ == 1 ? (row[x] + row[x + plane] + row[x + 2 * plane]) / 3
                                            : row[x + static_cast<std::size_t>(channel) * plane];
          sound = sound && std::isfinite(value);
          store(out, x * result_.channels + channel, value);
        }
      }
    }
    return sound;
  }

  void store(std::uint8_t* row, int at, float value) const {
    const float clamped = std::clamp(value, 0.0F, 1.0F);
    if (result_.bytes_per_sample == 1) {
      row[at] = static_cast<std::uint8_t>(clamped * 255.0F + 0.5F);
    } else {
      const auto wide = static_cast<std::uint16_t>(clamped * 65535.0F + 0.5F);
      std::memcpy(row + static_cast<std::size_t>(at) * 2, &wide, sizeof wide);
    }
  }

  // Enlarges alpha by itself and puts it beside the colours.
  Result<void> merge_alpha() {
    const auto bytes = static_cast<std::size_t>(picture_.bytes_per_sample);
    const auto channels = static_cast<std::size_t>(picture_.channels);
    Pixels alpha{picture_.width, picture_.height, 1, picture_.bytes_per_sample, {}};
    const std::size_t count = static_cast<std::size_t>(picture_.width) * static_cast<std::size_t>(picture_.height);
    alpha.data.resize(count * bytes);
    for (std::size_t at = 0; at < count; ++at) {
      std::memcpy(alpha.data.data() + at * bytes, picture_.data.data() + (at * channels + channels - 1) * bytes, bytes);
    }
    auto enlarged = resize(std::move(alpha), result_.width, result_.height);
    if (!enlarged) return std::unexpected(enlarged.error());
    const std::size_t pixels = static_cast<std::size_t>(result_.width) * static_cast<std::size_t>(result_.height);
    for (std::size_t at = 0; at < pixels; ++at) {
      std::memcpy(result_.data.data() + (at * channels + channels - 1) * bytes, enlarged->data.data() + at * bytes,
                  bytes);
    }
    return {};
  }

  const Pixels& picture_;
  const std::shared_ptr<const Graph> graph_;
  const UpscaleOptions& options_;
  const std::atomic<bool>& cancel_;
  const std::function<void(double)>& progress_;
  const Grid grid_;
  const int colours_;
  Pixels result_;
  std::atomic<int> next_{0};
  std::atomic<int> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::optional<Error> error_;
  std::exception_ptr thrown_;
};

}  // namespace

Result<Pixels> upscale(const Pixels& picture, const std::shared_ptr<const Graph>& graph, const UpscaleOptions& options,
                       const std::atomic<bool>& cancel, const std::function<void(double)>& progress) {
  return Upscaling(picture, graph, options, cancel, progress).run();
}

std::int64_t upscale_bytes_max(int width, int height, int channels, int bytes_per_sample, const Graph& graph,
                               const UpscaleOptions& options) {
  const Grid grid(width, height, options.tile_px, graph.receptive_field_radius());
  const std::int64_t enlarged = std::int64_t{graph.scale} * graph.scale;
  const std::int64_t result = std::int64_t{width} * height * enlarged * channels * bytes_per_sample;
  const std::int64_t tile = std::int64_t{grid.tile_width()} * grid.tile_height() * 3 * (1 + enlarged) * 4;
  const std::int64_t alpha = channels % 2 == 0 ? std::int64_t{width} * height * (1 + enlarged) * bytes_per_sample : 0;
  const int threads = std::min(options.threads, grid.count());
  return result + alpha + threads * (tile + runner_bytes_max(graph, grid.tile_width(), grid.tile_height()));
}

}  // namespace tintype::engine
