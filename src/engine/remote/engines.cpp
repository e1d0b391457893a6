#include "engine/remote/engines.h"

#include <cmath>

#include "base/json_text.h"
#include "base/log.h"
#include "engine/remote/asking.h"

namespace tintype::engine {

namespace {

constexpr int kSidePx = 1'024;  // of a forecast where nobody said one
constexpr int kWholePermille = 1'000;

// Files beside the result, gone with this.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& output) : name_(output.string()) {}
  ~Scratch() {
    std::error_code ignored;
    for (const char* ending : {".picture", ".drawn", ".made", ".wide"})
      std::filesystem::remove(name_ + ending, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

bool begins(const Error& error, std::string_view code) {
  return error.cause.starts_with(code);
}

// Whether it says that the provider is out of order, and not just this request.
bool is_providers(const Error& error) {
  return begins(error, kProviderUnavailable) || begins(error, kProviderTimeout) || begins(error, kProviderGarbled) ||
         begins(error, kProviderRejected);
}

// Whether it answers as it should, whatever it says.
bool is_well(const Error& error) {
  return begins(error, kProviderRefused) || begins(error, kProviderFailed) || begins(error, kProviderDeclined);
}

// Whether the provider surely takes no money for it.
bool was_free(const Error& error) {
  return begins(error, kProviderUnavailable) || begins(error, kProviderRefused) || begins(error, kProviderRejected) ||
         begins(error, kProviderDeclined);
}

std::unexpected<Error> unavailable() {
  return fail(ErrorCode::kEngineUnavailable, "The provider of this operation does not answer at present",
              "Please try again in a few minutes", std::string(kProviderUnavailable) + ": its breaker is open");
}

// What is no picture here came from the provider, whoever finds it out.
std::unexpected<Error> garbled(const Error& error) {
  return fail(ErrorCode::kInternal, "The provider answered with what is no picture", {},
              std::string(kProviderGarbled) + ": " + error.message);
}

Extent forecast_sides(const RunRequest& request, const WantedSides& sides, const ImageFacts& picture) {
  const Extent own{picture.width_px, picture.height_px};
  if (const auto known = sides_of_result(request, own)) return *known;
  if (takes_picture(request.operation) && !sides.aspect) return own;
  const double aspect = sides.aspect ? static_cast<double>(sides.aspect->width) / sides.aspect->height : 1;
  return {static_cast<int>(std::lround(kSidePx * std::sqrt(aspect))),
          static_cast<int>(std::lround(kSidePx / std::sqrt(aspect)))};
}

}  // namespace

Result<void> Engines::check(const Assignments& assignments, const Providers& providers) {
  for (const auto& [operation, assignment] : assignments) {
    const auto found = providers.find(assignment.provider);
    if (found == providers.end()) {
      return fail(ErrorCode::kInvalidInput, "there is no provider '" + assignment.provider + "'");
    }
    if (!found->second->takes(operation)) {
      return fail(ErrorCode::kInvalidInput,
                  "the provider '" + assignment.provider + "' does not do " + operation_name(operation));
    }
  }
  return {};
}

Engines::Engines(ImageEngine& native, const Providers& providers, const Assignments& assignments, Database& database,
                 const Clock& clock, RemoteRules rules)
    : native_(native), rules_(std::move(rules)), budget_(database, clock, rules_.budget) {
  for (const auto& [name, provider] : providers) {
    breakers_[name] = std::make_unique<Breaker>(rules_.breaker, clock);
  }
  for (const auto& [operation, assignment] : assignments) {
    const auto provider = providers.find(assignment.provider);
    if (provider == providers.end()) continue;
    remotes_[operation] = {assignment, provider->second, breakers_.at(assignment.provider).get()};
  }
}

const Engines::Remote* Engines::remote_for(const RunRequest& request) const {
  const auto found = remotes_.find(request.operation);
  return found == remotes_.end() || !may_leave(request) ? nullptr : &found->second;
}

bool Engines::is_ready(OperationKind operation) const {
  const auto found = remotes_.find(operation);
  return found == remotes_.end() ? native_.is_ready(operation) : found->second.breaker->lets_pass();
}

Result<RunForecast> Engines::forecast(const RunRequest& request, const ImageFacts& picture) {
  const Remote* remote = remote_for(request);
  if (remote == nullptr) return native_.forecast(request, picture);
  if (!remote->breaker->lets_pass()) return unavailable();
  const auto asked = asked_of(request, remote->assignment);
  if (!asked) return std::unexpected(asked.error());
  const Extent sides = forecast_sides(request, asked->sides, picture);
  const std::int64_t pixels = std::int64_t{sides.width_px} * sides.height_px;
  // A picture as it was made and as it will be, four bytes a pixel, and one of them on its way into a file.
  const std::int64_t bytes = pixels * 4 * 3;
  if (bytes > rules_.files.memory_bytes_max || pixels > rules_.files.limits.pixels_max) {
    return fail(ErrorCode::kInvalidInput, "The result would be too large", "Please ask for a smaller result",
                std::string(kResultTooLarge));
  }
  return RunForecast{sides.width_px, sides.height_px, bytes};
}

Result<RunOutcome> Engines::run(const RunRequest& request, RunControl& control) {
  const Remote* remote = remote_for(request);
  return remote == nullptr ? native_.run(request, control) : run_at(*remote, request, control);
}

Result<WrittenPicture> Engines::preview(const PreviewRequest& request, RunControl& control) {
  if (!remotes_.contains(request.run.operation)) return native_.preview(request, control);
  auto refused = fail(
      ErrorCode::kInvalidInput,
      std::string(operation_name(request.run.operation)) + " is done by a provider here, of which there is no preview",
      "Please submit it, or ask for a preview of another operation");
  refused.error().field = "operationType";
  return refused;
}

// Money and breaker around one call.
Result<void> Engines::ask(const Remote& remote, const ProviderRequest& asked, RunControl& control) {
  const auto taken = budget_.take(asked.operation);
  if (!taken) return std::unexpected(taken.error());
  if (!remote.breaker->enter()) {
    budget_.give_back(*taken);
    return unavailable();
  }
  auto done = remote.provider->run(asked, control);
  if (done) {
    if (const auto facts = native_.verify(asked.output); !facts) done = garbled(facts.error());
  }
  if (done || is_well(done.error())) {
    remote.breaker->succeeded();
  } else if (is_providers(done.error())) {
    remote.breaker->failed();
  } else {
    remote.breaker->left();
  }
  if (done) return {};
  log(LogLevel::kWarning, "provider_call_failed",
      {{"provider", remote.assignment.provider},
       {"model", remote.assignment.model},
       {"operation", operation_name(asked.operation)},
       {"cause", done.error().cause}});
  if (was_free(done.error())) budget_.give_back(*taken);
  return done;
}

Result<RunOutcome> Engines::run_at(const Remote& remote, const RunRequest& request, RunControl& control) {
  auto asked = asked_of(request, remote.assignment);
  if (!asked) return std::unexpected(asked.error());
  const Scratch scratch(request.output);
  auto written =
      write_pictures(request, scratch.name(), remote.provider->meant_by_alpha(), rules_.files, control.cancel, *asked);
  if (!written) return std::unexpected(written.error());
  asked->output = scratch.name() + ".made";
  if (auto done = ask(remote, *asked, control); !done) return std::unexpected(done.error());
  std::vector<ModelDigest> models;
  const auto made = extended(asked->output, request, models, control);
  if (!made) return std::unexpected(made.error());
  auto outcome = finish(*made, request, rules_.files, control.cancel);
  if (!outcome) return outcome;
  control.progress_permille.store(kWholePermille);
  outcome->models = std::move(models);
  outcome->model = remote.assignment.model;
  JsonText details = {{"provider", remote.assignment.provider}, {"model", remote.assignment.model}};
  outcome->details = details.add_all(outcome->details).text();
  return outcome;
}

// Providers know few shapes. Of a picture that is the user's nothing may be cut away for another one: the engine here
// continues it, where it can, and tells by which networks.
Result<std::filesystem::path> Engines::extended(const std::filesystem::path& made, const RunRequest& request,
                                                std::vector<ModelDigest>& models, RunControl& control) {
  const auto wanted = canvas_around(made, request, rules_.files);
  if (!wanted) return std::unexpected(wanted.error());
  if (!*wanted || !native_.is_ready(OperationKind::kExpand)) return made;
  RunRequest expand;
  expand.operation = OperationKind::kExpand;
  expand.parameters = {{"width", std::to_string((*wanted)->width_px)},
                       {"height", std::to_string((*wanted)->height_px)},
                       {"format", "png"}};
  expand.input = made;
  expand.output = request.output.string() + ".wide";
  auto done = native_.run(expand, control);
  if (!done) return std::unexpected(done.error());
  models = std::move(done->models);
  return expand.output;
}

}  // namespace tintype::engine
