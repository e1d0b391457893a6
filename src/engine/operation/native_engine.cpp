#include "engine/operation/native_engine.h"

#include <thread>

#include "base/turn.h"
#include "engine/codec/row_reader.h"
#include "engine/codec/row_resizer.h"
#include "engine/codec/row_writer.h"
#include "engine/operation/face_restoration.h"
#include "engine/operation/gate.h"

namespace tintype::engine {

namespace {

// What is left of the progress when all rows have passed is for finishing the file.
constexpr int kRowsDonePermille = 990;
constexpr int kFacesDonePermille = 250;  // where there are faces to restore

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

Result<EnhanceRequest> enhance_request(const RunRequest& request) {
  const auto enhance = enhance_from(request.parameters);
  if (!enhance) return std::unexpected(enhance.error());
  return EnhanceRequest{request.input,  request.output, {tier_longest_side_px(enhance->tier), 1},
                        request.format, request.model,  kDenoiseDefault};
}

void advance(RunControl& control, int permille) {
  int seen = control.progress_permille.load();
  while (seen < permille && !control.progress_permille.compare_exchange_weak(seen, permille)) {
  }
}

// Where the rows of the last pass go: the restored faces into them, past the gate, through a last reduction if there is
// one, into the file.
class Outlet {
 public:
  Outlet(const Pass& pass, const PictureShape& input, const Plan& plan, std::vector<FacePatch> faces, RowWriter writer)
      : row_bytes_(pass.result().row_bytes()),
        faces_(std::move(faces)),
        before_(input),
        after_(pass.result(), before_),
        seams_(pass.result(), pass.cuts()),
        writer_(std::move(writer)) {
    const PictureShape& made = pass.result();
    if (made.width != plan.output_width || made.height != plan.output_height) {
      resizer_.emplace(made, plan.output_width, plan.output_height);
    }
  }

  Overview& before() { return before_; }

  static std::int64_t bytes_max(const PictureShape& shape) {
    return kRowsAtOnce * static_cast<std::int64_t>(shape.row_bytes());
  }

  Result<void> write(std::span<const std::uint8_t> rows) {
    if (faces_.empty()) return pass_on(rows);
    while (!rows.empty()) {
      const std::span<const std::uint8_t> some = rows.first(std::min(rows.size(), kRowsAtOnce * row_bytes_));
      const int count = static_cast<int>(some.size() / row_bytes_);
      blended_.assign(some.begin(), some.end());
      for (const FacePatch& face : faces_) face.blend(written_, blended_);
      if (auto passed = pass_on(blended_); !passed) return passed;
      written_ += count;
      rows = rows.subspan(some.size());
    }
    return {};
  }

  // Only a result that passes the gate gets its name.
  Result<std::int64_t> finish() {
    if (auto same = check_same(before_, after_); !same) return std::unexpected(same.error());
    if (auto seamless = seams_.check(); !seamless) return std::unexpected(seamless.error());
    return writer_.finish();
  }

 private:
  static constexpr std::size_t kRowsAtOnce = 16;

  Result<void> pass_on(std::span<const std::uint8_t> rows) {
    after_.add(rows);
    seams_.add(rows);
    if (!resizer_) return writer_.write(rows);
    resized_.clear();
    resizer_->push(rows, resized_);
    return writer_.write(resized_);
  }

  const std::size_t row_bytes_;
  const std::vector<FacePatch> faces_;
  std::vector<std::uint8_t> blended_;
  int written_ = 0;  // rows
  Overview before_;
  Overview after_;
  SeamCheck seams_;
  RowWriter writer_;
  std::optional<RowResizer> resizer_;
  std::vector<std::uint8_t> resized_;
};

PictureShape shape_of(const Plan& plan, const PictureShape& like) {
  return {plan.output_width, plan.output_height, like.channels, like.bytes_per_sample};
}

}  // namespace

NativeEngine::NativeEngine(NativeEngineOptions options)
    : options_(std::move(options)),
      verify_turns_(cores()),
      models_(
          {options_.models_directory, options_.backend, options_.model_idle_seconds, options_.memory_bytes_max / 2}) {}

PassOptions NativeEngine::pass_options() const {
  PassOptions options;
  options.threads = options_.threads > 0 ? options_.threads : cores();
  options.stripe_px = options_.stripe_px;
  return options;
}

Result<ImageFacts> NativeEngine::inspect(const std::filesystem::path& file) {
  return engine::inspect(file, options_.limits);
}

Result<ImageFacts> NativeEngine::verify(const std::filesystem::path& file) {
  // A hostile picture may take hundreds of megabytes to decode: few at once, whatever number is uploaded.
  const Turn turn(verify_turns_);
  return engine::verify(file, options_.limits);
}

std::string NativeEngine::default_model(int scale) const {
  return scale == 1 ? "restore-x1" : options_.model_family + "-x" + std::to_string(scale);
}

Result<std::vector<NativeEngine::Step>> NativeEngine::plan_steps(const EnhanceRequest& request, const Plan& plan,
                                                                 const PictureShape& picture) {
  std::vector<Step> steps;
  PictureShape shape = picture;
  for (const int scale : plan.scales) {
    const std::string name = request.model.empty() ? default_model(scale) : request.model;
    auto model = models_.get(name, request.denoise_strength);
    if (!model) return std::unexpected(model.error());
    if (model->manifest.purpose != Purpose::kEnhancement) {
      return fail(ErrorCode::kInvalidInput,
                  "The model '" + name + "' is for " + purpose_name(model->manifest.purpose) + ", not for enhancing",
                  "`tintype models list` says what each is for");
    }
    auto pass = Pass::plan(model->network, shape, pass_options());
    if (!pass) return std::unexpected(pass.error());
    shape = pass->result();
    steps.push_back({name, model->network, std::move(*pass)});
  }
  return steps;
}

Result<void> NativeEngine::check_memory(std::int64_t bytes) const {
  if (bytes <= options_.memory_bytes_max) return {};
  return fail(ErrorCode::kInvalidInput,
              "This would take " + std::to_string(bytes >> 20) + " MB of memory, " +
                  std::to_string(options_.memory_bytes_max >> 20) + " MB are allowed",
              "Please ask for a smaller result, or raise engine.memory_max_bytes");
}

Result<std::vector<FacePatch>> NativeEngine::restore_faces(const EnhanceRequest& request, const Plan& plan,
                                                           const RowReader& reader, const std::vector<Step>& steps,
                                                           std::int64_t passing_bytes, RunControl& control) {
  if (request.face_strength == 0) return std::vector<FacePatch>();
  if (!(request.face_strength > 0 && request.face_strength <= 1)) {
    return fail(ErrorCode::kInvalidInput, "The strength of face restoration is a number from 0 to 1");
  }
  auto networks = face_networks(models_, options_.models_directory);
  if (!networks) return std::unexpected(networks.error());
  FaceOptions options;
  options.file = request.input;
  options.limits = options_.limits;
  options.longest_side_max_px = plan.reduce_to_px;
  options.picture = reader.shape();
  options.reader_bytes_max = reader.bytes_max();
  for (const Step& step : steps) options.enlargers.push_back(step.network);
  options.result = steps.back().pass.result();
  options.strength = request.face_strength;
  options.threads = pass_options().threads;
  options.memory_bytes_max = options_.memory_bytes_max;
  FaceRestoration restoration(std::move(*networks), std::move(options));
  const auto finding = restoration.finding_bytes_max();
  if (!finding) return std::unexpected(finding.error());
  if (auto fits = check_memory(*finding); !fits) return std::unexpected(fits.error());
  if (auto found = restoration.find(control.cancel); !found) return std::unexpected(found.error());
  if (restoration.count() == 0) return std::vector<FacePatch>();
  const std::int64_t kept = restoration.kept_bytes() + Outlet::bytes_max(steps.back().pass.result());
  if (auto fits = check_memory(std::max(restoration.restoring_bytes_max(), passing_bytes + kept)); !fits) {
    return std::unexpected(fits.error());
  }
  return restoration.restore(control.cancel,
                             [&](double share) { advance(control, static_cast<int>(share * kFacesDonePermille)); });
}

Result<RunOutcome> NativeEngine::run(const RunRequest& request, RunControl& control) {
  switch (request.operation) {
    case OperationKind::kProbe: return RunOutcome{};
    case OperationKind::kEnhance: break;
  }
  const auto enhance = enhance_request(request);
  if (!enhance) return std::unexpected(enhance.error());
  return this->enhance(*enhance, control);
}

Result<RunOutcome> NativeEngine::enhance(const EnhanceRequest& request, RunControl& control) {
  const auto facts = inspect(request.input);
  if (!facts) return std::unexpected(facts.error());
  std::optional<int> only_scale;
  if (!request.model.empty()) {
    const auto model = models_.get(request.model, request.denoise_strength);
    if (!model) return std::unexpected(model.error());
    only_scale = model->manifest.scale;
  }
  const auto plan = make_plan(facts->width_px, facts->height_px, request.goal, only_scale);
  if (!plan) return std::unexpected(plan.error());
  auto reader = RowReader::open(request.input, options_.limits, plan->reduce_to_px);
  if (!reader) return std::unexpected(reader.error());
  const PictureShape input = reader->shape();
  auto steps = plan_steps(request, *plan, input);
  if (!steps) return std::unexpected(steps.error());
  const PictureShape output = shape_of(*plan, input);
  const EncodeOptions encoding{request.format.value_or(result_format(facts->format, input.has_alpha())),
                               options_.jpeg_quality};
  // Passes before the last one hold their results; all that goes by the last one is held in rows.
  std::int64_t held = reader->bytes_max(), most = 0;
  for (const Step& step : *steps) {
    most = std::max(most, held + step.pass.bytes_max());
    held = static_cast<std::int64_t>(step.pass.result().size_bytes());
  }
  most += RowWriter::bytes_max(output, encoding) +
          RowResizer::bytes_max(steps->back().pass.result(), output.width, output.height);
  if (auto fits = check_memory(most); !fits) return std::unexpected(fits.error());

  auto faces = restore_faces(request, *plan, *reader, *steps, most, control);
  if (!faces) return std::unexpected(faces.error());
  const int begun_permille = faces->empty() ? 0 : kFacesDonePermille;

  auto writer = RowWriter::create(output, reader->metadata(), encoding, request.output);
  if (!writer) return std::unexpected(writer.error());
  Outlet outlet(steps->back().pass, input, *plan, std::move(*faces), std::move(*writer));
  Pass::Source source = [&](int rows, std::span<std::uint8_t> out) -> Result<void> {
    auto read = reader->read(rows, out);
    if (read) outlet.before().add(out);
    return read;
  };
  Pixels between;  // the result of one pass and the input of the next
  for (std::size_t at = 0; at < steps->size(); ++at) {
    const Pass& pass = (*steps)[at].pass;
    const std::function<void(double)> progress = [&](double share) {
      const double done = (static_cast<double>(at) + share) / static_cast<double>(steps->size());
      advance(control, begun_permille + static_cast<int>(done * (kRowsDonePermille - begun_permille)));
    };
    if (at + 1 == steps->size()) {
      const Pass::Sink sink = [&](std::span<const std::uint8_t> rows) { return outlet.write(rows); };
      if (auto done = pass.run(source, sink, control.cancel, progress); !done) return std::unexpected(done.error());
      break;
    }
    auto result = collect(pass, source, control.cancel, progress);
    if (!result) return std::unexpected(result.error());
    between = std::move(*result);
    source = source_of(between);
  }
  if (control.cancel.load()) return fail(ErrorCode::kCancelled, "The job was cancelled");
  const auto size_bytes = outlet.finish();
  if (!size_bytes) return std::unexpected(size_bytes.error());
  advance(control, 1000);
  return RunOutcome{encoding.format, output.width, output.height, *size_bytes, steps->back().model};
}

Result<void> NativeEngine::check() {
  for (const int scale : {1, 2, 4}) {
    const auto model = models_.get(default_model(scale), kDenoiseDefault);
    if (!model) return std::unexpected(model.error());
  }
  return {};
}

}  // namespace tintype::engine
