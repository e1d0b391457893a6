// The repositories over one connection. They live as long as it does and are used by one thread at a time.
#pragma once

#include "adapters/sql/connection.h"
#include "ports/database.h"

namespace tintype::sql {

class SqlAccounts final : public AccountRepository {
 public:
  explicit SqlAccounts(Connection& connection) : connection_(connection) {}
  Result<void> insert_user(const User& user) override;
  Result<std::optional<User>> user_by_id(std::string_view id) override;
  Result<std::optional<User>> user_by_email(std::string_view email) override;
  Result<void> update_user(const User& user) override;
  Result<std::vector<User>> list_users(const Page& page) override;
  Result<void> insert_session(const Session& session) override;
  Result<std::optional<SessionOwner>> session_by_token_hash(std::string_view hash, UnixMs now_ms) override;
  Result<std::optional<SessionOwner>> session_by_id(std::string_view id, UnixMs now_ms) override;
  Result<void> delete_session(std::string_view id) override;
  Result<int> delete_sessions_of(std::string_view user_id, std::string_view except_session_id) override;
  Result<std::vector<Session>> sessions_of(std::string_view user_id, UnixMs now_ms, int limit) override;
  Result<bool> delete_session_of(std::string_view user_id, std::string_view id) override;
  Result<void> mark_session_used(std::string_view id, UnixMs now_ms) override;
  Result<void> set_session_token(std::string_view session_id, std::string_view token_hash) override;
  Result<void> insert_refresh_token(const RefreshToken& token) override;
  Result<std::optional<RefreshToken>> refresh_token_by_hash(std::string_view hash) override;
  Result<bool> spend_refresh_token(std::string_view hash, UnixMs now_ms) override;
  Result<int> delete_expired_sessions(UnixMs now_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlWallets final : public WalletRepository {
 public:
  explicit SqlWallets(Connection& connection) : connection_(connection) {}
  Result<void> insert(const Wallet& wallet) override;
  Result<std::optional<Wallet>> find(std::string_view user_id) override;
  Result<Wallet> lock(std::string_view user_id) override;
  Result<void> update(const Wallet& wallet) override;
  using WalletRepository::append;
  Result<void> append(std::span<const LedgerEntry> entries) override;
  Result<std::vector<LedgerEntry>> history(std::string_view user_id, const Page& page) override;
  Result<std::vector<LedgerEntry>> history_of_kinds(std::string_view user_id, std::span<const LedgerKind> kinds,
                                                    const Page& page) override;
  Result<void> insert_reservations(std::span<const Reservation> reservations) override;
  using WalletRepository::settle;
  Result<bool> settle(std::span<const Reservation> reservations) override;
  Result<bool> reopen(std::string_view job_id) override;
  Result<std::optional<Reservation>> reservation(std::string_view job_id) override;

 private:
  // The wallet that was locked last, as it stands: units of one user come one after another in a transaction.
  struct Locked {
    Wallet wallet;
    std::uint64_t view = 0;
  };

  Connection& connection_;
  std::optional<Locked> locked_;
};

class SqlImages final : public ImageRepository {
 public:
  explicit SqlImages(Connection& connection) : connection_(connection) {}
  Result<void> insert(const Image& image) override;
  Result<std::optional<Image>> find(std::string_view user_id, std::string_view id) override;
  Result<std::vector<Image>> list(std::string_view user_id, const Page& page) override;
  Result<std::vector<ImageOutline>> outline(std::string_view user_id, const Page& page) override;
  Result<std::vector<ImageOutline>> outline_deleted(std::string_view user_id, const Page& page) override;
  Result<std::vector<Image>> list_of_digest(std::string_view user_id, std::string_view sha256,
                                            const Page& page) override;
  Result<std::optional<Image>> find_any(std::string_view user_id, std::string_view id) override;
  Result<std::optional<Image>> find_by_id(std::string_view id) override;
  Result<std::vector<Image>> list_deleted(std::string_view user_id, const Page& page) override;
  Result<void> update(const Image& image) override;
  Result<std::vector<std::string>> tags(std::string_view image_id) override;
  Result<void> set_tags(std::string_view image_id, const std::vector<std::string>& tags) override;
  Result<void> add_views(std::string_view image_id, std::int64_t count) override;
  Result<std::vector<Image>> to_purge(UnixMs now_ms, int limit) override;
  Result<bool> remove(std::string_view user_id, std::string_view id) override;

 private:
  Connection& connection_;
};

class SqlVariants final : public VariantRepository {
 public:
  explicit SqlVariants(Connection& connection) : connection_(connection) {}
  Result<void> put(const Variant& variant) override;
  Result<std::optional<Variant>> find(std::string_view user_id, std::string_view image_id,
                                      const VariantKey& key) override;
  Result<std::vector<Variant>> of_image(std::string_view user_id, std::string_view image_id) override;
  Result<void> mark_used(std::string_view image_id, const VariantKey& key, UnixMs now_ms) override;
  Result<std::vector<Variant>> to_expire(UnixMs used_before_ms, int limit) override;
  Result<bool> remove(std::string_view image_id, const VariantKey& key) override;

 private:
  Connection& connection_;
};

class SqlUploads final : public UploadRepository {
 public:
  explicit SqlUploads(Connection& connection) : connection_(connection) {}
  Result<void> insert(const UploadSession& session) override;
  Result<std::optional<UploadSession>> find(std::string_view user_id, std::string_view id) override;
  Result<std::optional<UploadSession>> of_image(std::string_view user_id, std::string_view image_id) override;
  Result<std::optional<UploadSession>> of_multipart(std::string_view user_id, std::string_view upload_id) override;
  Result<bool> update(const UploadSession& session, const UploadSession& before) override;
  Result<std::vector<UploadSession>> expired(UnixMs now_ms, int limit) override;
  Result<std::vector<UploadSession>> to_abort(int limit) override;
  Result<std::vector<UploadSession>> single_ones(const PageCursor& after, int limit) override;
  Result<OpenSessions> count_open(std::string_view user_id) override;
  Result<bool> knows_multipart(std::string_view upload_id) override;
  Result<int> remove_ended(UnixMs expired_before_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlUsage final : public UsageRepository {
 public:
  explicit SqlUsage(Connection& connection) : connection_(connection) {}
  Result<StorageUsage> find(std::string_view user_id) override;
  Result<std::vector<JobDay>> job_days(std::string_view user_id, std::int64_t first_day) override;
  Result<std::vector<TokenDay>> token_days(std::string_view user_id, std::int64_t first_day) override;

 private:
  Connection& connection_;
};

class SqlSettings final : public SettingRepository {
 public:
  explicit SqlSettings(Connection& connection) : connection_(connection) {}
  Result<std::optional<std::string>> find(std::string_view name) override;
  Result<std::map<std::string, std::string>> all() override;
  Result<void> put(std::string_view name, std::string_view value, UnixMs now_ms) override;
  Result<void> remove(std::string_view name) override;

 private:
  Connection& connection_;
};

class SqlSpending final : public SpendingRepository {
 public:
  explicit SqlSpending(Connection& connection) : connection_(connection) {}
  Result<bool> take(std::int64_t day, std::int64_t micros, std::int64_t micros_max) override;
  Result<void> give_back(std::int64_t day, std::int64_t micros) override;
  Result<std::int64_t> spent(std::int64_t day) override;

 private:
  Connection& connection_;
};

class SqlAlbums final : public AlbumRepository {
 public:
  explicit SqlAlbums(Connection& connection) : connection_(connection) {}
  Result<void> insert(const Album& album) override;
  Result<std::optional<Album>> find(std::string_view id) override;
  Result<std::optional<Album>> find_public(std::string_view id) override;
  Result<std::vector<Album>> list(std::string_view user_id, const Page& page) override;
  Result<std::vector<Album>> list_of_image(std::string_view user_id, std::string_view image_id,
                                           const Page& page) override;
  Result<bool> update(const Album& album) override;
  Result<bool> set_cover(std::string_view user_id, std::string_view id, std::string_view image_id) override;
  Result<bool> touch(std::string_view user_id, std::string_view id, UnixMs now_ms) override;
  Result<bool> remove(std::string_view user_id, std::string_view id) override;
  Result<std::vector<AlbumImage>> images(std::string_view user_id, std::string_view album_id,
                                         const Page& page) override;
  Result<std::vector<AlbumImage>> public_images(std::string_view album_id, const Page& page) override;
  Result<bool> add_image(std::string_view album_id, std::string_view image_id, UnixMs now_ms) override;
  Result<bool> remove_image(std::string_view album_id, std::string_view image_id) override;
  Result<std::optional<std::int64_t>> position(std::string_view album_id, std::string_view image_id) override;
  Result<std::optional<std::int64_t>> last_position(std::string_view album_id) override;
  Result<std::vector<AlbumPlace>> places_behind(std::string_view album_id, const AlbumPlace& place, int limit) override;
  Result<std::vector<AlbumPlace>> places_before(std::string_view album_id, const AlbumPlace& place, int limit) override;
  Result<void> set_position(std::string_view album_id, const AlbumPlace& place) override;
  Result<void> lay_out(std::string_view album_id, std::int64_t first_position) override;
  Result<std::vector<std::string>> ids_of_image(std::string_view image_id) override;

 private:
  Connection& connection_;
};

class SqlShares final : public ShareRepository {
 public:
  explicit SqlShares(Connection& connection) : connection_(connection) {}
  Result<void> insert(const Share& share) override;
  Result<std::optional<Share>> find_by_token_hash(std::string_view hash) override;
  Result<std::vector<Share>> list(std::string_view user_id, const Page& page) override;
  Result<std::vector<Share>> of_thing(std::string_view user_id, const SharedThing& thing, const Page& page) override;
  Result<bool> hold(std::string_view user_id, const SharedThing& thing) override;
  Result<std::int64_t> count_of(std::string_view user_id, const SharedThing& thing) override;
  Result<bool> revoke(std::string_view user_id, const SharedThing& thing, std::string_view id, UnixMs now_ms) override;
  Result<void> add_views(std::string_view id, std::int64_t count) override;
  Result<int> remove_ended(UnixMs ended_before_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlSearches final : public SearchRepository {
 public:
  explicit SqlSearches(Connection& connection) : connection_(connection) {}
  Result<void> put(std::span<const SearchEntry> entries) override;
  Result<void> remove(std::string_view image_id) override;
  Result<std::vector<std::string>> unwritten(int limit) override;
  Result<SearchPage> search(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                            const std::optional<SearchCursor>& after, int limit) override;
  Result<SearchOutline> outline(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                                const std::optional<SearchCursor>& after, int limit) override;
  Result<std::vector<KnownTerm>> known_terms(std::string_view user_id, KnownKind kind, std::string_view prefix,
                                             int limit) override;
  Result<int> count_missing_terms(int limit) override;
  Result<std::vector<SimilarImage>> similar(const Image& image, int distance_max, int limit) override;

 private:
  Connection& connection_;
};

// Of a job that comes into its lane now: see domain/queue.h.
Result<Turn> turn_of(Connection& connection, std::string_view user_id, int priority, UnixMs now_ms);

class SqlJobs final : public JobRepository {
 public:
  explicit SqlJobs(Connection& connection) : connection_(connection) {}
  using JobRepository::insert;
  Result<void> insert(std::span<const Job> jobs) override;
  Result<std::optional<Job>> find(std::string_view user_id, std::string_view id) override;
  Result<std::vector<Job>> of_image(std::string_view user_id, std::string_view image_id) override;
  Result<std::vector<Job>> of_batch(std::string_view user_id, std::string_view batch_id) override;
  Result<std::vector<std::string>> enhanced_images(std::string_view user_id, const std::vector<std::string>& image_ids,
                                                   std::string_view tier) override;
  Result<std::int64_t> count_unfinished(std::string_view user_id) override;
  Result<std::vector<Job>> list(std::string_view user_id, Surface surface, std::optional<JobState> state,
                                const Page& page) override;
  Result<std::vector<UserJob>> of_user(std::string_view user_id, const UserJobFilter& filter,
                                       const Page& page) override;
  Result<std::vector<Job>> claim(QueueLane lane, UnixMs now_ms, UnixMs lease_expires_at_ms, int limit) override;
  Result<std::optional<UnixMs>> next_run_after(UnixMs now_ms) override;
  Result<std::optional<bool>> heartbeat(std::string_view id, std::int64_t fencing_token, UnixMs lease_expires_at_ms,
                                        int progress_permille, UnixMs now_ms) override;
  Result<std::vector<Job>> expired_leases(UnixMs now_ms, int limit) override;
  using JobRepository::finish;
  Result<std::vector<bool>> finish(std::span<const Job> jobs) override;
  Result<bool> requeue(const Job& job) override;
  Result<bool> cancel_queued(std::string_view user_id, std::string_view id, UnixMs now_ms) override;
  Result<bool> request_cancel(std::string_view user_id, std::string_view id, UnixMs now_ms) override;
  Result<void> hand_over(std::string_view finished_job_id, std::string_view waits_for) override;
  Result<std::vector<Job>> ended_without_image(UnixMs ended_before_ms, int limit) override;
  Result<bool> remove_ended(const Job& job) override;

 private:
  // The end of the flow that was inserted into last, as it stands.
  struct FlowEnd {
    std::string user_id;
    int priority = kNormalPriority;
    std::int64_t end = 0;
    std::uint64_t view = 0;
  };
  Result<Turn> turn_behind(const Job& job);

  Connection& connection_;
  std::optional<FlowEnd> flow_end_;
};

class SqlBatches final : public BatchRepository {
 public:
  explicit SqlBatches(Connection& connection) : connection_(connection) {}
  Result<void> insert(const StudioBatch& batch) override;
  Result<std::optional<StudioBatch>> find(std::string_view user_id, std::string_view id) override;
  Result<std::vector<StudioBatch>> list(std::string_view user_id, const Page& page) override;
  Result<std::int64_t> count(std::string_view user_id) override;
  Result<bool> update(const StudioBatch& batch, BatchState before) override;
  Result<void> add_image(const StudioBatch& batch, const BatchImage& image) override;
  Result<std::vector<BatchImage>> images(std::string_view batch_id) override;
  Result<void> set_job(std::string_view batch_id, int position, std::string_view job_id) override;
  Result<std::optional<std::string>> input_of(std::string_view job_id) override;
  Result<BatchCounts> counts(std::string_view batch_id) override;
  Result<void> hold(std::string_view user_id, std::string_view batch_id) override;
  Result<void> let_go(std::string_view user_id, std::string_view batch_id, UnixMs now_ms) override;
  Result<std::vector<Job>> unfinished(std::string_view user_id, std::string_view batch_id, int limit) override;
  Result<std::vector<StudioBatch>> cancelled_with_unfinished(int limit) override;
  Result<std::vector<StudioBatch>> to_remove(UnixMs updated_before_ms, int limit) override;
  Result<bool> remove(const StudioBatch& batch) override;

 private:
  Connection& connection_;
};

class SqlQueue final : public QueueRepository {
 public:
  explicit SqlQueue(Connection& connection) : connection_(connection) {}
  Result<std::vector<QueueDepth>> depths(UnixMs now_ms) override;
  Result<std::vector<QueuePause>> pauses() override;
  Result<bool> pause(const QueuePause& pause) override;
  Result<bool> resume(QueueLane lane) override;
  Result<std::vector<Job>> list(const QueueFilter& filter, const Page& page) override;
  Result<std::optional<Job>> find(std::string_view id) override;
  Result<QueuePlace> place(const Job& job, UnixMs now_ms) override;
  Result<std::map<OperationKind, double>> mean_run_ms(UnixMs from_ms) override;
  Result<bool> retry(std::string_view id, UnixMs now_ms) override;
  Result<std::vector<QueuePoint>> series(UnixMs from_ms, std::int64_t step_ms,
                                         std::optional<OperationKind> operation) override;

 private:
  Connection& connection_;
};

class SqlObjects final : public ObjectRepository {
 public:
  explicit SqlObjects(Connection& connection) : connection_(connection) {}
  Result<void> begin_writing(std::string_view key, UnixMs now_ms) override;
  Result<void> make_live(std::string_view key, std::int64_t size_bytes, UnixMs now_ms) override;
  Result<void> mark_deleting(std::string_view key, UnixMs now_ms) override;
  Result<std::vector<std::string>> to_purge(UnixMs writing_before_ms, UnixMs now_ms, int limit) override;
  Result<void> forget(std::string_view key) override;
  Result<std::vector<ObjectRecord>> list(std::string_view after_key, int limit) override;

 private:
  Connection& connection_;
};

class SqlIdempotency final : public IdempotencyRepository {
 public:
  explicit SqlIdempotency(Connection& connection) : connection_(connection) {}
  Result<std::optional<IdempotencyRecord>> find(std::string_view user_id, std::string_view key,
                                                UnixMs not_before_ms) override;
  Result<void> insert(const IdempotencyRecord& record, UnixMs not_before_ms) override;
  Result<int> remove_older(UnixMs before_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlAudit final : public AuditRepository {
 public:
  explicit SqlAudit(Connection& connection) : connection_(connection) {}
  Result<std::vector<std::string>> wallet_faults() override;
  Result<std::vector<std::string>> job_faults() override;
  Result<std::vector<std::string>> usage_faults() override;
  Result<std::vector<std::string>> object_faults() override;
  Result<Counts> counts() override;
  Result<LedgerSums> ledger_sums(std::int64_t after_sequence, UnixMs settled_before_ms) override;

 private:
  Connection& connection_;
};

// All repositories of one connection.
class SqlJobCalls final : public JobCallRepository {
 public:
  explicit SqlJobCalls(Connection& connection) : connection_(connection) {}
  Result<void> insert(const JobCall& call) override;
  Result<std::optional<JobCall>> find(std::string_view job_id) override;
  Result<void> set_input_size(std::string_view job_id, int width_px, int height_px) override;
  Result<void> clear_inputs(std::string_view job_id) override;
  Result<Unfinished> count_unfinished(std::string_view user_id, Surface surface, std::string_view api_key_id) override;

 private:
  Connection& connection_;
};

class SqlApiKeys final : public ApiKeyRepository {
 public:
  explicit SqlApiKeys(Connection& connection) : connection_(connection) {}
  Result<void> insert(const ApiKey& key) override;
  Result<std::optional<KeyOwner>> find_by_hash(std::string_view hash) override;
  Result<std::optional<ApiKey>> find(std::string_view user_id, std::string_view id) override;
  Result<std::vector<ApiKey>> list(std::string_view user_id, UnixMs now_ms) override;
  Result<bool> update(const ApiKey& key) override;
  Result<int> revoke_all(std::string_view user_id, UnixMs now_ms) override;
  Result<void> mark_used(std::string_view id, UnixMs now_ms) override;
  Result<int> remove_ended(UnixMs ended_before_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlWebhooks final : public WebhookRepository {
 public:
  explicit SqlWebhooks(Connection& connection) : connection_(connection) {}
  Result<void> insert_endpoint(const WebhookEndpoint& endpoint) override;
  Result<std::optional<WebhookEndpoint>> endpoint(std::string_view user_id, std::string_view id) override;
  Result<std::optional<WebhookEndpoint>> endpoint_by_url(std::string_view user_id, std::string_view url) override;
  Result<std::vector<WebhookEndpoint>> endpoints(std::string_view user_id, const Page& page) override;
  Result<std::int64_t> count_endpoints(std::string_view user_id) override;
  Result<bool> update_endpoint(const WebhookEndpoint& endpoint) override;
  Result<bool> remove_endpoint(std::string_view user_id, std::string_view id) override;
  Result<void> insert_secret(const WebhookSecret& secret) override;
  Result<std::vector<WebhookSecret>> secrets(std::string_view endpoint_id, UnixMs now_ms) override;
  Result<void> expire_secrets(std::string_view endpoint_id, std::string_view except_id, UnixMs at_ms) override;
  Result<void> remove_secrets(std::string_view endpoint_id, std::string_view except_id) override;
  Result<void> insert_delivery(const WebhookDelivery& delivery) override;
  Result<std::int64_t> count_waiting(std::string_view endpoint_id, int limit) override;
  Result<std::optional<WebhookDelivery>> delivery(std::string_view user_id, std::string_view id) override;
  Result<std::vector<WebhookDelivery>> deliveries(std::string_view user_id, const DeliveryFilter& filter,
                                                  const Page& page) override;
  Result<std::vector<std::string>> due_endpoints(UnixMs now_ms, int limit) override;
  Result<std::vector<WebhookDelivery>> claim_deliveries(std::string_view endpoint_id, UnixMs now_ms,
                                                        UnixMs lease_until_ms, int limit) override;
  Result<std::optional<UnixMs>> next_delivery_at() override;
  Result<void> give_back_delivery(std::string_view id, UnixMs lease_until_ms, UnixMs at_ms) override;
  Result<bool> update_delivery(const WebhookDelivery& delivery) override;
  Result<void> fail_waiting(std::string_view endpoint_id, std::string_view error, UnixMs now_ms) override;
  Result<void> put_off_waiting(std::string_view endpoint_id, UnixMs until_ms) override;
  Result<bool> send_again(std::string_view user_id, std::string_view id, UnixMs now_ms) override;
  Result<int> remove_ended_deliveries(UnixMs ended_before_ms, int limit) override;

 private:
  Connection& connection_;
};

class SqlAuditLog final : public AuditLogRepository {
 public:
  explicit SqlAuditLog(Connection& connection) : connection_(connection) {}
  Result<void> append(const AuditEntry& entry) override;
  Result<std::vector<AuditEntry>> list(const Filter& filter, const Page& page) override;

 private:
  Connection& connection_;
};

class SqlPurchases final : public PurchaseRepository {
 public:
  explicit SqlPurchases(Connection& connection) : connection_(connection) {}
  Result<std::optional<Purchase>> find(std::string_view session_id) override;
  Result<std::optional<Purchase>> find_by_payment(std::string_view payment_id) override;
  Result<bool> insert(const Purchase& purchase) override;
  Result<bool> update(const Purchase& purchase, PurchaseState before) override;
  Result<void> put_refund(const PaymentRefund& refund, UnixMs now_ms) override;
  Result<std::optional<PaymentRefund>> refund(std::string_view payment_id) override;

 private:
  Connection& connection_;
};

class SqlAdministration final : public AdministrationRepository {
 public:
  explicit SqlAdministration(Connection& connection) : connection_(connection) {}
  Result<std::vector<UserRecord>> users(const UserFilter& filter, std::int64_t offset, int limit) override;
  Result<std::int64_t> count_users(const UserFilter& filter) override;
  Result<std::optional<UserRecord>> user(std::string_view id) override;
  Result<std::vector<Job>> jobs(const JobFilter& filter, const Page& page) override;
  Result<std::vector<Job>> to_cancel(std::string_view user_id, int limit) override;
  Result<std::vector<Job>> to_cancel_of_banned(int limit) override;
  Result<std::map<JobState, std::int64_t>> count_jobs() override;
  Result<StorageUsage> usage() override;
  Result<std::map<LedgerKind, Tokens>> ledger_since(UnixMs from_ms) override;

 private:
  Connection& connection_;
};

class SqlTransaction final : public Transaction {
 public:
  explicit SqlTransaction(Connection& connection)
      : accounts_(connection),
        wallets_(connection),
        images_(connection),
        variants_(connection),
        uploads_(connection),
        usage_(connection),
        spending_(connection),
        settings_(connection),
        albums_(connection),
        shares_(connection),
        searches_(connection),
        jobs_(connection),
        queue_(connection),
        job_calls_(connection),
        batches_(connection),
        api_keys_(connection),
        webhooks_(connection),
        objects_(connection),
        idempotency_(connection),
        audit_(connection),
        audit_log_(connection),
        purchases_(connection),
        administration_(connection) {}
  AccountRepository& accounts() override { return accounts_; }
  WalletRepository& wallets() override { return wallets_; }
  ImageRepository& images() override { return images_; }
  VariantRepository& variants() override { return variants_; }
  UploadRepository& uploads() override { return uploads_; }
  UsageRepository& usage() override { return usage_; }
  SpendingRepository& spending() override { return spending_; }
  SettingRepository& settings() override { return settings_; }
  AlbumRepository& albums() override { return albums_; }
  ShareRepository& shares() override { return shares_; }
  SearchRepository& searches() override { return searches_; }
  JobRepository& jobs() override { return jobs_; }
  QueueRepository& queue() override { return queue_; }
  JobCallRepository& job_calls() override { return job_calls_; }
  BatchRepository& batches() override { return batches_; }
  ApiKeyRepository& api_keys() override { return api_keys_; }
  WebhookRepository& webhooks() override { return webhooks_; }
  ObjectRepository& objects() override { return objects_; }
  IdempotencyRepository& idempotency() override { return idempotency_; }
  AuditRepository& audit() override { return audit_; }
  AuditLogRepository& audit_log() override { return audit_log_; }
  PurchaseRepository& purchases() override { return purchases_; }
  AdministrationRepository& administration() override { return administration_; }

 private:
  SqlAccounts accounts_;
  SqlWallets wallets_;
  SqlImages images_;
  SqlVariants variants_;
  SqlUploads uploads_;
  SqlUsage usage_;
  SqlSpending spending_;
  SqlSettings settings_;
  SqlAlbums albums_;
  SqlShares shares_;
  SqlSearches searches_;
  SqlJobs jobs_;
  SqlQueue queue_;
  SqlJobCalls job_calls_;
  SqlBatches batches_;
  SqlApiKeys api_keys_;
  SqlWebhooks webhooks_;
  SqlObjects objects_;
  SqlIdempotency idempotency_;
  SqlAudit audit_;
  SqlAuditLog audit_log_;
  SqlPurchases purchases_;
  SqlAdministration administration_;
};

// An image's columns in the order that image_of() reads them, shared by images and albums.
#define TINTYPE_IMAGE_COLUMNS                                                                           \
  "i.id, i.user_id, i.name, i.description, i.format, i.state, i.visibility, i.width_px, i.height_px, "  \
  "i.has_alpha, i.size_bytes, i.sha256, i.object_key, i.view_count, i.created_at_ms, i.updated_at_ms, " \
  "i.title, i.thumb_hash, i.perceptual_hash, i.deleted_at_ms, i.deletes_at_ms, i.fault_code, i.fault_message"
inline constexpr const char* kImageColumnTypes = "tttttttiiiittiiittiiitt";
Image image_of(const Row& row);

// What lays an image out, in the same way.
#define TINTYPE_OUTLINE_COLUMNS "i.id, i.width_px, i.height_px, i.created_at_ms"
inline constexpr const char* kOutlineColumnTypes = "tiii";
ImageOutline outline_of(const Row& row);

// A job's columns in the order that job_of() reads them.
#define TINTYPE_JOB_COLUMNS                                                                                      \
  "id, user_id, image_id, batch_id, waits_for, surface, operation, parameters, tier, state, priority, price, "   \
  "attempt, cancel_requested, progress_permille, run_after_ms, lease_expires_at_ms, fencing_token, result_key, " \
  "result_format, result_width_px, result_height_px, result_size_bytes, result_sha256, failure_code, "           \
  "failure_message, created_at_ms, started_at_ms, finished_at_ms, updated_at_ms, result_details"
inline constexpr const char* kJobColumnTypes = "ttttttttttiiiiiiiittiiitttiiiit";
Job job_of(const Row& row);

// A user's columns in the order that user_of() reads them.
#define TINTYPE_USER_COLUMNS \
  "u.id, u.email, u.name, u.password_hash, u.role, u.plan, u.banned_at_ms, u.created_at_ms, u.updated_at_ms"
inline constexpr const char* kUserColumnTypes = "ttttttiii";
User user_of(const Row& row);

// Says of an image `i` what is_there() says.
#define TINTYPE_IMAGE_IS_THERE "i.state <> 'upload_pending' AND i.deleted_at_ms IS NULL"

// Adds to what a user has; a bug when there is no such user.
Result<void> add_usage(Connection& connection, std::string_view user_id, const StorageUsage& more);

// Count what happened on users' days (see UsageRepository).
Result<void> count_ends(Connection& connection, std::span<const Job* const> jobs);
Result<void> count_entries(Connection& connection, std::span<const LedgerEntry> entries);

// The first row's value, or nothing.
template <class T, class Read>
Result<std::optional<T>> find_one(Connection& connection, const char* statement, const char* columns,
                                  std::initializer_list<Value> values, Read read) {
  std::optional<T> found;
  auto ran = connection.query(statement, columns, values, [&](const Row& row) {
    if (!found) found = read(row);
  });
  if (!ran) return std::unexpected(ran.error());
  return found;
}

template <class T, class Read>
Result<std::vector<T>> find_all(Connection& connection, const char* statement, const char* columns,
                                std::initializer_list<Value> values, Read read) {
  std::vector<T> found;
  auto ran = connection.query(statement, columns, values, [&](const Row& row) { found.push_back(read(row)); });
  if (!ran) return std::unexpected(ran.error());
  return found;
}

// Whether exactly one row was changed.
inline Result<bool> changed_one(Result<std::int64_t> changed) {
  if (!changed) return std::unexpected(changed.error());
  return *changed == 1;
}

// Success, whatever number of rows was changed.
inline Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return std::unexpected(changed.error());
  return {};
}

// Success when exactly one row was changed; our bug otherwise.
inline Result<void> done_once(Result<std::int64_t> changed, const char* what) {
  if (!changed) return std::unexpected(changed.error());
  if (*changed != 1) return fail_internal(std::string(what) + ": " + std::to_string(*changed) + " rows changed");
  return {};
}

// The cursor of a list as two values to compare with; before everything when there is none.
inline Value cursor_time(const Page& page) {
  return page.after ? page.after->created_at_ms : std::int64_t{9'000'000'000'000'000};
}
inline Value cursor_id(const Page& page) {
  return page.after ? std::string_view(page.after->id) : std::string_view();
}

}  // namespace tintype::sql
