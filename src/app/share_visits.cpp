// What a visitor sees of a share. Each visit looks the share up anew, so that revoking it holds at once.
#include "app/albums.h"
#include "app/shares.h"
#include "base/bytes.h"

namespace tintype::app {

namespace {

std::unexpected<Error> no_such_link() {
  return fail(ErrorCode::kNotFound, "This link does not work",
              "It may have been taken back. Ask whoever sent it for a new one");
}

Result<SharedImage> with_variants(Transaction& transaction, Image image, std::int64_t position) {
  auto variants = transaction.variants().of_image(image.user_id, image.id);
  if (!variants) return std::unexpected(variants.error());
  return SharedImage{std::move(image), position, std::move(*variants)};
}

Result<SharedImage> the_image(Transaction& transaction, const Share& share) {
  auto image = transaction.images().find(share.user_id, share.thing.image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return no_such_link();
  return with_variants(transaction, std::move(**image), 0);
}

// An image of the shared album.
Result<SharedImage> image_in(Transaction& transaction, const Share& share, std::string_view image_id) {
  const auto position = transaction.albums().position(share.thing.album_id, image_id);
  if (!position) return std::unexpected(position.error());
  auto image = transaction.images().find(share.user_id, image_id);
  if (!image) return std::unexpected(image.error());
  if (!*position || !*image) return fail(ErrorCode::kNotFound, "This picture is not here any more");
  return with_variants(transaction, std::move(**image), **position);
}

Result<void> load_album(Transaction& transaction, SharePage& page) {
  if (page.share.thing.album_id.empty()) return {};
  auto album = own_album(transaction, page.share.user_id, page.share.thing.album_id);
  if (!album) return std::unexpected(album.error());
  page.album = std::move(*album);
  return {};
}

Result<std::string> nearest(const Result<std::vector<AlbumPlace>>& places) {
  if (!places) return std::unexpected(places.error());
  return places->empty() ? std::string() : places->front().image_id;
}

Result<void> take(RateLimiter& limiter, std::string_view bucket, const std::string& subject, const RateLimit& limit,
                  UnixMs now_ms) {
  const RateDecision decision = limiter.take(bucket, subject, limit, now_ms);
  if (decision.allowed) return {};
  auto refused = fail(ErrorCode::kRateLimited, "Too many attempts", "Please wait before trying again");
  refused.error().retry_after_seconds = decision.retry_after_seconds;
  return refused;
}

}  // namespace

const Variant* variant_for(const std::vector<Variant>& variants, std::string_view name, bool takes_webp) {
  const Variant* best = nullptr;
  for (const Variant& variant : variants) {
    if (variant.state != VariantState::kReady || variant.name != name) continue;
    if (best == nullptr || (variant.format == ImageFormat::kWebp) == takes_webp) best = &variant;
  }
  return best;
}

Result<SharePage> Shares::open(Transaction& transaction, std::string_view token) const {
  auto share = transaction.shares().find_by_token_hash(hex_encode(sha256(token)));
  if (!share) return std::unexpected(share.error());
  if (!*share || (*share)->revoked_at_ms) return no_such_link();
  const auto owner = transaction.accounts().user_by_id((*share)->user_id);
  if (!owner) return std::unexpected(owner.error());
  if (!*owner || (*owner)->banned_at_ms) return no_such_link();
  if (has_expired(**share, clock_.now_ms())) {
    return fail(ErrorCode::kGone, "This link has expired", "Ask whoever sent it for a new one");
  }
  return SharePage{std::move(**share), (*owner)->name, std::nullopt};
}

Result<SharePage> Shares::open(Transaction& transaction, std::string_view token, HasEntered has_entered) const {
  auto page = open(transaction, token);
  if (!page || page->share.password_hash.empty() || has_entered(page->share)) return page;
  return fail(ErrorCode::kUnauthorized, "This link asks for a password", "Please enter it");
}

Result<ShareContents> Shares::look(std::string_view token, HasEntered has_entered, const Page& page) {
  ShareContents contents;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    contents = {};
    auto opened = open(transaction, token, has_entered);
    if (!opened) return std::unexpected(opened.error());
    contents.page = std::move(*opened);
    if (auto loaded = load_album(transaction, contents.page); !loaded) return loaded;
    const Share& share = contents.page.share;
    if (!contents.page.album) {
      auto image = the_image(transaction, share);
      if (!image) return std::unexpected(image.error());
      contents.images.push_back(std::move(*image));
      return {};
    }
    const auto meant = album_page(transaction, share.thing.album_id, page);
    if (!meant) return std::unexpected(meant.error());
    auto images = transaction.albums().images(share.user_id, share.thing.album_id, *meant);
    if (!images) return std::unexpected(images.error());
    for (AlbumImage& place : *images) {
      auto image = with_variants(transaction, std::move(place.image), place.position);
      if (!image) return std::unexpected(image.error());
      contents.images.push_back(std::move(*image));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return contents;
}

Result<SharedPicture> Shares::look_at(std::string_view token, std::string_view image_id, HasEntered has_entered) {
  SharedPicture picture;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto opened = open(transaction, token, has_entered);
    if (!opened) return std::unexpected(opened.error());
    picture.page = std::move(*opened);
    if (auto loaded = load_album(transaction, picture.page); !loaded) return loaded;
    if (!picture.page.album) return no_such_link();
    const std::string& album_id = picture.page.album->id;
    auto image = image_in(transaction, picture.page.share, image_id);
    if (!image) return std::unexpected(image.error());
    picture.image = std::move(*image);
    const AlbumPlace place{picture.image.image.id, picture.image.position};
    auto before = nearest(transaction.albums().places_before(album_id, place, 1));
    if (!before) return std::unexpected(before.error());
    auto behind = nearest(transaction.albums().places_behind(album_id, place, 1));
    if (!behind) return std::unexpected(behind.error());
    picture.image_id_before = std::move(*before);
    picture.image_id_behind = std::move(*behind);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return picture;
}

Result<Shares::Picture> Shares::picture(std::string_view token, std::string_view image_id, HasEntered has_entered) {
  Picture picture;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto opened = open(transaction, token, has_entered);
    if (!opened) return std::unexpected(opened.error());
    // An album's picture is asked for by its id, the one of an image's share without.
    if (opened->share.thing.album_id.empty() != image_id.empty()) return no_such_link();
    picture.share = std::move(opened->share);
    auto image =
        image_id.empty() ? the_image(transaction, picture.share) : image_in(transaction, picture.share, image_id);
    if (!image) return std::unexpected(image.error());
    picture.image = std::move(*image);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return picture;
}

Result<Share> Shares::enter(std::string_view token, std::string_view password, std::string_view remote_address) {
  Share share;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto opened = open(transaction, token);
    if (!opened) return std::unexpected(opened.error());
    share = std::move(opened->share);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (share.password_hash.empty()) return share;
  const UnixMs now_ms = clock_.now_ms();
  // The address first: one that is refused takes nothing from the tries of all others.
  auto allowed = take(limiter_, "share_password_address", share.id + " " + network_of(remote_address),
                      rules_.password_tries_per_address, now_ms);
  if (allowed) allowed = take(limiter_, "share_password", share.id, rules_.password_tries, now_ms);
  if (!allowed) return std::unexpected(allowed.error());
  if (password.size() > kSharePasswordBytesMax || !hasher_.verify(password, share.password_hash)) {
    return fail(ErrorCode::kUnauthorized, "That is not the password", "Please try again");
  }
  return share;
}

}  // namespace tintype::app
