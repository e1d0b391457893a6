// Renditions on request: each made once, few at a time, kept within bounds, and given up when nobody waits.
#include "app/renditions.h"

#include <condition_variable>
#include <latch>

#include "support/house.h"

namespace tintype::app {
namespace {

class RenditionsTest : public testing::Test {
 protected:
  RenditionsTest() : ann(house.new_user("ann")), image(uploaded()) {}

  Image uploaded() {
    const std::string id = house.new_image(ann);
    return house.images.get(ann.user_id, id)->image;
  }

  std::unique_ptr<Renditions> renditions(RenditionRules rules) {
    return std::make_unique<Renditions>(*house.database, house.objects, house.engine, house.notifier, clock,
                                        house.random, rules);
  }

  static VariantKey sized(int side_px) {
    return {recipe_name({{side_px, side_px, Fit::kContain}}), ImageFormat::kWebp};
  }

  // Waits for the notifier, as the server does.
  Result<Variant> await(Renditions& from, const Renditions::Ticket& ticket, const VariantKey& key) {
    std::mutex mutex;
    std::condition_variable woken;
    int wakes = 0;
    const auto subscription = house.notifier.subscribe(rendition_topic(image.id, key), [&] {
      const std::lock_guard lock(mutex);
      ++wakes;
      woken.notify_all();
    });
    auto outcome = from.outcome(ticket);
    for (int seen = 0; !outcome; ++seen) {
      std::unique_lock lock(mutex);
      woken.wait(lock, [&] { return wakes > seen; });
      lock.unlock();
      outcome = from.outcome(ticket);
    }
    house.notifier.unsubscribe(subscription);
    return std::move(*outcome);
  }

  Variant made(Renditions& from, const VariantKey& key) {
    const auto ticket = from.make(image, key);
    EXPECT_TRUE(ticket);
    const auto variant = await(from, **ticket, key);
    EXPECT_TRUE(variant) << variant.error().message << variant.error().cause;
    return *variant;
  }

  test::Folder folder;
  test::TestClock clock;
  test::House house{folder.path(), clock};
  Principal ann;
  Image image;
};

TEST_F(RenditionsTest, OneIsMadeKeptAndFound) {
  EXPECT_FALSE(house.renditions.find(image, sized(4)).value());
  const Variant variant = made(house.renditions, sized(4));
  EXPECT_EQ(variant.width_px, 4);
  EXPECT_EQ(variant.height_px, 3);
  EXPECT_TRUE(variant.object_key.starts_with("variants/" + image.id + "/4x4-contain-q80-"));
  EXPECT_TRUE(house.objects.stat(variant.object_key).value());
  EXPECT_EQ(house.renditions.find(image, sized(4)).value()->object_key, variant.object_key);
  EXPECT_FALSE(house.renditions.find(image, {sized(4).name, ImageFormat::kAvif}).value());
  EXPECT_EQ(house.faults(), std::vector<std::string>());
}

TEST_F(RenditionsTest, ThePublishedCopyIsStripped) {
  const Variant variant = made(house.renditions, {kPublished, ImageFormat::kPng});
  EXPECT_EQ(variant.name, kPublished);
  EXPECT_TRUE(variant.object_key.ends_with(".png"));
  EXPECT_EQ(house.faults(), std::vector<std::string>());
}

TEST_F(RenditionsTest, HoweverManyAskItIsMadeOnce) {
  std::latch asked(1);
  std::atomic<int> runs{0};
  house.engine.on_render = [&](RunControl&) -> Result<void> {
    ++runs;
    asked.wait();
    return {};
  };
  std::vector<std::shared_ptr<Renditions::Ticket>> tickets;
  for (int at = 0; at < 20; ++at) tickets.push_back(house.renditions.make(image, sized(4)).value());
  asked.count_down();
  for (const auto& ticket : tickets) EXPECT_TRUE(await(house.renditions, *ticket, sized(4)));
  EXPECT_EQ(runs.load(), 1);
  const auto later = house.renditions.make(image, sized(4)).value();
  EXPECT_TRUE(await(house.renditions, *later, sized(4)));
  EXPECT_EQ(runs.load(), 1) << "it is there";
}

TEST_F(RenditionsTest, MoreThanMayWaitAreRefusedAtOnce) {
  std::latch begun(1), done(1);
  std::atomic<int> runs{0};
  const auto few = renditions({.at_once_max = 1, .waiting_max = 1});  // goes first: the third may just begin then
  house.engine.on_render = [&](RunControl&) -> Result<void> {
    if (runs.fetch_add(1) == 0) begun.count_down();
    done.wait();
    return {};
  };
  const auto first = few->make(image, sized(1)).value();
  begun.wait();
  const auto second = few->make(image, sized(2)).value();
  const auto third = few->make(image, sized(3));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::kRateLimited);
  EXPECT_TRUE(third.error().retry_after_seconds);
  EXPECT_TRUE(few->make(image, sized(2))) << "who asks for the same waits with the others";
  done.count_down();
  EXPECT_TRUE(await(*few, *first, sized(1)));
  EXPECT_TRUE(await(*few, *second, sized(2)));
  EXPECT_TRUE(few->make(image, sized(3)));
}

TEST_F(RenditionsTest, WhenAllHaveLeftItIsGivenUpAndCanBeAskedForAnew) {
  std::latch begun(1), stopped(1);
  std::atomic<int> runs{0};
  house.engine.on_render = [&](RunControl& control) -> Result<void> {
    if (runs.fetch_add(1) > 0) return {};
    begun.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    stopped.count_down();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  auto one = house.renditions.make(image, sized(4)).value(), other = house.renditions.make(image, sized(4)).value();
  begun.wait();
  one.reset();
  EXPECT_FALSE(house.renditions.outcome(*other));
  other.reset();
  stopped.wait();
  EXPECT_EQ(made(house.renditions, sized(4)).state, VariantState::kReady);
  EXPECT_EQ(house.faults(), std::vector<std::string>());
}

TEST_F(RenditionsTest, WhatTakesTooLongIsStopped) {
  const auto hasty = renditions({.make_seconds_max = 0});
  std::latch begun(1);
  house.engine.on_render = [&](RunControl& control) -> Result<void> {
    begun.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  const auto ticket = hasty->make(image, sized(4)).value();
  begun.wait();
  EXPECT_EQ(await(*hasty, *ticket, sized(4)).error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(RenditionsTest, AFailureIsToldToAllAndTriedAgainByTheNext) {
  house.engine.on_render = [](RunControl&) -> Result<void> { return fail(ErrorCode::kInvalidInput, "damaged"); };
  const auto ticket = house.renditions.make(image, sized(4)).value();
  EXPECT_EQ(await(house.renditions, *ticket, sized(4)).error().message, "damaged");
  house.engine.on_render = nullptr;
  EXPECT_TRUE(made(house.renditions, sized(4)).size_bytes > 0);
}

TEST_F(RenditionsTest, TheLongestUnusedMakesRoom) {
  const auto two = renditions({.per_image_max = 2, .use_noted_ms = 1'000});
  const Variant first = made(*two, sized(1));
  clock.advance(10'000);
  const Variant second = made(*two, sized(2));
  clock.advance(10'000);
  EXPECT_TRUE(two->find(image, sized(1)).value());
  EXPECT_TRUE(two->flush()) << "the first was used last";
  made(*two, sized(3));
  EXPECT_TRUE(two->find(image, sized(1)).value());
  EXPECT_FALSE(two->find(image, sized(2)).value());
  EXPECT_TRUE(two->find(image, sized(3)).value());
  EXPECT_TRUE(house.janitor.run());
  EXPECT_FALSE(house.objects.stat(second.object_key).value());
  EXPECT_EQ(house.faults(), std::vector<std::string>());
}

TEST_F(RenditionsTest, TheJanitorTakesThoseThatNobodyLooksAt) {
  const Variant variant = made(house.renditions, sized(1));
  clock.advance(29LL * 24 * 3'600'000);
  EXPECT_TRUE(house.renditions.find(image, sized(1)).value());
  EXPECT_TRUE(house.renditions.flush());
  clock.advance(29LL * 24 * 3'600'000);
  EXPECT_TRUE(house.janitor.run());
  EXPECT_TRUE(house.renditions.find(image, sized(1)).value()) << "it was used in between";
  clock.advance(2LL * 24 * 3'600'000);
  EXPECT_TRUE(house.janitor.run());
  EXPECT_FALSE(house.renditions.find(image, sized(1)).value());
  EXPECT_FALSE(house.objects.stat(variant.object_key).value());
}

TEST_F(RenditionsTest, AnImageThatGoesTakesItsRenditionsWithIt) {
  const Variant before = made(house.renditions, sized(1));
  house.engine.on_render = [&](RunControl&) -> Result<void> {
    EXPECT_TRUE(house.images.hide(ann.user_id, image.id, clock.now_ms()));
    return {};
  };
  const auto ticket = house.renditions.make(image, sized(2)).value();
  EXPECT_EQ(await(house.renditions, *ticket, sized(2)).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.objects.stat(before.object_key).value()) << "it can be had back";
  EXPECT_TRUE(house.images.remove(ann.user_id, image.id));
  clock.advance(2 * 3'600'000);
  EXPECT_TRUE(house.janitor.run());
  EXPECT_FALSE(house.objects.stat(before.object_key).value());
  int left = 0;
  EXPECT_TRUE(house.objects.list("variants/", [&](std::string_view, std::int64_t) { return ++left > 0; }));
  EXPECT_EQ(left, 0);
  EXPECT_EQ(house.faults(), std::vector<std::string>());
}

}  // namespace
}  // namespace tintype::app
