#include "adapters/replicate/replicate_provider.h"

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "adapters/replicate/input.h"
#include "base/bytes.h"
#include "base/log.h"

namespace tintype {

namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr int kAskedPermille = 50, kRunningPermille = 100, kEndedPermille = 850, kFetchedPermille = 950;
constexpr milliseconds kSlice{50};                    // between looks at a cancel
constexpr std::size_t kDataUrlBytesMax = 256 * 1024;  // Replicate's bound for a file that stands in the input itself
constexpr std::size_t kIdLengthMax = 64;
constexpr std::int64_t kCancelAfterSecondsMin = 5;

std::string text_at(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= kIdLengthMax && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// What models say of content that they will not show.
bool is_refusal(std::string error) {
  constexpr std::string_view kWords[] = {"nsfw", "flagged as sensitive", "(e005)", "content policy", "safety"};
  std::ranges::transform(error, error.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(kWords, [&](std::string_view word) { return error.find(word) != std::string::npos; });
}

// The last "NN%" of a log, as the progress bars of most models write it.
int percent_in(std::string_view logs) {
  const std::size_t sign = logs.rfind('%');
  if (sign == std::string_view::npos) return 0;
  std::size_t begin = sign;
  while (begin > 0 && sign - begin < 3 && logs[begin - 1] >= '0' && logs[begin - 1] <= '9') --begin;
  int percent = 0;
  for (const char digit : logs.substr(begin, sign - begin)) percent = percent * 10 + (digit - '0');
  return std::min(percent, 100);
}

// Waits for a topic, a time or a cancel, whichever comes first.
class Wakes {
 public:
  Wakes(Notifier& notifier, const std::string& topic)
      : notifier_(notifier), subscription_(notifier.subscribe(topic, [this] {
          {
            const std::lock_guard lock(mutex_);
            is_woken_ = true;
          }
          woken_.notify_all();
        })) {}
  ~Wakes() { notifier_.unsubscribe(subscription_); }
  Wakes(const Wakes&) = delete;
  Wakes& operator=(const Wakes&) = delete;

  void wait(milliseconds time, const std::atomic<bool>& cancel) {
    const Deadline deadline = Deadline::after(time);
    std::unique_lock lock(mutex_);
    while (!is_woken_ && !cancel.load() && !deadline.expired()) {
      woken_.wait_until(lock, std::min(deadline.at(), Deadline::clock::now() + kSlice));
    }
    is_woken_ = false;
  }

 private:
  Notifier& notifier_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
  Notifier::Subscription subscription_;  // last: it wakes the others
};

}  // namespace

struct ReplicateProvider::Prediction {
  std::string id, status, error, logs;
  Json output;

  static Result<Prediction> parse(const std::string& body) {
    const Json read = Json::parse(body, nullptr, false);
    Prediction prediction{text_at(read, "id"), text_at(read, "status"), text_at(read, "error"), text_at(read, "logs"),
                          read.is_object() && read.contains("output") ? read["output"] : Json()};
    if (!is_id(prediction.id)) return provider_garbled("no prediction in the answer");
    return prediction;
  }
  bool is_waiting() const { return status == "starting" || status == "processing"; }
};

ReplicateProvider::ReplicateProvider(OutboundHttp& http, Egress& egress, Notifier& notifier, ReplicateOptions options,
                                     ProviderPause pause)
    : options_(std::move(options)),
      notifier_(notifier),
      calls_(http, egress, options_.account, options_.calls, std::move(pause), nullptr) {}

bool ReplicateProvider::takes(OperationKind operation) const {
  switch (operation) {
    case OperationKind::kGenerate:
    case OperationKind::kFluxLora:
    case OperationKind::kEdit:
    case OperationKind::kMagicEdit:
    case OperationKind::kRemoveBackground:
    case OperationKind::kRelight:
    case OperationKind::kExpand:
    case OperationKind::kCameraControl:
    case OperationKind::kUpscale: return true;
    case OperationKind::kEnhance:
    case OperationKind::kProbe:
    case OperationKind::kVariants:
    case OperationKind::kMagicPrompt:
    case OperationKind::kVideoReplicate: return false;
  }
  return false;
}

// A file as the input may have it: in itself while it is small, else by way of Replicate's own store.
Result<std::string> ReplicateProvider::uploaded(const std::filesystem::path& file, const char* media_type,
                                                const Deadline& deadline, const std::atomic<bool>& cancel) {
  if (file.empty()) return std::string();
  std::error_code ignored;
  if (std::filesystem::file_size(file, ignored) <= kDataUrlBytesMax) {
    const auto bytes = read_file(file);
    if (!bytes) return std::unexpected(bytes.error());
    return "data:" + std::string(media_type) + ";base64," + base64_encode(*bytes);
  }
  OutboundCall call{.url = "/files"};
  call.form.push_back({"content", {}, file, media_type});
  const auto answer = calls_.send(call, deadline, cancel);
  if (!answer) return std::unexpected(answer.error());
  const Json read = Json::parse(answer->body, nullptr, false);
  if (!is_success(answer->status)) return calls_.failure_of(*answer, text_at(read, "detail"));
  std::string url = read.is_object() && read.contains("urls") ? text_at(read["urls"], "get") : std::string();
  if (url.empty()) return provider_garbled("no URL of the file that was sent");
  return url;
}

Result<ReplicateProvider::Prediction> ReplicateProvider::create(const ProviderRequest& request,
                                                                const Deadline& deadline,
                                                                const std::atomic<bool>& cancel) {
  replicate::InputFiles files;
  auto picture = uploaded(request.picture, image_format_media_type(request.picture_format), deadline, cancel);
  if (!picture) return std::unexpected(picture.error());
  auto mask = uploaded(request.mask, "image/png", deadline, cancel);
  if (!mask) return std::unexpected(mask.error());
  Json body = Json::object();
  const std::size_t version = request.model.find(':');
  if (version != std::string::npos) body["version"] = request.model.substr(version + 1);
  body["input"] = Json::parse(replicate::input_json(request, {std::move(*picture), std::move(*mask)}));
  if (!options_.webhook_url.empty()) {
    body["webhook"] = options_.webhook_url;
    body["webhook_events_filter"] = Json::array({"completed"});
  }
  // One whose asker was lost ends by itself.
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline.at() - Deadline::clock::now()).count();
  OutboundCall call{.url = version != std::string::npos ? "/predictions" : "/models/" + request.model + "/predictions",
                    .headers = {{"Content-Type", "application/json"},
                                {"Cancel-After", std::to_string(std::max(kCancelAfterSecondsMin, left)) + "s"}},
                    .body = body.dump()};
  const auto answer = calls_.send(call, deadline, cancel);
  if (!answer) return std::unexpected(answer.error());
  if (is_success(answer->status)) return Prediction::parse(answer->body);
  const std::string detail = text_at(Json::parse(answer->body, nullptr, false), "detail");
  if (is_refusal(detail)) return provider_refused(calls_.told(detail));
  return calls_.failure_of(*answer, detail);
}

Result<ReplicateProvider::Prediction> ReplicateProvider::read(const std::string& id, const Deadline& deadline,
                                                              const std::atomic<bool>& cancel) {
  const auto answer = calls_.send({.is_post = false, .url = "/predictions/" + id}, deadline, cancel);
  if (!answer) return std::unexpected(answer.error());
  if (!is_success(answer->status)) {
    return provider_garbled("a prediction answers with status " + std::to_string(answer->status));
  }
  auto prediction = Prediction::parse(answer->body);
  if (prediction && prediction->id != id) return provider_garbled("another prediction was answered");
  return prediction;
}

Result<ReplicateProvider::Prediction> ReplicateProvider::wait_for(Prediction prediction, const Deadline& deadline,
                                                                  RunControl& control) {
  Wakes wakes(notifier_, prediction_topic(prediction.id));
  for (milliseconds pause = options_.poll_first; prediction.is_waiting();
       pause = std::min(options_.poll_max, pause * 3 / 2)) {
    if (prediction.status == "processing") {
      advance(control, kRunningPermille + (kEndedPermille - kRunningPermille) * percent_in(prediction.logs) / 100);
    }
    wakes.wait(pause, control.cancel);
    if (control.cancel.load()) return fail(ErrorCode::kCancelled, "Cancelled");
    auto now = read(prediction.id, deadline, control.cancel);
    if (!now) return now;
    prediction = std::move(*now);
  }
  return prediction;
}

// Best effort: it ends by itself as well.
void ReplicateProvider::cancel(const std::string& id) {
  const std::atomic<bool> never{false};
  const auto answer = calls_.send_once({.url = "/predictions/" + id + "/cancel"}, options_.cancel_timeout, never);
  if (answer && is_success(answer->status)) return;
  log(LogLevel::kWarning, "prediction_not_cancelled",
      {{"prediction", id}, {"cause", answer ? "status " + std::to_string(answer->status) : answer.error().cause}});
}

Result<std::string> ReplicateProvider::output_of(const Prediction& prediction) const {
  if (prediction.status == "failed") {
    const std::string error = calls_.told(prediction.error);
    if (is_refusal(error)) return provider_refused(error);
    return provider_failed(error);
  }
  if (prediction.status == "canceled" || prediction.status == "aborted")
    return provider_timeout("it was cancelled there");
  if (prediction.status != "succeeded") return provider_garbled("status '" + calls_.told(prediction.status) + "'");
  // Of several the last: models that show how far they are end with what they have made.
  const Json& output = prediction.output;
  const Json last = output.is_array() && !output.empty() ? output.back() : output;
  if (!last.is_string()) return provider_garbled("no file in the output");
  return last.get<std::string>();
}

Result<void> ReplicateProvider::run(const ProviderRequest& request, RunControl& control) {
  const Deadline deadline = Deadline::after(options_.calls.run_timeout);
  advance(control, kAskedPermille);
  auto begun = create(request, deadline, control.cancel);
  if (!begun) return std::unexpected(begun.error());
  const std::string id = begun->id;
  const auto ended = wait_for(std::move(*begun), deadline, control);
  if (!ended) {
    cancel(id);
    return std::unexpected(ended.error());
  }
  const auto url = output_of(*ended);
  if (!url) return std::unexpected(url.error());
  advance(control, kEndedPermille);
  if (auto fetched = calls_.fetch(*url, request.output, deadline, control.cancel); !fetched) return fetched;
  advance(control, kFetchedPermille);
  return {};
}

}  // namespace tintype
