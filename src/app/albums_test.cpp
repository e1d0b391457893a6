#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;
using test::TestClock;
using Ids = std::vector<std::string>;

struct Gallery {
  explicit Gallery(const std::filesystem::path& parent = test::memory_directory()) : folder(parent) {}

  std::string new_album(const std::string& name = "Album", Visibility visibility = Visibility::kPrivate) {
    return std::get<Album>(house.albums.create(ann, {name, "", visibility}, {}).value()).id;
  }
  std::string new_image() { return house.new_image(ann); }
  Ids new_images(int count) {
    Ids ids;
    for (int at = 0; at < count; ++at) ids.push_back(new_image());
    return ids;
  }
  std::vector<MoveItem> add(const Ids& ids) {
    return std::get<std::vector<MoveItem>>(house.albums.add(ann, album, ids, {}).value());
  }
  Ids order(int limit = 100) {
    Ids ids;
    Page page{std::nullopt, limit};
    for (;;) {
      const auto images = house.albums.images(ann.user_id, album, page).value();
      for (const AlbumImage& image : images) ids.push_back(image.image.id);
      if (static_cast<int>(images.size()) < limit) return ids;
      page.after = PageCursor{images.back().position, images.back().image.id};
    }
  }
  Result<std::vector<MoveItem>> reorder(const Ids& ids, Beside::Side side, const std::string& beside) {
    return house.albums.reorder(ann.user_id, album, ids, {side, beside});
  }

  Folder folder;
  TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  Principal bob = house.new_user("bob");
  std::string album = new_album();
};

TEST(Albums, ForeignAndMissingImagesFailOneByOne) {
  Gallery gallery;
  const std::string mine = gallery.new_image(), theirs = gallery.house.new_image(gallery.bob);
  const auto items = gallery.add({mine, theirs, "img_none", mine});
  const std::vector<MoveOutcome> outcomes{items[0].outcome, items[1].outcome, items[2].outcome, items[3].outcome};
  EXPECT_EQ(outcomes, (std::vector{MoveOutcome::kMoved, MoveOutcome::kNotFound, MoveOutcome::kNotFound,
                                   MoveOutcome::kAlreadyInAlbum}));
  EXPECT_EQ(gallery.order(), Ids{mine});
  EXPECT_FALSE(gallery.house.albums.add(gallery.bob, gallery.album, {theirs}, {}));
  EXPECT_FALSE(gallery.house.albums.take_out(gallery.bob.user_id, gallery.album, mine));
  EXPECT_TRUE(gallery.house.albums.take_out(gallery.ann.user_id, gallery.album, mine));
  EXPECT_EQ(gallery.house.albums.take_out(gallery.ann.user_id, gallery.album, mine).error().code, ErrorCode::kNotFound);
}

TEST(Albums, OnlyItsOwnImagesAreItsCover) {
  Gallery gallery;
  const Ids ids = gallery.new_images(3);
  gallery.add({ids[0], ids[1]});
  const auto cover = [&](const std::string& id) {
    return gallery.house.albums.update(gallery.ann.user_id, gallery.album, {.cover_image_id = id});
  };
  EXPECT_EQ(cover(ids[1])->cover_image_id, ids[1]);
  EXPECT_EQ(cover(ids[2]).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(cover("")->cover_image_id, ids[0]);
}

TEST(Albums, OthersSeeWhatIsPublic) {
  Gallery gallery;
  const Ids ids = gallery.new_images(2);
  gallery.add(ids);
  Albums& albums = gallery.house.albums;
  EXPECT_EQ(albums.look_at(gallery.bob.user_id, gallery.album).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(albums.look_at("", gallery.album).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(albums.images("", gallery.album, {}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(albums.update(gallery.ann.user_id, gallery.album, {.visibility = Visibility::kPublic}));
  EXPECT_EQ(albums.look_at("", gallery.album)->image_count, 0);
  EXPECT_EQ(albums.look_at(gallery.ann.user_id, gallery.album)->image_count, 2);
  EXPECT_TRUE(albums.images(gallery.bob.user_id, gallery.album, {})->empty());
  EXPECT_EQ(albums.images(gallery.ann.user_id, gallery.album, {})->size(), 2U);
}

TEST(Albums, MovesNameTheirPlace) {
  Gallery gallery;
  const Ids ids = gallery.new_images(4);
  gallery.add(ids);
  using enum Beside::Side;
  ASSERT_TRUE(gallery.reorder({ids[3], ids[2]}, kBefore, ids[0]));
  EXPECT_EQ(gallery.order(), (Ids{ids[3], ids[2], ids[0], ids[1]}));
  ASSERT_TRUE(gallery.reorder({ids[3]}, kBehind, ids[1]));
  EXPECT_EQ(gallery.order(), (Ids{ids[2], ids[0], ids[1], ids[3]}));
  EXPECT_EQ(gallery.reorder({ids[0]}, kBehind, ids[0]).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(gallery.reorder({ids[0], ids[0]}, kBehind, ids[1]).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(gallery.reorder({ids[0]}, kBehind, "img_none").error().code, ErrorCode::kNotFound);
  const auto items = gallery.reorder({gallery.new_image(), ids[0]}, kBehind, ids[3]).value();
  EXPECT_EQ(items[0].outcome, MoveOutcome::kNotFound);
  EXPECT_EQ(items[1].outcome, MoveOutcome::kMoved);
  EXPECT_EQ(gallery.house.albums.reorder(gallery.bob.user_id, gallery.album, {ids[0]}, {kBehind, ids[1]}).error().code,
            ErrorCode::kForbidden);
}

// The album against a plain list, through many moves to one spot, which use up the room there again and again.
RC_GTEST_PROP(Albums, AnyMovesLeaveTheOrderOfAPlainList, ()) {
  Gallery gallery;
  Ids expected = gallery.new_images(8);
  gallery.add(expected);
  const int moves = *rc::gen::inRange(1, 80);
  for (int at = 0; at < moves; ++at) {
    // Mostly into the same gap, and in all ways.
    Ids moving;
    for (const std::string& id : expected) {
      if (moving.size() < 3 && *rc::gen::inRange(0, 4) == 0) moving.push_back(id);
    }
    const std::string beside = expected[static_cast<std::size_t>(*rc::gen::element(0, 3, 3, 3, 7))];
    std::erase(moving, beside);
    if (moving.empty()) continue;
    const auto side = *rc::gen::element(Beside::Side::kBefore, Beside::Side::kBehind);
    RC_ASSERT(gallery.reorder(moving, side, beside).has_value());
    std::erase_if(expected, [&](const std::string& id) { return std::ranges::count(moving, id) > 0; });
    const auto anchor = std::ranges::find(expected, beside) + (side == Beside::Side::kBehind ? 1 : 0);
    expected.insert(anchor, moving.begin(), moving.end());
  }
  RC_ASSERT(gallery.order(3) == expected);
}

TEST(Albums, ACursorSurvivesInsertsRemovalsMovesAndANewLayout) {
  Gallery gallery;
  const Ids ids = gallery.new_images(6);
  gallery.add(ids);
  const auto first = gallery.house.albums.images(gallery.ann.user_id, gallery.album, {std::nullopt, 2}).value();
  const Page next{PageCursor{first[1].position, first[1].image.id}, 100};
  const auto rest = [&] {
    Ids found;
    const auto images = gallery.house.albums.images(gallery.ann.user_id, gallery.album, next).value();
    for (const AlbumImage& image : images) found.push_back(image.image.id);
    return found;
  };
  using enum Beside::Side;
  const std::string added = gallery.new_image();
  gallery.add({added});
  ASSERT_TRUE(gallery.reorder({ids[5]}, kBefore, ids[0])) << "what moved to before the cursor is not seen again";
  EXPECT_EQ(rest(), (Ids{ids[2], ids[3], ids[4], added}));
  ASSERT_TRUE(gallery.reorder({ids[1]}, kBehind, added)) << "the cursor's own image: its old place counts";
  EXPECT_EQ(rest(), (Ids{ids[2], ids[3], ids[4], added, ids[1]}));
  ASSERT_TRUE(gallery.reorder({ids[1]}, kBehind, ids[0]));
  for (int at = 0; at < 40; ++at) ASSERT_TRUE(gallery.reorder({at % 2 == 0 ? ids[5] : ids[4]}, kBehind, ids[3]));
  const auto position = gallery.house.albums.images(gallery.ann.user_id, gallery.album, {}).value().back().position;
  EXPECT_GT(epoch_of(position), epoch_of(first[1].position)) << "the room was used up, and all was laid out anew";
  Ids left = rest();
  EXPECT_EQ(left.front(), ids[2]);
  EXPECT_EQ(left.size(), 5U);
  ASSERT_TRUE(gallery.house.albums.take_out(gallery.ann.user_id, gallery.album, ids[1]));
  EXPECT_EQ(gallery.house.albums.images(gallery.ann.user_id, gallery.album, next).error().code, ErrorCode::kGone);
}

}  // namespace
}  // namespace tintype::app
