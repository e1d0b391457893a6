#include <nlohmann/json.hpp>

#include "adapters/replicate/replicate_provider.h"
#include "support/remote.h"

namespace tintype::engine {
namespace {

using test::Exchange;
using test::kept_answer;
using test::starts;
using test::waves;
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr const char* kId = "gm3qorzdhgbfurvjtvhg6dckhu";
constexpr const char* kFlux = "replicate:black-forest-labs/flux-schnell";

class Replicate : public test::Remote {
 protected:
  Replicate() { options.poll_first = options.poll_max = milliseconds(1); }

  Engines engines(const std::string& assignment = kFlux,
                  std::vector<OperationKind> operations = {OperationKind::kGenerate}) {
    options.account = {server.url("/v1"), "r8_secret"};
    options.calls = call_rules;
    made_ = std::make_unique<ReplicateProvider>(http, egress, notifier, options, pause());
    return Remote::engines(*made_, assignment, std::move(operations));
  }
  RunRequest ring(Parameters more = {}) {
    more["prompt"] = "a gold ring";
    return request(OperationKind::kGenerate, more);
  }
  static std::string prediction(const std::string& status, const Json& more = Json::object()) {
    Json body = {{"id", kId},
                 {"status", status},
                 {"input", Json::object()},
                 {"output", nullptr},
                 {"error", nullptr},
                 {"logs", ""},
                 {"urls", {{"get", "http://127.0.0.1:1/get"}, {"cancel", "http://127.0.0.1:1/cancel"}}}};
    body.update(more);
    return body.dump();
  }
  std::string succeeded(const std::string& path = "/files/out.png") {
    return prediction("succeeded", {{"output", {server.url(path)}}});
  }
  // A prediction that is there at once.
  void answer_at_once() {
    server.answer_with("201 Created", succeeded());
    server.answer_with("200 OK", png(waves(768, 512)));
  }
  Json input_sent() { return Json::parse(server.heard()[0].body)["input"]; }
  Error failure(Engines& engines, const RunRequest& request) {
    const auto outcome = engines.run(request, control);
    EXPECT_FALSE(outcome);
    EXPECT_TRUE(results.is_empty());
    return outcome ? Error{} : outcome.error();
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (const auto& heard : server.heard()) all.push_back(heard.line);
    return all;
  }

  ReplicateOptions options;

 private:
  std::unique_ptr<ReplicateProvider> made_;
};

const std::string kCreate = "POST /v1/models/black-forest-labs/flux-schnell/predictions";
const std::string kRead = std::string("GET /v1/predictions/") + kId;
const std::string kCancel = std::string("POST /v1/predictions/") + kId + "/cancel";

TEST_F(Replicate, AsksLooksAndFetches) {
  server.answer_with("201 Created", prediction("starting"));
  server.answer_with("200 OK", prediction("processing", {{"logs", "  0%|   | 0/4\n 50%|##  | 2/4 [00:01<00:01]"}}));
  std::atomic<int> progress = 0;
  server.handle([&](Exchange& exchange) {
    progress = control.progress_permille.load();
    exchange.send(kept_answer("200 OK", succeeded()));
  });
  server.answer_with("200 OK", png(waves(1'024, 576)));
  Engines all = engines();
  const auto outcome = all.run(ring({{"image_size", "landscape_16_9"}, {"seed", "7"}}), control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(result().extent(), (Extent{1'024, 576}));
  EXPECT_EQ(outcome->model, "black-forest-labs/flux-schnell");
  EXPECT_EQ(progress, 475) << "half of the way from running to done, as the log says";
  EXPECT_EQ(lines(), (std::vector<std::string>{kCreate, kRead, kRead, "GET /files/out.png"}));
  const auto heard = server.heard();
  EXPECT_NE(heard[0].head.find("Authorization: Bearer r8_secret\r\n"), std::string::npos);
  EXPECT_NE(heard[0].head.find("Cancel-After: "), std::string::npos);
  EXPECT_EQ(Json::parse(heard[0].body),
            (Json{{"input", {{"prompt", "a gold ring"}, {"seed", 7}, {"aspect_ratio", "16:9"}}}}));
}

TEST_F(Replicate, SettingsNameInputsAndAddOthers) {
  answer_at_once();
  Engines all = engines(
      "replicate:a/b:5c7d5dc6?prompt=text&seed=&width=w&height=h&aspect_ratio=&steps=28&go_fast=true&lora=x%2Fy");
  ASSERT_TRUE(all.run(ring({{"width", "768"}, {"height", "512"}, {"seed", "7"}}), control));
  EXPECT_EQ(lines()[0], "POST /v1/predictions");
  const Json body = Json::parse(server.heard()[0].body);
  EXPECT_EQ(body["version"], "5c7d5dc6");
  EXPECT_EQ(body["input"],
            (Json{{"steps", 28}, {"go_fast", true}, {"lora", "x/y"}, {"text", "a gold ring"}, {"w", 768}, {"h", 512}}));
}

TEST_F(Replicate, ASmallPictureStandsInTheInput) {
  answer_at_once();
  Engines all = engines("replicate:a/kontext?image=input_images[]", {OperationKind::kRelight});
  RunRequest relight = request(OperationKind::kRelight, {{"azimuth", "90"}, {"temperature", "3000"}});
  relight.input = picture(waves(120, 80));
  ASSERT_TRUE(all.run(relight, control));
  const Json input = input_sent();
  ASSERT_TRUE(input["input_images"].is_array());
  EXPECT_TRUE(input["input_images"][0].get<std::string>().starts_with("data:image/jpeg;base64,"));
  EXPECT_NE(input["prompt"].get<std::string>().find("from the right"), std::string::npos);
  EXPECT_NE(input["prompt"].get<std::string>().find("3000 kelvins"), std::string::npos);
}

TEST_F(Replicate, ALargePictureIsSentAhead) {
  Raster noise(700, 700);
  std::uint32_t state = 1;
  for (std::uint8_t& value : noise.rgba)
    value = static_cast<std::uint8_t>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  for (std::size_t at = 3; at < noise.rgba.size(); at += 4) noise.rgba[at] = 255;
  server.answer_with("201 Created", R"({"id":"file","urls":{"get":"https://api.replicate.com/v1/files/file"}})");
  server.answer_with("201 Created", succeeded());
  server.answer_with("200 OK", png(waves(1'400, 1'400)));
  Engines all = engines("replicate:nightmareai/real-esrgan", {OperationKind::kUpscale});
  RunRequest upscale = request(OperationKind::kUpscale, {{"scale", "2"}});
  upscale.input = picture(noise, ImageFormat::kPng);
  const auto outcome = all.run(upscale, control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(outcome->width_px, 1'400);
  EXPECT_EQ(lines()[0], "POST /v1/files");
  EXPECT_NE(server.heard()[0].body.find("name=\"content\"; filename="), std::string::npos);
  const Json input = Json::parse(server.heard()[1].body)["input"];
  EXPECT_EQ(input["image"], "https://api.replicate.com/v1/files/file");
  EXPECT_EQ(input["scale"], 2);
}

TEST_F(Replicate, AnEnlargementHasTheSidesAskedForOrFails) {
  Engines all = engines("replicate:nightmareai/real-esrgan", {OperationKind::kUpscale});
  RunRequest upscale = request(OperationKind::kUpscale, {{"scale", "4"}});
  upscale.input = picture(waves(120, 80));
  answer_at_once();
  const auto outcome = all.run(upscale, control);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(result().extent(), (Extent{480, 320})) << "whatever the model made";
  const double fidelity = Json::parse(outcome->details)["fidelity"];
  EXPECT_LT(fidelity, 30) << "other waves than those of the picture";
  answer_at_once();
  upscale.parameters["fidelity_min"] = "30";
  EXPECT_TRUE(starts(all.run(upscale, control).error(), kFidelityTooLow));
  server.answer_with("201 Created", succeeded());
  server.answer_with("200 OK", png(waves(512, 512)));
  EXPECT_TRUE(starts(all.run(upscale, control).error(), kResultRejected));
}

TEST_F(Replicate, AWebhookWakesWhoWaits) {
  options.poll_first = options.poll_max = std::chrono::minutes(10);
  options.webhook_url = "https://pictures.example/api/providers/replicate/webhook";
  server.answer_with("201 Created", prediction("starting"));
  server.answer_with("200 OK", prediction("processing"));
  server.answer_with("200 OK", succeeded());
  server.answer_with("200 OK", png(waves(768, 512)));
  Engines all = engines();
  std::atomic<bool> is_done = false;
  // As it may come before anybody waits for it, and wakes one look at a time.
  std::jthread webhook([&] {
    while (!is_done) {
      notifier.notify(prediction_topic(kId));
      std::this_thread::yield();
    }
  });
  const auto outcome = all.run(ring(), control);
  is_done = true;
  ASSERT_TRUE(outcome) << outcome.error().cause;
  const Json body = Json::parse(server.heard()[0].body);
  EXPECT_EQ(body["webhook"], options.webhook_url);
  EXPECT_EQ(body["webhook_events_filter"], Json::array({"completed"}));
}

TEST_F(Replicate, ACancelReachesThePrediction) {
  server.answer_with("201 Created", prediction("starting"));
  server.handle([&](Exchange& exchange) {
    control.cancel = true;
    exchange.send(kept_answer("200 OK", prediction("processing")));
  });
  server.answer_with("200 OK", prediction("canceled"));
  Engines all = engines();
  EXPECT_EQ(failure(all, ring()).code, ErrorCode::kCancelled);
  EXPECT_EQ(lines(), (std::vector<std::string>{kCreate, kRead, kCancel}));
}

TEST_F(Replicate, OneThatTakesTooLongIsCancelled) {
  call_rules.run_timeout = milliseconds(150);
  server.handle([](Exchange& exchange) {
    const bool is_new = exchange.head.starts_with("POST /v1/models");
    exchange.send(kept_answer(is_new ? "201 Created" : "200 OK", prediction("processing")));
  });
  Engines all = engines();
  std::vector<std::string> heard;
  while (std::ranges::find(heard, kRead) == heard.end()) {  // given up before, as this machine is slow
    EXPECT_TRUE(starts(failure(all, ring()), kProviderTimeout));
    heard = lines();
  }
  // A look that was under way when the time was over may reach the server behind the cancel.
  EXPECT_NE(std::ranges::find(heard, kCancel), heard.end());
}

TEST_F(Replicate, AFaultWhileItIsLookedAtIsGotOver) {
  server.answer_with("201 Created", prediction("starting"));
  server.answer_with("500 Internal Server Error", "");
  server.handle([](Exchange& exchange) { exchange.close(); });
  server.answer_with("429 Too Many Requests", R"({"detail":"Request was throttled."})", "Retry-After: 2\r\n");
  server.answer_with("200 OK", succeeded());
  server.answer_with("200 OK", png(waves(768, 512)));
  Engines all = engines();
  ASSERT_TRUE(all.run(ring(), control));
  EXPECT_EQ(pauses.back(), milliseconds(2'000));
}

TEST_F(Replicate, EndsThatAreNoneAreToldApart) {
  const auto ended = [&](const std::string& status, const Json& more) {
    server.answer_with("201 Created", prediction(status, more));
    Engines all = engines();
    return failure(all, ring()).cause;
  };
  EXPECT_TRUE(ended("failed", {{"error", "CUDA out of memory"}}).starts_with(kProviderFailed));
  EXPECT_TRUE(ended("failed", {{"error", "NSFW content detected. Try another prompt."}}).starts_with(kProviderRefused));
  EXPECT_TRUE(ended("canceled", Json::object()).starts_with(kProviderTimeout));
  EXPECT_TRUE(ended("aborted", Json::object()).starts_with(kProviderTimeout));
  EXPECT_TRUE(ended("dreaming", Json::object()).starts_with(kProviderGarbled));
  EXPECT_TRUE(ended("succeeded", Json::object()).starts_with(kProviderGarbled));
  EXPECT_TRUE(ended("succeeded", {{"output", {{"text", "x"}}}}).starts_with(kProviderGarbled));
  EXPECT_TRUE(ended("succeeded", {{"output", "https://127.0.0.1:1/x.png"}}).starts_with(kProviderGarbled));
  EXPECT_TRUE(ended("starting", {{"id", "../../models"}}).starts_with(kProviderGarbled));
  const auto answered = [&](const std::string& status, const std::string& body) {
    server.answer_with(status, body);
    Engines all = engines();
    return failure(all, ring()).cause;
  };
  EXPECT_TRUE(answered("422 Unprocessable Entity", R"({"detail":"- input: prompt is required"})")
                  .starts_with(kProviderDeclined));
  EXPECT_TRUE(answered("402 Payment Required", R"({"detail":"no credit"})").starts_with(kProviderRejected));
  EXPECT_TRUE(answered("200 OK", "<html>").starts_with(kProviderGarbled));
}

TEST_F(Replicate, AFileInTheAnswerItselfIsTaken) {
  server.answer_with(
      "201 Created",
      prediction("succeeded", {{"output", "data:image/png;base64," + base64_encode(png(waves(256, 256)))}}));
  Engines all = engines();
  EXPECT_TRUE(all.run(ring(), control));
}

}  // namespace
}  // namespace tintype::engine
