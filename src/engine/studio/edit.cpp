#include "engine/studio/edit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/raster/resample.h"
#include "engine/studio/adjust.h"
#include "engine/studio/backdrop.h"
#include "engine/studio/expand.h"
#include "engine/studio/finish.h"
#include "engine/studio/framing.h"
#include "engine/studio/metal.h"

namespace tintype::engine {

namespace {

constexpr double kLevelDegrees = 0.15;  // who is as level as this is not turned
constexpr double kCutOutWork = 4, kBackdropWork = 6, kExpandWork = 8, kStepWork = 1;

// The smallest canvas of a shape that holds all of a picture.
Extent extent_around(const Extent& picture, const AspectRatio& aspect) {
  const double wanted = static_cast<double>(aspect.width) / aspect.height;
  if (picture.width_px < picture.height_px * wanted) {
    return {std::max(picture.width_px, static_cast<int>(std::lround(picture.height_px * wanted))), picture.height_px};
  }
  return {picture.width_px, std::max(picture.height_px, static_cast<int>(std::lround(picture.width_px / wanted)))};
}

// The canvas that has the wanted shape; an extent's own size comes after.
Extent canvas_for(const Extent& picture, const WantedSides& wanted) {
  if (wanted.aspect) return extent_around(picture, *wanted.aspect);
  if (wanted.extent) return extent_around(picture, {wanted.extent->width_px, wanted.extent->height_px});
  return picture;
}

template <class Step>
const Step* find_step(const EditPlan& plan) {
  for (const EditStep& step : plan.steps) {
    if (const Step* found = std::get_if<Step>(&step)) return found;
  }
  return nullptr;
}

const Backdrop* backdrop_of(const EditPlan& plan) {
  const Background* background = find_step<Background>(plan);
  return background != nullptr && background->backdrop ? &*background->backdrop : nullptr;
}

bool needs_subject(const EditPlan& plan) {
  return std::ranges::any_of(plan.steps, [](const EditStep& step) {
    if (const Turn* turn = std::get_if<Turn>(&step)) return turn->where != Where::kPicture;
    if (const Crop* crop = std::get_if<Crop>(&step)) return !crop->aspect;
    return std::holds_alternative<Recolour>(step) || std::holds_alternative<Background>(step);
  });
}

// The subject alone, on a larger transparent canvas.
CutOut on_canvas(const CutOut& subject, const Extent& sides) {
  CutOut larger{Field(sides.width_px, sides.height_px), Raster(sides.width_px, sides.height_px)};
  const int left = (sides.width_px - subject.alpha.width) / 2, top = (sides.height_px - subject.alpha.height) / 2;
  for (int y = 0; y < subject.alpha.height; ++y) {
    std::copy_n(subject.alpha.row(y), subject.alpha.width, larger.alpha.row(top + y) + left);
    std::copy_n(subject.foreground.row(y), static_cast<std::size_t>(subject.alpha.width) * Raster::kChannels,
                larger.foreground.at(left, top + y));
  }
  return larger;
}

void set_tone(Tones& tones, Dial dial, float amount) {
  switch (dial) {
    case Dial::kExposure: tones.exposure = amount; return;
    case Dial::kContrast: tones.contrast = amount; return;
    case Dial::kShadows: tones.shadows = amount; return;
    case Dial::kHighlights: tones.highlights = amount; return;
    case Dial::kSaturation: tones.saturation = amount; return;
    case Dial::kVibrance: tones.vibrance = amount; return;
    case Dial::kWarmth: tones.warmth = amount; return;
    case Dial::kTint: tones.tint = amount; return;
    case Dial::kBlackAndWhite: tones.black_and_white = amount; return;
    case Dial::kSepia: tones.sepia = amount; return;
    case Dial::kDenoise:
    case Dial::kSharpen:
    case Dial::kBlur:
    case Dial::kVignette: return;
  }
}

bool is_tone(const EditStep& step, Where where) {
  const Turn* turn = std::get_if<Turn>(&step);
  return turn != nullptr && turn->where == where && turn->dial < Dial::kDenoise;
}

// A plan under way.
class Editor {
 public:
  Editor(const Raster& picture, const Edit& how, const Saliency& network, EditPlan plan, const Task& task)
      : picture_(picture), how_(how), network_(network), plan_(std::move(plan)), task_(task) {
    work_ = kStepWork * static_cast<double>(plan_.steps.size()) + (needs_subject(plan_) ? kCutOutWork : 0) +
            (find_step<Background>(plan_) != nullptr ? kBackdropWork : 0) +
            (how_.sides.aspect || how_.sides.extent ? kExpandWork : 0);
  }

  Result<Edited> run();

 private:
  // The next part of the whole task, by what it costs.
  Task next(double work) {
    const double from = done_ / work_;
    done_ += work;
    return task_.part(from, std::min(1.0, done_ / work_));
  }
  Result<void> find_subject();

  Result<void> operator()(Straighten& straighten);
  Result<void> operator()(const Rotate& rotate) { return turn_by(rotate.degrees); }
  Result<void> operator()(const Flip& flip);
  Result<void> operator()(const Crop& crop);
  Result<void> operator()(const Recolour& recolour);
  Result<void> operator()(const Background& background);
  Result<void> operator()(const Turn& turn);
  Result<void> turn_by(double degrees);
  Result<void> adjust(const Tones& tones, Where where);
  Result<void> reach_sides();
  Field weights_of(Where where) const;

  Raster picture_;
  std::optional<CutOut> subject_;  // of picture_
  const Edit& how_;
  const Saliency& network_;
  EditPlan plan_;
  Task task_;
  double work_ = 1, done_ = 0;
};

Result<void> Editor::find_subject() {
  if (subject_) return {};
  auto found = cut_out(picture_, network_, next(kCutOutWork));
  if (!found) return std::unexpected(found.error());
  subject_ = std::move(*found);
  return {};
}

Field Editor::weights_of(Where where) const {
  Field weights = subject_->alpha;
  for (float& value : weights.values) value = std::clamp(where == Where::kSubject ? value : 1 - value, 0.0F, 1.0F);
  return weights;
}

Result<void> Editor::turn_by(double degrees) {
  auto turned = rotated(picture_, degrees, next(kStepWork));
  if (!turned) return std::unexpected(turned.error());
  picture_ = std::move(*turned);
  return {};
}

Result<void> Editor::operator()(Straighten& straighten) {
  const double degrees = std::round(straightening_of(picture_) * 100) / 100;
  straighten.degrees = std::abs(degrees) < kLevelDegrees ? 0 : degrees;
  return *straighten.degrees == 0 ? task_.check() : turn_by(*straighten.degrees);
}

Result<void> Editor::operator()(const Flip& flip) {
  picture_ = flipped(picture_, flip.is_upside_down);
  return task_.check();
}

Result<void> Editor::operator()(const Crop& crop) {
  if (crop.aspect && backdrop_of(plan_) != nullptr) return {};  // the backdrop is made in this shape: nothing is cut
  if (!subject_) {
    if (auto found = find_subject(); !found) {
      // A shape can be had without a subject to go by.
      if (!crop.aspect || found.error().code != ErrorCode::kInvalidInput) return found;
      picture_ = cropped(picture_, box_of_aspect(picture_.extent(), *crop.aspect));
      return task_.check();
    }
  }
  const Box box = crop.aspect ? box_of_aspect(subject_->alpha, *crop.aspect) : box_around(subject_->alpha);
  picture_ = cropped(picture_, box);
  subject_ = CutOut{cropped(subject_->alpha, box), cropped(subject_->foreground, box)};
  return task_.check();
}

Result<void> Editor::operator()(const Recolour& recolour) {
  if (auto found = find_subject(); !found) return found;
  const float amount = static_cast<float>(how_.strength);
  const Task task = next(kStepWork);
  const Field& alpha = subject_->alpha;
  if (auto done = recolour_metal(picture_, alpha, recolour.metal, amount, task.part(0, 0.5)); !done) return done;
  return recolour_metal(subject_->foreground, alpha, recolour.metal, amount, task.part(0.5, 1));
}

Result<void> Editor::operator()(const Background& background) {
  if (auto found = find_subject(); !found) return found;
  if (!background.backdrop) {
    picture_ = subject_->foreground;
    return {};
  }
  Extent sides = picture_.extent();
  if (const Crop* crop = find_step<Crop>(plan_); crop != nullptr && crop->aspect)
    sides = extent_around(sides, *crop->aspect);
  sides = canvas_for(sides, how_.sides);
  auto made = on_backdrop(*subject_, *background.backdrop, sides, how_.seed, next(kBackdropWork));
  if (!made) return std::unexpected(made.error());
  picture_ = std::move(*made);
  subject_.reset();
  return {};
}

Result<void> Editor::adjust(const Tones& tones, Where where) {
  const Task task = next(kStepWork);
  if (where == Where::kPicture) return adjust_tones(picture_, tones, nullptr, task);
  if (auto found = find_subject(); !found) return found;
  const Field weights = weights_of(where);
  if (auto done = adjust_tones(picture_, tones, &weights, task.part(0, 0.6)); !done) return done;
  if (where == Where::kBackground) return {};
  return adjust_tones(subject_->foreground, tones, nullptr, task.part(0.6, 1));
}

Result<void> Editor::operator()(const Turn& turn) {
  const float amount = static_cast<float>(turn.amount * how_.strength);
  if (amount == 0) return {};
  std::optional<Field> weights;
  if (turn.where != Where::kPicture) {
    if (auto found = find_subject(); !found) return found;
    weights = weights_of(turn.where);
  }
  const Task task = next(kStepWork);
  const Field* const where = weights ? &*weights : nullptr;
  if (turn.dial == Dial::kBlur && turn.where == Where::kBackground) {
    return blur_background(picture_, *subject_, amount, task);
  }
  const auto turned = [&](Raster& picture, const Field* share, const Task& part) -> Result<void> {
    if (turn.dial == Dial::kDenoise) return denoise(picture, amount, share, part);
    if (turn.dial == Dial::kSharpen) return sharpen(picture, amount, share, part);
    if (turn.dial == Dial::kBlur) return blur(picture, amount, share, part);
    return vignette(picture, amount, part);
  };
  if (auto done = turned(picture_, where, task.part(0, 0.6)); !done) return done;
  if (turn.where != Where::kSubject) return {};
  return turned(subject_->foreground, nullptr, task.part(0.6, 1));
}

Result<void> Editor::reach_sides() {
  const Extent canvas = canvas_for(picture_.extent(), how_.sides);
  if (canvas != picture_.extent()) {
    if (!is_opaque(picture_)) {
      picture_ = on_canvas({alpha_of(picture_), picture_}, canvas).foreground;
    } else {
      auto larger = expand(picture_, {.sides = {.extent = canvas}, .placement = Placement::kCenter, .seed = how_.seed},
                           network_, next(kExpandWork));
      if (!larger) return std::unexpected(larger.error());
      picture_ = std::move(*larger);
    }
  }
  if (how_.sides.extent) picture_ = resized(picture_, *how_.sides.extent);
  return task_.check();
}

Result<Edited> Editor::run() {
  bool has_sides = false;
  for (std::size_t at = 0; at < plan_.steps.size(); ++at) {
    const Turn* const vignetted = std::get_if<Turn>(&plan_.steps[at]);
    // The corners that are darkened are those of the result.
    if (vignetted != nullptr && vignetted->dial == Dial::kVignette && !has_sides) {
      if (auto done = reach_sides(); !done) return std::unexpected(done.error());
      has_sides = true;
    }
    Result<void> done;
    if (vignetted != nullptr && is_tone(plan_.steps[at], vignetted->where)) {
      // Dials side by side are turned at once: each rounding costs a little.
      Tones tones;
      const Where where = vignetted->where;
      for (; at < plan_.steps.size() && is_tone(plan_.steps[at], where); ++at) {
        const Turn& turn = std::get<Turn>(plan_.steps[at]);
        set_tone(tones, turn.dial, static_cast<float>(turn.amount * how_.strength));
      }
      --at;
      done = adjust(tones, where);
    } else {
      done = std::visit([&](auto& step) { return (*this)(step); }, plan_.steps[at]);
    }
    if (!done) return std::unexpected(done.error());
  }
  if (!has_sides) {
    if (auto done = reach_sides(); !done) return std::unexpected(done.error());
  }
  task_.done(1);
  return Edited{std::move(picture_), plan_json(plan_).text()};
}

Extent turned_sides(const Extent& sides, double degrees) {
  const double turn = degrees * std::numbers::pi / 180;
  return std::abs(std::sin(turn)) > std::abs(std::cos(turn)) ? Extent{sides.height_px, sides.width_px} : sides;
}

}  // namespace

Result<Edited> edit(const Raster& picture, const Edit& how, const Saliency& network, const Task& task) {
  auto plan = parse_instruction(how.prompt);
  if (!plan) return std::unexpected(plan.error());
  return Editor(picture, how, network, std::move(*plan), task).run();
}

Result<Extent> edited_sides(const Extent& picture, const Edit& how) {
  const auto plan = parse_instruction(how.prompt);
  if (!plan) return std::unexpected(plan.error());
  Extent sides = picture;
  if (const Rotate* rotate = find_step<Rotate>(*plan)) sides = turned_sides(sides, rotate->degrees);
  if (const Crop* crop = find_step<Crop>(*plan); crop != nullptr && crop->aspect) {
    const Box box = box_of_aspect(sides, *crop->aspect);
    sides = backdrop_of(*plan) != nullptr ? extent_around(sides, *crop->aspect) : Extent{box.width, box.height};
  }
  sides = canvas_for(sides, how.sides);
  if (std::max(sides.width_px, sides.height_px) > kStudioSideMaxPx) {
    auto error =
        fail(ErrorCode::kInvalidInput,
             "The result would be " + std::to_string(sides.width_px) + " x " + std::to_string(sides.height_px) +
                 " pixels, and no side may have over " + std::to_string(kStudioSideMaxPx),
             "Please ask for another shape, or send a smaller picture");
    error.error().field = how.sides.extent ? "width" : "aspect_ratio";
    return error;
  }
  return how.sides.extent.value_or(sides);
}

std::int64_t edit_bytes_max(const Extent& picture, const Extent& edited) {
  const Extent canvas = canvas_for(picture, {.extent = edited});
  const auto bytes = [](const Extent& sides) {
    return std::int64_t{sides.width_px} * sides.height_px * Raster::kChannels;
  };
  // The picture under way and the subject with its alpha stay; each step's own comes and goes.
  const std::int64_t kept = 4 * bytes(picture) + 2 * bytes(canvas) + bytes(edited);
  const std::int64_t step =
      std::max({cut_out_bytes_max(picture), adjust_tones_bytes_max(canvas), finish_bytes_max(canvas),
                recolour_metal_bytes_max(picture), on_backdrop_bytes_max(canvas),
                canvas == picture ? 0 : expand_bytes_max(picture, canvas)});
  return kept + step;
}

}  // namespace tintype::engine
