// Who gets which picture by which URL, and what a look leaves behind.
#include "app/deliveries.h"

#include "app/publish.h"
#include "support/house.h"

namespace tintype::app {
namespace {

class DeliveriesTest : public testing::Test {
 protected:
  DeliveriesTest() : ann(house.new_user("ann")), bob(house.new_user("bob")), id(house.new_image(ann)) {}

  void change(const std::function<void(Image&)>& how) {
    const auto written = house.database->write([&](Transaction& transaction) -> Result<void> {
      auto image = transaction.images().find_any(ann.user_id, id);
      how(**image);
      return transaction.images().update(**image);
    });
    EXPECT_TRUE(written);
  }
  void make_public() {
    change([](Image& image) { image.visibility = Visibility::kPublic; });
  }
  Result<DeliveredPicture> see(const std::optional<Principal>& who, const PictureWish& wish = {.variant = "large"}) {
    return house.deliveries.picture(who, id, wish);
  }
  ErrorCode refused(const std::optional<Principal>& who) {
    const auto picture = see(who);
    return picture ? ErrorCode::kInternal : picture.error().code;
  }
  // What the worker does with the jobs of an upload.
  void make_variants(const std::vector<VariantKey>& keys) {
    const auto written = house.database->write([&](Transaction& transaction) -> Result<void> {
      for (const VariantKey& key : keys) {
        Variant variant{
            id, key.name, key.format, VariantState::kReady,
            8,  6,        4,          "variants/" + id + "/" + key.name + "." + image_format_extension(key.format),
            1,  1};
        if (auto put = transaction.variants().put(variant); !put) return put;
      }
      return {};
    });
    EXPECT_TRUE(written);
  }

  test::Folder folder;
  test::TestClock clock;
  test::House house{folder.path(), clock};
  Principal ann, bob;
  std::string id;
};

TEST_F(DeliveriesTest, APrivateImageIsTheOwnersAlone) {
  EXPECT_TRUE(see(ann));
  EXPECT_EQ(refused(bob), ErrorCode::kNotFound);
  EXPECT_EQ(refused(std::nullopt), ErrorCode::kNotFound);
  EXPECT_EQ(see(bob).error().message, house.deliveries.picture(bob, "img_missing", {}).error().message);
}

TEST_F(DeliveriesTest, APublicOneIsEverybodys) {
  make_public();
  EXPECT_FALSE(see(ann)->is_view_by_others);
  EXPECT_TRUE(see(bob)->is_view_by_others);
  EXPECT_TRUE(see(std::nullopt)->is_view_by_others);
}

TEST_F(DeliveriesTest, WhatIsDeletedOrHasNotArrivedIsShownToNobody) {
  make_public();
  change([](Image& image) { image.deleted_at_ms = 1; });
  EXPECT_EQ(refused(bob), ErrorCode::kNotFound);
  EXPECT_EQ(see(ann).error().message, "This image was deleted");
  change([](Image& image) {
    image.deleted_at_ms.reset();
    image.state = ImageState::kUploadPending;
  });
  EXPECT_EQ(refused(bob), ErrorCode::kNotFound);
  EXPECT_EQ(refused(ann), ErrorCode::kConflict);
}

TEST_F(DeliveriesTest, AReadyVariantIsTheStoresOwnUrl) {
  make_variants({{"large", ImageFormat::kWebp}, {"large", ImageFormat::kJpeg}});
  const auto jpeg = see(ann);
  EXPECT_TRUE(jpeg->url.starts_with("http://test/objects/variants/" + id + "/large.jpg?")) << jpeg->url;
  EXPECT_EQ(jpeg->format, ImageFormat::kJpeg);
  EXPECT_EQ(jpeg->extent, (Extent{8, 6}));
  EXPECT_EQ(see(ann, {.variant = "large", .read = {.webp = true}})->format, ImageFormat::kWebp);
  const auto asked = see(ann, {.variant = "large", .format = ImageFormat::kWebp});
  EXPECT_TRUE(asked->url.starts_with("http://test/objects/variants/" + id + "/large.webp?"));
}

TEST_F(DeliveriesTest, OneThatIsNotReadyIsARenditionOfItsSize) {
  const auto picture = see(ann, {.variant = "thumb"});
  ASSERT_TRUE(picture);
  EXPECT_TRUE(picture->url.starts_with("http://test/renditions/" + id + "/200x200-contain-q80.jpeg?"));
  EXPECT_EQ(picture->variant, "thumb");
  EXPECT_EQ(picture->extent, (Extent{8, 6}));
}

TEST_F(DeliveriesTest, TheOriginalIsTheOwnersAndOthersGetItsPublishedCopy) {
  make_public();
  const PictureWish original{.variant = kOriginal};
  EXPECT_TRUE(see(ann, original)->url.starts_with("http://test/objects/images/" + id + "/original-"));
  EXPECT_TRUE(see(bob, original)->url.starts_with("http://test/renditions/" + id + "/published.png?"));
  make_variants({{kPublished, ImageFormat::kPng}});
  for (const auto& who : {std::optional(bob), std::optional<Principal>()}) {
    EXPECT_TRUE(see(who, original)->url.starts_with("http://test/objects/variants/" + id + "/published.png?"));
    EXPECT_EQ(see(who, original)->variant, kOriginal);
  }
  EXPECT_EQ(see(bob, {.variant = kOriginal, .format = ImageFormat::kJpeg}).error().code, ErrorCode::kInvalidInput);
}

TEST_F(DeliveriesTest, ADownloadHasTheFilesName) {
  Image image;
  image.name = "Kätzchen.v2.heic";
  image.format = ImageFormat::kHeic;
  EXPECT_EQ(download_name(image, true, kOriginal, ImageFormat::kHeic), "Kätzchen.v2.heic");
  EXPECT_EQ(download_name(image, true, kOriginal, ImageFormat::kJpeg), "Kätzchen.v2.jpg");
  EXPECT_EQ(download_name(image, true, "thumb", ImageFormat::kWebp), "Kätzchen.v2-thumb.webp");
  image.name = ".heic";
  EXPECT_EQ(download_name(image, true, kOriginal, ImageFormat::kJpeg), ".heic.jpg");
  EXPECT_EQ(download_name(image, false, "thumb", ImageFormat::kWebp), "-thumb.webp") << "it has no id here";
  image.id = "img_1";
  EXPECT_EQ(download_name(image, false, kPublished, ImageFormat::kJpeg), "img_1.jpg");
  image.title = "Cat / on a mat";
  EXPECT_EQ(download_name(image, false, kPublished, ImageFormat::kJpeg), "Cat - on a mat.jpg");
  const auto picture = see(ann, {.variant = kOriginal, .is_download = true});
  EXPECT_NE(picture->url.find("photo.png"), std::string::npos) << picture->url;
}

TEST_F(DeliveriesTest, ARenditionsUrlSaysWhatItGives) {
  PictureWish wish;
  wish.rendition.width_px = 4;
  wish.rendition.dpr_percent = 150;
  const auto picture = see(ann, wish);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->extent, (Extent{6, 5}));
  EXPECT_FALSE(picture->format);
  const std::string target = picture->url.substr(std::string("http://test").size());
  const auto grant = house.deliveries.rendition_of(target);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->image_id, id);
  EXPECT_EQ(grant->spec.name, picture->variant);
  const auto image = house.deliveries.image_of(*grant);
  ASSERT_TRUE(image);
  EXPECT_EQ(house.deliveries.format_of(*grant, *image, {.webp = true, .avif = true}), ImageFormat::kAvif);
  EXPECT_EQ(house.deliveries.format_of(*grant, *image, {.webp = true}), ImageFormat::kWebp);
  EXPECT_EQ(house.deliveries.format_of(*grant, *image, {}), ImageFormat::kJpeg);
  clock.advance(361'000);
  EXPECT_EQ(house.deliveries.rendition_of(target).error().code, ErrorCode::kForbidden);
}

TEST_F(DeliveriesTest, AnUnknownVariantIsRefused) {
  for (const char* name : {"huge", "published", "640x480-contain-q80", "../thumb"}) {
    EXPECT_EQ(see(ann, {.variant = name}).error().code, ErrorCode::kInvalidInput) << name;
  }
}

TEST_F(DeliveriesTest, PublishingOrdersOneCopy) {
  const auto publish_once = [&] {
    std::optional<std::string> job;
    EXPECT_TRUE(house.database->write([&](Transaction& transaction) -> Result<void> {
      const auto image = transaction.images().find(ann.user_id, id);
      const auto ordered = publish(transaction, **image, house.random, clock.now_ms());
      if (!ordered) return std::unexpected(ordered.error());
      job = *ordered;
      return {};
    }));
    return job;
  };
  EXPECT_TRUE(publish_once());
  EXPECT_FALSE(publish_once()) << "it is being made";
}

TEST_F(DeliveriesTest, ViewsAreWrittenTogether) {
  const auto views = [&] { return house.images.get(ann.user_id, id)->image.view_count; };
  for (int at = 0; at < 5; ++at) house.views.add(id);
  house.views.add("img_missing");
  EXPECT_EQ(views(), 0) << "counting writes nothing";
  EXPECT_TRUE(house.views.flush());
  EXPECT_EQ(views(), 5);
  EXPECT_TRUE(house.views.flush());
  EXPECT_EQ(views(), 5);
}

TEST_F(DeliveriesTest, ViewsOfMoreImagesThanAreHeldAreNotCounted) {
  ViewCounts few(*house.database, 1);
  few.add(id);
  few.add("img_other");
  few.add(id);
  EXPECT_TRUE(few.flush());
  EXPECT_EQ(house.images.get(ann.user_id, id)->image.view_count, 2);
}

}  // namespace
}  // namespace tintype::app
