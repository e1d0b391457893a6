#include "adapters/egress/poster.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "adapters/egress/resolver.h"
#include "base/deadline.h"

namespace tintype::egress {

namespace {

using Time = Deadline::clock::time_point;

constexpr std::size_t kNamesKeptMax = 1'000;
constexpr std::chrono::seconds kNameKeptMax{30};
constexpr std::chrono::seconds kResolverKept{60};
constexpr long kConnectionsKeptMax = 256;
constexpr long kConnectionIdleSecondsMax = 60;
constexpr long kConnectionAgeSecondsMax = 300;
constexpr std::chrono::seconds kRetryAfterMax{30 * 24 * 3'600};
constexpr std::size_t kEventsMax = 64;
constexpr std::chrono::milliseconds kWaitMax{60'000};
// Beside a socket in what epoll gives back: it is the resolver's.
constexpr std::uint64_t kOfResolver = 1ULL << 32;

// What we set ourselves, or what would change where a message ends.
constexpr std::string_view kOwnHeaders[] = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "expect", "te", "trailer", "upgrade"};

bool is_token(std::string_view text) {  // RFC 9110, section 5.6.2
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool may_be_sent(const std::string& name, const std::string& value) {
  const auto is_name = [&](std::string_view own) {
    return std::ranges::equal(name, own, {}, [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  };
  return is_token(name) && std::ranges::none_of(kOwnHeaders, is_name) &&
         std::ranges::all_of(value, [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

// libcurl's lines: those that take its own headers away first, an empty value by a semicolon.
Result<List> header_lines(const PostRequest& request) {
  curl_slist* all = nullptr;
  for (const char* none : {"Accept:", "Content-Type:", "Expect:"}) all = curl_slist_append(all, none);
  List lines(all, curl_slist_free_all);
  for (const auto& [name, value] : request.headers) {
    if (!may_be_sent(name, value)) return fail(ErrorCode::kInvalidInput, "The header " + name + " cannot be sent");
    curl_slist_append(lines.get(), (name + (value.empty() ? ";" : ": " + value)).c_str());
  }
  return lines;
}

// Seconds or a date (RFC 9110, section 10.2.3).
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, const Clock& clock) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    const time_t at = curl_getdate(std::string(text).c_str(), nullptr);
    if (at < 0) return std::nullopt;
    seconds = at - clock.now_ms() / 1'000;
  }
  return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), kRetryAfterMax);
}

// A POST on its way.
struct Post {
  PostRequest request;
  Egress::PostDone done;
  Result<HttpUrl> url;
  Time deadline;
  bool is_counted = false;  // among those that are under way
  const Clock* clock = nullptr;
  Easy curl{nullptr, curl_easy_cleanup};
  List headers{nullptr, curl_slist_free_all};
  std::unique_ptr<CurlRequest> prepared;
  PostResponse response;
  bool has_enough = false;  // of the answer's body

  std::chrono::milliseconds time_left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Deadline::clock::now());
  }
};

std::size_t on_bytes(char* data, std::size_t size, std::size_t count, void* target) {
  Post& post = *static_cast<Post*>(target);
  std::string& body = post.response.body;
  const std::size_t taken = std::min(size * count, kPostAnswerBytesMax - body.size());
  body.append(data, taken);
  post.has_enough = taken < size * count;
  return taken;  // less than all ends the transfer
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* target) {
  Post& post = *static_cast<Post*>(target);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) post.response.retry_after.reset();
  if (const auto value = value_of(line, "retry-after")) {
    post.response.retry_after = parse_retry_after(*value, *post.clock);
  }
  return size * count;
}

}  // namespace

// The thread and all that belongs to it. post() hands posts over; the rest happens on the thread.
class Poster::Loop {
 public:
  Loop(const Vetting& vetting, const PostRules& rules, const Clock& clock)
      : vetting_(vetting), rules_(rules), clock_(clock) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    if (epoll_ < 0 || wake_ < 0 || multi_ == nullptr) throw std::runtime_error("no means to send webhooks by");
    watch(wake_, static_cast<std::uint64_t>(wake_), true, false);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kConnectionsKeptMax);
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    {
      std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake();
    thread_.join();
    curl_multi_cleanup(multi_);
    ::close(wake_);
    ::close(epoll_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void hand_over(PostRequest request, Egress::PostDone done) {
    const Time deadline = Deadline::clock::now() + request.timeout;
    auto url = vetting_.url(request.url);
    auto post = std::make_unique<Post>(Post{.request = std::move(request),
                                            .done = std::move(done),
                                            .url = std::move(url),
                                            .deadline = deadline,
                                            .response = {}});
    if (under_way_.fetch_add(1) < rules_.posts_max) {
      post->is_counted = true;
    } else {
      under_way_.fetch_sub(1);
      post->url = fail(ErrorCode::kOverloaded, "Too many requests to others are under way");
    }
    bool is_first = false;
    {
      std::lock_guard lock(mutex_);
      is_first = arrived_.empty();
      arrived_.push_back(std::move(post));
    }
    if (is_first) wake();
  }

 private:
  void run() {
    while (!is_stopping()) {
      for (std::unique_ptr<Post>& post : take_arrived()) begin(std::move(post));
      wait();
    }
    cancel_all();
  }
  bool is_stopping() {
    std::lock_guard lock(mutex_);
    return is_stopping_;
  }
  std::vector<std::unique_ptr<Post>> take_arrived() {
    std::lock_guard lock(mutex_);
    return std::exchange(arrived_, {});
  }
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  }

  void cancel_all() {
    resolver_.reset();  // whose look-ups are done with kCancelled
    while (!posts_.empty()) finish(*posts_.begin()->first, cancelled());
    for (auto arrived = take_arrived(); !arrived.empty(); arrived = take_arrived()) {
      for (std::unique_ptr<Post>& post : arrived) finish(keep(std::move(post)), cancelled());
    }
  }
  static std::unexpected<Error> cancelled() { return fail(ErrorCode::kCancelled, "The server is stopping"); }

  // ---- From a post's beginning to its end
  Post& keep(std::unique_ptr<Post> post) {
    Post& kept = *post;
    posts_.emplace(&kept, std::move(post));
    return kept;
  }
  void begin(std::unique_ptr<Post> arrived) {
    Post& post = keep(std::move(arrived));
    if (!post.url) return finish(post, std::unexpected(post.url.error()));
    auto headers = header_lines(post.request);
    if (!headers) return finish(post, std::unexpected(headers.error()));
    post.headers = std::move(*headers);
    if (post.url->address) return start(post, {});
    look_up(post);
  }

  void look_up(Post& post) {
    const std::string& name = post.url->host;
    if (const auto kept = names_.find(name); kept != names_.end() && kept->second.until > Deadline::clock::now()) {
      return start(post, kept->second.addresses);
    }
    if (waiting_.empty() && !renew_resolver()) {
      return finish(post, fail_internal("the resolver cannot be opened"));
    }
    deadlines_.emplace(post.deadline, &post);
    const auto [asking, is_new] = waiting_.try_emplace(name);
    asking->second.push_back(&post);
    if (is_new) resolver_->look_up(name, [this, name](const Result<Found>& found) { on_found(name, found); });
  }
  // A new one reads anew who the system's name servers are, and has new ports.
  bool renew_resolver() {
    const Time now = Deadline::clock::now();
    if (resolver_ && now - resolver_since_ < kResolverKept) return true;
    resolver_.reset();
    auto opened = Resolver::open(rules_.resolvers, [this](int socket, bool reads, bool writes) {
      watch(socket, static_cast<std::uint64_t>(socket) | kOfResolver, reads, writes);
    });
    if (!opened) return false;
    resolver_ = std::move(*opened);
    resolver_since_ = now;
    return true;
  }
  void on_found(const std::string& name, const Result<Found>& found) {
    if (found && found->valid_for.count() > 0) {
      if (names_.size() >= kNamesKeptMax) names_.clear();
      names_[name] = {found->addresses, Deadline::clock::now() + std::min(found->valid_for, kNameKeptMax)};
    }
    const auto asking = waiting_.extract(name);
    for (Post* post : asking.mapped()) {
      forget_deadline(*post);
      if (found) {
        start(*post, found->addresses);
      } else {
        finish(*post, std::unexpected(found.error()));
      }
    }
  }
  void forget_deadline(const Post& post) {
    const auto [begin, end] = deadlines_.equal_range(post.deadline);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == &post; });
    if (found != end) deadlines_.erase(found);
  }
  // Those whose name took longer to look up than they had.
  void expire() {
    const Time now = Deadline::clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      Post& post = *deadlines_.begin()->second;
      deadlines_.erase(deadlines_.begin());
      std::erase(waiting_.at(post.url->host), &post);
      finish(post, fail(ErrorCode::kDeadlineExceeded, "The URL's host could not be looked up in time"));
    }
  }

  void start(Post& post, std::span<const Address> addresses) {
    if (auto vetted = vetting_.addresses(*post.url, addresses); !vetted) {
      return finish(post, std::unexpected(vetted.error()));
    }
    post.curl = take_handle();
    if (!post.curl) return finish(post, fail_internal("curl_easy_init"));
    CURL* curl = post.curl.get();
    post.clock = &clock_;
    post.prepared =
        std::make_unique<CurlRequest>(curl, vetting_, rules_.request, *post.url, addresses, post.time_left());
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post.request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.request.body.size()));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, post.headers.get());
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, kConnectionIdleSecondsMax);
    curl_easy_setopt(curl, CURLOPT_MAXLIFETIME_CONN, kConnectionAgeSecondsMax);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &post);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &post);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &post);
    if (const CURLMcode code = curl_multi_add_handle(multi_, curl); code != CURLM_OK) {
      finish(post, fail_internal(curl_multi_strerror(code)));
    }
  }
  void finish_transfers() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      Post* post = nullptr;
      const CURLcode code = message->data.result;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
      if (code != CURLE_OK && !post->has_enough) {
        finish(*post, std::unexpected(post->prepared->error_of(code)));
        continue;
      }
      long status = 0;
      curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      post->response.status = static_cast<int>(status);
      finish(*post, std::move(post->response));
    }
  }
  void finish(Post& post, Result<PostResponse> result) {
    const auto node = posts_.extract(&post);
    if (post.curl) {
      curl_multi_remove_handle(multi_, post.curl.get());
      give_back(std::move(post.curl));
    }
    if (post.is_counted) under_way_.fetch_sub(1);
    post.done(std::move(result));
  }

  Easy take_handle() {
    if (handles_.empty()) return {curl_easy_init(), curl_easy_cleanup};
    Easy handle = std::move(handles_.back());
    handles_.pop_back();
    return handle;
  }
  void give_back(Easy handle) {
    curl_easy_reset(handle.get());
    if (handles_.size() < static_cast<std::size_t>(kConnectionsKeptMax)) handles_.push_back(std::move(handle));
  }

  // ---- Sockets and time
  void watch(int socket, std::uint64_t mark, bool for_reading, bool for_writing) const {
    epoll_event event{};
    event.events = (for_reading ? EPOLLIN : 0U) | (for_writing ? EPOLLOUT : 0U);
    event.data.u64 = mark;
    if (event.events == 0) {
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    } else if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0) {
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    }
  }
  static int on_socket(CURL* /*curl*/, curl_socket_t socket, int what, void* self, void* /*unused*/) {
    static_cast<Loop*>(self)->watch(socket, static_cast<std::uint64_t>(socket),
                                    what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                                    what == CURL_POLL_OUT || what == CURL_POLL_INOUT);
    return 0;
  }
  static int on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
    Loop& loop = *static_cast<Loop*>(self);
    loop.transfers_due_ =
        timeout_ms < 0 ? std::nullopt : std::optional(Deadline::clock::now() + std::chrono::milliseconds(timeout_ms));
    return 0;
  }

  std::chrono::milliseconds time_until_due() {
    const Time now = Deadline::clock::now();
    Time due = now + kWaitMax;
    if (transfers_due_) due = std::min(due, *transfers_due_);
    if (!deadlines_.empty()) due = std::min(due, deadlines_.begin()->first);
    if (resolver_) due = std::min(due, now + resolver_->time_left().value_or(kWaitMax));
    return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(due - now));
  }
  void wait() {
    std::array<epoll_event, kEventsMax> events;
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(time_until_due().count()));
    for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)]);
    if (resolver_) resolver_->on_time();
    expire();
    if (transfers_due_ && *transfers_due_ <= Deadline::clock::now()) {
      transfers_due_.reset();
      int running = 0;
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    finish_transfers();
  }
  void on_event(const epoll_event& event) {
    const int socket = static_cast<int>(event.data.u64 & (kOfResolver - 1));
    const bool is_readable = (event.events & ~EPOLLOUT) != 0;
    const bool is_writable = (event.events & EPOLLOUT) != 0;
    if (socket == wake_) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
    } else if ((event.data.u64 & kOfResolver) != 0) {
      if (resolver_) resolver_->on_ready(socket, is_readable, is_writable);
    } else {
      int running = 0;
      curl_multi_socket_action(multi_, socket,
                               (is_readable ? CURL_CSELECT_IN : 0) | (is_writable ? CURL_CSELECT_OUT : 0), &running);
    }
  }

  const Vetting& vetting_;
  const PostRules& rules_;
  const Clock& clock_;
  std::atomic<int> under_way_ = 0;

  std::mutex mutex_;  // over these two
  std::vector<std::unique_ptr<Post>> arrived_;
  bool is_stopping_ = false;

  struct Kept {
    std::vector<Address> addresses;
    Time until;
  };
  int epoll_ = -1;
  int wake_ = -1;
  CURLM* multi_ = nullptr;
  std::vector<Easy> handles_;
  std::unordered_map<Post*, std::unique_ptr<Post>> posts_;
  std::map<std::string, Kept> names_;
  std::map<std::string, std::vector<Post*>> waiting_;  // for a name that is being looked up
  std::multimap<Time, Post*> deadlines_;               // of those
  std::unique_ptr<Resolver> resolver_;
  Time resolver_since_;
  std::optional<Time> transfers_due_;
  std::thread thread_;
};

Poster::Poster(const Vetting& vetting, const PostRules& rules, const Clock& clock)
    : loop_(std::make_unique<Loop>(vetting, rules, clock)) {}
Poster::~Poster() = default;

void Poster::post(PostRequest request, Egress::PostDone done) {
  loop_->hand_over(std::move(request), std::move(done));
}

}  // namespace tintype::egress
