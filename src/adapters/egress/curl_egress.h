// Requests to URLs of users by libcurl, which asks for nothing but what has been vetted: the URL as it stands, every
// address that c-ares finds for its name in one look-up, the address that is connected to, and all of that again for
// each redirect and each POST.
#pragma once

#include <memory>
#include <string>

#include "adapters/egress/fetch.h"
#include "adapters/egress/poster.h"
#include "adapters/egress/vetting.h"
#include "base/clock.h"
#include "ports/egress.h"

namespace tintype {

struct CurlEgressOptions {
  egress::VettingOptions vetting;
  std::string resolvers;  // name servers, ADDRESS:PORT by commas; those of the system when empty
  std::string ca_file;    // the authorities that are trusted, in PEM; those of the system when empty
  std::chrono::milliseconds connect_timeout{5'000};  // to look a name up, and to connect
  std::chrono::milliseconds fetch_timeout{60'000};
  std::chrono::milliseconds stall_timeout{10'000};  // of a fetch, without a byte
  std::int64_t fetch_bytes_max = 100LL << 20;
  int redirects_max = 3;
  int posts_max = 1'024;  // under way at once
};

class CurlEgress final : public Egress {
 public:
  // kInvalidInput says what cannot be used.
  static Result<void> check(const CurlEgressOptions& options);
  // Of options that check() takes.
  CurlEgress(CurlEgressOptions options, const Clock& clock);

  // What this server is reached by, which no URL may lead to. Only before the first request.
  void set_own(std::string_view public_url, std::string_view listen_address, std::uint16_t listen_port);

  Result<void> vet(std::string_view url) const override;
  Result<FetchedFile> fetch(const FetchRequest& request, const std::atomic<bool>& cancel) override;
  void post(PostRequest request, PostDone done) override;

 private:
  egress::Vetting vetting_;
  const egress::FetchRules fetch_rules_;
  const egress::PostRules post_rules_;
  egress::Poster poster_;  // last: its thread uses the others
};

}  // namespace tintype
