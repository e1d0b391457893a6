// Names to addresses, by c-ares: it has time limits and name servers of our choice, which getaddrinfo() has not.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/egress/address.h"
#include "base/deadline.h"
#include "base/error.h"

namespace tintype::egress {

struct Found {
  std::vector<Address> addresses;  // one at least, the most promising first (RFC 6724)
  std::chrono::seconds valid_for{0};
};

// Names are complete as they stand: no search list, no aliases. /etc/hosts is read before the name servers are asked,
// and localhost is this machine (RFC 6761). Belongs to one thread, which it never blocks.
class Resolver {
 public:
  // A socket to look at until this is called again for it: with neither, no more.
  using Watch = std::function<void(int socket, bool for_reading, bool for_writing)>;
  using Done = std::function<void(Result<Found>)>;

  // `servers` are ADDRESS:PORT by commas, those of the system when empty. kInvalidInput when they cannot be read.
  static Result<std::unique_ptr<Resolver>> open(const std::string& servers, Watch watch);
  virtual ~Resolver() = default;  // what is under way is done with kCancelled

  // One look-up of IPv4 and IPv6 addresses alike. `done` may be called before this returns. kSourceUnreachable.
  virtual void look_up(const std::string& name, Done done) = 0;
  virtual void on_ready(int socket, bool is_readable, bool is_writable) = 0;
  virtual void on_time() = 0;
  // After which on_time() is to be called; nothing while nothing is under way.
  virtual std::optional<std::chrono::milliseconds> time_left() = 0;
};

// For a thread that may wait. kDeadlineExceeded, kCancelled.
Result<Found> look_up_now(const std::string& servers, const std::string& name, const Deadline& deadline,
                          const std::atomic<bool>& cancel);

}  // namespace tintype::egress
