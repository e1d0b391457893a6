#include "api/hosting/share_html.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype::api::hosting {
namespace {

const ShareAddress kAddress{"/s/t_x", "http://house.test/s/t_x"};

app::SharedImage picture(const std::string& id, int width_px, int height_px, bool ready = true) {
  app::SharedImage shared;
  shared.image.id = id;
  shared.image.title = "<b>Title</b>";
  shared.image.width_px = width_px;
  shared.image.height_px = height_px;
  const VariantState state = ready ? VariantState::kReady : VariantState::kProcessing;
  shared.variants.push_back({id, "thumb", ImageFormat::kWebp, state, 200, 150});
  shared.variants.push_back({id, "large", ImageFormat::kWebp, state, 2'048, 1'536});
  return shared;
}

app::ShareContents album(std::vector<app::SharedImage> images) {
  app::ShareContents contents;
  contents.page.owner_name = "Ann & Bob";
  contents.page.album = Album{.name = "Sea \"and\" sand", .image_count = static_cast<std::int64_t>(images.size())};
  contents.images = std::move(images);
  return contents;
}

// Of a picture of one colour, as the algorithm's own encoder makes its header.
std::string thumb_hash(double red, double green, double blue) {
  const auto nearest = [](double value) { return static_cast<unsigned>(value + 0.5); };
  const unsigned header = nearest(63 * (red + green + blue) / 3) |
                          nearest(31.5 + 31.5 * ((red + green) / 2 - blue)) << 6 |
                          nearest(31.5 + 31.5 * (red - green)) << 12;
  const std::string bytes{static_cast<char>(header), static_cast<char>(header >> 8), static_cast<char>(header >> 16), 0,
                          0};
  return base64_encode(bytes);
}

TEST(ShareHtml, TheColourOfAThumbHashIsItsAverage) {
  const auto level = [](const std::string& colour, std::size_t at) {
    return static_cast<unsigned char>((*hex_decode(colour.substr(1)))[at]);
  };
  const std::string colour = average_colour(thumb_hash(200 / 255.0, 100 / 255.0, 50 / 255.0)).value();
  EXPECT_NEAR(level(colour, 0), 200, 6);
  EXPECT_NEAR(level(colour, 1), 100, 6);
  EXPECT_NEAR(level(colour, 2), 50, 6);
  EXPECT_EQ(average_colour(thumb_hash(1, 1, 1))->substr(0, 2), "#f");
  EXPECT_FALSE(average_colour(""));
  EXPECT_FALSE(average_colour("no base64"));
  EXPECT_FALSE(average_colour(base64_encode("abc")));
}

TEST(ShareHtml, TextsOfUsersAreEscaped) {
  const std::string text = album_page(kAddress, album({picture("img_1", 4, 3)}), std::nullopt).text;
  EXPECT_NE(text.find("Sea &quot;and&quot; sand"), std::string::npos);
  EXPECT_NE(text.find("Ann &amp; Bob"), std::string::npos);
  EXPECT_NE(text.find("&lt;b&gt;Title"), std::string::npos);
  EXPECT_EQ(text.find("<b>"), std::string::npos);
}

TEST(ShareHtml, ThePolicysHashIsThatOfTheStyleElement) {
  const HtmlPage page = album_page(kAddress, album({picture("img_1", 4, 3), picture("img_2", 3, 4)}), "next");
  const std::size_t begin = page.text.find("<style>") + 7;
  const std::string style = page.text.substr(begin, page.text.find("</style>") - begin);
  EXPECT_EQ(base64_encode(sha256(style)), page.style_hash);
  EXPECT_NE(style.find(".p1{--r:0.75"), std::string::npos);
  EXPECT_NE(page.text.find("/s/t_x?cursor=next"), std::string::npos);
}

TEST(ShareHtml, APictureThatIsNotReadyHasItsBox) {
  const std::string text = album_page(kAddress, album({picture("img_1", 4, 3, false)}), std::nullopt).text;
  EXPECT_EQ(text.find("<img"), std::string::npos);
  EXPECT_NE(text.find("being prepared"), std::string::npos);
  EXPECT_EQ(text.find("og:image\""), std::string::npos);
}

TEST(ShareHtml, PanoramasAndTowersKeepWithinTheGrid) {
  const std::string text =
      album_page(kAddress, album({picture("img_1", 10'000, 100), picture("img_2", 100, 10'000)}), std::nullopt).text;
  EXPECT_NE(text.find(".p0{--r:2.4"), std::string::npos);
  EXPECT_NE(text.find(".p1{--r:0.6"), std::string::npos);
}

TEST(ShareHtml, OnlyADownloaderIsOfferedTheDownload) {
  app::ShareContents contents;
  contents.images.push_back(picture("img_1", 4, 3));
  EXPECT_EQ(image_page(kAddress, contents).text.find("/download"), std::string::npos);
  contents.page.share.role = ShareRole::kDownloader;
  EXPECT_NE(image_page(kAddress, contents).text.find("href=\"/s/t_x/download\""), std::string::npos);
}

TEST(ShareHtml, APageBeforeThePasswordSaysNothingOfWhatIsBehind) {
  const std::string text = password_page(kAddress, "That is <not> it").text;
  EXPECT_EQ(text.find("og:"), std::string::npos);
  EXPECT_NE(text.find("That is &lt;not&gt; it"), std::string::npos);
  EXPECT_NE(text.find("action=\"/s/t_x\""), std::string::npos);
}

}  // namespace
}  // namespace tintype::api::hosting
