// The sender's side of the outbox: what is due, and what became of what was sent. Many outcomes and claims make one
// unit of work, as each unit costs a sync of the disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/database.h"
#include "webhook/verdict.h"

namespace tintype::webhook {

// Where messages of an endpoint go, and what they are signed with.
struct Address {
  std::string url;
  std::vector<std::string> secrets;  // those that hold, newest first
};

// A message that was taken, and until when it is ours.
struct Held {
  WebhookDelivery delivery;
  UnixMs lease_until_ms = 0;
};

struct Mail {
  std::string endpoint_id;
  std::shared_ptr<const Address> address;
  std::vector<Held> messages;
};

struct Wish {
  std::string endpoint_id;
  int messages_max = 0;
};

class DeliveryBook {
 public:
  // `shared_secret` signs for all endpoints where it is not empty.
  DeliveryBook(Database& database, const Clock& clock, std::string shared_secret, std::int64_t lease_ms);

  // Endpoints to which something is due, the longest waiting first.
  Result<std::vector<std::string>> due(int limit);
  Result<std::optional<UnixMs>> next_at();

  struct Turn {
    std::vector<Verdict> verdicts;
    std::vector<Held> unsent;  // taken and not tried: due again in a while, no attempt counted
    std::vector<Wish> wishes;
  };
  // Writes outcomes and takes what is wished for, in one unit of work.
  Result<std::vector<Mail>> take(const Turn& turn);

 private:
  Result<void> write(Transaction& transaction, const std::vector<Verdict>& verdicts);
  Result<void> disable(Transaction& transaction, const WebhookDelivery& delivery);
  Result<Mail> claim(Transaction& transaction, const Wish& wish);
  Result<std::vector<std::string>> secrets(Transaction& transaction, const std::string& endpoint_id, UnixMs now_ms);

  Database& database_;
  const Clock& clock_;
  const std::string shared_secret_;
  const std::int64_t lease_ms_;
};

}  // namespace tintype::webhook
