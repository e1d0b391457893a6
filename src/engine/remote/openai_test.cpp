#include <latch>
#include <nlohmann/json.hpp>

#include "adapters/openai/openai_provider.h"
#include "support/remote.h"

namespace tintype::engine {
namespace {

using test::Exchange;
using test::Heard;
using test::kept_answer;
using test::starts;
using test::waves;
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kKey = "sk-test-0123456789";

class OpenAi : public test::Remote {
 protected:
  OpenAiProvider& provider() {
    if (!made_) {
      made_ =
          std::make_unique<OpenAiProvider>(http, egress, ProviderAccount{server.url("/v1"), kKey}, call_rules, pause());
    }
    return *made_;
  }
  Engines engines(const std::string& assignment = "openai:gpt-image-1",
                  std::vector<OperationKind> operations = {OperationKind::kGenerate}) {
    return Remote::engines(provider(), assignment, std::move(operations));
  }
  RunRequest ring(Parameters more = {}) {
    more["prompt"] = "a gold ring";
    return request(OperationKind::kGenerate, more);
  }
  std::string coded(const std::string& bytes) {
    return Json{{"created", 1}, {"data", {{{"b64_json", base64_encode(bytes)}}}}}.dump();
  }
  std::string error(const std::string& code, const std::string& message, const std::string& type = "invalid_request") {
    return Json{{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", code}}}}.dump();
  }
  // One run that is to fail.
  Error failure(Engines& engines, const RunRequest& request) {
    const auto outcome = engines.run(request, control);
    EXPECT_FALSE(outcome);
    EXPECT_TRUE(results.is_empty()) << "nothing is left of a run that failed";
    return outcome ? Error{} : outcome.error();
  }

 private:
  std::unique_ptr<OpenAiProvider> made_;
};

TEST_F(OpenAi, GeneratesAPictureOfTheSidesAskedFor) {
  server.answer_with("200 OK", coded(png(waves(1'536, 1'024))));
  Engines all = engines("openai:gpt-image-1?quality=high&output_compression=90");
  const auto outcome = all.run(ring({{"image_size", "landscape_16_9"}, {"negative_prompt", "hands"}}), control);
  ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
  EXPECT_EQ(outcome->width_px, 1'024);
  EXPECT_EQ(outcome->height_px, 576);
  EXPECT_EQ(outcome->format, ImageFormat::kPng);
  EXPECT_EQ(outcome->model, "gpt-image-1");
  EXPECT_EQ(outcome->details, R"({"provider":"openai","model":"gpt-image-1"})");
  EXPECT_EQ(result().extent(), (Extent{1'024, 576}));
  EXPECT_EQ(control.progress_permille, 1'000);
  const auto heard = server.heard();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].line, "POST /v1/images/generations");
  EXPECT_NE(heard[0].head.find("Authorization: Bearer " + std::string(kKey) + "\r\n"), std::string::npos);
  const Json body = Json::parse(heard[0].body);
  EXPECT_EQ(body["model"], "gpt-image-1");
  EXPECT_EQ(body["size"], "1536x1024");
  EXPECT_EQ(body["n"], 1);
  EXPECT_EQ(body["quality"], "high");
  EXPECT_EQ(body["output_compression"], 90);
  EXPECT_FALSE(body.contains("response_format")) << "this model does not know it";
  EXPECT_FALSE(body.contains("seed"));
  EXPECT_NE(body["prompt"].get<std::string>().find("hands"), std::string::npos);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(results)) ++files;
  EXPECT_EQ(files, 1U) << "only the result stays";
}

TEST_F(OpenAi, AServerOfOnesOwnIsAskedForJustThat) {
  server.answer_with("200 OK", coded(png(waves(768, 512))));
  Engines all = engines("openai:flux.1-dev");
  const auto outcome = all.run(
      ring({{"width", "768"}, {"height", "512"}, {"seed", "7"}, {"negative_prompt", "hands"}, {"format", "webp"}}),
      control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(outcome->format, ImageFormat::kWebp);
  const Json body = Json::parse(server.heard()[0].body);
  EXPECT_EQ(body["size"], "768x512");
  EXPECT_EQ(body["response_format"], "b64_json");
  EXPECT_EQ(body["seed"], 7);
  EXPECT_EQ(body["negative_prompt"], "hands");
  EXPECT_EQ(body["prompt"], "a gold ring");
}

TEST_F(OpenAi, AnEditSendsPictureAndMaskAsAForm) {
  server.answer_with("200 OK", coded(png(waves(1'024, 1'024))));
  Engines all = engines("openai:gpt-image-1", {OperationKind::kMagicEdit});
  RunRequest edit = request(OperationKind::kMagicEdit, {});
  edit.input = picture(waves(300, 300), ImageFormat::kTiff);
  Raster drawn(300, 300);
  for (std::size_t at = 3; at < drawn.rgba.size(); at += 4) drawn.rgba[at] = 255;
  std::fill_n(drawn.row(0), 300 * 4 * 100, std::uint8_t{255});
  edit.mask = picture(drawn, ImageFormat::kPng, "mask");
  const auto outcome = all.run(edit, control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(outcome->format, ImageFormat::kJpeg) << "as results of TIFF files are";
  const Heard heard = server.heard()[0];
  EXPECT_EQ(heard.line, "POST /v1/images/edits");
  const std::string& form = heard.body;
  EXPECT_NE(form.find("name=\"model\"\r\n\r\ngpt-image-1\r\n"), std::string::npos);
  EXPECT_NE(form.find("Remove what the mask covers"), std::string::npos);
  const std::size_t image = form.find("name=\"image\"; filename=");
  ASSERT_NE(image, std::string::npos);
  EXPECT_EQ(form.substr(form.find("\r\n\r\n", image) + 4, 3), "\xff\xd8\xff") << "a JPEG, whatever was uploaded";
  const std::size_t mask = form.find("\r\n\r\n", form.find("name=\"mask\"; filename=")) + 4;
  std::ofstream(folder / "sent", std::ios::binary) << form.substr(mask, form.find("\r\n--", mask) - mask);
  const std::atomic<bool> never{false};
  const Raster sent = load_picture(folder / "sent", {}, never).value().raster;
  EXPECT_EQ(sent.extent(), (Extent{300, 300}));
  EXPECT_EQ(sent.at(150, 50)[3], 0) << "what is meant has no alpha";
  EXPECT_EQ(sent.at(150, 250)[3], 255);
}

TEST_F(OpenAi, FilesAtItsOwnAddressAreFetchedWithTheKey) {
  server.answer_with("200 OK", Json{{"data", {{{"url", server.url("/generated/one.png")}}}}}.dump());
  server.answer_with("200 OK", png(waves(512, 512)));
  Engines all = engines("openai:flux.1-dev");
  ASSERT_TRUE(all.run(ring(), control));
  const auto heard = server.heard();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[1].line, "GET /generated/one.png");
  EXPECT_NE(heard[1].head.find("Authorization: Bearer"), std::string::npos);
}

TEST_F(OpenAi, AFileThatLeadsInsideIsNotFetched) {
  test::ProviderServer inner;
  inner.answer_with("200 OK", png(waves(512, 512)));
  const std::string port = inner.url().substr(inner.url().rfind(':'));
  for (const std::string& url :
       {inner.url("/secret"), "http://localhost" + port + "/", server.url() + "@127.0.0.1" + port,
        "http://[::1]" + port + "/", std::string("file:///etc/passwd")}) {
    server.answer_with("200 OK", Json{{"data", {{{"url", url}}}}}.dump());
    Engines all = engines();
    EXPECT_TRUE(starts(failure(all, ring()), kProviderGarbled)) << url;
  }
  EXPECT_TRUE(inner.heard().empty());
}

TEST_F(OpenAi, WaitsAsLongAsItIsToldTo) {
  server.answer_with("429 Too Many Requests", error("rate_limit_exceeded", "slow down"), "Retry-After: 7\r\n");
  server.answer_with("200 OK", coded(png(waves(512, 512))));
  Engines all = engines();
  ASSERT_TRUE(all.run(ring(), control));
  EXPECT_EQ(pauses, std::vector<milliseconds>{seconds(7)});
}

TEST_F(OpenAi, TriesAgainWhatIsBroken) {
  server.answer_with("500 Internal Server Error", "oops");
  server.answer_with("503 Service Unavailable", "");
  server.answer_with("200 OK", coded(png(waves(512, 512))));
  Engines all = engines();
  ASSERT_TRUE(all.run(ring(), control));
  EXPECT_EQ(pauses, (std::vector<milliseconds>{seconds(1), seconds(2)}));
}

TEST_F(OpenAi, GivesUpAfterItsAttempts) {
  server.answer_with("502 Bad Gateway", "");
  Engines all = engines();
  const Error error = failure(all, ring());
  EXPECT_TRUE(starts(error, kProviderUnavailable)) << error.cause;
  EXPECT_EQ(error.code, ErrorCode::kEngineUnavailable);
  EXPECT_EQ(server.heard().size(), 4U);
}

TEST_F(OpenAi, APauseThatIsTooLongIsNotMade) {
  server.answer_with("429 Too Many Requests", "{}", "Retry-After: 3600\r\n");
  Engines all = engines();
  EXPECT_TRUE(starts(failure(all, ring()), kProviderUnavailable));
  EXPECT_TRUE(pauses.empty());
}

TEST_F(OpenAi, WithoutMoneyNoPauseHelps) {
  server.answer_with("429 Too Many Requests", error("insufficient_quota", "You exceeded your current quota"));
  Engines all = engines();
  EXPECT_TRUE(starts(failure(all, ring()), kProviderRejected));
  EXPECT_EQ(server.heard().size(), 1U);
}

TEST_F(OpenAi, WhatHangsIsGivenUpAndNotAskedTwice) {
  call_rules.call_timeout = milliseconds(80);
  server.handle([](Exchange& exchange) {
    exchange.wait_for_end();
    exchange.close();
  });
  Engines all = engines();
  std::size_t calls = 0;
  while (server.heard().empty()) {  // given up before it was sent, as this machine is slow
    EXPECT_TRUE(starts(failure(all, ring()), kProviderTimeout));
    ++calls;
  }
  EXPECT_LE(server.heard().size(), calls) << "it may be making the picture all the same";
}

TEST_F(OpenAi, AnswersThatAreNoUseAreToldApart) {
  const std::string whole = png(waves(512, 512));
  for (const std::string& body : {std::string("not JSON"), std::string("{}"), std::string(R"({"data":[]})"),
                                  std::string(R"({"data":[{"b64_json":"%%"}]})"), coded("no picture"),
                                  coded(whole.substr(0, whole.size() / 2)), coded("<svg xmlns='x'/>")}) {
    server.answer_with("200 OK", body);
    Engines all = engines();
    const Error error = failure(all, ring());
    EXPECT_TRUE(starts(error, kProviderGarbled)) << body.substr(0, 40) << ": " << error.cause;
  }
  Raster black(512, 512);
  for (std::size_t at = 3; at < black.rgba.size(); at += 4) black.rgba[at] = 255;
  server.answer_with("200 OK", coded(png(black)));
  Engines all = engines();
  EXPECT_TRUE(starts(failure(all, ring()), kResultRejected));
}

TEST_F(OpenAi, WhatItWillNotShowIsFinalAndSaysWhy) {
  rules.budget = {1'000'000, {{OperationKind::kGenerate, 40'000}}};
  server.answer_with("400 Bad Request", error("moderation_blocked", "Your request was rejected by the safety system.",
                                              "image_generation_user_error"));
  Engines all = engines();
  const Error error = failure(all, ring());
  EXPECT_TRUE(starts(error, kProviderRefused));
  EXPECT_NE(error.message.find("rejected by the safety system"), std::string::npos);
  EXPECT_EQ(server.heard().size(), 1U);
  EXPECT_EQ(spent(), 0) << "and costs nothing";
}

TEST_F(OpenAi, TheKeyStandsInNoError) {
  const std::string said = std::string("Incorrect API key provided: ") + kKey;
  for (const char* status : {"401 Unauthorized", "403 Forbidden", "404 Not Found", "400 Bad Request"}) {
    server.answer_with(status, error("invalid_api_key", said));
    Engines all = engines();
    const Error error = failure(all, ring());
    EXPECT_EQ((error.cause + error.message + error.suggestion).find(kKey), std::string::npos) << status;
    const bool is_about_the_request = std::string_view(status).starts_with("400");
    EXPECT_TRUE(starts(error, is_about_the_request ? kProviderDeclined : kProviderRejected)) << error.cause;
  }
}

TEST_F(OpenAi, ACancelEndsTheCall) {
  std::latch asked(1);
  server.handle([&](Exchange& exchange) {
    asked.count_down();
    exchange.wait_for_end();
    exchange.close();
  });
  Engines all = engines();
  std::jthread canceller([&] {
    asked.wait();
    control.cancel = true;
  });
  EXPECT_EQ(failure(all, ring()).code, ErrorCode::kCancelled);
}

TEST_F(OpenAi, ACutOutNeedsAlphaAndThePicturesShape) {
  Engines all = engines("openai:gpt-image-1", {OperationKind::kRemoveBackground});
  RunRequest cut = request(OperationKind::kRemoveBackground, {});
  cut.input = picture(waves(600, 400), ImageFormat::kJpeg);
  server.answer_with("200 OK", coded(png(waves(1'536, 1'024, true))));
  server.answer_with("200 OK", coded(png(waves(1'536, 1'024))));
  server.answer_with("200 OK", coded(png(waves(1'024, 1'024, true))));
  server.answer_with("200 OK", coded(png(waves(1'536, 1'024, true))));
  const auto outcome = all.run(cut, control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_EQ(outcome->format, ImageFormat::kPng);
  EXPECT_EQ(result().extent(), (Extent{600, 400}));
  EXPECT_FALSE(is_opaque(result()));
  EXPECT_NE(server.heard()[0].body.find("name=\"background\"\r\n\r\ntransparent\r\n"), std::string::npos);
  EXPECT_TRUE(starts(all.run(cut, control).error(), kResultRejected)) << "nothing was cut out";
  EXPECT_TRUE(starts(all.run(cut, control).error(), kResultRejected)) << "another shape";
  RunRequest laid = request(OperationKind::kRemoveBackground, {{"background", "#00ff00"}});
  laid.input = cut.input;
  ASSERT_TRUE(all.run(laid, control));
  EXPECT_TRUE(is_opaque(result()));
  EXPECT_EQ(result().at(5, 200)[1], 255);
}

TEST_F(OpenAi, AnEditHasTheAspectAskedFor) {
  Engines all = engines("openai:gpt-image-1", {OperationKind::kEdit});
  RunRequest edit = request(OperationKind::kEdit, {{"prompt", "on white marble"}, {"aspect_ratio", "16:9"}});
  edit.input = picture(waves(400, 400), ImageFormat::kJpeg);
  server.answer_with("200 OK", coded(png(waves(1'536, 1'024))));
  const auto outcome = all.run(edit, control);
  ASSERT_TRUE(outcome) << outcome.error().cause;
  EXPECT_NEAR(static_cast<double>(outcome->width_px) / outcome->height_px, 16.0 / 9, 0.01);
  EXPECT_EQ(outcome->format, ImageFormat::kJpeg);
}

}  // namespace
}  // namespace tintype::engine
