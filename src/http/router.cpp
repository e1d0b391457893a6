#include "http/router.h"

#include <array>
#include <cassert>
#include <map>
#include <stdexcept>

#include "base/bytes.h"

namespace tintype::http {

namespace {

constexpr std::size_t kMethods = 7;
constexpr std::string_view kRest = "...}";
constexpr std::size_t kSegmentsMax = 260;  // an object key has 256 at most

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(6);
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

}  // namespace

struct Router::Node {
  struct Parameter {
    std::string verb;  // behind the colon; empty for none
    std::unique_ptr<Node> node;
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::vector<Parameter> parameters;  // those with a verb first
  std::unique_ptr<Node> rest;
  std::array<const Route*, kMethods> routes{};

  bool has_routes() const {
    for (const Route* route : routes) {
      if (route != nullptr) return true;
    }
    return false;
  }

  // The node of the path from segment `at` on; `values` gets the parameters in order.
  const Node* find(const std::vector<std::string>& segments, std::size_t at, std::vector<std::string>& values) const {
    if (at == segments.size()) return has_routes() ? this : nullptr;
    const std::string& segment = segments[at];
    if (const auto literal = literals.find(segment); literal != literals.end()) {
      if (const Node* found = literal->second->find(segments, at + 1, values)) return found;
    }
    for (const Parameter& parameter : parameters) {
      const std::size_t tail = parameter.verb.empty() ? 0 : parameter.verb.size() + 1;
      const bool fits = parameter.verb.empty() || (segment.size() > tail && segment.ends_with(parameter.verb) &&
                                                   segment[segment.size() - tail] == ':');
      if (!fits || segment.size() == tail) continue;
      values.push_back(segment.substr(0, segment.size() - tail));
      if (const Node* found = parameter.node->find(segments, at + 1, values)) return found;
      values.pop_back();
    }
    return rest ? take_rest(segments, at, values) : nullptr;
  }

  const Node* take_rest(const std::vector<std::string>& segments, std::size_t at,
                        std::vector<std::string>& values) const {
    std::string value = segments[at];
    while (++at < segments.size()) value.append("/").append(segments[at]);
    values.push_back(std::move(value));
    return rest.get();
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route route) {
  assert(!frozen_);
  Node* node = root_.get();
  for (const std::string_view segment : segments_of(route.pattern)) {
    if (!segment.starts_with('{')) {
      auto& next = node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
      continue;
    }
    if (segment.ends_with(kRest)) {
      if (!node->rest) node->rest = std::make_unique<Node>();
      node = node->rest.get();
      break;
    }
    const std::size_t close = segment.find('}');
    const std::string verb(segment.substr(std::min(close + 2, segment.size())));
    auto known = std::find_if(node->parameters.begin(), node->parameters.end(),
                              [&](const Node::Parameter& parameter) { return parameter.verb == verb; });
    if (known == node->parameters.end()) {
      const auto place = verb.empty() ? node->parameters.end() : node->parameters.begin();
      known = node->parameters.insert(place, {verb, std::make_unique<Node>()});
    }
    node = known->node.get();
  }
  auto& slot = node->routes[static_cast<std::size_t>(route.method)];
  if (slot != nullptr) throw std::logic_error("two routes for " + route.pattern);
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  slot = routes_.back().get();
}

void Router::freeze() {
  frozen_ = true;
}

const std::vector<std::unique_ptr<Route>>& Router::routes() const {
  return routes_;
}

RouteMatch Router::find(Method method, std::string_view path) const {
  RouteMatch match;
  std::vector<std::string> segments;
  for (const std::string_view segment : segments_of(path)) {
    auto decoded = percent_decode(segment, false);
    if (!decoded || segments.size() == kSegmentsMax) return match;
    segments.push_back(std::move(*decoded));
  }
  std::vector<std::string> values;
  const Node* node = root_->find(segments, 0, values);
  if (node == nullptr) return match;
  match.route = node->routes[static_cast<std::size_t>(method)];
  if (match.route == nullptr && method == Method::kHead) {
    match.route = node->routes[static_cast<std::size_t>(Method::kGet)];
  }
  for (std::size_t at = 0; at < kMethods; ++at) {
    if (node->routes[at] == nullptr) continue;
    match.allowed.push_back(static_cast<Method>(at));
    match.any_origin = match.any_origin || node->routes[at]->any_origin;
    if (static_cast<Method>(at) == Method::kGet) match.allowed.push_back(Method::kHead);
  }
  if (match.route == nullptr) return match;
  std::size_t at = 0;
  for (const std::string_view segment : segments_of(match.route->pattern)) {
    if (!segment.starts_with('{')) continue;
    match.path_parameters.emplace_back(std::string(segment.substr(1, segment.find_first_of(".}") - 1)),
                                       std::move(values[at++]));
  }
  return match;
}

}  // namespace tintype::http
