#include "engine/remote/asking.h"

#include <cmath>

namespace tintype::engine {

namespace {

constexpr const char* kKeep = " Keep everything else exactly as it is: subject, shape, material, colours and framing.";

std::string whole(double number) {
  return std::to_string(static_cast<int>(std::lround(number)));
}

// Of light that stands at this azimuth (see Relight).
std::string side_of(double azimuth_degrees) {
  constexpr const char* kSides[] = {"the camera",         "the front right",    "the right", "behind on the right",
                                    "behind the subject", "behind on the left", "the left",  "the front left"};
  const int eighth = static_cast<int>(std::lround(azimuth_degrees / 45)) % 8;
  return kSides[(eighth + 8) % 8];
}

std::string words_for(const Relight& relight) {
  std::string words = "Relight this photograph with one light from " + side_of(relight.azimuth_degrees) + " (azimuth " +
                      whole(relight.azimuth_degrees) + " degrees), " + whole(relight.elevation_degrees) +
                      " degrees above the horizon, at " + whole(relight.intensity * 100) +
                      " % of the present brightness, with " + whole(relight.ambient * 100) +
                      " % of the light coming from all sides";
  if (relight.temperature_k) words += ", of " + whole(*relight.temperature_k) + " kelvins";
  return words + ". Let highlights and shadows follow." + kKeep;
}

std::string words_for(const CameraMove& move) {
  std::string words = "Show the same subject from another camera position:";
  const auto add = [&](double amount, const char* one_way, const char* other_way, const char* unit) {
    if (amount == 0) return;
    words += std::string(" ") + (amount > 0 ? one_way : other_way) + " by " + whole(std::abs(amount)) + unit + ",";
  };
  add(move.yaw_degrees, "move around the subject to its right", "move around the subject to its left", " degrees");
  add(move.pitch_degrees, "move up and look down on it", "move down and look up at it", " degrees");
  add(move.roll_degrees, "roll the camera clockwise", "roll the camera counterclockwise", " degrees");
  add((move.zoom - 1) * 100, "zoom in", "zoom out", " %");
  add(move.dolly * 50, "move closer", "move away", " % of the distance");
  if (words.ends_with(',')) words.back() = '.';
  return words + " Keep the subject, its surroundings and the light the same.";
}

std::string words_for(const Expand& expand) {
  std::string words = "Continue this photograph beyond its edges";
  if (expand.sides.extent) {
    words += " to a frame of " + std::to_string(expand.sides.extent->width_px) + " by " +
             std::to_string(expand.sides.extent->height_px) + " pixels";
  } else if (expand.sides.aspect) {
    words += " to a frame of " + std::to_string(expand.sides.aspect->width) + ":" +
             std::to_string(expand.sides.aspect->height);
  }
  if (expand.placement > Placement::kCenter)
    words += ", with it at the " + std::string(placement_name(expand.placement));
  return words + ". Continue its surroundings without a seam, and leave what is there untouched.";
}

template <class Parse, class Fill>
Result<ProviderRequest> filled(ProviderRequest asked, const RunRequest& request, Parse parse, Fill fill) {
  const auto wishes = parse(request.parameters);
  if (!wishes) return std::unexpected(wishes.error());
  fill(asked, *wishes);
  return asked;
}

}  // namespace

bool may_leave(const RunRequest& request) {
  // Light that is to be like another picture's, models of ours, their strengths, and the mark of tests.
  if (!request.reference.empty() || !request.model.empty()) return false;
  if (request.operation != OperationKind::kUpscale) return true;
  const auto upscale = upscale_from(request.parameters);
  return upscale && !upscale->is_test && upscale->model.empty() && upscale->face_strength == 0 && upscale->denoise == 0;
}

Result<ProviderRequest> asked_of(const RunRequest& request, const Assignment& assignment) {
  ProviderRequest asked;
  asked.operation = request.operation;
  asked.model = assignment.model;
  asked.settings = assignment.settings;
  switch (request.operation) {
    case OperationKind::kGenerate:
    case OperationKind::kFluxLora:
      return filled(asked, request, generate_from, [](ProviderRequest& to, const Generate& wish) {
        to.prompt = wish.prompt;
        to.negative_prompt = wish.negative_prompt;
        to.sides = wish.sides;
        to.seed = wish.seed;
        if (to.operation == OperationKind::kFluxLora) to.strength = wish.strength;
      });
    case OperationKind::kEdit:
      return filled(asked, request, edit_from, [](ProviderRequest& to, const Edit& wish) {
        to.prompt = wish.prompt;
        to.sides = wish.sides;
        to.seed = wish.seed;
      });
    case OperationKind::kMagicEdit:
      return filled(asked, request, magic_edit_from, [&](ProviderRequest& to, const MagicEdit& wish) {
        to.prompt = request.mask.empty()
                        ? std::string(
                              "Correct this photograph as a retoucher would: white balance, exposure, tone, "
                              "noise, sharpness and dust.") +
                              kKeep
                        : "Remove what the mask covers and continue what lies behind it, without a trace.";
        to.seed = wish.seed;
      });
    case OperationKind::kRemoveBackground:
      return filled(asked, request, remove_background_from, [](ProviderRequest& to, const RemoveBackground&) {
        to.prompt = std::string("Cut the subject out and make everything around it transparent.") + kKeep;
        to.wants_alpha = true;
      });
    case OperationKind::kRelight:
      return filled(asked, request, relight_from, [](ProviderRequest& to, const Relight& wish) {
        to.prompt = words_for(wish);
        to.seed = wish.seed;
      });
    case OperationKind::kExpand:
      return filled(asked, request, expand_from, [](ProviderRequest& to, const Expand& wish) {
        to.prompt = words_for(wish);
        to.sides = wish.sides;
        to.seed = wish.seed;
      });
    case OperationKind::kCameraControl:
      return filled(asked, request, camera_control_from, [](ProviderRequest& to, const CameraControl& wish) {
        to.prompt = words_for(wish.move);
        to.seed = wish.seed;
      });
    case OperationKind::kUpscale:
      return filled(asked, request, upscale_from, [](ProviderRequest& to, const Upscale& wish) {
        to.prompt = std::string("Enlarge this photograph and restore its detail.") + kKeep;
        to.scale = wish.scale;
      });
    case OperationKind::kEnhance:
    case OperationKind::kProbe:
    case OperationKind::kVariants:
    case OperationKind::kMagicPrompt:
    case OperationKind::kVideoReplicate: break;
  }
  return fail_internal(std::string(operation_name(request.operation)) + " is done by no provider");
}

}  // namespace tintype::engine
