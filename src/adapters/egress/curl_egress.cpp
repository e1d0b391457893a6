#include "adapters/egress/curl_egress.h"

#include <curl/curl.h>

#include "adapters/egress/resolver.h"

namespace tintype {

namespace {

egress::FetchRules fetch_rules(const CurlEgressOptions& options) {
  return {.request = {options.connect_timeout, options.ca_file},
          .resolvers = options.resolvers,
          .timeout = options.fetch_timeout,
          .stall_timeout = options.stall_timeout,
          .size_bytes_max = options.fetch_bytes_max,
          .redirects_max = options.redirects_max};
}

egress::PostRules post_rules(const CurlEgressOptions& options) {
  return {.request = {options.connect_timeout, options.ca_file},
          .resolvers = options.resolvers,
          .posts_max = options.posts_max};
}

}  // namespace

Result<void> CurlEgress::check(const CurlEgressOptions& options) {
  if (auto opened = egress::Resolver::open(options.resolvers, [](int, bool, bool) {}); !opened) {
    return std::unexpected(opened.error());
  }
  return {};
}

CurlEgress::CurlEgress(CurlEgressOptions options, const Clock& clock)
    : vetting_(std::move(options.vetting)),
      fetch_rules_(fetch_rules(options)),
      post_rules_(post_rules(options)),
      poster_(vetting_, post_rules_, clock) {}

void CurlEgress::set_own(std::string_view public_url, std::string_view listen_address, std::uint16_t listen_port) {
  vetting_.set_own(public_url, listen_address, listen_port);
}

Result<void> CurlEgress::vet(std::string_view url) const {
  if (auto vetted = vetting_.url(url); !vetted) return std::unexpected(vetted.error());
  return {};
}

Result<FetchedFile> CurlEgress::fetch(const FetchRequest& request, const std::atomic<bool>& cancel) {
  return egress::fetch(request, vetting_, fetch_rules_, cancel);
}

void CurlEgress::post(PostRequest request, PostDone done) {
  poster_.post(std::move(request), std::move(done));
}

}  // namespace tintype
