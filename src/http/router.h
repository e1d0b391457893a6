// Finds the route of a request. Filled at start, frozen before listening; reading it takes no lock.
//
// Patterns are segments: literal ("images"), a whole-segment parameter ("{id}"), or a parameter with a verb
// ("{id}:complete"); a literal may carry a verb too ("uploads:resumable"). The last may take the rest of the path,
// slashes and all ("{key...}"). Exact segments win over parameters, a parameter with a verb over one without, and any
// over the rest. Two routes of the same pattern and method are a bug.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace tintype::http {

enum class BodyKind {
  kNone,       // a body is read and refused when it is not empty
  kMemory,     // whole, up to body_bytes_max
  kMultipart,  // multipart/form-data; files are spooled to disk
  kSpool,      // whole, to a file
  kSink,       // piece by piece, to the Request::sink that `admit` has made
};

struct BodyPolicy {
  BodyKind kind = BodyKind::kNone;
  std::int64_t body_bytes_max = 0;  // over it: 413, while reading
  // Multipart alone.
  std::int64_t part_bytes_max = 0;  // a file part over it is marked too_large and its rest dropped
  std::int64_t field_bytes_max = 16 * 1024;
  int parts_max = 64;
  // Over 0: what is no multipart/form-data is taken as with kMemory, up to this.
  std::int64_t memory_bytes_max = 0;
};

// Where the handler runs: on the event loop (it never blocks and takes well under a millisecond) or in the pool.
enum class Place { kInPlace, kPool };

using Handler = std::function<Response(Request&)>;

// Runs before the body is read, so that nobody spends our disk without a credential. An answer refuses.
using Admit = std::function<std::optional<Response>(Request&)>;

struct Route {
  Method method = Method::kGet;
  std::string pattern;  // also the route's name in metrics and logs
  Handler handler;
  BodyPolicy body = {};
  Place place = Place::kPool;
  Admit admit = nullptr;
  Place admit_place = Place::kInPlace;
  // The address is its own credential: pages of any origin may use it, without cookies, where CORS is not configured.
  bool any_origin = false;
};

struct RouteMatch {
  const Route* route = nullptr;  // null: no route for this method
  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::vector<Method> allowed;  // of this path, when the method has no route; empty: unknown path
  bool any_origin = false;      // some route of this path has it
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  void add(Route route);
  void freeze();  // nothing can be added afterwards
  // HEAD finds the GET route when it has none of its own. `path` is the raw path, percent-encoded.
  RouteMatch find(Method method, std::string_view path) const;
  const std::vector<std::unique_ptr<Route>>& routes() const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
  bool frozen_ = false;
};

}  // namespace tintype::http
