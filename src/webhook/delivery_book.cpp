#include "webhook/delivery_book.h"

#include <algorithm>
#include <map>

#include "app/read.h"

namespace tintype::webhook {

namespace {

constexpr std::int64_t kUnsentPauseMs = 1'000;

}  // namespace

DeliveryBook::DeliveryBook(Database& database, const Clock& clock, std::string shared_secret, std::int64_t lease_ms)
    : database_(database), clock_(clock), shared_secret_(std::move(shared_secret)), lease_ms_(lease_ms) {}

Result<std::vector<std::string>> DeliveryBook::due(int limit) {
  return app::read(database_, [&](Transaction& transaction) {
    return transaction.webhooks().due_endpoints(clock_.now_ms(), limit);
  });
}

Result<std::optional<UnixMs>> DeliveryBook::next_at() {
  return app::read(database_, [](Transaction& transaction) { return transaction.webhooks().next_delivery_at(); });
}

Result<std::vector<Mail>> DeliveryBook::take(const Turn& turn) {
  std::vector<Mail> taken;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    taken.clear();
    if (auto kept = write(transaction, turn.verdicts); !kept) return kept;
    for (const Held& held : turn.unsent) {
      auto given = transaction.webhooks().give_back_delivery(held.delivery.id, held.lease_until_ms,
                                                             clock_.now_ms() + kUnsentPauseMs);
      if (!given) return given;
    }
    for (const Wish& wish : turn.wishes) {
      auto mail = claim(transaction, wish);
      if (!mail) return std::unexpected(mail.error());
      if (!mail->messages.empty()) taken.push_back(std::move(*mail));
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return taken;
}

Result<void> DeliveryBook::write(Transaction& transaction, const std::vector<Verdict>& verdicts) {
  std::map<std::string, UnixMs> put_off;
  for (const Verdict& verdict : verdicts) {
    // False when it was sent again meanwhile, or by another process after our lease: that attempt counts.
    const auto updated = transaction.webhooks().update_delivery(verdict.delivery);
    if (!updated) return std::unexpected(updated.error());
    if (verdict.endpoint_is_gone) {
      if (auto disabled = disable(transaction, verdict.delivery); !disabled) return disabled;
    }
    if (verdict.put_off_until_ms > 0) {
      UnixMs& until_ms = put_off[verdict.delivery.endpoint_id];
      until_ms = std::max(until_ms, verdict.put_off_until_ms);
    }
  }
  for (const auto& [endpoint_id, until_ms] : put_off) {
    if (auto put = transaction.webhooks().put_off_waiting(endpoint_id, until_ms); !put) return put;
  }
  return {};
}

Result<void> DeliveryBook::disable(Transaction& transaction, const WebhookDelivery& delivery) {
  auto endpoint = transaction.webhooks().endpoint(delivery.user_id, delivery.endpoint_id);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!*endpoint) return {};
  const UnixMs now_ms = clock_.now_ms();
  (*endpoint)->disabled_at_ms = now_ms;
  (*endpoint)->disabled_reason = "It answered 410 Gone";
  const auto updated = transaction.webhooks().update_endpoint(**endpoint);
  if (!updated) return std::unexpected(updated.error());
  return transaction.webhooks().fail_waiting(delivery.endpoint_id, kEndpointDisabled, now_ms);
}

Result<Mail> DeliveryBook::claim(Transaction& transaction, const Wish& wish) {
  const UnixMs now_ms = clock_.now_ms();
  const UnixMs until_ms = now_ms + lease_ms_;
  auto claimed = transaction.webhooks().claim_deliveries(wish.endpoint_id, now_ms, until_ms, wish.messages_max);
  if (!claimed) return std::unexpected(claimed.error());
  Mail mail{wish.endpoint_id, nullptr, {}};
  if (claimed->empty()) return mail;
  const auto endpoint = transaction.webhooks().endpoint(claimed->front().user_id, wish.endpoint_id);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!*endpoint || (*endpoint)->disabled_at_ms) {
    auto failed = transaction.webhooks().fail_waiting(wish.endpoint_id, kEndpointDisabled, now_ms);
    if (!failed) return std::unexpected(failed.error());
    return mail;
  }
  auto signing = secrets(transaction, wish.endpoint_id, now_ms);
  if (!signing) return std::unexpected(signing.error());
  mail.address = std::make_shared<Address>((*endpoint)->url, std::move(*signing));
  for (WebhookDelivery& delivery : *claimed) mail.messages.push_back({std::move(delivery), until_ms});
  return mail;
}

Result<std::vector<std::string>> DeliveryBook::secrets(Transaction& transaction, const std::string& endpoint_id,
                                                       UnixMs now_ms) {
  if (!shared_secret_.empty()) return std::vector{shared_secret_};
  const auto live = transaction.webhooks().secrets(endpoint_id, now_ms);
  if (!live) return std::unexpected(live.error());
  std::vector<std::string> texts;
  for (const WebhookSecret& secret : *live) texts.push_back(secret.secret);
  return texts;
}

}  // namespace tintype::webhook
