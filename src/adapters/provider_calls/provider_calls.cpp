#include "adapters/provider_calls/provider_calls.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/bytes.h"

namespace tintype {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};  // between looks at a cancel
constexpr int kTooMany = 429;
constexpr int kBroken = 500;
constexpr std::size_t kReasonBytesMax = 300;

std::unexpected<Error> failure(ErrorCode code, const char* message, std::string_view prefix, std::string_view cause) {
  return fail(code, message, {}, std::string(prefix) + ": " + std::string(cause));
}

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "Cancelled");
}

bool is_cancelled(const Error& error) {
  return error.code == ErrorCode::kCancelled;
}

// "https://host:port" of a URL that the operator wrote.
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

// What follows the origin in a URL must begin with a slash, so that no other host can begin like it.
bool is_at(std::string_view url, std::string_view origin) {
  const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
  return is_plain && url.starts_with(origin) && url.substr(origin.size()).starts_with('/');
}

// Failures that another attempt may get over. Of what makes something, only those by which nothing was made.
bool is_worth_another(const Result<OutboundResponse>& answer, bool is_post) {
  if (answer) return answer->status == kTooMany || answer->status >= kBroken;
  if (is_cancelled(answer.error()) || answer.error().code == ErrorCode::kFileTooLarge) return false;
  return !is_post || answer.error().code == ErrorCode::kSourceUnreachable;
}

// The last attempt's end.
Result<OutboundResponse> settled(Result<OutboundResponse> answer) {
  if (answer && (answer->status == kTooMany || answer->status >= kBroken)) {
    return provider_unavailable("it answers with status " + std::to_string(answer->status));
  }
  if (answer || is_cancelled(answer.error())) return answer;
  const Error& error = answer.error();
  if (error.code == ErrorCode::kSourceUnreachable) return provider_unavailable(error.cause);
  if (error.code == ErrorCode::kFileTooLarge) return provider_garbled(error.cause);
  return provider_timeout(error.cause);
}

std::optional<std::string> bytes_of_data_url(std::string_view url) {
  constexpr std::string_view kBase64 = ";base64,";
  const std::size_t at = url.find(kBase64);
  return at == std::string_view::npos ? std::nullopt : base64_decode(url.substr(at + kBase64.size()));
}

}  // namespace

void pause_for(milliseconds time, const std::atomic<bool>& cancel) {
  const Deadline deadline = Deadline::after(time);
  while (!cancel.load() && !deadline.expired()) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline.at() - Deadline::clock::now());
    std::this_thread::sleep_for(std::clamp(left, milliseconds(1), kSlice));
  }
}

std::unexpected<Error> provider_unavailable(std::string_view cause) {
  return failure(ErrorCode::kEngineUnavailable, "The provider of this operation is not available at present",
                 kProviderUnavailable, cause);
}

std::unexpected<Error> provider_timeout(std::string_view cause) {
  return failure(ErrorCode::kDeadlineExceeded, "The provider of this operation did not answer in time",
                 kProviderTimeout, cause);
}

std::unexpected<Error> provider_refused(std::string_view reason) {
  auto refused = failure(ErrorCode::kInvalidInput, "", kProviderRefused, reason);
  refused.error().message = "The provider refuses to make this picture";
  if (!reason.empty()) refused.error().message += ": " + std::string(reason);
  return refused;
}

std::unexpected<Error> provider_failed(std::string_view cause) {
  return failure(ErrorCode::kInternal, "The provider could not make this picture", kProviderFailed, cause);
}

std::unexpected<Error> provider_garbled(std::string_view cause) {
  return failure(ErrorCode::kInternal, "The provider answered with what is no picture", kProviderGarbled, cause);
}

OutboundCall ProviderCalls::completed(OutboundCall call, const Deadline& deadline) const {
  if (call.url.starts_with('/')) call.url = account_.url + call.url;
  if (!account_.key.empty()) call.headers.emplace_back("Authorization", "Bearer " + account_.key);
  call.answer_bytes_max = rules_.answer_bytes_max;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline.at() - Deadline::clock::now());
  call.timeout = std::clamp(left, milliseconds(1), rules_.call_timeout);
  return call;
}

milliseconds ProviderCalls::pause_after(int attempt, const Result<OutboundResponse>& answer) const {
  if (answer && answer->retry_after) return *answer->retry_after;
  return std::min(rules_.pause_max, rules_.pause_first * (1 << std::min(attempt - 1, 20)));
}

Result<OutboundResponse> ProviderCalls::send(const OutboundCall& call, const Deadline& deadline,
                                             const std::atomic<bool>& cancel) {
  for (int attempt = 1;; ++attempt) {
    if (cancel.load()) return cancelled();
    if (deadline.expired()) return provider_timeout("its time is over");
    auto answer = http_.call_trusted(completed(call, deadline), cancel);
    if (answer && is_final_ && is_final_(*answer)) return answer;
    const bool is_over = !is_worth_another(answer, call.is_post);
    if (is_over || attempt >= rules_.attempts_max) return settled(std::move(answer));
    const milliseconds pause = pause_after(attempt, answer);
    if (pause > rules_.pause_max || Deadline::clock::now() + pause > deadline.at()) return settled(std::move(answer));
    pause_(pause, cancel);
  }
}

Result<OutboundResponse> ProviderCalls::send_once(OutboundCall call, milliseconds timeout,
                                                  const std::atomic<bool>& cancel) {
  return http_.call_trusted(completed(std::move(call), Deadline::after(timeout)), cancel);
}

Result<void> ProviderCalls::fetch(const std::string& url, const std::filesystem::path& output, const Deadline& deadline,
                                  const std::atomic<bool>& cancel) {
  if (url.starts_with("data:")) {
    const auto bytes = bytes_of_data_url(url);
    return bytes ? write_file(output, *bytes) : provider_garbled("a data URL that cannot be read");
  }
  if (is_at(url, origin_of(account_.url))) {
    const auto answer = send({.is_post = false, .url = url}, deadline, cancel);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200)
      return provider_garbled("its file answers with status " + std::to_string(answer->status));
    return write_file(output, answer->body);
  }
  for (int attempt = 1;; ++attempt) {
    const auto fetched = egress_.fetch({url, output, rules_.answer_bytes_max}, cancel);
    if (fetched) return {};
    const Error& error = fetched.error();
    if (is_cancelled(error)) return std::unexpected(error);
    if (error.code != ErrorCode::kSourceUnreachable || attempt >= rules_.attempts_max || deadline.expired()) {
      return provider_garbled("its file was not fetched: " + error.message);
    }
    pause_(pause_after(attempt, std::unexpected(error)), cancel);
  }
}

std::string ProviderCalls::told(std::string_view text) const {
  std::string kept(text.substr(0, kReasonBytesMax));
  if (!account_.key.empty()) {
    for (std::size_t at = kept.find(account_.key); at != std::string::npos; at = kept.find(account_.key, at)) {
      kept.replace(at, account_.key.size(), "[redacted]");
    }
  }
  // A character that was cut, or never was one.
  while (!kept.empty() && !is_valid_utf8(kept)) kept.pop_back();
  return kept;
}

std::unexpected<Error> ProviderCalls::failure_of(const OutboundResponse& response, std::string_view reason) const {
  const std::string status = "status " + std::to_string(response.status);
  const bool is_about_us = response.status == 401 || response.status == 402 || response.status == 403 ||
                           response.status == 404 || response.status == kTooMany;
  // What is said of keys may hold a part of one.
  if (is_about_us) {
    return failure(ErrorCode::kEngineUnavailable, "The provider of this operation is not available at present",
                   kProviderRejected, status + (response.status == 401 ? "" : ", " + told(reason)));
  }
  if (response.status >= 400) {
    return failure(ErrorCode::kInvalidInput, "The provider does not take this request", kProviderDeclined,
                   status + ", " + told(reason));
  }
  return provider_garbled(status);
}

void advance(RunControl& control, int permille) {
  int seen = control.progress_permille.load();
  while (seen < permille && !control.progress_permille.compare_exchange_weak(seen, permille)) {
  }
}

Result<void> write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) return fail_internal(file.string() + " cannot be written");
  return {};
}

Result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return fail_internal(file.string() + " cannot be read");
  return bytes;
}

std::optional<double> wanted_aspect(const ProviderRequest& request) {
  const auto of = [](int width, int height) { return static_cast<double>(width) / height; };
  if (request.sides.extent) return of(request.sides.extent->width_px, request.sides.extent->height_px);
  if (request.sides.aspect) return of(request.sides.aspect->width, request.sides.aspect->height);
  if (!request.picture.empty()) return of(request.picture_sides.width_px, request.picture_sides.height_px);
  return std::nullopt;
}

}  // namespace tintype
