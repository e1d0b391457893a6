#include "engine/operation/pass.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/operation/samples.h"

namespace tintype::engine {

namespace {

constexpr int kStripeMinPx = 128;  // a narrower one would be margin for the most part
constexpr int kBandPx = 8;
constexpr int kBandMinPx = 4;
constexpr std::int64_t kRunnerBytesWanted = 256 << 20;

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
      // A last block may reach further below the picture than its margin: what is there shows nowhere.
      const int from = std::max(mirrored(next_, shape_.height), next_ < shape_.height ? 0 : shape_.height - kept_rows_);
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
  const auto radius = receptive_field_radius(network->graph());
  pass.geometry_ = *geometry;
  pass.network_ = std::move(network);
  pass.options_ = options;
  pass.picture_ = picture;
  pass.result_ = {picture.width * geometry->scale, picture.height * geometry->scale, picture.channels,
                  picture.bytes_per_sample};
  const int left_out = (geometry->left_out + geometry->scale - 1) / geometry->scale;
  const bool is_deep = !radius || *radius > kCutRadiusMaxPx;
  pass.margin_ = rounded_up((is_deep ? kDeepMarginPx : *radius) + left_out, pass.cut_multiple());
  if (auto fitted = pass.fit_stripes(!radius); !fitted) return std::unexpected(fitted.error());
  if (options.bytes_wanted > 0 && pass.bytes_max_ > options.bytes_wanted && radius) {
    if (auto fitted = pass.fit_blocks(); !fitted) return std::unexpected(fitted.error());
  }
  return pass;
}

// A network that looks at all of a picture gets it as one stripe, and its runner keeps every row.
Result<void> Pass::fit_stripes(bool sees_all) {
  const int automatic = std::max(kStripeMinPx, (picture_.width + options_.threads - 1) / options_.threads);
  const int wanted = sees_all ? picture_.width : options_.stripe_px > 0 ? options_.stripe_px : automatic;
  core_width_ = rounded_up(std::min(wanted, picture_.width), cut_multiple());
  stripe_shape_ = {3, rounded_up(picture_.height, geometry_.multiple) + 2 * margin_, core_width_ + 2 * margin_};
  const bool is_open = options_.band_px == 0;
  for (int band = is_open ? kBandPx : options_.band_px;; band /= 2) {
    options_.band_px = rounded_up(band, geometry_.multiple);
    const auto bytes = runner_bytes(*network_, stripe_shape_, options_.band_px);
    if (!bytes) return std::unexpected(bytes.error());
    if (!is_open || *bytes <= kRunnerBytesWanted || band <= kBandMinPx) break;
  }
  return measure();
}

// The blocks that take the least work of those that fit; those that take the least memory where none do.
Result<void> Pass::fit_blocks() {
  const Pass stripes = *this;
  std::optional<Pass> best;
  double best_work = 0;
  for (const int block : {kBlockMaxPx, 256, 128}) {
    for (const int width : {512, 256, 128, 64}) {
      Pass pass = stripes;
      pass.block_px_ = block;
      pass.core_width_ = rounded_up(std::min(width, picture_.width), cut_multiple());
      pass.options_.band_px = rounded_up(kBandMinPx, geometry_.multiple);
      pass.stripe_shape_ = {3, block + 2 * margin_, pass.core_width_ + 2 * margin_};
      if (auto measured = pass.measure(); !measured) return measured;
      const double work = static_cast<double>(pass.stripe_shape_.height) / block * pass.stripe_shape_.width /
                          static_cast<double>(pass.core_width_);
      const bool fits = pass.bytes_max_ <= options_.bytes_wanted;
      const bool best_fits = best && best->bytes_max_ <= options_.bytes_wanted;
      const bool is_better = fits && best_fits ? work < best_work : !best || pass.bytes_max_ < best->bytes_max_;
      if (!is_better) continue;
      best = std::move(pass);
      best_work = work;
    }
  }
  if (best->bytes_max_ < bytes_max_) *this = std::move(*best);
  return {};
}

Result<void> Pass::measure() {
  const auto shapes = infer_shapes(network_->graph(), stripe_shape_);
  if (!shapes) return std::unexpected(shapes.error());
  const Shape made = (*shapes)[at(network_->graph().outputs[0])];
  const auto side_of = [&](int side) { return side * geometry_.scale - 2 * geometry_.left_out; };
  if (made != Shape{3, side_of(stripe_shape_.height), side_of(stripe_shape_.width)}) {
    return fail(ErrorCode::kInvalidInput, "The network does not answer a picture of three colours for every picture");
  }
  const auto runner = runner_bytes(*network_, stripe_shape_, options_.band_px);
  if (!runner) return std::unexpected(runner.error());
  auto rows = rows_by_feed(*network_, stripe_shape_, options_.band_px);
  if (!rows) return std::unexpected(rows.error());
  rows_by_feed_ = std::move(*rows);
  stripes_ = (picture_.width + core_width_ - 1) / core_width_;
  int in_max = 0, out_max = 0, written = 0;
  rows_ahead_ = 0;
  for (int band = 0; band < bands(); ++band) {
    in_max = std::max(in_max, rows_in(band));
    out_max = std::max(out_max, rows_out(band));
    const int rows_each = has_blocks() ? block_px_ : options_.band_px;
    const int read = std::min(picture_.height, (band + 1 + kBandsAhead) * rows_each + 2 * margin_);
    rows_ahead_ = std::max(rows_ahead_, read - written / geometry_.scale);
    written += rows_out(band);
  }
  const std::int64_t bands = kBandsAhead * (std::int64_t{in_max} * static_cast<std::int64_t>(picture_.row_bytes()) +
                                            std::int64_t{out_max} * static_cast<std::int64_t>(result_.row_bytes()));
  const std::int64_t floats = std::int64_t{options_.band_px} * stripe_shape_.width * 3 * 4;
  const std::int64_t stripes = std::int64_t{stripes_} * (picture_.has_alpha() ? 2 : 1);
  const std::int64_t runners = has_blocks() ? std::min<std::int64_t>(options_.threads, stripes) : stripes;
  bytes_max_ = *runner * runners + bands + options_.threads * floats + MirroredRows::bytes_max(picture_, margin_) +
               network_->packed_bytes();
  return {};
}

int Pass::cut_multiple() const {
  return geometry_.multiple * kColumnMultiple;
}

int Pass::bands() const {
  return has_blocks() ? (picture_.height + block_px_ - 1) / block_px_ : static_cast<int>(rows_by_feed_.size());
}

int Pass::rows_in(int band) const {
  if (has_blocks()) return stripe_shape_.height;
  // Behind the lower edge none come in, and the network brings forth the rest.
  return std::clamp(stripe_shape_.height - band * options_.band_px, 0, options_.band_px);
}

int Pass::rows_out(int band) const {
  if (has_blocks()) return std::min(block_px_, picture_.height - band * block_px_) * geometry_.scale;
  const RowRange rows = kept_rows(band);
  return rows.end - rows.first;
}

RowRange Pass::kept_rows(int feed) const {
  const RowRange& made = rows_by_feed_[at(feed)];
  const int top = margin_ * geometry_.scale - geometry_.left_out;
  const int height = has_blocks() ? block_px_ * geometry_.scale : result_.height;
  const int first = std::clamp(made.first - top, 0, height);
  return {first, std::clamp(made.end - top, first, height)};
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
        bands_(pass.bands()),
        stripes_(at(pass.stripes_ * (pass.picture_.has_alpha() ? 2 : 1))) {
    for (std::size_t stripe = 0; stripe < stripes_.size(); ++stripe) {
      stripes_[stripe].left = static_cast<int>(stripe) % pass.stripes_ * pass.core_width_;
      stripes_[stripe].is_alpha = static_cast<int>(stripe) >= pass.stripes_;
    }
    for (Band& band : ring_) {
      band.in.resize(at(pass.rows_in(0)) * pass.picture_.row_bytes());
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
  // What a thread has for itself.
  struct Worker {
    std::vector<float> floats;
    std::unique_ptr<Runner> runner;  // of blocks
  };
  struct Stripe {
    int left = 0;
    bool is_alpha = false;
    bool is_busy = false;
    int next_band = 0;
    std::unique_ptr<Runner> runner;  // without blocks: it goes on where the last band ended
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
    Worker worker;
    worker.floats.resize(at(pass_.options_.band_px) * at(pass_.stripe_shape_.width) * 3);
    std::unique_lock lock(mutex_);
    while (!is_stopped_ && written_ < bands_) {
      if (cancel_.load()) return stop(fail(ErrorCode::kCancelled, "The job was cancelled").error());
      if (!is_writing_ && written_ < read_ &&
          ring_[at(written_ % kBandsAhead)].done == static_cast<int>(stripes_.size())) {
        write(lock);
      } else if (Stripe* stripe = next_stripe()) {
        run_stripe(*stripe, worker, lock);
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
    lock.unlock();
    band.out.resize(at(pass_.rows_out(read_)) * pass_.result_.row_bytes());
    // A block begins with the last rows of the one above it, which others may be reading, and nobody writes.
    const int shared = pass_.has_blocks() && read_ > 0 ? 2 * pass_.margin_ : 0;
    const int rows = pass_.rows_in(read_);
    const std::size_t row_bytes = pass_.picture_.row_bytes();
    if (shared > 0) {
      const Band& above = ring_[at((read_ - 1) % kBandsAhead)];
      std::memcpy(band.in.data(), above.in.data() + at(rows - shared) * row_bytes, at(shared) * row_bytes);
    }
    const auto done = rows_.read(rows - shared, band.in.data() + at(shared) * row_bytes);
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

  void run_stripe(Stripe& stripe, Worker& worker, std::unique_lock<std::mutex>& lock) {
    stripe.is_busy = true;
    const int index = stripe.next_band;
    Band& band = ring_[at(index % kBandsAhead)];
    lock.unlock();
    const auto done = run_band(stripe, index, band, worker);
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

  Result<void> run_band(Stripe& stripe, int index, Band& band, Worker& worker) {
    std::unique_ptr<Runner>& runner = pass_.has_blocks() ? worker.runner : stripe.runner;
    if (!runner) {
      auto made = make_runner(pass_.network_, pass_.stripe_shape_, pass_.options_.band_px);
      if (!made) return std::unexpected(made.error());
      runner = std::move(*made);
    }
    if (!pass_.has_blocks()) return run_feed(stripe, *runner, index, band, 0, pass_.rows_in(index), worker);
    int first = 0;
    for (int feed = 0; feed < static_cast<int>(pass_.rows_by_feed_.size()); ++feed) {
      const int count = std::min(pass_.options_.band_px, pass_.stripe_shape_.height - first);
      if (auto done = run_feed(stripe, *runner, feed, band, first, count, worker); !done) return done;
      first += count;
    }
    return {};
  }

  // `count` rows of a band, from its `first` on.
  Result<void> run_feed(const Stripe& stripe, Runner& runner, int feed, Band& band, int first, int count,
                        Worker& worker) {
    for (int row = 0; row < count; ++row) {
      take_in(stripe, band.in.data() + at(first + row) * pass_.picture_.row_bytes(),
              worker.floats.data() + at(row) * at(pass_.stripe_shape_.width) * 3);
    }
    if (!runner.feed(worker.floats.data(), count, &cancel_)) {
      return fail(ErrorCode::kCancelled, "The job was cancelled");
    }
    return give_out(stripe, runner, feed, band);
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

  Result<void> give_out(const Stripe& stripe, const Runner& runner, int feed, Band& band) const {
    const RowRange rows = pass_.kept_rows(feed);
    const int above = pass_.has_blocks() ? 0 : rows.first;  // rows of the result that are not the band's
    const int end = std::min(rows.end, above + static_cast<int>(band.out.size() / pass_.result_.row_bytes()));
    const int scale = pass_.geometry_.scale;
    const int skipped = pass_.margin_ * scale - pass_.geometry_.left_out;
    const int left = stripe.left * scale;
    const int count = std::min(pass_.core_width_ * scale, pass_.result_.width - left);
    const Samples samples{pass_.result_.channels, pass_.result_.bytes_per_sample, stripe.is_alpha};
    bool sound = true;
    for (int y = rows.first; y < end; ++y) {
      const float* from = runner.row(0, y + skipped) + at(skipped) * at(runner.pixel(0));
      std::uint8_t* to = band.out.data() + at(y - above) * pass_.result_.row_bytes();
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
