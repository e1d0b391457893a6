// Requests to URLs that users name. Nothing inside is reached by them: every address that a URL leads to is vetted
// before anything connects to it, and again wherever it redirects to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tintype {

struct FetchRequest {
  std::string url;
  std::filesystem::path path;       // where the file will be; its folder exists. What was there before is replaced
  std::int64_t size_bytes_max = 0;  // where it is less than what is configured; 0: what is configured
};

struct FetchedFile {
  std::int64_t size_bytes = 0;
};

struct PostRequest {
  std::string url;
  // Sent as they stand, beside Host and Content-Length, which are ours. Nothing else is sent but a User-Agent.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                           // exactly these bytes
  std::chrono::milliseconds timeout{15'000};  // for all of it: look-up, connection and answer
};

// Whatever the receiver answered, redirects too: they are not followed.
struct PostResponse {
  int status = 0;
  std::string body;                                 // its beginning, at most kPostAnswerBytesMax
  std::optional<std::chrono::seconds> retry_after;  // what Retry-After asks for, from now on; never negative
};

inline constexpr std::size_t kUrlBytesMax = 2'048;
inline constexpr std::size_t kPostAnswerBytesMax = 4'096;

class Egress {
 public:
  using PostDone = std::function<void(Result<PostResponse>)>;

  virtual ~Egress() = default;

  // What can be said without a look-up: http and https only, no user name or password, no address or name that is
  // internal however it is spelled, not this server itself. kUrlNotAllowed says in a sentence for the user what is
  // wrong. Does no I/O; fetch() and post() vet by themselves.
  virtual Result<void> vet(std::string_view url) const = 0;

  // GETs a file. Follows a few redirects, none from https to http, and takes nothing but 200 for an answer. Sends no
  // credentials and ignores proxy variables. Blocks, and looks at `cancel` at least every 200 ms. After an error there
  // is no file. kUrlNotAllowed, also for what resolves or redirects inside; kSourceUnreachable for names that do not
  // resolve, refused connections, bad certificates, other answers and those that are cut off; kFileTooLarge, told by
  // Content-Length where there is one; kDeadlineExceeded when it takes or stalls too long; kCancelled.
  virtual Result<FetchedFile> fetch(const FetchRequest& request, const std::atomic<bool>& cancel) = 0;

  // POSTs without waiting. `done` is called exactly once, on a thread that all posts share and that it must not hold
  // up, never inside of post(); what it uses lives until then, or longer than this does. It may post again. How many
  // are under way, in all and to one receiver, is for the caller to bound: over what is configured they are kOverloaded
  // at once. kUrlNotAllowed, kSourceUnreachable and kDeadlineExceeded as for fetch(); kInvalidInput for a header that
  // cannot be sent; kCancelled when the egress is destroyed first, which must not be answered by another post.
  virtual void post(PostRequest request, PostDone done) = 0;
};

}  // namespace tintype
