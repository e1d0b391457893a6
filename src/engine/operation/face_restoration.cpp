#include "engine/operation/face_restoration.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <thread>

#include "engine/codec/row_reader.h"
#include "engine/codec/row_resizer.h"
#include "engine/operation/pass.h"
#include "engine/operation/samples.h"

namespace tintype::engine {

namespace {

// "restore-x1" clears more of a face than of a picture: what it leaves of noise and blocks shows most on skin.
constexpr const char* kRestorer = "restore-x1";
constexpr double kFaceDenoise = 0.85;
constexpr int kSideMax = 1'024;  // of what a restorer is given that takes any
constexpr int kPatchSideMax = 4 * kSideMax;
constexpr double kEnlargedMax = 1.25;  // by the blending alone, without a network
constexpr double kReducedMin = 1.2;    // by the cutting alone
constexpr double kMarginPx = 3;        // around a square, for what lies between pixels
constexpr int kRows = 16;              // read at a time
constexpr std::int64_t kPassBytesWanted = 256 << 20;

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

std::int64_t bytes_of(const PictureShape& shape) {
  return static_cast<std::int64_t>(shape.size_bytes());
}

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "The job was cancelled");
}

// Of one face in one thread. Deep networks go by blocks.
Result<Pass> plan_pass(const std::shared_ptr<const Network>& network, const PictureShape& face) {
  PassOptions options;
  options.bytes_wanted = kPassBytesWanted;
  return Pass::plan(network, face, options);
}

Result<void> add_detector(ModelCache& models, const std::vector<Manifest>& manifests, FaceNetworks& networks) {
  for (const Manifest& manifest : manifests) {
    if (manifest.purpose != Purpose::kFaceDetection || manifest.side != 0) continue;
    const auto model = models.get(manifest.name, 0);
    if (!model) return std::unexpected(model.error());
    const bool has_landmarks = FaceDetector::has_landmarks(*model->network);
    if (networks.detector == nullptr || has_landmarks) {
      networks.detector = model->network;
      networks.files = model->manifest.all_files();
    }
    if (has_landmarks) break;
  }
  return {};
}

}  // namespace

std::int64_t FaceNetworks::packed_bytes() const {
  return (detector == nullptr ? 0 : detector->packed_bytes()) + restorer->packed_bytes();
}

Result<FaceNetworks> face_networks(ModelCache& models, const std::filesystem::path& directory) {
  const auto folder = read_models(directory);
  if (!folder) return std::unexpected(folder.error());
  const std::vector<Manifest>& manifests = folder->models;
  FaceNetworks networks;
  if (auto added = add_detector(models, manifests, networks); !added) return std::unexpected(added.error());
  const Manifest* chosen = nullptr;
  for (const Manifest& manifest : manifests) {
    if (manifest.purpose == Purpose::kFaceRestoration) chosen = &manifest;  // of several the last by name: the latest
  }
  const auto restorer_by_name = std::ranges::find(manifests, kRestorer, &Manifest::name);
  if (chosen == nullptr && restorer_by_name != manifests.end() && restorer_by_name->purpose == Purpose::kEnhancement &&
      restorer_by_name->scale == 1) {
    chosen = &*restorer_by_name;
  }
  if (chosen == nullptr) {
    return fail(ErrorCode::kNotFound, "There is no model that restores faces in " + directory.string(),
                "Please add one, e.g. `tintype models add gfpgan-1.4`");
  }
  const auto restorer = models.get(chosen->name, kFaceDenoise);
  if (!restorer) return std::unexpected(restorer.error());
  networks.restorer = restorer->network;
  const auto files = restorer->manifest.all_files();
  networks.files.insert(networks.files.end(), files.begin(), files.end());
  networks.side = restorer->manifest.side;
  return networks;
}

FaceRestoration::FaceRestoration(FaceNetworks networks, FaceOptions options)
    : networks_(std::move(networks)), options_(std::move(options)) {}

Result<std::int64_t> FaceRestoration::finding_bytes_max() const {
  const auto detector = FaceDetector::make(networks_.detector);
  if (!detector) return std::unexpected(detector.error());
  const auto bytes = detector->bytes_max();
  if (!bytes) return bytes;
  PictureShape reduced = options_.picture;
  reduced.width = reduced.height = kFaceDetectionSidePx;
  return *bytes + options_.reader_bytes_max + 2 * bytes_of(reduced) + networks_.packed_bytes();
}

Result<void> FaceRestoration::find(const std::atomic<bool>& cancel) {
  auto detector = FaceDetector::make(networks_.detector);
  if (!detector) return std::unexpected(detector.error());
  const int longest = std::min(options_.longest_side_max_px.value_or(kFaceDetectionSidePx), kFaceDetectionSidePx);
  const auto picture = read_reduced(longest, cancel);
  if (!picture) return std::unexpected(picture.error());
  const auto faces = detector->find(*picture, cancel);
  if (!faces) return std::unexpected(faces.error());
  const double enlarged = static_cast<double>(options_.picture.width) / picture->width;
  for (const Face& face : *faces) {
    if (auto job = job_for(face.place.times(enlarged))) jobs_.push_back(std::move(*job));
  }
  return plan_memory();
}

Result<Pixels> FaceRestoration::read_reduced(int longest_side_px, const std::atomic<bool>& cancel) const {
  auto reader = RowReader::open(options_.file, options_.limits, longest_side_px);
  if (!reader) return std::unexpected(reader.error());
  const PictureShape& shape = reader->shape();
  Pixels picture{shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
  picture.data.resize(shape.size_bytes());
  for (int y = 0; y < shape.height; y += kRows) {
    if (cancel.load()) return cancelled();
    const int count = std::min(kRows, shape.height - y);
    const auto rows = std::span(picture.data).subspan(at(y) * shape.row_bytes(), at(count) * shape.row_bytes());
    if (auto read = reader->read(count, rows); !read) return std::unexpected(read.error());
  }
  return picture;
}

std::optional<FaceRestoration::Job> FaceRestoration::job_for(const Similarity& place) const {
  if (place.scale() < kFaceSquareMinPx) return std::nullopt;
  const PictureShape& picture = options_.picture;
  Job job;
  job.place = job.cut = place;
  if (networks_.side == 0) {
    // A restorer of pictures is shown pixels as they are: noise and blocks that were turned are not what it clears.
    const double side = std::ceil(std::abs(place.a) + std::abs(place.b));
    const Point middle = place({0.5, 0.5});
    job.cut = {side, 0, std::round(middle.x - side / 2), std::round(middle.y - side / 2)};
  }
  const double scale = job.cut.scale();
  job.side = networks_.side > 0 ? networks_.side : std::min(static_cast<int>(scale), kSideMax);
  // A face with more pixels than the restorer takes would lose more than it gains, and has less to gain.
  job.strength = options_.strength * std::clamp(2 - scale / job.side, 0.0, 1.0);
  if (job.strength == 0) return std::nullopt;
  job.patch_side = std::min(kPatchSideMax, static_cast<int>(std::ceil(scale * enlargement())));
  const double margin = kMarginPx * std::max(1.0, scale / job.side);
  double left = picture.width, right = 0, top = picture.height, bottom = 0;
  for (const Point& corner : {Point{0, 0}, Point{1, 0}, Point{0, 1}, Point{1, 1}}) {
    const Point there = job.cut(corner);
    left = std::min(left, there.x - margin);
    right = std::max(right, there.x + margin);
    top = std::min(top, there.y - margin);
    bottom = std::max(bottom, there.y + margin);
  }
  job.left = static_cast<int>(std::max(0.0, std::floor(left)));
  job.top = static_cast<int>(std::max(0.0, std::floor(top)));
  job.window = job.kept = {static_cast<int>(std::min<double>(picture.width, std::ceil(right))) - job.left,
                           static_cast<int>(std::min<double>(picture.height, std::ceil(bottom))) - job.top,
                           picture.channels, picture.bytes_per_sample};
  if (job.window.width < 1 || job.window.height < 1) return std::nullopt;
  if (scale > kReducedMin * job.side) {
    const double factor = job.side / scale;
    job.kept.width = std::max(1, static_cast<int>(std::lround(job.window.width * factor)));
    job.kept.height = std::max(1, static_cast<int>(std::lround(job.window.height * factor)));
  }
  return job;
}

// The widest moment of one face's way from its cut to its patch.
Result<std::int64_t> FaceRestoration::bytes_of_one(const Job& job) const {
  const int colours = options_.picture.channels <= 2 ? 1 : 3;
  PictureShape face{job.side, job.side, colours, options_.picture.bytes_per_sample};
  std::int64_t most = 0;
  if (networks_.side > 0) {
    const auto runner = runner_bytes(*networks_.restorer, {3, job.side, job.side}, job.side);
    if (!runner) return runner;
    most = *runner + bytes_of(face) + std::int64_t{3} * job.side * job.side * std::int64_t{sizeof(float)};
  } else {
    const auto pass = plan_pass(networks_.restorer, face);
    if (!pass) return std::unexpected(pass.error());
    most = pass->bytes_max() + bytes_of(face);
  }
  for (const auto& enlarger : options_.enlargers) {
    if (face.width * kEnlargedMax >= job.patch_side) break;
    const auto pass = plan_pass(enlarger, face);
    if (!pass) return std::unexpected(pass.error());
    most = std::max(most, bytes_of(face) + pass->bytes_max() + bytes_of(pass->result()));
    face = pass->result();
  }
  return std::max(most, 2 * bytes_of(face));
}

Result<void> FaceRestoration::plan_memory() {
  std::int64_t windows = 0, faces = 0, most = 0;
  for (const Job& job : jobs_) {
    windows += bytes_of(job.kept) + RowResizer::bytes_max(job.window, job.kept.width, job.kept.height);
    faces += std::int64_t{job.side} * job.side * 3 * options_.picture.bytes_per_sample;
    const auto one = bytes_of_one(job);
    if (!one) return std::unexpected(one.error());
    most = std::max(most, *one);
  }
  const std::int64_t base = kept_bytes() + faces;
  workers_ = std::clamp(options_.threads, 1, std::max(1, static_cast<int>(jobs_.size())));
  while (workers_ > 1 && base + workers_ * most > options_.memory_bytes_max) --workers_;
  restoring_bytes_ = base + std::max(workers_ * most, windows + options_.reader_bytes_max);
  return {};
}

std::int64_t FaceRestoration::kept_bytes() const {
  std::int64_t bytes = networks_.packed_bytes();
  for (const Job& job : jobs_) {
    const std::int64_t side = std::max(job.side, job.patch_side);
    bytes += side * side * 3 * options_.picture.bytes_per_sample;
  }
  return bytes;
}

// Keeps the part of the picture that a face needs, reduced where it is more, and cuts the face when all of it is there.
class FaceRestoration::Cutting {
 public:
  explicit Cutting(Job& job) : job_(job) {
    part_ = {job.kept.width, job.kept.height, job.kept.channels, job.kept.bytes_per_sample, {}};
    if (job.kept.width != job.window.width || job.kept.height != job.window.height) {
      resizer_.emplace(job.window, job.kept.width, job.kept.height);
    }
  }

  void add(int y, std::span<const std::uint8_t> row) {
    if (y < job_.top || y >= job_.top + job_.window.height) return;
    const std::size_t pixel = at(job_.window.channels * job_.window.bytes_per_sample);
    const auto part = row.subspan(at(job_.left) * pixel, job_.window.row_bytes());
    if (part_.data.empty()) part_.data.reserve(job_.kept.size_bytes());
    if (resizer_) {
      resizer_->push(part, part_.data);
    } else {
      part_.data.insert(part_.data.end(), part.begin(), part.end());
    }
    if (y + 1 < job_.top + job_.window.height) return;
    const Similarity moved{job_.cut.a, job_.cut.b, job_.cut.move_x - job_.left, job_.cut.move_y - job_.top};
    job_.face = cut_face(part_, moved.times(static_cast<double>(job_.kept.width) / job_.window.width), job_.side);
    part_ = {};
    resizer_.reset();
  }

 private:
  Job& job_;
  Pixels part_;
  std::optional<RowResizer> resizer_;
};

Result<void> FaceRestoration::cut(const std::atomic<bool>& cancel) {
  auto reader = RowReader::open(options_.file, options_.limits, options_.longest_side_max_px);
  if (!reader) return std::unexpected(reader.error());
  const PictureShape& shape = reader->shape();
  if (shape.width != options_.picture.width || shape.height != options_.picture.height ||
      shape.channels != options_.picture.channels || shape.bytes_per_sample != options_.picture.bytes_per_sample) {
    return fail(ErrorCode::kInvalidInput, "The picture changed while it was read");
  }
  std::vector<Cutting> cuttings;
  int last = 0;
  for (Job& job : jobs_) {
    cuttings.emplace_back(job);
    last = std::max(last, job.top + job.window.height);
  }
  std::vector<std::uint8_t> rows(kRows * shape.row_bytes());
  for (int y = 0; y < last; y += kRows) {
    if (cancel.load()) return cancelled();
    const int count = std::min(kRows, last - y);
    if (auto read = reader->read(count, std::span(rows).first(at(count) * shape.row_bytes())); !read) return read;
    for (int row = 0; row < count; ++row) {
      for (Cutting& cutting : cuttings) {
        cutting.add(y + row, std::span(rows).subspan(at(row) * shape.row_bytes(), shape.row_bytes()));
      }
    }
  }
  return {};
}

Result<Pixels> FaceRestoration::restored(const Pixels& face, const std::atomic<bool>& cancel) const {
  if (networks_.side == 0) {
    const auto pass = plan_pass(networks_.restorer, face.shape());
    if (!pass) return std::unexpected(pass.error());
    return collect(*pass, source_of(face), cancel, [](double) {});
  }
  auto runner = make_runner(networks_.restorer, {3, face.height, face.width}, face.height);
  if (!runner) return std::unexpected(runner.error());
  const Samples samples{face.channels, face.bytes_per_sample, false};
  std::vector<float> numbers(at(face.width) * at(face.height) * 3);
  for (int y = 0; y < face.height; ++y) {
    samples.widen(face.data.data() + at(y) * face.row_bytes(), 0, face.width, numbers.data() + at(y * face.width) * 3);
  }
  for (float& number : numbers) number = 2 * number - 1;
  if (!(*runner)->feed(numbers.data(), face.height, &cancel)) return cancelled();
  Pixels out = face;
  std::vector<float> row(at(face.width) * 3);
  for (int y = 0; y < face.height; ++y) {
    const float* from = (*runner)->row(0, y);
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = (from[i / 3 * at((*runner)->pixel(0)) + i % 3] + 1) / 2;
    }
    if (!samples.narrow(row.data(), 3, out.data.data() + at(y) * out.row_bytes(), 0, out.width)) {
      return fail_internal("the network answered something that is not a number");
    }
  }
  return out;
}

Result<Pixels> FaceRestoration::patch_of(Job& job, const std::atomic<bool>& cancel) const {
  auto face = restored(job.face, cancel);
  job.face = {};
  for (const auto& enlarger : options_.enlargers) {
    if (!face || face->width * kEnlargedMax >= job.patch_side) break;
    const auto pass = plan_pass(enlarger, face->shape());
    if (!pass) return std::unexpected(pass.error());
    face = collect(*pass, source_of(*face), cancel, [](double) {});
  }
  if (!face || face->width <= job.patch_side) return face;
  return resize(std::move(*face), job.patch_side, job.patch_side);
}

Result<std::vector<FacePatch>> FaceRestoration::restore(const std::atomic<bool>& cancel,
                                                        const std::function<void(double)>& progress) {
  if (auto done = cut(cancel); !done) return std::unexpected(done.error());
  std::vector<Pixels> patches(jobs_.size());
  std::atomic<std::size_t> next{0}, finished{0};
  std::mutex mutex;
  std::optional<Error> error;
  std::exception_ptr thrown;
  const auto work = [&] {
    for (std::size_t job = next++; job < jobs_.size(); job = next++) {
      try {
        auto patch = patch_of(jobs_[job], cancel);
        if (patch) {
          patches[job] = std::move(*patch);
          progress(static_cast<double>(++finished) / static_cast<double>(jobs_.size()));
          continue;
        }
        const std::lock_guard lock(mutex);
        error = patch.error();
      } catch (...) {
        // What is thrown here, for want of memory, is the caller's to hear.
        const std::lock_guard lock(mutex);
        thrown = std::current_exception();
      }
      next = jobs_.size();
    }
  };
  {
    std::vector<std::jthread> threads;  // joined at the end of the block
    for (int worker = 1; worker < workers_; ++worker) threads.emplace_back(work);
    work();
  }
  if (thrown) std::rethrow_exception(thrown);
  if (error) return std::unexpected(*error);
  std::vector<FacePatch> placed;
  for (std::size_t job = 0; job < jobs_.size(); ++job) {
    placed.emplace_back(std::move(patches[job]), jobs_[job].cut.times(enlargement()),
                        jobs_[job].place.times(enlargement()), jobs_[job].strength, options_.result);
  }
  return placed;
}

}  // namespace tintype::engine
