#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

constexpr const char* kEndpointColumnTypes = "tttiit";
#define TINTYPE_ENDPOINT_COLUMNS "id, user_id, url, created_at_ms, disabled_at_ms, disabled_reason"

WebhookEndpoint endpoint_of(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.integer(3), row.optional_integer(4), row.text(5)};
}

WebhookSecret secret_of(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.integer(3), row.optional_integer(4)};
}

#define TINTYPE_DELIVERY_COLUMNS                                                                     \
  "id, user_id, endpoint_id, job_id, event, body, state, attempt, next_attempt_at_ms, last_status, " \
  "last_error, created_at_ms, attempted_at_ms, ended_at_ms"
constexpr const char* kDeliveryColumnTypes = "tttttttiiitiii";

WebhookDelivery delivery_of(const Row& row) {
  WebhookDelivery delivery;
  delivery.id = row.text(0);
  delivery.user_id = row.text(1);
  delivery.endpoint_id = row.text(2);
  delivery.job_id = row.text(3);
  delivery.event = parse_webhook_event(row.text(4)).value_or(WebhookEvent::kPing);
  delivery.body = row.text(5);
  delivery.state = parse_delivery_state(row.text(6)).value_or(DeliveryState::kFailed);
  delivery.attempt = row.number(7);
  delivery.next_attempt_at_ms = row.integer(8);
  delivery.last_status = row.number(9);
  delivery.last_error = row.text(10);
  delivery.created_at_ms = row.integer(11);
  delivery.attempted_at_ms = row.optional_integer(12);
  delivery.ended_at_ms = row.optional_integer(13);
  return delivery;
}

#define TINTYPE_CLAIM_DELIVERIES(LOCK)                                                            \
  "UPDATE webhook_deliveries SET next_attempt_at_ms = ? WHERE sequence IN (SELECT sequence FROM " \
  "webhook_deliveries WHERE state = 'pending' AND endpoint_id = ? AND next_attempt_at_ms <= ? "   \
  "ORDER BY next_attempt_at_ms, sequence LIMIT ?" LOCK ") RETURNING " TINTYPE_DELIVERY_COLUMNS ", sequence"

}  // namespace

Result<void> SqlWebhooks::insert_endpoint(const WebhookEndpoint& endpoint) {
  const auto inserted = connection_.execute("INSERT INTO webhook_endpoints (" TINTYPE_ENDPOINT_COLUMNS
                                            ") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                                            {endpoint.id, endpoint.user_id, endpoint.url, endpoint.created_at_ms,
                                             nullable(endpoint.disabled_at_ms), endpoint.disabled_reason});
  if (!inserted) return std::unexpected(inserted.error());
  if (*inserted == 0) return fail(ErrorCode::kConflict, "This URL is one of your endpoints already");
  return {};
}

Result<std::optional<WebhookEndpoint>> SqlWebhooks::endpoint(std::string_view user_id, std::string_view id) {
  return find_one<WebhookEndpoint>(
      connection_, "SELECT " TINTYPE_ENDPOINT_COLUMNS " FROM webhook_endpoints WHERE id = ? AND user_id = ?",
      kEndpointColumnTypes, {id, user_id}, endpoint_of);
}

Result<std::optional<WebhookEndpoint>> SqlWebhooks::endpoint_by_url(std::string_view user_id, std::string_view url) {
  return find_one<WebhookEndpoint>(
      connection_, "SELECT " TINTYPE_ENDPOINT_COLUMNS " FROM webhook_endpoints WHERE user_id = ? AND url = ?",
      kEndpointColumnTypes, {user_id, url}, endpoint_of);
}

Result<std::vector<WebhookEndpoint>> SqlWebhooks::endpoints(std::string_view user_id, const Page& page) {
  return find_all<WebhookEndpoint>(
      connection_,
      "SELECT " TINTYPE_ENDPOINT_COLUMNS
      " FROM webhook_endpoints WHERE user_id = ? AND (created_at_ms, id) < (?, ?) "
      "ORDER BY created_at_ms DESC, id DESC LIMIT ?",
      kEndpointColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, endpoint_of);
}

Result<std::int64_t> SqlWebhooks::count_endpoints(std::string_view user_id) {
  const auto count = find_one<std::int64_t>(connection_, "SELECT COUNT(*) FROM webhook_endpoints WHERE user_id = ?",
                                            "i", {user_id}, [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<bool> SqlWebhooks::update_endpoint(const WebhookEndpoint& endpoint) {
  return changed_one(connection_.execute(
      "UPDATE webhook_endpoints SET disabled_at_ms = ?, disabled_reason = ? WHERE id = ? AND user_id = ?",
      {nullable(endpoint.disabled_at_ms), endpoint.disabled_reason, endpoint.id, endpoint.user_id}));
}

Result<bool> SqlWebhooks::remove_endpoint(std::string_view user_id, std::string_view id) {
  return changed_one(connection_.execute("DELETE FROM webhook_endpoints WHERE id = ? AND user_id = ?", {id, user_id}));
}

Result<void> SqlWebhooks::insert_secret(const WebhookSecret& secret) {
  return done(connection_.execute(
      "INSERT INTO webhook_secrets (id, endpoint_id, secret, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?)",
      {secret.id, secret.endpoint_id, secret.secret, secret.created_at_ms, nullable(secret.expires_at_ms)}));
}

Result<std::vector<WebhookSecret>> SqlWebhooks::secrets(std::string_view endpoint_id, UnixMs now_ms) {
  return find_all<WebhookSecret>(connection_,
                                 "SELECT id, endpoint_id, secret, created_at_ms, expires_at_ms FROM webhook_secrets "
                                 "WHERE endpoint_id = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?) "
                                 "ORDER BY created_at_ms DESC, id DESC",
                                 "tttii", {endpoint_id, now_ms}, secret_of);
}

Result<void> SqlWebhooks::expire_secrets(std::string_view endpoint_id, std::string_view except_id, UnixMs at_ms) {
  return done(
      connection_.execute("UPDATE webhook_secrets SET expires_at_ms = ? WHERE endpoint_id = ? AND id <> ? "
                          "AND (expires_at_ms IS NULL OR expires_at_ms > ?)",
                          {at_ms, endpoint_id, except_id, at_ms}));
}

Result<void> SqlWebhooks::remove_secrets(std::string_view endpoint_id, std::string_view except_id) {
  return done(
      connection_.execute("DELETE FROM webhook_secrets WHERE endpoint_id = ? AND id <> ?", {endpoint_id, except_id}));
}

Result<void> SqlWebhooks::insert_delivery(const WebhookDelivery& delivery) {
  return done(connection_.execute(
      "INSERT INTO webhook_deliveries (" TINTYPE_DELIVERY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {delivery.id, delivery.user_id, delivery.endpoint_id, null_if_empty(delivery.job_id),
       webhook_event_name(delivery.event), delivery.body, delivery_state_name(delivery.state),
       std::int64_t{delivery.attempt}, delivery.next_attempt_at_ms, std::int64_t{delivery.last_status},
       delivery.last_error, delivery.created_at_ms, nullable(delivery.attempted_at_ms),
       nullable(delivery.ended_at_ms)}));
}

Result<std::int64_t> SqlWebhooks::count_waiting(std::string_view endpoint_id, int limit) {
  const auto count = find_one<std::int64_t>(
      connection_,
      "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries WHERE state = 'pending' AND endpoint_id = ? LIMIT ?) w",
      "i", {endpoint_id, std::int64_t{limit}}, [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<std::optional<WebhookDelivery>> SqlWebhooks::delivery(std::string_view user_id, std::string_view id) {
  return find_one<WebhookDelivery>(
      connection_, "SELECT " TINTYPE_DELIVERY_COLUMNS " FROM webhook_deliveries WHERE id = ? AND user_id = ?",
      kDeliveryColumnTypes, {id, user_id}, delivery_of);
}

Result<std::vector<WebhookDelivery>> SqlWebhooks::deliveries(std::string_view user_id, const DeliveryFilter& filter,
                                                             const Page& page) {
  const std::string_view state = filter.state ? delivery_state_name(*filter.state) : "";
  return find_all<WebhookDelivery>(
      connection_,
      "SELECT " TINTYPE_DELIVERY_COLUMNS
      " FROM webhook_deliveries WHERE user_id = ? AND (created_at_ms, id) < (?, ?) AND (? = '' OR endpoint_id = ?) "
      "AND (? = '' OR job_id = ?) AND (? = '' OR state = ?) ORDER BY created_at_ms DESC, id DESC LIMIT ?",
      kDeliveryColumnTypes,
      {user_id, cursor_time(page), cursor_id(page), filter.endpoint_id, filter.endpoint_id, filter.job_id,
       filter.job_id, state, state, std::int64_t{page.limit}},
      delivery_of);
}

Result<std::vector<std::string>> SqlWebhooks::due_endpoints(UnixMs now_ms, int limit) {
  // From endpoint to endpoint by the index, whatever number of messages waits for each.
  return find_all<std::string>(
      connection_,
      "WITH RECURSIVE waiting (id) AS ("
      "SELECT MIN(endpoint_id) FROM webhook_deliveries WHERE state = 'pending' UNION ALL "
      "SELECT (SELECT MIN(d.endpoint_id) FROM webhook_deliveries d WHERE d.state = 'pending' "
      "AND d.endpoint_id > waiting.id) FROM waiting WHERE waiting.id IS NOT NULL), "
      "due (id, at_ms) AS (SELECT waiting.id, (SELECT MIN(d.next_attempt_at_ms) FROM webhook_deliveries d "
      "WHERE d.state = 'pending' AND d.endpoint_id = waiting.id) FROM waiting WHERE waiting.id IS NOT NULL) "
      "SELECT id FROM due WHERE at_ms <= ? ORDER BY at_ms LIMIT ?",
      "t", {now_ms, std::int64_t{limit}}, [](const Row& row) { return row.text(0); });
}

Result<std::vector<WebhookDelivery>> SqlWebhooks::claim_deliveries(std::string_view endpoint_id, UnixMs now_ms,
                                                                   UnixMs lease_until_ms, int limit) {
  const char* statement = connection_.dialect() == Dialect::kSqlite
                              ? TINTYPE_CLAIM_DELIVERIES("")
                              : TINTYPE_CLAIM_DELIVERIES(" FOR UPDATE SKIP LOCKED");
  static const std::string kTypes = std::string(kDeliveryColumnTypes) + "i";
  std::vector<std::pair<std::int64_t, WebhookDelivery>> claimed;
  const auto ran =
      connection_.query(statement, kTypes.c_str(), {lease_until_ms, endpoint_id, now_ms, std::int64_t{limit}},
                        [&](const Row& row) { claimed.emplace_back(row.integer(14), delivery_of(row)); });
  if (!ran) return std::unexpected(ran.error());
  // RETURNING promises no order.
  std::ranges::sort(claimed, {}, [](const auto& numbered) { return numbered.first; });
  std::vector<WebhookDelivery> deliveries;
  for (auto& [sequence, delivery] : claimed) deliveries.push_back(std::move(delivery));
  return deliveries;
}

Result<std::optional<UnixMs>> SqlWebhooks::next_delivery_at() {
  std::optional<UnixMs> next;
  const auto ran = connection_.query("SELECT MIN(next_attempt_at_ms) FROM webhook_deliveries WHERE state = 'pending'",
                                     "i", {}, [&](const Row& row) { next = row.optional_integer(0); });
  if (!ran) return std::unexpected(ran.error());
  return next;
}

Result<void> SqlWebhooks::give_back_delivery(std::string_view id, UnixMs lease_until_ms, UnixMs at_ms) {
  return done(
      connection_.execute("UPDATE webhook_deliveries SET next_attempt_at_ms = ? WHERE id = ? AND state = 'pending' "
                          "AND next_attempt_at_ms = ?",
                          {at_ms, id, lease_until_ms}));
}

Result<bool> SqlWebhooks::update_delivery(const WebhookDelivery& delivery) {
  return changed_one(connection_.execute(
      "UPDATE webhook_deliveries SET state = ?, attempt = ?, next_attempt_at_ms = ?, last_status = ?, last_error = ?, "
      "attempted_at_ms = ?, ended_at_ms = ? WHERE id = ? AND state = 'pending' AND attempt = ?",
      {delivery_state_name(delivery.state), std::int64_t{delivery.attempt}, delivery.next_attempt_at_ms,
       std::int64_t{delivery.last_status}, delivery.last_error, nullable(delivery.attempted_at_ms),
       nullable(delivery.ended_at_ms), delivery.id, std::int64_t{delivery.attempt - 1}}));
}

Result<void> SqlWebhooks::fail_waiting(std::string_view endpoint_id, std::string_view error, UnixMs now_ms) {
  return done(
      connection_.execute("UPDATE webhook_deliveries SET state = 'failed', last_error = ?, ended_at_ms = ? "
                          "WHERE state = 'pending' AND endpoint_id = ?",
                          {error, now_ms, endpoint_id}));
}

Result<void> SqlWebhooks::put_off_waiting(std::string_view endpoint_id, UnixMs until_ms) {
  return done(
      connection_.execute("UPDATE webhook_deliveries SET next_attempt_at_ms = ? WHERE state = 'pending' "
                          "AND endpoint_id = ? AND next_attempt_at_ms < ?",
                          {until_ms, endpoint_id, until_ms}));
}

Result<bool> SqlWebhooks::send_again(std::string_view user_id, std::string_view id, UnixMs now_ms) {
  return changed_one(
      connection_.execute("UPDATE webhook_deliveries SET state = 'pending', attempt = 0, next_attempt_at_ms = ?, "
                          "ended_at_ms = NULL WHERE id = ? AND user_id = ?",
                          {now_ms, id, user_id}));
}

Result<int> SqlWebhooks::remove_ended_deliveries(UnixMs ended_before_ms, int limit) {
  const auto removed = connection_.execute(
      "DELETE FROM webhook_deliveries WHERE sequence IN (SELECT sequence FROM webhook_deliveries "
      "WHERE state <> 'pending' AND ended_at_ms < ? LIMIT ?)",
      {ended_before_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
