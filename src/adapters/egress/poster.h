// Many POSTs at once by one thread, over connections that are kept.
#pragma once

#include <memory>
#include <string>

#include "adapters/egress/curl_request.h"
#include "adapters/egress/vetting.h"
#include "base/clock.h"
#include "ports/egress.h"

namespace tintype::egress {

struct PostRules {
  RequestRules request;
  std::string resolvers;  // as for Resolver::open(), which has taken them before
  int posts_max = 1'024;  // under way at once; more are kOverloaded
};

class Poster {
 public:
  Poster(const Vetting& vetting, const PostRules& rules, const Clock& clock);
  ~Poster();
  Poster(const Poster&) = delete;
  Poster& operator=(const Poster&) = delete;

  void post(PostRequest request, Egress::PostDone done);  // as Egress::post()

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace tintype::egress
