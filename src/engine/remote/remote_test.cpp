#include "support/remote.h"
#include "adapters/openai/openai_provider.h"
#include "engine/model/model.h"
#include "engine/remote/asking.h"

namespace tintype::engine {
namespace {

const std::filesystem::path kAssets = std::filesystem::path(TINTYPE_SOURCE_DIR) / "../shared/assets";

using test::starts;
using test::waves;

// Makes the picture it is told to, or fails as it is told to.
class ToldProvider final : public Provider {
 public:
  bool takes(OperationKind operation) const override { return operation != OperationKind::kUpscale; }
  bool meant_by_alpha() const override { return false; }
  Result<void> run(const ProviderRequest& request, RunControl&) override {
    ++runs;
    seen = request;
    if (!cause.empty()) return fail(ErrorCode::kInternal, "It failed", {}, std::string(cause));
    return write_file(request.output, bytes);
  }

  int runs = 0;
  std::string_view cause;
  std::string bytes;
  ProviderRequest seen;
};

class Engined : public test::Remote {
 protected:
  Engined() { provider.bytes = png(waves(512, 512)); }
  Engines made(std::vector<OperationKind> operations = {OperationKind::kGenerate}) {
    return engines(provider, "told:model", std::move(operations));
  }
  RunRequest ring() { return request(OperationKind::kGenerate, {{"prompt", "a gold ring"}}); }

  ToldProvider provider;
};

TEST_F(Engined, WhatIsNotAssignedRunsHere) {
  Engines all = made({OperationKind::kEdit});
  EXPECT_TRUE(all.is_ready(OperationKind::kEdit));
  EXPECT_TRUE(all.is_ready(OperationKind::kEnhance));
  EXPECT_FALSE(all.is_ready(OperationKind::kGenerate));
  EXPECT_EQ(all.run(ring(), control).error().code, ErrorCode::kEngineUnavailable);
  EXPECT_EQ(provider.runs, 0);
}

TEST_F(Engined, OnlyWhatAProviderDoesCanBeAssigned) {
  const Providers providers = {{"told", &provider}};
  EXPECT_FALSE(Engines::check({{OperationKind::kUpscale, {"told", "model", {}}}}, providers));
  EXPECT_FALSE(Engines::check({{OperationKind::kEdit, {"other", "model", {}}}}, providers));
  EXPECT_TRUE(Engines::check({{OperationKind::kEdit, {"told", "model", {}}}}, providers));
}

TEST_F(Engined, TheBreakerOpensAndCloses) {
  rules.breaker = {3, 60'000};
  Engines all = made();
  for (const std::string_view cause : {kProviderUnavailable, kProviderTimeout, kProviderGarbled}) {
    EXPECT_TRUE(all.is_ready(OperationKind::kGenerate));
    provider.cause = cause;
    EXPECT_FALSE(all.run(ring(), control));
  }
  EXPECT_FALSE(all.is_ready(OperationKind::kGenerate));
  const auto refused = all.run(ring(), control);
  EXPECT_TRUE(starts(refused.error(), kProviderUnavailable));
  EXPECT_TRUE(starts(all.forecast(ring(), {}).error(), kProviderUnavailable));
  EXPECT_EQ(provider.runs, 3) << "nobody was asked";

  clock.advance(60'000);
  EXPECT_TRUE(all.is_ready(OperationKind::kGenerate)) << "one may try";
  EXPECT_FALSE(all.run(ring(), control));
  EXPECT_FALSE(all.is_ready(OperationKind::kGenerate)) << "and it was no better";

  clock.advance(60'000);
  provider.cause = {};
  EXPECT_TRUE(all.run(ring(), control));
  provider.cause = kProviderUnavailable;
  EXPECT_FALSE(all.run(ring(), control));
  EXPECT_TRUE(all.is_ready(OperationKind::kGenerate)) << "they are counted from nothing again";
}

TEST_F(Engined, WhatIsTheRequestsFaultOpensNoBreaker) {
  rules.breaker = {2, 60'000};
  Engines all = made();
  for (const std::string_view cause : {kProviderRefused, kProviderFailed, kProviderDeclined, kProviderRefused}) {
    provider.cause = cause;
    EXPECT_FALSE(all.run(ring(), control));
  }
  EXPECT_TRUE(all.is_ready(OperationKind::kGenerate));
}

TEST(BreakerOpen, LetsOneThroughAtATime) {
  test::MovedClock clock;
  Breaker breaker({1, 1'000}, clock);
  EXPECT_TRUE(breaker.enter());
  EXPECT_TRUE(breaker.enter()) << "closed, all may pass";
  breaker.failed();
  EXPECT_FALSE(breaker.enter());
  clock.advance(1'000);
  EXPECT_TRUE(breaker.enter());
  EXPECT_FALSE(breaker.lets_pass());
  EXPECT_FALSE(breaker.enter()) << "one is out already";
  breaker.left();
  EXPECT_TRUE(breaker.enter()) << "it ended without finding out";
  breaker.succeeded();
  EXPECT_TRUE(breaker.enter());
  EXPECT_TRUE(breaker.enter());
}

TEST_F(Engined, MoneyHasACapForTheDay) {
  rules.budget = {100'000, {{OperationKind::kGenerate, 40'000}}};
  Engines all = made();
  EXPECT_TRUE(all.run(ring(), control));
  EXPECT_TRUE(all.run(ring(), control));
  EXPECT_EQ(spent(), 80'000);
  const auto over = all.run(ring(), control);
  EXPECT_TRUE(starts(over.error(), kSpendingReached)) << over.error().cause;
  EXPECT_EQ(provider.runs, 2);
  Engines others = made();
  EXPECT_FALSE(others.run(ring(), control)) << "other processes count with us";
  clock.advance(24LL * 3'600 * 1'000);
  EXPECT_TRUE(all.run(ring(), control)) << "a new day";
}

TEST_F(Engined, WhatCostNothingIsNotCounted) {
  rules.budget = {100'000, {{OperationKind::kGenerate, 40'000}}};
  rules.breaker = {100, 1'000};
  Engines all = made();
  for (const std::string_view cause : {kProviderUnavailable, kProviderRefused, kProviderRejected, kProviderDeclined}) {
    provider.cause = cause;
    EXPECT_FALSE(all.run(ring(), control));
    EXPECT_EQ(spent(), 0) << cause;
  }
  provider.cause = kProviderTimeout;
  EXPECT_FALSE(all.run(ring(), control));
  EXPECT_EQ(spent(), 40'000) << "the provider may have made it all the same";
}

TEST_F(Engined, SaysWhatAResultWillMeasure) {
  Engines all = made({OperationKind::kGenerate, OperationKind::kEdit});
  const auto wide = request(OperationKind::kGenerate, {{"prompt", "ring"}, {"image_size", "landscape_16_9"}});
  EXPECT_EQ(all.forecast(wide, {})->width_px, 1'024);
  EXPECT_EQ(all.forecast(wide, {})->height_px, 576);
  const auto edit = request(OperationKind::kEdit, {{"prompt", "on marble"}});
  EXPECT_EQ(all.forecast(edit, {ImageFormat::kJpeg, 4'000, 3'000})->width_px, 4'000);
  EXPECT_GT(all.forecast(edit, {ImageFormat::kJpeg, 4'000, 3'000})->memory_bytes_max, 4'000 * 3'000);
}

TEST_F(Engined, APictureIsReducedBeforeItLeaves) {
  rules.files.picture_side_max_px = 256;
  Engines all = made({OperationKind::kEdit});
  RunRequest edit = request(OperationKind::kEdit, {{"prompt", "on marble"}});
  edit.input = picture(waves(600, 300));
  ASSERT_TRUE(all.run(edit, control));
  EXPECT_EQ(provider.seen.picture_sides, (Extent{256, 128}));
  EXPECT_FALSE(std::filesystem::exists(provider.seen.picture)) << "nothing stays behind";
}

TEST_F(Engined, TheNetworkByWhichAResultIsContinuedIsNamed) {
  const std::filesystem::path network = kAssets / "models/seg/u2netp.ncnn";
  if (!std::filesystem::exists(network.string() + ".param")) GTEST_SKIP() << kAssets << " has no network";
  const std::filesystem::path models = folder / "models";
  std::filesystem::create_directory(models);
  const auto added = add_model(models, {"subject", {network.string() + ".param", network.string() + ".bin"}});
  ASSERT_TRUE(added) << added.error().message;
  NativeEngine continuing({.models_directory = models});
  Engines all(continuing, {{"told", &provider}}, {{OperationKind::kEdit, {"told", "model", {}}}}, *database, clock,
              rules);
  RunRequest edit = request(OperationKind::kEdit, {{"prompt", "on marble"}, {"aspect_ratio", "16:9"}});
  edit.input = picture(waves(200, 200));
  const auto outcome = all.run(edit, control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(outcome->model, "model");
  ASSERT_EQ(outcome->models.size(), 2U);
  EXPECT_NE(outcome->models[0].file.find("subject"), std::string::npos) << outcome->models[0].file;
}

TEST_F(Engined, WishesThatOnlyTheEngineHereKnowsStayHere) {
  RunRequest relight = request(OperationKind::kRelight, {});
  EXPECT_TRUE(may_leave(relight));
  relight.reference = folder / "reference";
  EXPECT_FALSE(may_leave(relight));
  RunRequest upscale = request(OperationKind::kUpscale, {});
  EXPECT_TRUE(may_leave(upscale));
  upscale.parameters = to_parameters(Upscale{.is_test = true});
  EXPECT_FALSE(may_leave(upscale));
  EXPECT_FALSE(may_leave(request(OperationKind::kUpscale, {{"enhance_face", "true"}})));
}

TEST(Assignments, AreReadWithTheirSettings) {
  const auto plain = parse_assignment("openai:gpt-image-1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->provider, "openai");
  EXPECT_EQ(plain->model, "gpt-image-1");
  const auto versioned = parse_assignment("replicate:a/b:c0ffee?image=input_image&hf_lora=x%2Fy&seed=");
  ASSERT_TRUE(versioned);
  EXPECT_EQ(versioned->model, "a/b:c0ffee");
  EXPECT_EQ(versioned->settings, (ProviderSettings{{"image", "input_image"}, {"hf_lora", "x/y"}, {"seed", ""}}));
  for (const char* text : {"", "openai", "openai:", "openai:a b", "openai:m?=x", "openai:m?a=%", "openai:m\r\n"}) {
    EXPECT_FALSE(parse_assignment(text)) << text;
  }
}

TEST(Money, IsReadToAMillionth) {
  EXPECT_EQ(parse_micros("25"), 25'000'000);
  EXPECT_EQ(parse_micros("0.003"), 3'000);
  EXPECT_EQ(parse_micros("1.50"), 1'500'000);
  for (const char* text : {"", ".5", "-1", "1.0000001", "1e3", "1,5", "+1", "10000000", "1.-5", "1.2.3"}) {
    EXPECT_FALSE(parse_micros(text)) << text;
  }
  const auto prices = parse_prices("generate=0.04,flux-lora=0.1");
  ASSERT_TRUE(prices);
  EXPECT_EQ(prices->at(OperationKind::kFluxLora), 100'000);
  for (const char* text : {"generate", "paint=1", "enhance=1", "generate=x"}) EXPECT_FALSE(parse_prices(text)) << text;
}

}  // namespace
}  // namespace tintype::engine
