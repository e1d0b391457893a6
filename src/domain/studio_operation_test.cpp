#include "domain/studio_operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tintype {
namespace {

std::string fault_of(OperationKind kind, const Parameters& said) {
  const auto kept = studio_parameters(kind, said);
  return kept ? "" : kept.error().field;
}

TEST(StudioOperation, ThereAreElevenEachDescribedOnce) {
  EXPECT_EQ(studio_operations().size(), 11U);
  for (const OperationRule& rule : studio_operations()) {
    EXPECT_EQ(studio_operation(rule.kind), &rule);
    EXPECT_EQ(parse_operation(operation_name(rule.kind)), rule.kind);
    EXPECT_GT(rule.price, 0);
    std::set<std::string_view> names;
    for (const ParameterRule& parameter : rule.parameters) {
      EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
      EXPECT_FALSE(parameter.meaning.empty()) << parameter.name;
      EXPECT_EQ(parameter.type == ParameterType::kChoice, !parameter.choices.empty()) << parameter.name;
    }
  }
  EXPECT_EQ(studio_operation(OperationKind::kEnhance), nullptr);
}

TEST(StudioOperation, WhatIsKeptIsTheSameForEqualWishesAndStaysSo) {
  const Parameters kept = *studio_parameters(OperationKind::kRelight, {{"azimuth", "45.0"}, {"intensity", "1.50"}});
  EXPECT_EQ(kept, (Parameters{{"intensity", "1.5"}}));
  EXPECT_EQ(*studio_parameters(OperationKind::kRelight, kept), kept);
  EXPECT_EQ(*studio_parameters(OperationKind::kExpand, {{"image_size", "landscape_16_9"}}),
            (Parameters{{"width", "1024"}, {"height", "576"}}));
  EXPECT_EQ(*studio_parameters(OperationKind::kExpand, {{"aspect_ratio", "32:18"}}),
            (Parameters{{"aspect_ratio", "16:9"}}));
}

TEST(StudioOperation, APlacementIsReadAsItIsNamed) {
  EXPECT_EQ(expand_from({{"aspect_ratio", "16:9"}})->placement, Placement::kAuto);
  for (const Placement one : {Placement::kCenter, Placement::kLeft, Placement::kBottom}) {
    const auto how = expand_from({{"aspect_ratio", "16:9"}, {"placement", std::string(placement_name(one))}});
    ASSERT_TRUE(how);
    EXPECT_EQ(how->placement, one);
  }
}

TEST(StudioOperation, FaultsNameTheirField) {
  using enum OperationKind;
  EXPECT_EQ(fault_of(kGenerate, {}), "prompt");
  EXPECT_EQ(studio_parameters(kGenerate, {}).error().message, "Prompt is required");
  EXPECT_EQ(fault_of(kGenerate, {{"prompt", std::string(2'001, 'a')}}), "prompt");
  EXPECT_EQ(fault_of(kGenerate, {{"prompt", std::string(2'000, 'a')}}), "");
  EXPECT_EQ(fault_of(kGenerate, {{"prompt", "x"}, {"yaw", "3"}}), "yaw");
  EXPECT_EQ(fault_of(kUpscale, {{"scale", "5"}}), "scale");
  EXPECT_EQ(fault_of(kUpscale, {{"denoise", "2"}}), "denoise");
  EXPECT_EQ(fault_of(kRelight, {{"azimuth", "1e3"}}), "azimuth");
  EXPECT_EQ(fault_of(kRelight, {{"azimuth", "nan"}}), "azimuth");
  EXPECT_EQ(fault_of(kRemoveBackground, {{"background", "whitish"}}), "background");
  EXPECT_EQ(fault_of(kRemoveBackground, {{"format", "jpeg"}}), "format");
  EXPECT_EQ(fault_of(kRemoveBackground, {{"format", "jpeg"}, {"background", "#fff"}}), "");
  EXPECT_EQ(fault_of(kExpand, {}), "aspect_ratio");
  EXPECT_EQ(fault_of(kExpand, {{"width", "100"}}), "height");
  EXPECT_EQ(fault_of(kExpand, {{"aspect_ratio", "16:9"}, {"placement", "corner"}}), "placement");
  EXPECT_EQ(fault_of(kExpand, {{"width", "100"}, {"height", "100"}, {"aspect_ratio", "1:1"}}), "aspect_ratio");
  EXPECT_EQ(fault_of(kVideoReplicate, {{"fps", "24.5"}}), "fps");
  EXPECT_EQ(fault_of(kVideoReplicate, {{"width", "1920"}, {"height", "1920"}}), "height");
  EXPECT_EQ(fault_of(kVideoReplicate, {{"motion", "spin"}}), "motion");
}

TEST(StudioOperation, EnginesReadWhatWasKept) {
  const auto said = [](OperationKind kind, const Parameters& parameters) {
    return *studio_parameters(kind, parameters);
  };
  const auto relight = relight_from(said(OperationKind::kRelight, {{"azimuth", "-90"}, {"temperature", "3200"}}));
  EXPECT_EQ(relight->azimuth_degrees, -90);
  EXPECT_EQ(relight->elevation_degrees, 45);
  EXPECT_EQ(relight->temperature_k, 3'200);
  const auto clip = video_replicate_from(said(OperationKind::kVideoReplicate, {{"motion", "light-sweep"}}));
  EXPECT_EQ(clip->motion, ClipMotion::kLightSweep);
  EXPECT_EQ(clip->duration_seconds, 4);
  EXPECT_EQ(clip->fps, 30);
  const auto upscale = upscale_from(said(OperationKind::kUpscale, {{"enhance_face", "true"}, {"format", "png"}}));
  EXPECT_EQ(upscale->scale, 4);
  EXPECT_EQ(upscale->face_strength, kFaceStrengthDefault);
  EXPECT_EQ(upscale->output_format, ImageFormat::kPng);
  const auto seeded = generate_from(said(OperationKind::kGenerate, {{"prompt", "ring"}, {"seed", "0"}}));
  EXPECT_EQ(seeded->seed, 0U);
  EXPECT_FALSE(generate_from(said(OperationKind::kGenerate, {{"prompt", "ring"}}))->seed);
  EXPECT_FALSE(edit_from({{"strength", "7"}, {"prompt", "warmer"}}));
  EXPECT_TRUE(remove_background_from({})->background.empty());
}

}  // namespace
}  // namespace tintype
