#include "app/shares.h"

#include "app/albums.h"
#include "app/jobs.h"
#include "app/publish.h"
#include "app/read.h"
#include "base/bytes.h"

namespace tintype::app {

namespace {

std::string hash_of(std::string_view token) {
  return hex_encode(sha256(token));
}

}  // namespace

Shares::Shares(Database& database, PasswordHasher& hasher, RateLimiter& limiter, Notifier& notifier, const Clock& clock,
               Random& random, ShareRules rules)
    : database_(database),
      hasher_(hasher),
      limiter_(limiter),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Result<void> Shares::check_thing(Transaction& transaction, std::string_view user_id, const SharedThing& thing) const {
  if (thing.album_id.empty()) {
    const auto image = transaction.images().find(user_id, thing.image_id);
    if (!image) return std::unexpected(image.error());
    return *image ? Result<void>() : fail(ErrorCode::kNotFound, "Image not found");
  }
  const auto album = own_album(transaction, user_id, thing.album_id);
  if (album) return {};
  if (album.error().code == ErrorCode::kForbidden) return fail(ErrorCode::kNotFound, "Album not found");
  return std::unexpected(album.error());
}

Result<Outcome<CreatedShare>> Shares::create(const Principal& principal, const NewShare& request,
                                             const Once<CreatedShare>& once) {
  const UnixMs now_ms = clock_.now_ms();
  CreatedShare created;
  created.token = new_id(random_, "t_");
  created.share = {.id = new_id(random_, "shr_"),
                   .user_id = principal.user_id,
                   .thing = request.thing,
                   .token_hash = hash_of(created.token),
                   .role = request.role,
                   .created_at_ms = now_ms};
  if (request.lives_ms) created.share.expires_at_ms = now_ms + *request.lives_ms;
  if (!request.password.empty()) {
    // Hashing is dear: not for what is refused anyway.
    auto mine = database_.read(
        [&](Transaction& transaction) { return check_thing(transaction, principal.user_id, request.thing); });
    if (!mine) return std::unexpected(mine.error());
    created.share.password_hash = hasher_.hash(request.password);
  }
  auto outcome = run_once<CreatedShare>(
      database_, principal.user_id, once, now_ms, [&](Transaction& transaction) -> Result<CreatedShare> {
        if (auto mine = check_thing(transaction, principal.user_id, request.thing); !mine) {
          return std::unexpected(mine.error());
        }
        const auto held = transaction.shares().hold(principal.user_id, request.thing);
        if (!held) return std::unexpected(held.error());
        const auto count = transaction.shares().count_of(principal.user_id, request.thing);
        if (!count) return std::unexpected(count.error());
        if (*count >= rules_.of_one_thing_max) {
          return fail(ErrorCode::kConflict, "This has as many links as it may have", "Revoke one that is not needed");
        }
        if (auto inserted = transaction.shares().insert(created.share); !inserted) {
          return std::unexpected(inserted.error());
        }
        // Those of an album's images are made when they are asked for: it may have very many.
        if (request.role == ShareRole::kDownloader && !request.thing.image_id.empty()) {
          const auto image = transaction.images().find(principal.user_id, request.thing.image_id);
          if (!image) return std::unexpected(image.error());
          const auto ordered = publish(transaction, **image, random_, now_ms);
          if (!ordered) return std::unexpected(ordered.error());
        }
        return created;
      });
  if (outcome) notifier_.notify(kBackgroundTopic);
  return outcome;
}

Result<std::vector<Share>> Shares::list(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.shares().list(user_id, page); });
}

Result<std::vector<Share>> Shares::of_thing(std::string_view user_id, const SharedThing& thing, const Page& page) {
  std::vector<Share> shares;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    if (auto mine = check_thing(transaction, user_id, thing); !mine) return mine;
    auto found = transaction.shares().of_thing(user_id, thing, page);
    if (!found) return std::unexpected(found.error());
    shares = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return shares;
}

Result<void> Shares::revoke(std::string_view user_id, const SharedThing& thing, std::string_view share_id) {
  const UnixMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto revoked = transaction.shares().revoke(user_id, thing, share_id, now_ms);
    if (!revoked) return std::unexpected(revoked.error());
    return *revoked ? Result<void>() : fail(ErrorCode::kNotFound, "Share not found");
  });
}

}  // namespace tintype::app
