#include "engine/operation/native_engine.h"

#include <thread>

#include "base/log.h"
#include "engine/codec/photo_metadata.h"
#include "engine/codec/row_reader.h"
#include "engine/codec/row_resizer.h"
#include "engine/codec/row_writer.h"
#include "engine/operation/face_restoration.h"
#include "engine/operation/gate.h"
#include "engine/operation/preview.h"
#include "engine/operation/published.h"
#include "engine/operation/test_mark.h"

namespace tintype::engine {

namespace {

// What is left of the progress when all rows have passed is for finishing the file.
constexpr int kRowsDonePermille = 990;
constexpr int kCacheShare = 2;           // of the memory that one run may take, for the networks that are kept
constexpr int kFacesDonePermille = 250;  // where there are faces to restore

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

// Formats whose frames follow each other in time; the pages of others are not one picture's.
bool moves(const ImageFacts& facts) {
  return facts.frames > 1 && (facts.format == ImageFormat::kGif || facts.format == ImageFormat::kWebp);
}

void advance(RunControl& control, int permille) {
  int seen = control.progress_permille.load();
  while (seen < permille && !control.progress_permille.compare_exchange_weak(seen, permille)) {
  }
}

// A pass, and the gate behind it; answers the fidelity in dB.
Result<double> run_past_gate(const Pass& pass, double psnr_min_db, const Pass::Source& source, const Pass::Sink& sink,
                             const std::atomic<bool>& cancel, const std::function<void(double)>& progress) {
  Agreement agreement(pass.picture(), pass.result());
  SeamCheck seams(pass.picture(), pass.result(), pass.cuts());
  const Pass::Source seen = [&](int rows, std::span<std::uint8_t> out) -> Result<void> {
    if (auto read = source(rows, out); !read) return read;
    agreement.add_input(out);
    seams.add_input(out);
    return {};
  };
  const Pass::Sink judged = [&](std::span<const std::uint8_t> rows) {
    agreement.add_result(rows);
    seams.add_result(rows);
    return sink(rows);
  };
  if (auto done = pass.run(seen, judged, cancel, progress); !done) return std::unexpected(done.error());
  if (auto agrees = agreement.check(psnr_min_db); !agrees) return std::unexpected(agrees.error());
  if (auto seamless = seams.check(); !seamless) return std::unexpected(seamless.error());
  return agreement.fidelity_db();
}

// Each file once.
std::vector<ModelDigest> digests_of(const std::vector<ModelFile>& files) {
  std::vector<ModelDigest> digests;
  for (const ModelFile& file : files) {
    const ModelDigest digest{file.name, file.sha256};
    if (std::ranges::find(digests, digest) == digests.end()) digests.push_back(digest);
  }
  return digests;
}

Result<void> check_purpose(const std::string& name, const Manifest& manifest) {
  if (manifest.purpose == Purpose::kEnhancement) return {};
  return fail(ErrorCode::kInvalidInput,
              "The model '" + name + "' is for " + purpose_name(manifest.purpose) + ", not for enhancing",
              "`tintype models list` says what each is for");
}

Pixels blank(const PictureShape& shape) {
  return {shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
}

PictureShape shape_of(const Plan& plan, const PictureShape& like) {
  return {plan.output_width, plan.output_height, like.channels, like.bytes_per_sample};
}

// Where the rows of the last pass go: past the gate, with the restored faces in them, through a last reduction if there
// is one, beneath the mark of tests, into the file.
class Outlet {
 public:
  Outlet(const Pass& pass, const Plan& plan, std::vector<FacePatch> faces, std::optional<TestMark> mark,
         RowWriter writer)
      : row_bytes_(pass.result().row_bytes()),
        output_row_bytes_(shape_of(plan, pass.result()).row_bytes()),
        faces_(std::move(faces)),
        mark_(mark),
        writer_(std::move(writer)) {
    const PictureShape& made = pass.result();
    if (made.width != plan.output_width || made.height != plan.output_height) {
      resizer_.emplace(made, plan.output_width, plan.output_height);
    }
  }

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

  // Only a result that passed the gate gets its name.
  Result<std::int64_t> finish() { return writer_.finish(); }

 private:
  static constexpr std::size_t kRowsAtOnce = 16;

  Result<void> pass_on(std::span<const std::uint8_t> rows) {
    if (!resizer_) return mark_ ? write_marked({rows.begin(), rows.end()}) : writer_.write(rows);
    resized_.clear();
    resizer_->push(rows, resized_);
    return mark_ ? write_marked(resized_) : writer_.write(resized_);
  }

  Result<void> write_marked(std::vector<std::uint8_t> rows) {
    mark_->draw(marked_, rows);
    marked_ += static_cast<int>(rows.size() / output_row_bytes_);
    return writer_.write(rows);
  }

  const std::size_t row_bytes_, output_row_bytes_;
  const std::vector<FacePatch> faces_;
  std::vector<std::uint8_t> blended_;
  int written_ = 0;  // rows of the pass
  std::optional<TestMark> mark_;
  int marked_ = 0;  // rows of the result
  RowWriter writer_;
  std::optional<RowResizer> resizer_;
  std::vector<std::uint8_t> resized_;
};

}  // namespace

NativeEngine::NativeEngine(NativeEngineOptions options)
    : options_(std::move(options)),
      verify_turns_(cores()),
      models_({options_.models_directory, options_.backend, options_.model_idle_seconds,
               options_.memory_bytes_max / kCacheShare}),
      exact_models_({options_.models_directory, exact(best_backend()), options_.model_idle_seconds,
                     options_.memory_bytes_max / kCacheShare}) {}

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
  const TakenTurn turn(verify_turns_);
  return engine::verify(file, options_.limits);
}

Result<PhotoMetadata> NativeEngine::metadata(const std::filesystem::path& file) {
  return read_photo_metadata(file, options_.limits);
}

std::string NativeEngine::default_model(int scale) const {
  return scale == 1 ? "restore-x1" : options_.model_family + "-x" + std::to_string(scale);
}

Result<std::vector<NativeEngine::Step>> NativeEngine::plan_steps(const EnhanceRequest& request, ModelCache& models,
                                                                 const Plan& plan, const PictureShape& picture,
                                                                 std::int64_t around_bytes) {
  std::vector<Step> steps;
  PictureShape shape = picture;
  std::int64_t between_bytes = 0;
  for (const int scale : plan.scales) {
    const std::string name = request.model.empty() ? default_model(scale) : request.model;
    auto model = models.get(name, request.denoise_strength);
    if (!model) return std::unexpected(model.error());
    if (auto fit = check_purpose(name, model->manifest); !fit) return std::unexpected(fit.error());
    if (request.must_denoise && !model->manifest.has_strength()) {
      return fail(ErrorCode::kInvalidInput, "The model '" + name + "' cannot be told how much to denoise",
                  "Please take another model, or leave denoise out");
    }
    // Passes before the last one hold their results; all that goes by the last one is held in rows.
    const bool is_last = steps.size() + 1 == plan.scales.size();
    const PictureShape made{shape.width * scale, shape.height * scale, shape.channels, shape.bytes_per_sample};
    const std::int64_t kept = is_last ? RowResizer::bytes_max(made, plan.output_width, plan.output_height)
                                      : static_cast<std::int64_t>(made.size_bytes());
    const std::int64_t beside = around_bytes + between_bytes + kept;
    PassOptions options = pass_options();
    const std::int64_t gate_bytes = Agreement::bytes_max(shape, (kBandsAhead + 2) * kBlockMaxPx);
    options.bytes_wanted = std::max<std::int64_t>(1, options_.memory_bytes_max - beside - gate_bytes);
    auto pass = Pass::plan(model->network, shape, options);
    if (!pass) return std::unexpected(pass.error());
    const std::int64_t bytes = beside + pass->bytes_max() + Agreement::bytes_max(shape, pass->rows_ahead());
    shape = pass->result();
    between_bytes = kept;
    if (auto fits = check_memory(bytes); !fits) return std::unexpected(fits.error());
    steps.push_back(
        {name, model->network, model->manifest.psnr_min_db, model->manifest.all_files(), std::move(*pass), bytes});
  }
  return steps;
}

Result<void> NativeEngine::check_memory(std::int64_t bytes) const {
  if (bytes <= options_.memory_bytes_max) return {};
  return fail(ErrorCode::kInvalidInput,
              "This would take " + std::to_string(bytes >> 20) + " MB of memory, " +
                  std::to_string(options_.memory_bytes_max >> 20) + " MB are allowed",
              "Please ask for a smaller result, or raise engine.memory_max_bytes", std::string(kResultTooLarge));
}

Result<std::vector<FacePatch>> NativeEngine::restore_faces(const EnhanceRequest& request, ModelCache& models,
                                                           const Plan& plan, const RowReader& reader,
                                                           const std::vector<Step>& steps, std::int64_t passing_bytes,
                                                           std::vector<ModelFile>& used, RunControl& control) {
  if (request.face_strength == 0) return std::vector<FacePatch>();
  if (!(request.face_strength > 0 && request.face_strength <= 1)) {
    return fail(ErrorCode::kInvalidInput, "The strength of face restoration is a number from 0 to 1");
  }
  auto networks = face_networks(models, options_.models_directory);
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
  const std::vector<ModelFile> files = networks->files;
  FaceRestoration restoration(std::move(*networks), std::move(options));
  const auto finding = restoration.finding_bytes_max();
  if (!finding) return std::unexpected(finding.error());
  if (auto fits = check_memory(*finding); !fits) return std::unexpected(fits.error());
  if (auto found = restoration.find(control.cancel); !found) return std::unexpected(found.error());
  if (restoration.count() == 0) return std::vector<FacePatch>();
  used.insert(used.end(), files.begin(), files.end());
  const std::int64_t kept = restoration.kept_bytes() + Outlet::bytes_max(steps.back().pass.result());
  if (auto fits = check_memory(std::max(restoration.restoring_bytes_max(), passing_bytes + kept)); !fits) {
    return std::unexpected(fits.error());
  }
  return restoration.restore(control.cancel,
                             [&](double share) { advance(control, static_cast<int>(share * kFacesDonePermille)); });
}

// What the operator chose may be gone since, or not be able to do what this run asks of it: then it is as if nothing
// had been chosen.
std::string NativeEngine::chosen_model(const RunRequest& request, Purpose purpose, bool must_denoise) const {
  if (!request.model.empty()) return request.model;
  if (!options_.chosen_model) return {};
  std::string name = options_.chosen_model(request.operation, request.parameters);
  if (name.empty()) return {};
  const auto manifest = read_manifest(options_.models_directory / (name + ".json"));
  if (!manifest || manifest->purpose != purpose) {
    log(LogLevel::kWarning, "chosen_model_missing",
        {{"operation", operation_name(request.operation)}, {"model", name}});
    return {};
  }
  return must_denoise && !manifest->has_strength() ? std::string() : name;
}

Result<EnhanceRequest> NativeEngine::enhance_request(const RunRequest& request) const {
  EnhanceRequest made{request.input, request.output, {}, request.format, {}};
  if (request.operation == OperationKind::kEnhance) {
    const auto enhance = enhance_from(request.parameters);
    if (!enhance) return std::unexpected(enhance.error());
    made.goal = {tier_longest_side_px(enhance->tier), 1};
    made.model = chosen_model(request, Purpose::kEnhancement, false);
    return made;
  }
  const auto upscale = upscale_from(request.parameters);
  if (!upscale) return std::unexpected(upscale.error());
  made.goal = {std::nullopt, upscale->scale};
  made.format_of = upscale_format;
  if (upscale->output_format) made.format = upscale->output_format;
  made.model =
      upscale->model.empty() ? chosen_model(request, Purpose::kEnhancement, upscale->denoise > 0) : upscale->model;
  made.denoise_strength = upscale->denoise;
  made.must_denoise = upscale->denoise > 0;
  made.face_strength = upscale->face_strength;
  made.quality = upscale->quality;
  made.is_test = upscale->is_test;
  made.fidelity_min_db = upscale->fidelity_min_db;
  made.takes_frames = false;
  return made;
}

Result<RunOutcome> NativeEngine::run(const RunRequest& request, RunControl& control) {
  switch (request.operation) {
    case OperationKind::kProbe: return RunOutcome{};
    case OperationKind::kVariants: return fail_internal("variants are made by render() and strip()");
    case OperationKind::kEnhance:
    case OperationKind::kUpscale: break;
    case OperationKind::kGenerate:
    case OperationKind::kFluxLora:
    case OperationKind::kEdit:
    case OperationKind::kRemoveBackground:
    case OperationKind::kRelight:
    case OperationKind::kExpand:
    case OperationKind::kMagicPrompt:
    case OperationKind::kMagicEdit:
    case OperationKind::kCameraControl:
    case OperationKind::kVideoReplicate: return run_studio(request, control);
  }
  const auto enhance = enhance_request(request);
  if (!enhance) return std::unexpected(enhance.error());
  return this->enhance(*enhance, control);
}

bool NativeEngine::is_ready(OperationKind operation) const {
  return studio_operation(operation) == nullptr || operation == OperationKind::kUpscale || runs_here(operation);
}

Result<RunOutcome> NativeEngine::run_studio(const RunRequest& request, RunControl& control) {
  auto options = studio_options(request);
  if (!options) return std::unexpected(options.error());
  std::atomic<bool> was_asked{false};
  if (options->subject.saliency) {
    options->subject.saliency = [&was_asked, ask = std::move(options->subject.saliency)](
                                    const Raster& picture, const std::atomic<bool>& cancel) {
      was_asked.store(true);
      return ask(picture, cancel);
    };
  }
  auto outcome = engine::run_studio(request, *options, control);
  if (outcome && was_asked.load()) outcome->models = digests_of(options->subject.files);
  return outcome;
}

Result<WrittenPicture> NativeEngine::preview(const PreviewRequest& request, RunControl& control) {
  const auto options = studio_options(request.run);
  if (!options) return std::unexpected(options.error());
  return make_preview(request, {*options, render_options()}, control);
}

Result<StudioOptions> NativeEngine::studio_options(const RunRequest& request) {
  StudioOptions options{options_.limits, pass_options().threads, options_.jpeg_quality, options_.memory_bytes_max, {}};
  if (looks_for_subject(request.operation)) {
    auto subject =
        subject_network(models_, options_.models_directory, chosen_model(request, Purpose::kSegmentation, false));
    if (!subject) return std::unexpected(subject.error());
    options.subject = std::move(*subject);
  }
  return options;
}

Result<RunOutcome> NativeEngine::enhance(const EnhanceRequest& request, RunControl& control) {
  auto outcome = attempt(request, models_, control);
  // What is no picture, or another one, may be half precision's fault: it is tried once without.
  const bool may_be_exacter = !options_.backend && !is_exact(best_backend());
  if (outcome || outcome.error().code != ErrorCode::kInternal || !may_be_exacter) return outcome;
  return attempt(request, exact_models_, control);
}

Result<RunForecast> NativeEngine::forecast(const RunRequest& request, const ImageFacts& picture) {
  if (studio_operation(request.operation) != nullptr && request.operation != OperationKind::kUpscale) {
    const auto options = studio_options(request);
    if (!options) return std::unexpected(options.error());
    return forecast_studio(request, picture, *options);
  }
  const auto enhance = enhance_request(request);
  if (!enhance) return std::unexpected(enhance.error());
  if (enhance->face_strength > 0) {
    if (auto networks = face_networks(models_, options_.models_directory); !networks) {
      return std::unexpected(networks.error());
    }
  }
  const auto plan = plan_of(*enhance, models_, picture);
  if (!plan) return std::unexpected(plan.error());
  const PictureShape input{plan->input_width, plan->input_height, picture.has_alpha ? 4 : 3, 1};
  const PictureShape output = shape_of(*plan, input);
  const EncodeOptions encoding = encoding_of(*enhance, picture, picture.has_alpha);
  if (auto fits = RowWriter::check_sides(output, encoding.format); !fits) return std::unexpected(fits.error());
  const auto steps = plan_steps(*enhance, models_, *plan, input, RowWriter::bytes_max(output, encoding));
  if (!steps) return std::unexpected(steps.error());
  std::int64_t most = 0;
  for (const Step& step : *steps) most = std::max(most, step.bytes_max);
  return RunForecast{output.width, output.height, most};
}

Result<Plan> NativeEngine::plan_of(const EnhanceRequest& request, ModelCache& models, const ImageFacts& facts) {
  if (!request.takes_frames && moves(facts)) {
    return fail(ErrorCode::kInvalidInput,
                "The picture moves: it has " + std::to_string(facts.frames) + " frames, and one is all we enlarge",
                "Please send a frame of it", std::string(kPictureMoves));
  }
  std::optional<int> only_scale;
  if (!request.model.empty()) {
    const auto model = models.get(request.model, request.denoise_strength);
    if (!model) return std::unexpected(model.error());
    if (auto fit = check_purpose(request.model, model->manifest); !fit) return std::unexpected(fit.error());
    only_scale = model->manifest.scale;
  }
  return make_plan(facts.width_px, facts.height_px, request.goal, only_scale);
}

EncodeOptions NativeEngine::encoding_of(const EnhanceRequest& request, const ImageFacts& facts, bool has_alpha) const {
  return {request.format.value_or(request.format_of(facts.format, has_alpha)),
          request.quality.value_or(options_.jpeg_quality)};
}

Result<RunOutcome> NativeEngine::attempt(const EnhanceRequest& request, ModelCache& models, RunControl& control) {
  const auto facts = inspect(request.input);
  if (!facts) return std::unexpected(facts.error());
  const auto plan = plan_of(request, models, *facts);
  if (!plan) return std::unexpected(plan.error());
  auto reader = RowReader::open(request.input, options_.limits, plan->reduce_to_px);
  if (!reader) return std::unexpected(reader.error());
  const PictureShape input = reader->shape();
  const PictureShape output = shape_of(*plan, input);
  const EncodeOptions encoding = encoding_of(request, *facts, input.has_alpha());
  auto steps = plan_steps(request, models, *plan, input, reader->bytes_max() + RowWriter::bytes_max(output, encoding));
  if (!steps) return std::unexpected(steps.error());
  std::int64_t most = 0;
  for (const Step& step : *steps) most = std::max(most, step.bytes_max);

  std::vector<ModelFile> used;
  for (const Step& step : *steps) used.insert(used.end(), step.files.begin(), step.files.end());
  auto faces = restore_faces(request, models, *plan, *reader, *steps, most, used, control);
  if (!faces) return std::unexpected(faces.error());
  const int begun_permille = faces->empty() ? 0 : kFacesDonePermille;

  auto writer = RowWriter::create(output, reader->metadata(), encoding, request.output);
  if (!writer) return std::unexpected(writer.error());
  Outlet outlet(steps->back().pass, *plan, std::move(*faces),
                request.is_test ? std::optional<TestMark>(output) : std::nullopt, std::move(*writer));
  Pass::Source source = [&](int rows, std::span<std::uint8_t> out) { return reader->read(rows, out); };
  double fidelity_db = kFidelityMaxDb;  // the least of all passes
  Pixels between;                       // the result of one pass and the input of the next
  for (std::size_t at = 0; at < steps->size(); ++at) {
    const Step& step = (*steps)[at];
    const Pass& pass = step.pass;
    const std::function<void(double)> progress = [&](double share) {
      const double done = (static_cast<double>(at) + share) / static_cast<double>(steps->size());
      advance(control, begun_permille + static_cast<int>(done * (kRowsDonePermille - begun_permille)));
    };
    Pixels made = blank(pass.result());
    Pass::Sink sink = [&](std::span<const std::uint8_t> rows) { return outlet.write(rows); };
    if (at + 1 < steps->size()) {
      made.data.reserve(pass.result().size_bytes());
      sink = [&](std::span<const std::uint8_t> rows) -> Result<void> {
        made.data.insert(made.data.end(), rows.begin(), rows.end());
        return {};
      };
    }
    const auto fidelity = run_past_gate(pass, step.psnr_min_db, source, sink, control.cancel, progress);
    if (!fidelity) return std::unexpected(fidelity.error());
    fidelity_db = std::min(fidelity_db, *fidelity);
    between = std::move(made);
    source = source_of(between);
  }
  if (control.cancel.load()) return fail(ErrorCode::kCancelled, "The job was cancelled");
  auto details = fidelity_details(fidelity_db, request.fidelity_min_db);
  if (!details) return std::unexpected(details.error());
  const auto size_bytes = outlet.finish();
  if (!size_bytes) return std::unexpected(size_bytes.error());
  advance(control, 1000);
  return RunOutcome{encoding.format,     output.width, output.height,       *size_bytes,
                    steps->back().model, {},           std::move(*details), digests_of(used)};
}

RenderOptions NativeEngine::render_options() const {
  return {options_.limits, pass_options().threads, options_.rendition_webp_effort};
}

Result<RenderOutcome> NativeEngine::render(const RenderRequest& request, RunControl& control) {
  auto render = Render::plan(request, render_options());
  if (!render) return std::unexpected(render.error());
  if (auto fits = check_memory(render->bytes_max()); !fits) return std::unexpected(fits.error());
  return render->run(control);
}

Result<WrittenPicture> NativeEngine::strip(const std::filesystem::path& input, const std::filesystem::path& output,
                                           RunControl& control) {
  return write_published(input, output, {options_.limits, options_.jpeg_quality, options_.memory_bytes_max}, control);
}

Result<void> NativeEngine::check() {
  for (const int scale : {1, 2, 4}) {
    const auto model = models_.get(default_model(scale), kDenoiseDefault);
    if (!model) return std::unexpected(model.error());
  }
  return {};
}

EngineFigures NativeEngine::figures() const {
  EngineFigures figures = models_.figures();
  const EngineFigures exact = exact_models_.figures();
  figures.models += exact.models;
  figures.model_bytes += exact.model_bytes;
  figures.loads += exact.loads;
  figures.load_seconds += exact.load_seconds;
  return figures;
}

}  // namespace tintype::engine
