#include "adapters/egress/resolver.h"

#include <ares.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace tintype::egress {

namespace {

constexpr int kAnswerMs = 2'000;  // for the first try; the second has twice as long
constexpr int kTries = 2;
constexpr auto kCancelPeriod = std::chrono::milliseconds(50);
constexpr std::string_view kLocalhost = "localhost";

bool is_localhost(std::string_view name) {
  return name == kLocalhost || name.ends_with(".localhost");
}

Found this_machine() {
  return {{*Address::parse("127.0.0.1"), *Address::parse("::1")}, {}};
}

std::unexpected<Error> failed(int status, const std::string& name) {
  const std::string cause = "look-up of " + name + ": " + ares_strerror(status);
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
    return fail(ErrorCode::kCancelled, "The look-up was cancelled", {}, cause);
  }
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA) {
    return fail(ErrorCode::kSourceUnreachable, "The URL's host is not known", {}, cause);
  }
  if (status == ARES_ENOMEM) return fail_internal(cause);
  return fail(ErrorCode::kSourceUnreachable, "The URL's host could not be looked up", {}, cause);
}

Result<Found> found_in(const ares_addrinfo* info, const std::string& name) {
  Found found;
  int valid_seconds = info->nodes == nullptr ? 0 : info->nodes->ai_ttl;
  for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
    const auto address = Address::of(node->ai_addr);
    if (address) found.addresses.push_back(*address);
    valid_seconds = std::min(valid_seconds, node->ai_ttl);
  }
  for (const ares_addrinfo_cname* alias = info->cnames; alias != nullptr; alias = alias->next) {
    valid_seconds = std::min(valid_seconds, alias->ttl);
  }
  if (found.addresses.empty()) return failed(ARES_ENODATA, name);
  found.valid_for = std::chrono::seconds(std::max(0, valid_seconds));
  return found;
}

struct Asked {
  std::string name;
  Resolver::Done done;
};

void on_answer(void* target, int status, int /*timeouts*/, ares_addrinfo* info) {
  const std::unique_ptr<Asked> asked(static_cast<Asked*>(target));
  const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owned(info, ares_freeaddrinfo);
  if (status != ARES_SUCCESS || info == nullptr) return asked->done(failed(status, asked->name));
  asked->done(found_in(info, asked->name));
}

class AresResolver final : public Resolver {
 public:
  explicit AresResolver(Watch watch) : watch_(std::move(watch)) {}
  ~AresResolver() override {
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  AresResolver(const AresResolver&) = delete;
  AresResolver& operator=(const AresResolver&) = delete;

  Result<void> open(const std::string& servers) {
    ares_options options{};
    char files_then_servers[] = "fb";
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = kAnswerMs;
    options.tries = kTries;
    options.lookups = files_then_servers;
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void* self, ares_socket_t socket, int reads, int writes) {
      static_cast<AresResolver*>(self)->watch_(socket, reads != 0, writes != 0);
    };
    const int status = ares_init_options(
        &channel_, &options,
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) return fail_internal(std::string("ares_init_options: ") + ares_strerror(status));
    if (servers.empty() || ares_set_servers_ports_csv(channel_, servers.c_str()) == ARES_SUCCESS) return {};
    return fail(ErrorCode::kInvalidInput, "egress.resolvers must be ADDRESS:PORT by commas, not '" + servers + "'");
  }

  void look_up(const std::string& name, Done done) override {
    if (is_localhost(name)) return done(this_machine());
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, on_answer, new Asked{name, std::move(done)});
  }
  void on_ready(int socket, bool is_readable, bool is_writable) override {
    ares_process_fd(channel_, is_readable ? socket : ARES_SOCKET_BAD, is_writable ? socket : ARES_SOCKET_BAD);
  }
  void on_time() override { ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }
  std::optional<std::chrono::milliseconds> time_left() override {
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) return std::nullopt;
    return std::chrono::milliseconds(left.tv_sec * 1'000 + (left.tv_usec + 999) / 1'000);
  }

 private:
  Watch watch_;
  ares_channel channel_ = nullptr;
};

// The sockets of one look-up.
class Watched {
 public:
  void watch(int socket, bool for_reading, bool for_writing) {
    std::erase_if(sockets_, [&](const pollfd& entry) { return entry.fd == socket; });
    if (!for_reading && !for_writing) return;
    const int events = (for_reading ? POLLIN : 0) | (for_writing ? POLLOUT : 0);
    sockets_.push_back({socket, static_cast<short>(events), 0});
  }
  void wait(Resolver& resolver, std::chrono::milliseconds longest) {
    std::vector<pollfd> ready = sockets_;
    ::poll(ready.data(), ready.size(), static_cast<int>(longest.count()));
    for (const pollfd& entry : ready) {
      if (entry.revents == 0) continue;
      resolver.on_ready(entry.fd, (entry.revents & ~POLLOUT) != 0, (entry.revents & POLLOUT) != 0);
    }
    resolver.on_time();
  }

 private:
  std::vector<pollfd> sockets_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> Resolver::open(const std::string& servers, Watch watch) {
  auto resolver = std::make_unique<AresResolver>(std::move(watch));
  if (auto opened = resolver->open(servers); !opened) return std::unexpected(opened.error());
  return resolver;
}

Result<Found> look_up_now(const std::string& servers, const std::string& name, const Deadline& deadline,
                          const std::atomic<bool>& cancel) {
  Watched watched;
  std::optional<Result<Found>> found;
  // The resolver goes before what its callbacks use.
  const auto resolver =
      Resolver::open(servers, [&](int socket, bool reads, bool writes) { watched.watch(socket, reads, writes); });
  if (!resolver) return std::unexpected(resolver.error());
  (*resolver)->look_up(name, [&](Result<Found> answer) { found = std::move(answer); });
  while (!found) {
    if (cancel) return fail(ErrorCode::kCancelled, "Cancelled");
    if (deadline.expired()) {
      return fail(ErrorCode::kDeadlineExceeded, "The URL's host could not be looked up in time");
    }
    watched.wait(**resolver, std::min(kCancelPeriod, (*resolver)->time_left().value_or(kCancelPeriod)));
  }
  return std::move(*found);
}

}  // namespace tintype::egress
