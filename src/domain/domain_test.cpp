#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "domain/account.h"
#include "domain/album.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/operation.h"
#include "domain/plan.h"
#include "domain/queue.h"
#include "domain/wallet.h"

namespace tintype {
namespace {

TEST(StorageQuota, WhatDoesNotFitIsSaidInSizesThatPeopleRead) {
  const auto refusal = [](std::int64_t bytes_max, std::int64_t taken, std::int64_t more) {
    const auto checked = check_quota({bytes_max, 10}, {taken, 1}, {more, 0});
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(refusal(5LL << 30, (5LL << 30) - 1, 1), "");
  EXPECT_EQ(refusal(5LL << 30, 5LL << 30, 1), "Your plan holds 5 GB, and all of it is taken");
  EXPECT_EQ(refusal(5LL << 30, 6LL << 30, 1), "Your plan holds 5 GB, and all of it is taken");
  EXPECT_EQ(refusal(1'500'000, 1'499'000, 2'097'151),
            "Your plan holds 1.4 MB, of which 1000 bytes are free; this needs 1.9 MB");
}

TEST(Turn, FlowsFollowEachOtherAndIdleOnesGoOnWhereTheLaneIs) {
  const Turn first = next_turn(std::nullopt, std::nullopt, kNormalPriority);
  const Turn second = next_turn(LaneHead{first.turn, kNormalPriority}, first.end, kNormalPriority);
  EXPECT_EQ(second.turn, first.end);
  const Turn newcomer = next_turn(LaneHead{50'000, kNormalPriority}, std::nullopt, kNormalPriority);
  EXPECT_EQ(newcomer.turn, 50'000);
  EXPECT_EQ(next_turn(LaneHead{50'000, kNormalPriority}, 20'000, kNormalPriority).turn, 50'000)
      << "nothing is saved up";
}

TEST(Turn, AFlowOfHighPriorityDoesNotPushTheLaneBack) {
  Turn turn = next_turn(LaneHead{0, kNormalPriority}, std::nullopt, kHighPriority);
  for (int user = 0; user < 100; ++user)
    turn = next_turn(LaneHead{turn.turn, kHighPriority}, std::nullopt, kHighPriority);
  EXPECT_EQ(turn.turn, next_turn(LaneHead{0, kNormalPriority}, std::nullopt, kHighPriority).turn);
}

TEST(Turn, LowPriorityIsABoundedDelay) {
  const Turn low = next_turn(LaneHead{0, kNormalPriority}, std::nullopt, kLowPriority);
  Turn other = next_turn(LaneHead{0, kNormalPriority}, std::nullopt, kHighPriority);
  int before = 0;
  for (; other.turn < low.turn; ++before) other = next_turn(std::nullopt, other.end, kHighPriority);
  EXPECT_LT(before, 100);
}

TEST(Image, FileNamesAreMadeSafe) {
  EXPECT_EQ(clean_file_name("../../etc/passwd", "x"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\photos\\me.jpg", "x"), "me.jpg");
  EXPECT_EQ(clean_file_name("a\r\nb\x01.png", "x"), "ab.png");
  EXPECT_EQ(clean_file_name("..", "x"), "x");
  EXPECT_EQ(clean_file_name("\xff", "x"), "x");
  EXPECT_EQ(clean_file_name(std::string(254, 'a') + "\xc3\xa4", "x"), std::string(254, 'a'));
}

TEST(Image, FileNamesKeepTheirLettersAndLoseWhatTurnsText) {
  EXPECT_EQ(clean_file_name("\xc3\x84pfel \xe2\x82\xac \xf0\x9f\x98\x80.png", "x"),
            "\xc3\x84pfel \xe2\x82\xac \xf0\x9f\x98\x80.png");
  EXPECT_EQ(clean_file_name("a\xe2\x80\xaegpj.exe", "x"), "agpj.exe");
  EXPECT_EQ(clean_file_name("a\xe2\x81\xa7"
                            "b\xc2\x85"
                            "c",
                            "x"),
            "abc");
  EXPECT_EQ(clean_file_name("non\xc2\xa0"
                            "breaking",
                            "x"),
            "non\xc2\xa0"
            "breaking");
}

RC_GTEST_PROP(Album, PlacesLieBetweenTheirNeighboursOrThereIsNoRoom, ()) {
  const std::int64_t epoch_begin = *rc::gen::inRange<std::int64_t>(0, 5) * kEpochPlaces;
  const auto position = [&] { return epoch_begin + *rc::gen::inRange<std::int64_t>(0, 3 * kPlaceGap); };
  std::optional<std::int64_t> behind = position();
  std::optional<std::int64_t> before = *behind + *rc::gen::inRange<std::int64_t>(0, 3 * kPlaceGap);
  if (*rc::gen::arbitrary<bool>()) {
    (*rc::gen::arbitrary<bool>() ? behind : before).reset();
  }
  const int count = *rc::gen::inRange(1, 100);
  const auto places = places_between(behind, before, count);
  if (!places) {
    RC_ASSERT(before.has_value());
    RC_ASSERT(*before - behind.value_or(epoch_begin) <= count);
    return;
  }
  RC_ASSERT(places->size() == static_cast<std::size_t>(count));
  RC_ASSERT((!behind || *behind < places->front()));
  RC_ASSERT((!before || places->back() < *before));
  RC_ASSERT(std::ranges::adjacent_find(*places, std::greater_equal<>()) == places->end());
  RC_ASSERT(epoch_of(places->front()) == epoch_of(epoch_begin));
  RC_ASSERT(epoch_of(places->back()) == epoch_of(epoch_begin));
}

RC_GTEST_PROP(Image, AnyFileNameBecomesASafeOne, (const std::string& name)) {
  const std::string clean = clean_file_name(name, "fallback");
  RC_ASSERT(!clean.empty());
  RC_ASSERT(clean.size() <= 255U);
  RC_ASSERT(clean.find_first_of("/\\\r\n") == std::string::npos);
  RC_ASSERT(clean_file_name(clean, "fallback") == clean);
}

TEST(Image, ResultsKeepTheirFormatWhereItIsOneWeWrite) {
  EXPECT_EQ(result_format(ImageFormat::kPng, false), ImageFormat::kPng);
  EXPECT_EQ(result_format(ImageFormat::kHeic, false), ImageFormat::kJpeg);
  EXPECT_EQ(result_format(ImageFormat::kHeic, true), ImageFormat::kPng);
  EXPECT_EQ(parse_image_format("JPG"), ImageFormat::kJpeg);
  EXPECT_FALSE(parse_image_format("svg"));
}

RC_GTEST_PROP(Operation, ParametersGoThereAndBack, (const Parameters& parameters)) {
  const auto decoded = decode_parameters(encode_parameters(parameters));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == parameters);
}

TEST(Operation, EnhanceIsAClosedType) {
  for (const Tier tier : {Tier::k1K, Tier::k2K, Tier::k4K}) {
    EXPECT_EQ(enhance_from(to_parameters(Enhance{tier})).value(), Enhance{tier});
    EXPECT_EQ(parse_tier(tier_name(tier)), tier);
  }
  EXPECT_FALSE(enhance_from({{"tier", "TIER_8K"}}));
  EXPECT_FALSE(enhance_from({{"tier", "TIER_1K"}, {"more", "1"}}));
  EXPECT_EQ(price_of(Tier::k4K, Prices{}), 10);
}

TEST(Names, EveryNameIsReadBack) {
  for (const Role role : {Role::kUser, Role::kAdmin}) EXPECT_EQ(parse_role(role_name(role)), role);
  for (const LedgerKind kind : kLedgerKinds) {
    EXPECT_EQ(parse_ledger_kind(ledger_kind_name(kind)), kind);
  }
  for (const ReservationState state :
       {ReservationState::kOpen, ReservationState::kCaptured, ReservationState::kReleased}) {
    EXPECT_EQ(parse_reservation_state(reservation_state_name(state)), state);
  }
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kHeic,
                                   ImageFormat::kAvif, ImageFormat::kTiff, ImageFormat::kGif}) {
    EXPECT_EQ(parse_image_format(image_format_name(format)), format);
    EXPECT_EQ(parse_image_format(image_format_extension(format)), format);
    EXPECT_EQ(std::string("image/") + image_format_name(format), image_format_media_type(format));
  }
  for (const ImageState state : {ImageState::kUploadPending, ImageState::kStored, ImageState::kProcessing,
                                 ImageState::kReady, ImageState::kFailed}) {
    EXPECT_EQ(parse_image_state(image_state_name(state)), state);
  }
  for (const Visibility visibility : {Visibility::kPrivate, Visibility::kPublic}) {
    EXPECT_EQ(parse_visibility(visibility_name(visibility)), visibility);
  }
  for (const OperationKind kind :
       {OperationKind::kEnhance, OperationKind::kUpscale, OperationKind::kProbe, OperationKind::kVariants}) {
    EXPECT_EQ(parse_operation(operation_name(kind)), kind);
  }
  for (const JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kSucceeded, JobState::kFailed, JobState::kCancelled}) {
    EXPECT_EQ(parse_job_state(job_state_name(state)), state);
    EXPECT_EQ(is_end_state(state), state != JobState::kQueued && state != JobState::kRunning);
  }
  for (const Surface surface : {Surface::kHosting, Surface::kEnhancement, Surface::kStudio, Surface::kUpscale}) {
    EXPECT_EQ(parse_surface(surface_name(surface)), surface);
  }
  EXPECT_FALSE(parse_role("root"));
  EXPECT_FALSE(parse_job_state("QUEUED"));
  EXPECT_FALSE(parse_operation(""));
}

TEST(Operation, TextThatIsNoParametersIsRefused) {
  for (const char* text : {"a", "a=1&a=2", "a=%", "=1&=2", "&"}) EXPECT_FALSE(decode_parameters(text)) << text;
  EXPECT_EQ(decode_parameters("").value(), Parameters{});
  EXPECT_EQ(decode_parameters("a=1+2%2B&b=").value(), (Parameters{{"a", "1 2+"}, {"b", ""}}));
}

RC_GTEST_PROP(Upscale, SaysTheSameAfterItWasKept, ()) {
  Upscale upscale;
  upscale.scale = *rc::gen::element(2, 3, 4, 8);
  upscale.face_strength = *rc::gen::inRange(0, 1'001) / 1000.0;
  upscale.denoise = *rc::gen::inRange(0, 1'001) / 1000.0;
  upscale.model = *rc::gen::element<std::string>("", "photo-x4", "a b&c=d");
  if (*rc::gen::arbitrary<bool>()) upscale.output_format = *rc::gen::element(ImageFormat::kTiff, ImageFormat::kAvif);
  if (*rc::gen::arbitrary<bool>()) upscale.quality = *rc::gen::inRange(1, 101);
  upscale.is_test = *rc::gen::arbitrary<bool>();
  const auto kept = decode_parameters(encode_parameters(to_parameters(upscale))).value();
  RC_ASSERT(upscale_from(kept).value() == upscale);
}

TEST(Upscale, WhatIsOutOfItsRangeIsRefused) {
  using Case = std::pair<const char*, const char*>;
  for (const auto& [name, text] : {Case{"scale", "5"},
                                   {"scale", "1"},
                                   {"scale", "4x"},
                                   {"face", "1001"},
                                   {"face", "-1"},
                                   {"denoise", "x"},
                                   {"model", ""},
                                   {"format", "gif"},
                                   {"format", "heic"},
                                   {"quality", "0"},
                                   {"quality", "101"},
                                   {"test", "0"},
                                   {"tier", "TIER_1K"}}) {
    Parameters parameters{{"scale", "4"}};
    parameters[name] = text;
    EXPECT_FALSE(upscale_from(parameters)) << name << "=" << text;
  }
  EXPECT_FALSE(upscale_from({}));
  EXPECT_EQ(upscale_format(ImageFormat::kTiff, true), ImageFormat::kTiff);
  EXPECT_EQ(upscale_format(ImageFormat::kHeic, false), ImageFormat::kJpeg);
  EXPECT_EQ(upscale_format(ImageFormat::kGif, true), ImageFormat::kPng);
}

TEST(Job, PausesGrowUpToTheirBound) {
  const RetryRules rules{10, 1'000, 5'000};
  EXPECT_EQ(retry_pause_ms(rules, 1), 1'000);
  EXPECT_EQ(retry_pause_ms(rules, 3), 4'000);
  EXPECT_EQ(retry_pause_ms(rules, 9), 5'000);
}

TEST(NetworkOf, CountsAnIpv6CustomerOnce) {
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:DB8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_NE(network_of("2001:db8:1:3::9"), network_of("2001:db8:1:2::9"));
  EXPECT_EQ(network_of("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(network_of("unknown"), "unknown");
}

}  // namespace
}  // namespace tintype
