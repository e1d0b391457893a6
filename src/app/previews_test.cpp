// Previews: few at once, soon or not at all, and nothing is left of them.
#include "app/previews.h"

#include <future>
#include <latch>

#include "support/house.h"

namespace tintype::app {
namespace {

class PreviewsTest : public testing::Test {
 protected:
  PreviewsTest() : ann(house.new_user("ann")), image_id(house.new_image(ann)) {}

  std::unique_ptr<Previews> previews(PreviewRules rules = {}) {
    return std::make_unique<Previews>(house.studio_jobs, *house.database, house.objects, house.engine, house.random,
                                      rules);
  }
  StudioCall relight() const {
    StudioCall call;
    call.operation = OperationKind::kRelight;
    call.image_id = image_id;
    return call;
  }
  std::size_t files() const {
    const auto all = std::filesystem::recursive_directory_iterator(folder.path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  test::Folder folder;
  test::TestClock clock;
  test::House house{folder.path(), clock};
  const Principal ann;
  const std::string image_id;
};

TEST_F(PreviewsTest, AreMadeForNothingAndNotKept) {
  const auto available = house.wallets.view(ann.user_id)->available;
  const std::size_t before = files();
  const auto preview = previews()->make(ann, relight());
  ASSERT_TRUE(preview) << preview.error().message << preview.error().cause;
  EXPECT_EQ(preview->bytes, "picture");
  EXPECT_EQ(preview->format, ImageFormat::kWebp);
  EXPECT_EQ(house.wallets.view(ann.user_id)->available, available);
  EXPECT_TRUE(house.studio_jobs.list(ann.user_id, std::nullopt, {})->empty());
  EXPECT_EQ(files(), before);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(PreviewsTest, AreOfOnesOwnImages) {
  const Principal bob = house.new_user("bob");
  const auto preview = previews()->make(bob, relight());
  ASSERT_FALSE(preview);
  EXPECT_EQ(preview.error().code, ErrorCode::kNotFound);
}

TEST_F(PreviewsTest, AreRefusedWhereThereIsNone) {
  StudioCall upscale = relight();
  upscale.operation = OperationKind::kUpscale;
  StudioCall fetched = relight();
  fetched.reference.source_url = "https://example.org/light.jpg";
  StudioCall wrong = relight();
  wrong.parameters["azimuth"] = "400";
  for (const auto& [call, field] :
       {std::pair(upscale, "operationType"), std::pair(fetched, "reference_url"), std::pair(wrong, "azimuth")}) {
    const auto preview = previews()->make(ann, call);
    ASSERT_FALSE(preview);
    EXPECT_EQ(preview.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(preview.error().field, field);
  }
}

TEST_F(PreviewsTest, AreRefusedWhileOthersAreMade) {
  std::latch begun(1), let_go(1);
  house.engine.on_run = [&](RunControl&) -> Result<void> {
    begun.count_down();
    let_go.wait();
    return {};
  };
  const auto made = previews({.at_once_max = 1});
  auto first = std::async(std::launch::async, [&] { return made->make(ann, relight()); });
  begun.wait();
  const auto second = made->make(ann, relight());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(second.error().retry_after_seconds, 1);
  let_go.count_down();
  EXPECT_TRUE(first.get());
  house.engine.on_run = nullptr;
  EXPECT_TRUE(made->make(ann, relight()));
}

TEST_F(PreviewsTest, AreGivenUpWhenTheyTakeTooLong) {
  house.engine.on_run = [](RunControl& control) -> Result<void> {
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "The job was cancelled");
  };
  const auto preview = previews({.make_max = std::chrono::seconds(0)})->make(ann, relight());
  ASSERT_FALSE(preview);
  EXPECT_EQ(preview.error().code, ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace tintype::app
