#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;
using test::TestClock;

constexpr const char* kAddress = "192.0.2.1";

class SharesTest : public testing::Test {
 protected:
  CreatedShare create(NewShare request) {
    auto outcome = house.shares.create(ann, request, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::get<CreatedShare>(*outcome);
  }
  CreatedShare share_image(ShareRole role = ShareRole::kViewer) { return create({{image, {}}, role}); }
  CreatedShare share_album() { return create({{{}, album}}); }
  Result<ShareContents> look(const std::string& token, bool entered = false, const Page& page = {}) {
    return house.shares.look(token, [&](const Share&) { return entered; }, page);
  }
  ErrorCode refusal(const std::string& token) { return look(token).error().code; }

  Folder folder;
  TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  Principal bob = house.new_user("bob");
  std::string image = house.new_image(ann);
  std::string album = std::get<Album>(house.albums.create(ann, {"Album", "", Visibility::kPrivate}, {}).value()).id;
};

TEST_F(SharesTest, AVisitorSeesWhatIsShared) {
  const CreatedShare created = share_image();
  EXPECT_TRUE(created.token.starts_with("t_"));
  EXPECT_EQ(created.share.token_hash.find(created.token), std::string::npos);
  const auto contents = look(created.token).value();
  EXPECT_EQ(contents.images.at(0).image.id, image);
  EXPECT_EQ(contents.page.owner_name, "ann");
  EXPECT_FALSE(contents.page.album);
  ASSERT_TRUE(house.albums.add(ann, album, {image}, {}));
  const auto shown = look(share_album().token).value();
  EXPECT_EQ(shown.page.album->name, "Album");
  EXPECT_EQ(shown.images.at(0).image.id, image) << "a private image of a shared album is shared with it";
}

TEST_F(SharesTest, NobodySharesWhatIsNotHis) {
  for (const SharedThing& thing :
       {SharedThing{image, {}}, SharedThing{{}, album}, SharedThing{"img_none", {}}, SharedThing{{}, "album_none"}}) {
    EXPECT_EQ(house.shares.create(bob, {thing}, {}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(house.shares.of_thing(bob.user_id, thing, {}).error().code, ErrorCode::kNotFound);
  }
  const CreatedShare created = share_image();
  EXPECT_EQ(house.shares.revoke(bob.user_id, {image, {}}, created.share.id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.shares.list(bob.user_id, {}).value().empty());
  EXPECT_TRUE(look(created.token));
}

TEST_F(SharesTest, RevokingHoldsAtOnce) {
  const CreatedShare first = share_image(), second = share_image();
  ASSERT_TRUE(house.shares.revoke(ann.user_id, {image, {}}, first.share.id));
  EXPECT_EQ(refusal(first.token), ErrorCode::kNotFound);
  EXPECT_TRUE(look(second.token));
  EXPECT_EQ(house.shares.revoke(ann.user_id, {image, {}}, first.share.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(house.shares.list(ann.user_id, {}).value().size(), 1U);
}

TEST_F(SharesTest, ExpiryIsToldApart) {
  const CreatedShare created = create({{image, {}}, ShareRole::kViewer, 60'000});
  clock.advance(59'999);
  EXPECT_TRUE(look(created.token));
  clock.advance(1);
  EXPECT_EQ(refusal(created.token), ErrorCode::kGone);
  EXPECT_EQ(refusal("t_none"), ErrorCode::kNotFound);
  clock.advance(31LL * 24 * 60 * 60 * 1000);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(refusal(created.token), ErrorCode::kNotFound) << "nobody remembers it any more";
}

TEST_F(SharesTest, WhatIsGoneTakesItsSharesAlong) {
  const CreatedShare of_image = share_image(), of_album = share_album();
  ASSERT_TRUE(house.library.remove(ann, image, false));
  EXPECT_EQ(refusal(of_image.token), ErrorCode::kNotFound);
  ASSERT_TRUE(house.albums.remove(ann.user_id, album));
  EXPECT_EQ(refusal(of_album.token), ErrorCode::kNotFound);
}

TEST_F(SharesTest, ABannedUserSharesNothing) {
  const CreatedShare created = share_image();
  ASSERT_TRUE(house.accounts.set_banned(ann.user_id, true, "", {"root"}));
  EXPECT_EQ(refusal(created.token), ErrorCode::kNotFound);
  ASSERT_TRUE(house.accounts.set_banned(ann.user_id, false, "", {"root"}));
  EXPECT_TRUE(look(created.token));
}

TEST_F(SharesTest, PicturesOfAnAlbumAreThoseThatAreInIt) {
  const std::string other = house.new_image(ann);
  ASSERT_TRUE(house.albums.add(ann, album, {image}, {}));
  const CreatedShare of_album = share_album(), of_image = share_image();
  const auto nobody = [](const Share&) { return false; };
  EXPECT_TRUE(house.shares.picture(of_album.token, image, nobody));
  EXPECT_FALSE(house.shares.picture(of_album.token, other, nobody));
  EXPECT_FALSE(house.shares.picture(of_album.token, "", nobody));
  EXPECT_TRUE(house.shares.picture(of_image.token, "", nobody));
  EXPECT_FALSE(house.shares.picture(of_image.token, image, nobody));
  EXPECT_FALSE(house.shares.look_at(of_image.token, image, nobody));
  ASSERT_TRUE(house.albums.take_out(ann.user_id, album, image));
  EXPECT_FALSE(house.shares.picture(of_album.token, image, nobody)) << "from the next request on";
}

TEST_F(SharesTest, APictureKnowsItsNeighbours) {
  const std::string second = house.new_image(ann), third = house.new_image(ann);
  ASSERT_TRUE(house.albums.add(ann, album, {image, second, third}, {}));
  const CreatedShare created = share_album();
  const auto nobody = [](const Share&) { return false; };
  const auto middle = house.shares.look_at(created.token, second, nobody).value();
  EXPECT_EQ(middle.image_id_before, image);
  EXPECT_EQ(middle.image_id_behind, third);
  const auto last = house.shares.look_at(created.token, third, nobody).value();
  EXPECT_EQ(last.image_id_behind, "");
}

TEST_F(SharesTest, APasswordIsAskedForAndItsTriesAreBounded) {
  const CreatedShare created = create({{image, {}}, ShareRole::kViewer, std::nullopt, "sesame"});
  EXPECT_EQ(refusal(created.token), ErrorCode::kUnauthorized);
  EXPECT_TRUE(look(created.token, true));
  EXPECT_TRUE(house.shares.enter(created.token, "sesame", kAddress));
  for (int at = 0; at < 9; ++at) {
    EXPECT_EQ(house.shares.enter(created.token, "wrong", kAddress).error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_EQ(house.shares.enter(created.token, "sesame", kAddress).error().code, ErrorCode::kRateLimited);
  EXPECT_TRUE(house.shares.enter(created.token, "sesame", "198.51.100.7")) << "others are not kept out";
  clock.advance(15 * 60 * 1000);
  EXPECT_TRUE(house.shares.enter(created.token, "sesame", kAddress));
  EXPECT_TRUE(house.shares.enter(share_image().token, "anything", kAddress)) << "one without a password";
}

TEST_F(SharesTest, ManyAddressesGuessNoFaster) {
  const CreatedShare created = create({{image, {}}, ShareRole::kViewer, std::nullopt, "sesame"});
  int wrong = 0;
  for (int at = 0; at < 250; ++at) {
    const auto entered = house.shares.enter(created.token, "wrong", "10.0.0." + std::to_string(at));
    if (entered.error().code == ErrorCode::kUnauthorized) ++wrong;
  }
  EXPECT_EQ(wrong, ShareRules().password_tries.requests);
}

TEST_F(SharesTest, OneThingHasSoManyLinksAndNoMore) {
  for (int at = 0; at < ShareRules().of_one_thing_max; ++at) share_image();
  EXPECT_EQ(house.shares.create(ann, {{image, {}}}, {}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(house.shares.create(ann, {{{}, album}}, {}));
}

TEST_F(SharesTest, ViewsAreWrittenTogether) {
  const CreatedShare created = share_image();
  for (int at = 0; at < 3; ++at) house.views.add_share(created.share.id);
  house.views.add(image);
  house.views.add("img_none");
  EXPECT_EQ(house.shares.list(ann.user_id, {}).value().at(0).view_count, 0);
  ASSERT_TRUE(house.views.flush());
  EXPECT_EQ(house.shares.list(ann.user_id, {}).value().at(0).view_count, 3);
  EXPECT_EQ(house.images.get(ann.user_id, image)->image.view_count, 1);
  ASSERT_TRUE(house.views.flush());
  EXPECT_EQ(house.shares.list(ann.user_id, {}).value().at(0).view_count, 3);
}

TEST(Variants, TheOneThatSuitsBestIsTaken) {
  const std::vector<Variant> variants{
      {"i", "thumb", ImageFormat::kWebp, VariantState::kReady},
      {"i", "thumb", ImageFormat::kJpeg, VariantState::kReady},
      {"i", "large", ImageFormat::kWebp, VariantState::kReady},
      {"i", "medium", ImageFormat::kWebp, VariantState::kProcessing},
  };
  EXPECT_EQ(variant_for(variants, "thumb", true)->format, ImageFormat::kWebp);
  EXPECT_EQ(variant_for(variants, "thumb", false)->format, ImageFormat::kJpeg);
  EXPECT_EQ(variant_for(variants, "large", false)->format, ImageFormat::kWebp);
  EXPECT_EQ(variant_for(variants, "medium", true), nullptr);
}

}  // namespace
}  // namespace tintype::app
