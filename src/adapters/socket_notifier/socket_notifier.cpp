#include "adapters/socket_notifier/socket_notifier.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace tintype {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kLetterBytesMax = 16'384;
constexpr milliseconds kPause{1};         // between two tellings: what comes meanwhile goes together
constexpr milliseconds kBehindPause{20};  // before who was behind is told again
constexpr int kLettersAtOnceMax = 64;
constexpr const char* kSocketName = "socket";

// The way to a socket by its folder's descriptor: a path of any depth would not fit into an address.
sockaddr_un address_of(int folder, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + name + "/" + kSocketName;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

SocketNotifier::Descriptor::~Descriptor() {
  ::close(number);
}

SocketNotifier::SocketNotifier(const fs::path& folder, Random& random)
    : own_(folder, random),
      folder_(checked(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open the folder of wake-ups")),
      socket_(checked(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")),
      outgoing_(kLetterBytesMax) {
  const sockaddr_un address = address_of(folder_.number, own_.path().filename());
  checked(::bind(socket_.number, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind a wake-up socket");
  thread_ = std::thread([this] { run(); });
}

SocketNotifier::~SocketNotifier() {
  stop_.ring();
  thread_.join();
}

void SocketNotifier::notify(std::string_view topic) {
  local_.notify(topic);
  outgoing_.put(topic);
}

Notifier::Subscription SocketNotifier::subscribe(std::string_view topic, std::function<void()> wake) {
  return local_.subscribe(topic, std::move(wake));
}

void SocketNotifier::unsubscribe(Subscription subscription) {
  local_.unsubscribe(subscription);
}

void SocketNotifier::run() {
  auto told_at = Steady::now() - kPause;
  while (true) {
    const bool rests = Steady::now() - told_at < kPause;
    std::array<pollfd, 3> polled = {{{socket_.number, POLLIN, 0},
                                     {stop_.descriptor(), POLLIN, 0},
                                     {rests ? -1 : outgoing_.descriptor(), POLLIN, 0}}};
    const milliseconds wait = rests ? kPause : behind_.empty() ? milliseconds(-1) : kBehindPause;
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    if (polled[0].revents != 0) receive();
    const bool stopping = polled[1].revents != 0;
    if (stopping || polled[2].revents != 0 || (ready == 0 && !behind_.empty())) {
      tell(outgoing_.take());
      told_at = Steady::now();
    }
    if (stopping) return;
  }
}

void SocketNotifier::receive() {
  std::array<char, kLetterBytesMax> letter;
  for (int count = 0; count < kLettersAtOnceMax; ++count) {
    const ssize_t size = ::recv(socket_.number, letter.data(), letter.size(), 0);
    if (size < 0) return;
    deliver({letter.data(), static_cast<std::size_t>(size)}, local_);
  }
}

void SocketNotifier::tell(const std::vector<std::string>& letters) {
  const std::string own = own_.path().filename();
  std::set<std::string> still_behind;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(own_.path().parent_path(), ignored)) {
    const std::string name = process.path().filename();
    if (name == own) continue;
    bool heard = !behind_.contains(name) || send(name, kToEverybody);
    for (const std::string& letter : letters) heard = heard && send(name, letter);
    if (!heard) still_behind.insert(name);
  }
  behind_ = std::move(still_behind);
}

// False when its queue is full. One that is gone needs nothing; its folder is removed by the next process that starts.
bool SocketNotifier::send(const std::string& name, std::string_view letter) {
  const sockaddr_un address = address_of(folder_.number, name);
  return ::sendto(socket_.number, letter.data(), letter.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) >= 0 ||
         (errno != EAGAIN && errno != ENOBUFS);
}

}  // namespace tintype
