#include "webhook/verdict.h"

#include <algorithm>

#include "base/bytes.h"

namespace tintype::webhook {

namespace {

constexpr int kGone = 410;
constexpr std::size_t kShownBytesMax = 200;  // of an answer

bool is_success(int status) {
  return status >= 200 && status < 300;
}

// The beginning of an answer on one line; nothing when it is no text.
std::string beginning_of(std::string_view body) {
  std::string shown(body.substr(0, kShownBytesMax));
  // Not in the middle of a character.
  while (!shown.empty() && body.size() > shown.size() && !is_valid_utf8(shown)) {
    shown.pop_back();
    if (kShownBytesMax - shown.size() > 3) break;
  }
  if (!is_valid_utf8(shown)) return {};
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return shown;
}

std::string sentence_of(const Result<PostResponse>& answer) {
  if (!answer) return answer.error().message;
  const std::string said = beginning_of(answer->body);
  const bool is_redirect = answer->status >= 300 && answer->status < 400;
  return "The receiver answered " + std::to_string(answer->status) +
         (is_redirect ? ", and redirects are not followed" : "") + (said.empty() ? "" : ": " + said);
}

}  // namespace

Verdict judge(WebhookDelivery delivery, const Result<PostResponse>& answer, const RetryRules& rules, UnixMs now_ms) {
  delivery.attempt += 1;
  delivery.attempted_at_ms = now_ms;
  delivery.last_status = answer ? answer->status : 0;
  if (answer && is_success(answer->status)) {
    delivery.state = DeliveryState::kDelivered;
    delivery.last_error.clear();
    delivery.ended_at_ms = now_ms;
    return {std::move(delivery), false, 0};
  }
  delivery.last_error = sentence_of(answer);
  const bool is_gone = answer && answer->status == kGone;
  if (is_gone || static_cast<std::size_t>(delivery.attempt) >= rules.pauses_ms.size()) {
    delivery.state = DeliveryState::kFailed;
    delivery.ended_at_ms = now_ms;
    return {std::move(delivery), is_gone, 0};
  }
  UnixMs put_off_until_ms = 0;
  std::int64_t pause_ms = rules.pauses_ms[static_cast<std::size_t>(delivery.attempt)];
  if (answer && answer->retry_after) {
    const std::chrono::milliseconds asked_for = std::min(*answer->retry_after, kRetryAfterMax);
    pause_ms = std::max<std::int64_t>(pause_ms, asked_for.count());
    put_off_until_ms = now_ms + asked_for.count();
  }
  delivery.next_attempt_at_ms = now_ms + pause_ms;
  return {std::move(delivery), false, put_off_until_ms};
}

}  // namespace tintype::webhook
