// What the adapters of all providers have in common: requests that are tried again within bounds, failures in the words
// of ports/provider.h, and files that are fetched from where an answer says.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "ports/egress.h"
#include "ports/outbound_http.h"
#include "ports/provider.h"

namespace tintype {

struct ProviderCallRules {
  int attempts_max = 4;                             // of one request
  std::chrono::milliseconds pause_first{1'000};     // after the first; doubles, unless the provider says how long
  std::chrono::milliseconds pause_max{30'000};      // one that wants longer pauses is unavailable
  std::chrono::milliseconds call_timeout{180'000};  // for one answer
  std::chrono::milliseconds run_timeout{600'000};   // for a result, with all attempts and pauses
  std::int64_t answer_bytes_max = 64LL << 20;       // of one answer or file
};

// Waits that long, or until `cancel`.
using ProviderPause = std::function<void(std::chrono::milliseconds, const std::atomic<bool>& cancel)>;
void pause_for(std::chrono::milliseconds time, const std::atomic<bool>& cancel);

// Where a provider is, and what it knows us by.
struct ProviderAccount {
  std::string url;  // no slash at its end
  std::string key;  // empty: it asks for none
};

class ProviderCalls {
 public:
  using IsFinal = bool (*)(const OutboundResponse& response);  // of a status that is worth another attempt otherwise

  ProviderCalls(OutboundHttp& http, Egress& egress, ProviderAccount account, ProviderCallRules rules,
                ProviderPause pause, IsFinal is_final)
      : http_(http),
        egress_(egress),
        account_(std::move(account)),
        rules_(rules),
        pause_(std::move(pause)),
        is_final_(is_final) {}

  const ProviderCallRules& rules() const { return rules_; }

  // With our key and bounds put in; a path is one behind the account's URL. Tries again after 429, 5xx and connections
  // that nobody took, and where nothing is made by it (GET) after every other failure too. Answers statuses below 500
  // but 429, and what is final; failures are kProviderUnavailable, kProviderTimeout and kProviderGarbled, or
  // kCancelled.
  Result<OutboundResponse> send(const OutboundCall& call, const Deadline& deadline, const std::atomic<bool>& cancel);
  // Once, without a retry; for what is not waited for.
  Result<OutboundResponse> send_once(OutboundCall call, std::chrono::milliseconds timeout,
                                     const std::atomic<bool>& cancel);

  // Writes what a URL of an answer leads to. At the provider's own address it is asked for as everything there,
  // anywhere else like a URL of a user's; "data:" holds it itself. kProviderGarbled, kProviderTimeout, kCancelled.
  Result<void> fetch(const std::string& url, const std::filesystem::path& output, const Deadline& deadline,
                     const std::atomic<bool>& cancel);

  // What a provider says, without our key in it and not too long.
  std::string told(std::string_view text) const;
  // The failure that goes with a status from 300 on, but for content that is refused.
  std::unexpected<Error> failure_of(const OutboundResponse& response, std::string_view reason) const;

 private:
  OutboundCall completed(OutboundCall call, const Deadline& deadline) const;
  std::chrono::milliseconds pause_after(int attempt, const Result<OutboundResponse>& answer) const;

  OutboundHttp& http_;
  Egress& egress_;
  const ProviderAccount account_;
  const ProviderCallRules rules_;
  const ProviderPause pause_;
  const IsFinal is_final_;
};

// Failures of ports/provider.h. The causes are for the log alone.
std::unexpected<Error> provider_unavailable(std::string_view cause);
std::unexpected<Error> provider_timeout(std::string_view cause);
std::unexpected<Error> provider_refused(std::string_view reason);  // public
std::unexpected<Error> provider_failed(std::string_view cause);
std::unexpected<Error> provider_garbled(std::string_view cause);

// Raises the progress of a run; it never goes back.
void advance(RunControl& control, int permille);

Result<void> write_file(const std::filesystem::path& file, std::string_view bytes);
Result<std::string> read_file(const std::filesystem::path& file);

// The width by the height that a result, or else the picture, is to have; nothing where nobody says.
std::optional<double> wanted_aspect(const ProviderRequest& request);

}  // namespace tintype
