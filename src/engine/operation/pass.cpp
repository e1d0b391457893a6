#include "engine/operation/pass.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/kernel/convolution.h"
#include "engine/operation/samples.h"

namespace tintype::engine {

namespace {

constexpr int kStripeMinPx = 128;  // a narrower one would be margin for the most part
constexpr int kBandPx = 32;
constexpr int kBandMinPx = 4;
constexpr std::int64_t kRunnerBytesWanted = 256 << 20;
constexpr int kBandsAhead = 3;  // between the first row that is read and the last that is written

std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

int rounded_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Symmetric reflection, as often as it takes: ... 1 0 | 0 1 2 | 2 1 ...
int mirrored(int place, int length) {
  const int period = 2 * length;
  const int folded = ((place % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

// The picture's rows in order, with mirrored ones above and below.
class MirroredRows {
 public:
  MirroredRows(const Pass::Source& source, const PictureShape& shape, int margin)
      : source_(source), shape_(shape), margin_(margin), next_(-margin) {}

  static std::int64_t bytes_max(const PictureShape& shape, int margin) {
    return std::int64_t{2} * std::min(margin + 1, shape.height) * static_cast<std::int64_t>(shape.row_bytes());
  }

  // The next `count` rows, one after another.
  Result<void> read(int count, std::uint8_t* out) {
    if (kept_.empty()) {
      kept_rows_ = std::min(2 * (margin_ + 1), shape_.height);
      kept_.resize(at(kept_rows_) * shape_.row_bytes());
    }
    for (int row = 0; row < count; ++row, ++next_, out += shape_.row_bytes()) {
      const int from = mirrored(next_, shape_.height);
      if (auto read = read_up_to(from); !read) return read;
      std::memcpy(out, kept(from), shape_.row_bytes());
    }
    return {};
  }

 private:
  // The latest rows are kept: what is mirrored lies no further back than the margin.
  std::uint8_t* kept(int row) { return kept_.data() + at(row % kept_rows_) * shape_.row_bytes(); }

  Result<void> read_up_to(int row) {
    // Above the picture its first rows come in the other order: they are all read at once.
    const int wanted = std::max(row + 1, std::min(margin_, shape_.height));
    for (; there_ < wanted; ++there_) {
      if (auto read = source_(1, {kept(there_), shape_.row_bytes()}); !read) return read;
    }
    return {};
  }

  const Pass::Source& source_;
  const PictureShape shape_;
  const int margin_;
  int next_;       // row to hand out
  int there_ = 0;  // rows read
  int kept_rows_ = 0;
  std::vector<std::uint8_t> kept_;
};

}  // namespace

Result<Pass> Pass::plan(std::shared_ptr<const Network> network, const PictureShape& picture,
                        const PassOptions& options) {
  Pass pass;
  const auto geometry = geometry_of(network->graph());
  if (!geometry) return std::unexpected(geometry.error());
  // A network that looks at all of a picture gets it as one stripe, and its runner keeps every row.
  const auto radius = receptive_field_radius(network->graph());
  pass.geometry_ = *geometry;
  pass.network_ = std::move(network);
  pass.options_ = options;
  pass.picture_ = picture;
  pass.result_ = {picture.width * geometry->scale, picture.height * geometry->scale, picture.channels,
                  picture.bytes_per_sample};
  const int left_out = (geometry->left_out + geometry->scale - 1) / geometry->scale;
  const bool is_deep = !radius || *radius > kMarginMaxPx;
  // Where stripes begin, kernels begin a block, so that they round as if nothing had been cut.
  const int multiple = geometry->multiple * kColumnMultiple;
  pass.margin_ = rounded_up((is_deep ? kDeepMarginPx : *radius) + left_out, multiple);
  const int automatic = std::max(kStripeMinPx, (picture.width + options.threads - 1) / options.threads);
  pass.core_width_ = rounded_up(std::min(!radius                 ? picture.width
                                         : options.stripe_px > 0 ? options.stripe_px
                                                                 : automatic,
                                         picture.width),
                                multiple);
  pass.stripes_ = (picture.width + pass.core_width_ - 1) / pass.core_width_;
  pass.stripe_shape_ = {3, rounded_up(picture.height, geometry->multiple) + 2 * pass.margin_,
                        pass.core_width_ + 2 * pass.margin_};
  const auto shapes = infer_shapes(pass.network_->graph(), pass.stripe_shape_);
  if (!shapes) return std::unexpected(shapes.error());
  if ((*shapes)[at(pass.network_->graph().outputs[0])].channels != pass.stripe_shape_.channels) {
    return fail(ErrorCode::kInvalidInput, "The network does not make pictures of three channels");
  }
  std::int64_t runner_bytes_max = 0;
  for (int band = options.band_px > 0 ? options.band_px : kBandPx;; band /= 2) {
    pass.options_.band_px = rounded_up(band, geometry->multiple);
    const auto bytes = runner_bytes(*pass.network_, pass.stripe_shape_, pass.options_.band_px);
    if (!bytes) return std::unexpected(bytes.error());
    runner_bytes_max = *bytes;
    if (options.band_px > 0 || *bytes <= kRunnerBytesWanted || band <= kBandMinPx) break;
  }
  auto rows = rows_by_feed(*pass.network_, pass.stripe_shape_, pass.options_.band_px);
  if (!rows) return std::unexpected(rows.error());
  pass.rows_by_band_ = std::move(*rows);
  int rows_max = 0;
  for (const RowRange& range : pass.rows_by_band_) rows_max = std::max(rows_max, range.end - range.first);
  const std::int64_t bands =
      kBandsAhead * (std::int64_t{pass.options_.band_px} * static_cast<std::int64_t>(picture.row_bytes()) +
                     std::int64_t{rows_max} * static_cast<std::int64_t>(pass.result_.row_bytes()));
  const std::int64_t floats = std::int64_t{pass.options_.band_px} * pass.stripe_shape_.width * 3 * 4;
  pass.bytes_max_ = runner_bytes_max * pass.stripes_ * (picture.has_alpha() ? 2 : 1) + bands +
                    options.threads * floats + MirroredRows::bytes_max(picture, pass.margin_) +
                    pass.network_->packed_bytes();
  return pass;
}

// One run. Workers take whatever can be done next: a band of a stripe, reading a band, or handing one on.
class PassRun {
 public:
  PassRun(const Pass& pass, const Pass::Source& source, const Pass::Sink& sink, const std::atomic<bool>& cancel,
          const std::function<void(double)>& progress)
      : pass_(pass),
        sink_(sink),
        cancel_(cancel),
        progress_(progress),
        rows_(source, pass.picture_, pass.margin_),
        bands_(static_cast<int>(pass.rows_by_band_.size())),
        stripes_(at(pass.stripes_ * (pass.picture_.has_alpha() ? 2 : 1))) {
    for (std::size_t stripe = 0; stripe < stripes_.size(); ++stripe) {
      stripes_[stripe].left = static_cast<int>(stripe) % pass.stripes_ * pass.core_width_;
      stripes_[stripe].is_alpha = static_cast<int>(stripe) >= pass.stripes_;
    }
    for (Band& band : ring_) {
      band.in.resize(at(pass.options_.band_px) * pass.picture_.row_bytes());
    }
  }

  Result<void> run() {
    {
      std::vector<std::jthread> threads;  // joined at the end of the block, however it is left
      const int count = std::min(pass_.options_.threads, static_cast<int>(stripes_.size()));
      for (int at = 1; at < count; ++at) threads.emplace_back([this] { work_fenced(); });
      work_fenced();
    }
    if (thrown_) std::rethrow_exception(thrown_);
    if (error_) return std::unexpected(std::move(*error_));
    return {};
  }

 private:
  struct Stripe {
    int left = 0;
    bool is_alpha = false;
    bool is_busy = false;
    int next_band = 0;
    std::unique_ptr<Runner> runner;
  };
  struct Band {
    std::vector<std::uint8_t> in;
    std::vector<std::uint8_t> out;
    int done = 0;  // stripes
  };

  // What is thrown here, for want of memory, is the caller's to hear.
  void work_fenced() noexcept {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      thrown_ = std::current_exception();
      is_stopped_ = true;
      changed_.notify_all();
    }
  }

  void work() {
    std::vector<float> floats(at(pass_.options_.band_px) * at(pass_.stripe_shape_.width) * 3);
    std::unique_lock lock(mutex_);
    while (!is_stopped_ && written_ < bands_) {
      if (cancel_.load()) return stop(fail(ErrorCode::kCancelled, "The job was cancelled").error());
      if (!is_writing_ && written_ < read_ &&
          ring_[at(written_ % kBandsAhead)].done == static_cast<int>(stripes_.size())) {
        write(lock);
      } else if (Stripe* stripe = next_stripe()) {
        run_stripe(*stripe, floats, lock);
      } else if (!is_reading_ && read_ < bands_ && read_ < written_ + kBandsAhead) {
        read(lock);
      } else {
        changed_.wait(lock);
      }
    }
  }

  // The one that is furthest behind.
  Stripe* next_stripe() {
    Stripe* next = nullptr;
    for (Stripe& stripe : stripes_) {
      if (stripe.is_busy || stripe.next_band >= read_) continue;
      if (next == nullptr || stripe.next_band < next->next_band) next = &stripe;
    }
    return next;
  }

  void read(std::unique_lock<std::mutex>& lock) {
    is_reading_ = true;
    Band& band = ring_[at(read_ % kBandsAhead)];
    const int first = read_ * pass_.options_.band_px;
    lock.unlock();
    const auto range = kept_rows(read_);
    band.out.resize(at(range.end - range.first) * pass_.result_.row_bytes());
    const auto done = rows_.read(std::min(pass_.options_.band_px, pass_.stripe_shape_.height - first), band.in.data());
    lock.lock();
    is_reading_ = false;
    if (!done) return stop(done.error());
    band.done = 0;
    ++read_;
    changed_.notify_all();
  }

  void write(std::unique_lock<std::mutex>& lock) {
    is_writing_ = true;
    const Band& band = ring_[at(written_ % kBandsAhead)];
    lock.unlock();
    const auto done = band.out.empty() ? Result<void>() : sink_(band.out);
    lock.lock();
    is_writing_ = false;
    if (!done) return stop(done.error());
    ++written_;
    changed_.notify_all();
  }

  void run_stripe(Stripe& stripe, std::vector<float>& floats, std::unique_lock<std::mutex>& lock) {
    stripe.is_busy = true;
    const int index = stripe.next_band;
    Band& band = ring_[at(index % kBandsAhead)];
    lock.unlock();
    const auto done = run_band(stripe, index, band, floats);
    lock.lock();
    stripe.is_busy = false;
    if (!done) return stop(done.error());
    ++stripe.next_band;
    ++band.done;
    changed_.notify_all();
    const double share =
        static_cast<double>(++parts_done_) / (static_cast<double>(bands_) * static_cast<double>(stripes_.size()));
    lock.unlock();
    progress_(share);
    lock.lock();
  }

  Result<void> run_band(Stripe& stripe, int index, Band& band, std::vector<float>& floats) {
    if (!stripe.runner) {
      auto runner = make_runner(pass_.network_, pass_.stripe_shape_, pass_.options_.band_px);
      if (!runner) return std::unexpected(runner.error());
      stripe.runner = std::move(*runner);
    }
    const int first = index * pass_.options_.band_px;
    const int count = std::min(pass_.options_.band_px, pass_.stripe_shape_.height - first);
    for (int row = 0; row < count; ++row) {
      take_in(stripe, band.in.data() + at(row) * pass_.picture_.row_bytes(),
              floats.data() + at(row) * at(pass_.stripe_shape_.width) * 3);
    }
    if (!stripe.runner->feed(floats.data(), count, &cancel_)) {
      return fail(ErrorCode::kCancelled, "The job was cancelled");
    }
    return give_out(stripe, index, band);
  }

  void take_in(const Stripe& stripe, const std::uint8_t* row, float* out) const {
    const PictureShape& picture = pass_.picture_;
    const int left = stripe.left - pass_.margin_;
    const int inside_first = std::clamp(left, 0, picture.width);
    const int inside_end = std::clamp(left + pass_.stripe_shape_.width, inside_first, picture.width);
    const Samples samples{picture.channels, picture.bytes_per_sample, stripe.is_alpha};
    samples.widen(row, inside_first, inside_end - inside_first, out + at(inside_first - left) * 3);
    for (int x = left; x < inside_first; ++x) samples.widen(row, mirrored(x, picture.width), 1, out + at(x - left) * 3);
    for (int x = inside_end; x < left + pass_.stripe_shape_.width; ++x) {
      samples.widen(row, mirrored(x, picture.width), 1, out + at(x - left) * 3);
    }
  }

  // Of the rows that a band brings forth, those that belong to the result.
  RowRange kept_rows(int band) const {
    const RowRange& made = pass_.rows_by_band_[at(band)];
    const int top = pass_.margin_ * pass_.geometry_.scale - pass_.geometry_.left_out;
    const int first = std::clamp(made.first - top, 0, pass_.result_.height);
    return {first, std::clamp(made.end - top, first, pass_.result_.height)};
  }

  Result<void> give_out(const Stripe& stripe, int index, Band& band) const {
    const RowRange rows = kept_rows(index);
    const int scale = pass_.geometry_.scale;
    const int skipped = pass_.margin_ * scale - pass_.geometry_.left_out;
    const int left = stripe.left * scale;
    const int count = std::min(pass_.core_width_ * scale, pass_.result_.width - left);
    const Samples samples{pass_.result_.channels, pass_.result_.bytes_per_sample, stripe.is_alpha};
    const Runner& runner = *stripe.runner;
    bool sound = true;
    for (int y = rows.first; y < rows.end; ++y) {
      const float* from = runner.row(0, y + skipped) + at(skipped) * at(runner.pixel(0));
      std::uint8_t* to = band.out.data() + at(y - rows.first) * pass_.result_.row_bytes();
      sound = samples.narrow(from, runner.pixel(0), to, left, count) && sound;
    }
    if (!sound) return fail_internal("the network answered something that is not a number");
    return {};
  }

  // With the lock held.
  void stop(Error error) {
    if (!error_) error_ = std::move(error);
    is_stopped_ = true;
    changed_.notify_all();
  }

  const Pass& pass_;
  const Pass::Sink& sink_;
  const std::atomic<bool>& cancel_;
  const std::function<void(double)>& progress_;
  MirroredRows rows_;
  const int bands_;
  std::vector<Stripe> stripes_;
  std::array<Band, kBandsAhead> ring_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int read_ = 0;  // bands
  int written_ = 0;
  int parts_done_ = 0;  // bands of stripes
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_stopped_ = false;
  std::optional<Error> error_;
  std::exception_ptr thrown_;
};

Result<void> Pass::run(const Source& source, const Sink& sink, const std::atomic<bool>& cancel,
                       const std::function<void(double)>& progress) const {
  return PassRun(*this, source, sink, cancel, progress).run();
}

std::vector<int> Pass::cuts() const {
  std::vector<int> cuts;
  for (int stripe = 1; stripe < stripes_; ++stripe) cuts.push_back(stripe * core_width_ * geometry_.scale);
  return cuts;
}

Pass::Source source_of(const Pixels& pixels) {
  return [&pixels, taken = std::size_t{0}](int, std::span<std::uint8_t> out) mutable -> Result<void> {
    std::memcpy(out.data(), pixels.data.data() + taken, out.size());
    taken += out.size();
    return {};
  };
}

Result<Pixels> collect(const Pass& pass, const Pass::Source& source, const std::atomic<bool>& cancel,
                       const std::function<void(double)>& progress) {
  const PictureShape& shape = pass.result();
  Pixels result{shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
  result.data.reserve(shape.size_bytes());
  const Pass::Sink sink = [&](std::span<const std::uint8_t> rows) -> Result<void> {
    result.data.insert(result.data.end(), rows.begin(), rows.end());
    return {};
  };
  if (auto done = pass.run(source, sink, cancel, progress); !done) return std::unexpected(done.error());
  return result;
}

}  // namespace tintype::engine
