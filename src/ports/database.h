// The database as the use cases see it: units of work over small repositories.
//
// A unit of work touches only the database and can be run again from its start, because a conflict with another
// writer makes the adapter do so. It is answered after its COMMIT is durable. Returning an error rolls it back,
// alone: others in the same group commit are not touched.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/function_ref.h"
#include "domain/account.h"
#include "domain/activity.h"
#include "domain/album.h"
#include "domain/api_key.h"
#include "domain/audit_entry.h"
#include "domain/batch.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/job_call.h"
#include "domain/plan.h"
#include "domain/purchase.h"
#include "domain/queue.h"
#include "domain/search_document.h"
#include "domain/search_query.h"
#include "domain/search_suggestion.h"
#include "domain/share.h"
#include "domain/upload_session.h"
#include "domain/variant.h"
#include "domain/wallet.h"
#include "domain/webhook.h"

namespace tintype {

// A place in a list: the rows behind this one follow, in the list's own order, which is newest first where nothing
// else is said.
struct PageCursor {
  UnixMs created_at_ms = 0;
  std::string id;
};

struct Page {
  std::optional<PageCursor> after;
  int limit = 50;
};

inline constexpr int kEverything = std::numeric_limits<int>::max();  // a page's limit that leaves nothing out

class AccountRepository {
 public:
  virtual ~AccountRepository() = default;
  // kConflict when the e-mail is taken.
  virtual Result<void> insert_user(const User& user) = 0;
  virtual Result<std::optional<User>> user_by_id(std::string_view id) = 0;
  virtual Result<std::optional<User>> user_by_email(std::string_view email) = 0;
  // Writes every field but id and created_at_ms; kNotFound when there is no such user.
  virtual Result<void> update_user(const User& user) = 0;
  virtual Result<std::vector<User>> list_users(const Page& page) = 0;

  virtual Result<void> insert_session(const Session& session) = 0;
  // The user behind a live session token, in one statement; nothing when it is unknown, expired or ended.
  // A banned user is answered too: the caller decides.
  struct SessionOwner {
    Session session;
    User user;
  };
  virtual Result<std::optional<SessionOwner>> session_by_token_hash(std::string_view hash, UnixMs now_ms) = 0;
  virtual Result<std::optional<SessionOwner>> session_by_id(std::string_view id, UnixMs now_ms) = 0;
  virtual Result<void> delete_session(std::string_view id) = 0;  // its refresh tokens too; none is no error
  // How many there were.
  virtual Result<int> delete_sessions_of(std::string_view user_id, std::string_view except_session_id) = 0;
  // Live ones, last used first.
  virtual Result<std::vector<Session>> sessions_of(std::string_view user_id, UnixMs now_ms, int limit) = 0;
  // False when this user has none such.
  virtual Result<bool> delete_session_of(std::string_view user_id, std::string_view id) = 0;
  virtual Result<void> mark_session_used(std::string_view id, UnixMs now_ms) = 0;  // never goes back; none is no error
  virtual Result<void> set_session_token(std::string_view session_id, std::string_view token_hash) = 0;
  virtual Result<void> insert_refresh_token(const RefreshToken& token) = 0;
  virtual Result<std::optional<RefreshToken>> refresh_token_by_hash(std::string_view hash) = 0;
  // Marks it used; false when it had been used before.
  virtual Result<bool> spend_refresh_token(std::string_view hash, UnixMs now_ms) = 0;
  virtual Result<int> delete_expired_sessions(UnixMs now_ms, int limit) = 0;
};

class WalletRepository {
 public:
  virtual ~WalletRepository() = default;
  virtual Result<void> insert(const Wallet& wallet) = 0;
  virtual Result<std::optional<Wallet>> find(std::string_view user_id) = 0;
  // Reads it for changing: on PostgreSQL the row is locked until the unit ends.
  virtual Result<Wallet> lock(std::string_view user_id) = 0;
  virtual Result<void> update(const Wallet& wallet) = 0;
  virtual Result<void> append(std::span<const LedgerEntry> entries) = 0;
  Result<void> append(const LedgerEntry& entry) { return append(std::span(&entry, 1)); }
  // Last written first.
  virtual Result<std::vector<LedgerEntry>> history(std::string_view user_id, const Page& page) = 0;
  // Those of these kinds, of which each stands once.
  virtual Result<std::vector<LedgerEntry>> history_of_kinds(std::string_view user_id, std::span<const LedgerKind> kinds,
                                                            const Page& page) = 0;
  virtual Result<void> insert_reservations(std::span<const Reservation> reservations) = 0;
  Result<void> insert_reservation(const Reservation& reservation) {
    return insert_reservations(std::span(&reservation, 1));
  }
  // From kOpen to the state that each has here; false when one was not open any more, and then nothing may be settled.
  virtual Result<bool> settle(std::span<const Reservation> reservations) = 0;
  Result<bool> settle(std::string_view job_id, ReservationState state) {
    const Reservation reservation{std::string(job_id), {}, 0, state};
    return settle(std::span(&reservation, 1));
  }
  // From kReleased to kOpen once more; false when it was not released.
  virtual Result<bool> reopen(std::string_view job_id) = 0;
  virtual Result<std::optional<Reservation>> reservation(std::string_view job_id) = 0;
};

class ImageRepository {
 public:
  virtual ~ImageRepository() = default;
  // Inserting, updating and removing keep the user's storage usage in step.
  virtual Result<void> insert(const Image& image) = 0;
  // Those that are there (see is_there()).
  virtual Result<std::optional<Image>> find(std::string_view user_id, std::string_view id) = 0;
  virtual Result<std::vector<Image>> list(std::string_view user_id, const Page& page) = 0;
  // The same of a page that is much longer, as what lays it out.
  virtual Result<std::vector<ImageOutline>> outline(std::string_view user_id, const Page& page) = 0;
  virtual Result<std::vector<ImageOutline>> outline_deleted(std::string_view user_id, const Page& page) = 0;
  // Those whose original has this SHA-256 (hex, lower case).
  virtual Result<std::vector<Image>> list_of_digest(std::string_view user_id, std::string_view sha256,
                                                    const Page& page) = 0;
  // Those that are announced or deleted too.
  virtual Result<std::optional<Image>> find_any(std::string_view user_id, std::string_view id) = 0;
  // Anybody's, whatever its state: the caller decides who may see it.
  virtual Result<std::optional<Image>> find_by_id(std::string_view id) = 0;
  virtual Result<std::vector<Image>> list_deleted(std::string_view user_id, const Page& page) = 0;
  // Writes everything but id, owner, view_count and created_at_ms; our bug when there is no such image.
  virtual Result<void> update(const Image& image) = 0;
  virtual Result<std::vector<std::string>> tags(std::string_view image_id) = 0;  // in their order
  virtual Result<void> set_tags(std::string_view image_id, const std::vector<std::string>& tags) = 0;
  virtual Result<void> add_views(std::string_view image_id, std::int64_t count) = 0;  // none there is no error
  // Deleted ones whose time has come, of all users.
  virtual Result<std::vector<Image>> to_purge(UnixMs now_ms, int limit) = 0;
  // Removes the image with its tags, variants, shares, album places, jobs and settled reservations; false when it was
  // not there.
  virtual Result<bool> remove(std::string_view user_id, std::string_view id) = 0;
};

class VariantRepository {
 public:
  virtual ~VariantRepository() = default;
  // Writes the row whole; one of this image, name and format is replaced.
  virtual Result<void> put(const Variant& variant) = 0;
  // `user_id` is the image's owner, whoever asks.
  virtual Result<std::optional<Variant>> find(std::string_view user_id, std::string_view image_id,
                                              const VariantKey& key) = 0;
  virtual Result<std::vector<Variant>> of_image(std::string_view user_id, std::string_view image_id) = 0;  // by size
  // Never goes back; none there is no error.
  virtual Result<void> mark_used(std::string_view image_id, const VariantKey& key, UnixMs now_ms) = 0;
  // Renditions made on request (all but those that every image has, and the published copy) that are not being made
  // and were last used before this; the longest unused first.
  virtual Result<std::vector<Variant>> to_expire(UnixMs used_before_ms, int limit) = 0;
  virtual Result<bool> remove(std::string_view image_id, const VariantKey& key) = 0;  // false when it was not there
};

class UploadRepository {
 public:
  virtual ~UploadRepository() = default;
  virtual Result<void> insert(const UploadSession& session) = 0;
  virtual Result<std::optional<UploadSession>> find(std::string_view user_id, std::string_view id) = 0;
  virtual Result<std::optional<UploadSession>> of_image(std::string_view user_id, std::string_view image_id) = 0;
  virtual Result<std::optional<UploadSession>> of_multipart(std::string_view user_id, std::string_view upload_id) = 0;
  // Writes state, mode, keys, multipart_upload_id and expires_at_ms. Guarded by the state and multipart upload that
  // `before` was read with, and by its keys: false when the row had moved on.
  virtual Result<bool> update(const UploadSession& session, const UploadSession& before) = 0;
  // Of all users: created or open ones whose time is over; ended ones that still have an upload at the store; open ones
  // that wait for their single PUT and whose size was not announced, oldest first.
  virtual Result<std::vector<UploadSession>> expired(UnixMs now_ms, int limit) = 0;
  virtual Result<std::vector<UploadSession>> to_abort(int limit) = 0;
  virtual Result<std::vector<UploadSession>> single_ones(const PageCursor& after, int limit) = 0;
  // Of this user: those that have not ended, and of them those whose size was not announced.
  struct OpenSessions {
    std::int64_t all = 0, of_unknown_size = 0;
  };
  virtual Result<OpenSessions> count_open(std::string_view user_id) = 0;
  // Whether a session that has not ended has this upload at the store.
  virtual Result<bool> knows_multipart(std::string_view upload_id) = 0;
  virtual Result<int> remove_ended(UnixMs expired_before_ms, int limit) = 0;
};

class UsageRepository {
 public:
  virtual ~UsageRepository() = default;
  virtual Result<StorageUsage> find(std::string_view user_id) = 0;
  // Days from `first_day` on on which something happened, oldest first. They are counted as it happens, and so also say
  // of jobs that are gone: by JobRepository::finish(), a job once each time it ends, and WalletRepository::append().
  virtual Result<std::vector<JobDay>> job_days(std::string_view user_id, std::int64_t first_day) = 0;
  virtual Result<std::vector<TokenDay>> token_days(std::string_view user_id, std::int64_t first_day) = 0;
};

// What providers were asked for, in millionths of the operator's currency, by days (UTC) since 1970.
class SpendingRepository {
 public:
  virtual ~SpendingRepository() = default;
  // Adds to a day's sum; false, and nothing is added, where that would be over `micros_max`.
  virtual Result<bool> take(std::int64_t day, std::int64_t micros, std::int64_t micros_max) = 0;
  virtual Result<void> give_back(std::int64_t day, std::int64_t micros) = 0;
  virtual Result<std::int64_t> spent(std::int64_t day) = 0;
};

// What operators have set while the program runs, by name; what is configured is not here.
class SettingRepository {
 public:
  virtual ~SettingRepository() = default;
  virtual Result<std::optional<std::string>> find(std::string_view name) = 0;
  virtual Result<std::map<std::string, std::string>> all() = 0;
  virtual Result<void> put(std::string_view name, std::string_view value, UnixMs now_ms) = 0;
  virtual Result<void> remove(std::string_view name) = 0;  // nothing where there is none
};

class AlbumRepository {
 public:
  virtual ~AlbumRepository() = default;
  virtual Result<void> insert(const Album& album) = 0;
  // Anyone's album: the enhancement surface tells foreign (403) from missing (404) by the owner in the answer.
  virtual Result<std::optional<Album>> find(std::string_view id) = 0;
  // A public album as everybody may see it: counted and covered by its public images alone.
  virtual Result<std::optional<Album>> find_public(std::string_view id) = 0;
  virtual Result<std::vector<Album>> list(std::string_view user_id, const Page& page) = 0;
  // Those that an image is in.
  virtual Result<std::vector<Album>> list_of_image(std::string_view user_id, std::string_view image_id,
                                                   const Page& page) = 0;
  // Writes name, description, visibility and updated_at_ms; false when it is not this user's.
  virtual Result<bool> update(const Album& album) = 0;
  // None, with an empty id. It counts while the image is in the album. False when the album is not this user's.
  virtual Result<bool> set_cover(std::string_view user_id, std::string_view id, std::string_view image_id) = 0;
  // Writes updated_at_ms; false when it is not this user's. Whoever changes what is in an album, or its order, does
  // this first: on PostgreSQL one of two such units at once is then run again.
  virtual Result<bool> touch(std::string_view user_id, std::string_view id, UnixMs now_ms) = 0;
  virtual Result<bool> remove(std::string_view user_id, std::string_view id) = 0;  // its images stay
  // Those that are there, in album order: the page's cursor holds the position in place of a time, so that it survives
  // the image that it was taken from.
  virtual Result<std::vector<AlbumImage>> images(std::string_view user_id, std::string_view album_id,
                                                 const Page& page) = 0;
  virtual Result<std::vector<AlbumImage>> public_images(std::string_view album_id, const Page& page) = 0;
  // At the end of the album; false when the image was in it already.
  virtual Result<bool> add_image(std::string_view album_id, std::string_view image_id, UnixMs now_ms) = 0;
  virtual Result<bool> remove_image(std::string_view album_id, std::string_view image_id) = 0;

  // Places: an image's, also while it is in the trash, and the greatest of an album. Nothing when there is none.
  virtual Result<std::optional<std::int64_t>> position(std::string_view album_id, std::string_view image_id) = 0;
  virtual Result<std::optional<std::int64_t>> last_position(std::string_view album_id) = 0;
  // The places of images that are there, behind or before one, nearest first.
  virtual Result<std::vector<AlbumPlace>> places_behind(std::string_view album_id, const AlbumPlace& place,
                                                        int limit) = 0;
  virtual Result<std::vector<AlbumPlace>> places_before(std::string_view album_id, const AlbumPlace& place,
                                                        int limit) = 0;
  virtual Result<void> set_position(std::string_view album_id, const AlbumPlace& place) = 0;
  // Keeps the order and puts the images kPlaceGap apart, the first at `first_position`.
  virtual Result<void> lay_out(std::string_view album_id, std::int64_t first_position) = 0;
  virtual Result<std::vector<std::string>> ids_of_image(std::string_view image_id) = 0;  // the albums that it is in
};

class ShareRepository {
 public:
  virtual ~ShareRepository() = default;
  virtual Result<void> insert(const Share& share) = 0;
  // Anybody's, revoked and expired ones too: who has the token is asked nothing else.
  virtual Result<std::optional<Share>> find_by_token_hash(std::string_view hash) = 0;
  // Those that were not revoked; `list` has those of all images and albums.
  virtual Result<std::vector<Share>> list(std::string_view user_id, const Page& page) = 0;
  virtual Result<std::vector<Share>> of_thing(std::string_view user_id, const SharedThing& thing, const Page& page) = 0;
  // Until the unit ends no other unit holds this user's thing: for who counts before he inserts. False when it is none.
  virtual Result<bool> hold(std::string_view user_id, const SharedThing& thing) = 0;
  // How many were not revoked, whether expired or not.
  virtual Result<std::int64_t> count_of(std::string_view user_id, const SharedThing& thing) = 0;
  // False when there is no such share of this user and thing, or it was revoked before.
  virtual Result<bool> revoke(std::string_view user_id, const SharedThing& thing, std::string_view id,
                              UnixMs now_ms) = 0;
  virtual Result<void> add_views(std::string_view id, std::int64_t count) = 0;  // none there is no error
  // Those that were revoked or expired before then, of all users.
  virtual Result<int> remove_ended(UnixMs ended_before_ms, int limit) = 0;
};

enum class SearchOrder { kNewest, kRelevance };

// A place among the images that a search finds: those behind it follow. A tier is the class of the worst field in which
// a word of the query stands (search_document.h); by relevance the tiers follow each other, newest first within each.
// In the order of time there is one tier. For its tier a phrase of three words or more counts as its pairs, a beginning
// of more than kPrefixLettersMax letters as its first ones.
struct SearchCursor {
  int tier = 1;
  std::int64_t sequence = 0;  // of the image's document
};

template <class Found>
struct SearchPageOf {
  std::vector<Found> images;
  std::optional<SearchCursor> next;  // none at the end. A page may be short, even empty, and others follow all the same
};
using SearchPage = SearchPageOf<Image>;
using SearchOutline = SearchPageOf<ImageOutline>;

// An image's document as it is kept: see search_content(). One of an image that is not to be found is empty.
struct SearchEntry {
  std::string image_id;
  std::string content;
};

// How many images a search looks at for a page when marks alone do not decide (SearchPlan::checks); then it answers
// what it has, and where to go on.
inline constexpr int kSearchChecksMax = 1'000;

struct SimilarImage {
  Image image;
  int distance = 0;      // of 64 bits of the fingerprints
  bool is_copy = false;  // byte for byte the same file
};

class SearchRepository {
 public:
  virtual ~SearchRepository() = default;
  // Writes documents, of each image at most one; new ones in the order of `entries`, which is their place in time. An
  // image keeps its place.
  virtual Result<void> put(std::span<const SearchEntry> entries) = 0;
  virtual Result<void> remove(std::string_view image_id) = 0;  // none is no error
  // Images whose document was never written, oldest first: those that are older than the search.
  virtual Result<std::vector<std::string>> unwritten(int limit) = 0;
  // Only images of `user_id` and other people's public ones, whatever the plan says.
  virtual Result<SearchPage> search(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                                    const std::optional<SearchCursor>& after, int limit) = 0;
  // The same of a page that is much longer, as what lays it out.
  virtual Result<SearchOutline> outline(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                                        const std::optional<SearchCursor>& after, int limit) = 0;
  // What this user's images and albums have that begins with `prefix` (of normal_tag()): tags and words that most
  // images have first, albums newest first. Of a great many that begin so, one that few have may be missing.
  virtual Result<std::vector<KnownTerm>> known_terms(std::string_view user_id, KnownKind kind, std::string_view prefix,
                                                     int limit) = 0;
  // Counts what images and albums have that are older than this counting, up to `limit` of each; how many there were.
  virtual Result<int> count_missing_terms(int limit) = 0;
  // Images of the same user that look like this one: copies first, then by the distance of their fingerprints, newest
  // first; not itself.
  virtual Result<std::vector<SimilarImage>> similar(const Image& image, int distance_max, int limit) = 0;
};

class JobRepository {
 public:
  virtual ~JobRepository() = default;
  // Each at its turn, in the order given: see domain/queue.h.
  virtual Result<void> insert(std::span<const Job> jobs) = 0;
  Result<void> insert(const Job& job) { return insert(std::span(&job, 1)); }
  virtual Result<std::optional<Job>> find(std::string_view user_id, std::string_view id) = 0;
  virtual Result<std::vector<Job>> of_image(std::string_view user_id, std::string_view image_id) = 0;  // newest first
  virtual Result<std::vector<Job>> of_batch(std::string_view user_id, std::string_view batch_id) = 0;  // in order
  // Those of `image_ids` that have a succeeded enhancement at this tier.
  virtual Result<std::vector<std::string>> enhanced_images(std::string_view user_id,
                                                           const std::vector<std::string>& image_ids,
                                                           std::string_view tier) = 0;
  // Queued and running ones that the user asked for one by one: not kVariants, and none of the studio's batches. Of all
  // surfaces.
  virtual Result<std::int64_t> count_unfinished(std::string_view user_id) = 0;
  // Of the studio or the upscale surface, newest first; `state` narrows it.
  virtual Result<std::vector<Job>> list(std::string_view user_id, Surface surface, std::optional<JobState> state,
                                        const Page& page) = 0;

  // Of all surfaces but for kVariants, newest first.
  virtual Result<std::vector<UserJob>> of_user(std::string_view user_id, const UserJobFilter& filter,
                                               const Page& page) = 0;

  // Takes up to `limit` jobs of a lane that may run now, by their turns: state, started_at_ms, lease
  // and a fencing token one above the last. Two workers never get the same job.
  virtual Result<std::vector<Job>> claim(QueueLane lane, UnixMs now_ms, UnixMs lease_expires_at_ms, int limit) = 0;
  // When the earliest queued job that waits for its pause may run; nothing when none waits.
  virtual Result<std::optional<UnixMs>> next_run_after(UnixMs now_ms) = 0;
  // Extends the lease and writes progress. Nothing when the lease was lost, else whether a cancel was asked for.
  virtual Result<std::optional<bool>> heartbeat(std::string_view id, std::int64_t fencing_token,
                                                UnixMs lease_expires_at_ms, int progress_permille, UnixMs now_ms) = 0;
  // Running jobs whose lease ended before `now_ms`.
  virtual Result<std::vector<Job>> expired_leases(UnixMs now_ms, int limit) = 0;

  // The transitions. Each is guarded by the state (and fencing token) that a job was read with and answers false
  // when its row had moved on. They write state, attempt, run_after_ms, result, failure, times.
  virtual Result<std::vector<bool>> finish(std::span<const Job> jobs) = 0;  // running -> an end state
  Result<bool> finish(const Job& job) {
    const auto finished = finish(std::span(&job, 1));
    return finished ? Result<bool>(finished->front()) : std::unexpected(finished.error());
  }
  virtual Result<bool> requeue(const Job& job) = 0;  // running -> queued
  virtual Result<bool> cancel_queued(std::string_view user_id, std::string_view id, UnixMs now_ms) = 0;
  virtual Result<bool> request_cancel(std::string_view user_id, std::string_view id, UnixMs now_ms) = 0;  // running
  // Lets the next of a batch run once `finished_job_id` has ended. When it ended before its own turn came, the next
  // one waits for what it waited for: `waits_for`, empty when it waited for nothing.
  virtual Result<void> hand_over(std::string_view finished_job_id, std::string_view waits_for) = 0;

  // Of the studio and the upscale surface, of all users: jobs without an image that ended before then, oldest first.
  // Not those of a batch that is still there.
  virtual Result<std::vector<Job>> ended_without_image(UnixMs ended_before_ms, int limit) = 0;
  // With its call. What its result took of the user's storage is given back. False when it was not there.
  virtual Result<bool> remove_ended(const Job& job) = 0;
};

// The queue as a whole, across users: for whoever runs the server.
class QueueRepository {
 public:
  virtual ~QueueRepository() = default;
  // By lane and operation; of what has not ended and of what failed lately, by index alone.
  virtual Result<std::vector<QueueDepth>> depths(UnixMs now_ms) = 0;
  virtual Result<std::vector<QueuePause>> pauses() = 0;
  virtual Result<bool> pause(const QueuePause& pause) = 0;  // false when the lane was paused before
  virtual Result<bool> resume(QueueLane lane) = 0;          // false when it was not paused
  // Of all users: those that have not ended by when they were submitted, oldest first; those that have by when they
  // ended, last first. The page's cursor holds that time.
  virtual Result<std::vector<Job>> list(const QueueFilter& filter, const Page& page) = 0;
  virtual Result<std::optional<Job>> find(std::string_view id) = 0;
  // What goes before a job of QueueLane::kOperations that waits.
  virtual Result<QueuePlace> place(const Job& job, UnixMs now_ms) = 0;
  // How long each operation ran, of jobs that succeeded since then.
  virtual Result<std::map<OperationKind, double>> mean_run_ms(UnixMs from_ms) = 0;
  // failed -> queued, as if nobody had tried yet, with a new turn; false when the row had moved on.
  virtual Result<bool> retry(std::string_view id, UnixMs now_ms) = 0;
  // What ended since `from_ms`, in steps of this length that begin there, those in which something did. Of all
  // operations, or of one.
  virtual Result<std::vector<QueuePoint>> series(UnixMs from_ms, std::int64_t step_ms,
                                                 std::optional<OperationKind> operation) = 0;
};

class JobCallRepository {
 public:
  virtual ~JobCallRepository() = default;
  virtual Result<void> insert(const JobCall& call) = 0;  // of a job that was inserted in this unit
  virtual Result<std::optional<JobCall>> find(std::string_view job_id) = 0;
  virtual Result<void> set_input_size(std::string_view job_id, int width_px, int height_px) = 0;
  virtual Result<void> clear_inputs(std::string_view job_id) = 0;  // their objects have been taken out
  // Jobs of a surface that have not ended: of the user by live keys and sessions, by test keys, and of this key; with
  // an empty id those by sessions. Whoever inserts by what this says locks the user's wallet first and writes it, so
  // that two at once cannot pass a bound together.
  struct Unfinished {
    std::int64_t of_user = 0, of_user_tests = 0, of_key = 0;
  };
  virtual Result<Unfinished> count_unfinished(std::string_view user_id, Surface surface,
                                              std::string_view api_key_id) = 0;
};

class BatchRepository {
 public:
  virtual ~BatchRepository() = default;
  virtual Result<void> insert(const StudioBatch& batch) = 0;
  virtual Result<std::optional<StudioBatch>> find(std::string_view user_id, std::string_view id) = 0;
  virtual Result<std::vector<StudioBatch>> list(std::string_view user_id, const Page& page) = 0;
  virtual Result<std::int64_t> count(std::string_view user_id) = 0;
  // Writes state, paused_at_ms, started_at_ms and updated_at_ms; false when it had moved on from `before`. Whoever adds
  // to a batch does this first, so that two at once cannot pass its total together.
  virtual Result<bool> update(const StudioBatch& batch, BatchState before) = 0;

  // What it takes of the user's storage is counted.
  virtual Result<void> add_image(const StudioBatch& batch, const BatchImage& image) = 0;
  virtual Result<std::vector<BatchImage>> images(std::string_view batch_id) = 0;  // in order
  virtual Result<void> set_job(std::string_view batch_id, int position, std::string_view job_id) = 0;
  virtual Result<std::optional<std::string>> input_of(std::string_view job_id) = 0;  // the picture's object
  virtual Result<BatchCounts> counts(std::string_view batch_id) = 0;

  // Jobs of it that wait are not taken any more until they are let go, and keep no turns meanwhile: they get new ones
  // then. One that ran, or is queued anew, is not taken either while its batch is paused.
  virtual Result<void> hold(std::string_view user_id, std::string_view batch_id) = 0;
  virtual Result<void> let_go(std::string_view user_id, std::string_view batch_id, UnixMs now_ms) = 0;
  // Those of its jobs that have not ended and were not asked to stop.
  virtual Result<std::vector<Job>> unfinished(std::string_view user_id, std::string_view batch_id, int limit) = 0;

  // Of all users: cancelled ones that still have such jobs; those that nothing has happened to since then.
  virtual Result<std::vector<StudioBatch>> cancelled_with_unfinished(int limit) = 0;
  virtual Result<std::vector<StudioBatch>> to_remove(UnixMs updated_before_ms, int limit) = 0;
  // With its pictures' rows, and gives back what they took of the user's storage; false when it was not there.
  virtual Result<bool> remove(const StudioBatch& batch) = 0;
};

class ApiKeyRepository {
 public:
  virtual ~ApiKeyRepository() = default;
  virtual Result<void> insert(const ApiKey& key) = 0;
  // A key and whose it is, also when it no longer holds or the user is banned: the caller decides.
  struct KeyOwner {
    ApiKey key;
    User user;
  };
  virtual Result<std::optional<KeyOwner>> find_by_hash(std::string_view hash) = 0;
  virtual Result<std::optional<ApiKey>> find(std::string_view user_id, std::string_view id) = 0;
  // Those that hold at `now_ms`, newest first.
  virtual Result<std::vector<ApiKey>> list(std::string_view user_id, UnixMs now_ms) = 0;
  // Writes expires_at_ms and revoked_at_ms, of one that was not revoked; false when there is none.
  virtual Result<bool> update(const ApiKey& key) = 0;
  // All of a user that were not revoked before; how many.
  virtual Result<int> revoke_all(std::string_view user_id, UnixMs now_ms) = 0;
  virtual Result<void> mark_used(std::string_view id, UnixMs now_ms) = 0;  // never goes back; none is no error
  virtual Result<int> remove_ended(UnixMs ended_before_ms, int limit) = 0;
};

class WebhookRepository {
 public:
  virtual ~WebhookRepository() = default;
  virtual Result<void> insert_endpoint(const WebhookEndpoint& endpoint) = 0;  // kConflict when the URL is known
  virtual Result<std::optional<WebhookEndpoint>> endpoint(std::string_view user_id, std::string_view id) = 0;
  virtual Result<std::optional<WebhookEndpoint>> endpoint_by_url(std::string_view user_id, std::string_view url) = 0;
  virtual Result<std::vector<WebhookEndpoint>> endpoints(std::string_view user_id, const Page& page) = 0;
  virtual Result<std::int64_t> count_endpoints(std::string_view user_id) = 0;
  virtual Result<bool> update_endpoint(const WebhookEndpoint& endpoint) = 0;  // disabled_at_ms and disabled_reason
  // With its secrets and deliveries; false when it was not there.
  virtual Result<bool> remove_endpoint(std::string_view user_id, std::string_view id) = 0;

  virtual Result<void> insert_secret(const WebhookSecret& secret) = 0;
  // Those that hold at `now_ms`, newest first.
  virtual Result<std::vector<WebhookSecret>> secrets(std::string_view endpoint_id, UnixMs now_ms) = 0;
  virtual Result<void> expire_secrets(std::string_view endpoint_id, std::string_view except_id, UnixMs at_ms) = 0;
  virtual Result<void> remove_secrets(std::string_view endpoint_id, std::string_view except_id) = 0;

  virtual Result<void> insert_delivery(const WebhookDelivery& delivery) = 0;
  virtual Result<std::int64_t> count_waiting(std::string_view endpoint_id, int limit) = 0;  // counts up to `limit`
  virtual Result<std::optional<WebhookDelivery>> delivery(std::string_view user_id, std::string_view id) = 0;
  // Last written first; the narrower ones may be empty.
  struct DeliveryFilter {
    std::string endpoint_id;
    std::string job_id;
    std::optional<DeliveryState> state;
  };
  virtual Result<std::vector<WebhookDelivery>> deliveries(std::string_view user_id, const DeliveryFilter& filter,
                                                          const Page& page) = 0;
  // Endpoints to which something is due, the longest waiting first: so that one which answers slowly, and has much
  // waiting, keeps none of the others waiting.
  virtual Result<std::vector<std::string>> due_endpoints(UnixMs now_ms, int limit) = 0;
  // Takes up to `limit` of what is due to an endpoint and makes it due again at `lease_until_ms`, so that a crash of
  // whoever took it loses none.
  virtual Result<std::vector<WebhookDelivery>> claim_deliveries(std::string_view endpoint_id, UnixMs now_ms,
                                                                UnixMs lease_until_ms, int limit) = 0;
  virtual Result<std::optional<UnixMs>> next_delivery_at() = 0;
  // What was taken until `lease_until_ms` and not tried is due at `at_ms`; nothing when the lease is not held any more.
  virtual Result<void> give_back_delivery(std::string_view id, UnixMs lease_until_ms, UnixMs at_ms) = 0;
  // Writes state, attempt, next_attempt_at_ms, last_status, last_error and times; guarded by `pending` and the attempt
  // before: false when the row had moved on.
  virtual Result<bool> update_delivery(const WebhookDelivery& delivery) = 0;
  // All that waits for an endpoint has failed.
  virtual Result<void> fail_waiting(std::string_view endpoint_id, std::string_view error, UnixMs now_ms) = 0;
  // Nothing that waits for an endpoint is due before `until_ms`.
  virtual Result<void> put_off_waiting(std::string_view endpoint_id, UnixMs until_ms) = 0;
  // To be sent at once, whatever became of it, with all its attempts before it; false when it is not there.
  virtual Result<bool> send_again(std::string_view user_id, std::string_view id, UnixMs now_ms) = 0;
  virtual Result<int> remove_ended_deliveries(UnixMs ended_before_ms, int limit) = 0;
};

// The journal of objects: a row is written (state `writing`) before an object's first byte and becomes `live` in
// the unit of work that names the object; it becomes `deleting` in the unit that forgets it. So no crash leaves
// an object that nobody knows.
enum class ObjectState { kWriting, kLive, kDeleting };

struct ObjectRecord {
  std::string key;
  ObjectState state = ObjectState::kWriting;
  std::int64_t size_bytes = 0;
  UnixMs changed_at_ms = 0;
};

class ObjectRepository {
 public:
  virtual ~ObjectRepository() = default;
  virtual Result<void> begin_writing(std::string_view key, UnixMs now_ms) = 0;
  // kConflict when the row is not `writing`: the janitor has taken it, and the writer must start over.
  virtual Result<void> make_live(std::string_view key, std::int64_t size_bytes, UnixMs now_ms) = 0;
  // From `due_ms` on it is to be purged: not before the last signed URL that may write it has expired.
  virtual Result<void> mark_deleting(std::string_view key, UnixMs due_ms) = 0;
  // `deleting` rows that are due, and `writing` rows older than `writing_before_ms`, which become `deleting` unless an
  // upload session that has not ended names them.
  virtual Result<std::vector<std::string>> to_purge(UnixMs writing_before_ms, UnixMs now_ms, int limit) = 0;
  virtual Result<void> forget(std::string_view key) = 0;
  virtual Result<std::vector<ObjectRecord>> list(std::string_view after_key, int limit) = 0;  // by key
};

// First answers kept for 24 hours (Idempotency-Key).
struct StoredReply {
  int status = 200;
  std::string body;
};

struct IdempotencyRecord {
  std::string user_id;  // whose key it is; an operator who is no user goes by his name
  std::string key;
  std::string fingerprint;  // of route and body
  StoredReply reply;
  UnixMs created_at_ms = 0;
};

class IdempotencyRepository {
 public:
  virtual ~IdempotencyRepository() = default;
  virtual Result<std::optional<IdempotencyRecord>> find(std::string_view user_id, std::string_view key,
                                                        UnixMs not_before_ms) = 0;
  // kConflict when a younger row with this key stands already; an older one is replaced.
  virtual Result<void> insert(const IdempotencyRecord& record, UnixMs not_before_ms) = 0;
  virtual Result<int> remove_older(UnixMs before_ms, int limit) = 0;
};

// What the doctor reads: sums over everything, each empty when the rule holds.
class AuditRepository {
 public:
  virtual ~AuditRepository() = default;
  // Users whose balance is not the sum of their ledger, whose reserved is not the sum of their open reservations,
  // who hold less than nothing, or who have no wallet: one sentence each.
  virtual Result<std::vector<std::string>> wallet_faults() = 0;
  // Jobs in an end state with an open reservation, live jobs without one (price > 0), succeeded ones not captured
  // or without a result, jobs that wait for one that has ended or is gone: one sentence each.
  virtual Result<std::vector<std::string>> job_faults() = 0;
  // Users whose usage is not the sum of what they have: one sentence each.
  virtual Result<std::vector<std::string>> usage_faults() = 0;
  // Images, results and ready variants whose object is not `live`, live objects that nothing names: one sentence each.
  virtual Result<std::vector<std::string>> object_faults() = 0;
  struct Counts {
    std::int64_t users = 0, images = 0, jobs_queued = 0, jobs_running = 0, jobs_succeeded = 0, jobs_failed = 0,
                 jobs_cancelled = 0, objects_live = 0, objects_deleting = 0;
  };
  virtual Result<Counts> counts() = 0;
  // What the ledger sums to by kind: of entries behind `after_sequence`, those that are settled, as no entry can come
  // before them any more, and those that are not yet. `settled_sequence` is the last of the former.
  struct LedgerSums {
    std::map<LedgerKind, Tokens> settled, unsettled;
    std::int64_t settled_sequence = 0;
    Tokens reserved = 0;  // by open reservations
  };
  virtual Result<LedgerSums> ledger_sums(std::int64_t after_sequence, UnixMs settled_before_ms) = 0;
};

// What operators and payments have changed. Nothing in it is ever changed or removed: the tables refuse that too.
class AuditLogRepository {
 public:
  virtual ~AuditLogRepository() = default;
  virtual Result<void> append(const AuditEntry& entry) = 0;
  // Which entries: empty parts let all through.
  struct Filter {
    std::string actor;
    std::string user_id;
  };
  virtual Result<std::vector<AuditEntry>> list(const Filter& filter, const Page& page) = 0;  // last written first
};

class PurchaseRepository {
 public:
  virtual ~PurchaseRepository() = default;
  virtual Result<std::optional<Purchase>> find(std::string_view session_id) = 0;
  virtual Result<std::optional<Purchase>> find_by_payment(std::string_view payment_id) = 0;
  // False when the session is known.
  virtual Result<bool> insert(const Purchase& purchase) = 0;
  // Writes everything but session_id and created_at_ms; false when it is not in the state `before` any more.
  virtual Result<bool> update(const Purchase& purchase, PurchaseState before) = 0;
  // Of several for a payment the greatest holds.
  virtual Result<void> put_refund(const PaymentRefund& refund, UnixMs now_ms) = 0;
  virtual Result<std::optional<PaymentRefund>> refund(std::string_view payment_id) = 0;
};

// Users, jobs and tokens of all: for whoever runs the server.
class AdministrationRepository {
 public:
  virtual ~AdministrationRepository() = default;
  // Which users: empty parts let all through.
  struct UserFilter {
    std::string search;  // a part of the e-mail address, in lower case
    std::optional<bool> banned;
  };
  struct UserRecord {
    User user;
    Wallet wallet;  // as it was last written
    StorageUsage usage;
  };
  // Newest first.
  virtual Result<std::vector<UserRecord>> users(const UserFilter& filter, std::int64_t offset, int limit) = 0;
  virtual Result<std::int64_t> count_users(const UserFilter& filter) = 0;
  virtual Result<std::optional<UserRecord>> user(std::string_view id) = 0;

  // Which jobs: empty parts let all through.
  struct JobFilter {
    std::string user_id;
    std::optional<JobState> state;
    std::optional<OperationKind> operation;
    std::optional<Surface> surface;
  };
  virtual Result<std::vector<Job>> jobs(const JobFilter& filter, const Page& page) = 0;  // last submitted first
  // What is to be cancelled when users are banned, of one or of all who are: jobs that they asked for, which have not
  // ended and were not told to stop. Oldest first.
  virtual Result<std::vector<Job>> to_cancel(std::string_view user_id, int limit) = 0;
  virtual Result<std::vector<Job>> to_cancel_of_banned(int limit) = 0;

  virtual Result<std::map<JobState, std::int64_t>> count_jobs() = 0;
  virtual Result<StorageUsage> usage() = 0;
  // What was entered into the ledger from then on, by kind.
  virtual Result<std::map<LedgerKind, Tokens>> ledger_since(UnixMs from_ms) = 0;
};

// One open unit of work. Repositories live as long as it does and belong to its thread.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual AccountRepository& accounts() = 0;
  virtual WalletRepository& wallets() = 0;
  virtual ImageRepository& images() = 0;
  virtual VariantRepository& variants() = 0;
  virtual UploadRepository& uploads() = 0;
  virtual UsageRepository& usage() = 0;
  virtual SpendingRepository& spending() = 0;
  virtual SettingRepository& settings() = 0;
  virtual AlbumRepository& albums() = 0;
  virtual ShareRepository& shares() = 0;
  virtual SearchRepository& searches() = 0;
  virtual JobRepository& jobs() = 0;
  virtual QueueRepository& queue() = 0;
  virtual JobCallRepository& job_calls() = 0;
  virtual BatchRepository& batches() = 0;
  virtual ApiKeyRepository& api_keys() = 0;
  virtual WebhookRepository& webhooks() = 0;
  virtual ObjectRepository& objects() = 0;
  virtual IdempotencyRepository& idempotency() = 0;
  virtual AuditRepository& audit() = 0;
  virtual AuditLogRepository& audit_log() = 0;
  virtual PurchaseRepository& purchases() = 0;
  virtual AdministrationRepository& administration() = 0;
};

using UnitOfWork = FunctionRef<Result<void>(Transaction&)>;

class Database {
 public:
  virtual ~Database() = default;
  // Blocks until the commit is durable. Call from a thread that may block, never from an event loop. A full
  // queue of waiting units is kOverloaded at once. `flow`: the user or the lane whose rows the unit writes; units of
  // one flow come one after another and commit together, where they would meet in conflicts.
  virtual Result<void> write(std::string_view flow, UnitOfWork unit) = 0;
  Result<void> write(UnitOfWork unit) { return write({}, unit); }
  // A consistent snapshot; writes inside are a bug. On SQLite it never waits for a writer and may run in place;
  // reads_may_block() says whether this adapter's reads must not run on an event loop.
  virtual Result<void> read(UnitOfWork unit) = 0;
  virtual bool reads_may_block() const = 0;
  virtual int units_waiting() const = 0;  // given to write() and not answered yet
  virtual Result<void> migrate() = 0;     // brings the schema up to date; safe to call from several processes
  virtual Result<void> check() = 0;       // reachable, and the schema is the one this program knows
  virtual Result<std::vector<std::string>> pending_migrations() = 0;  // names, in order
};

}  // namespace tintype
