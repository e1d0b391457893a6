#include "domain/instruction.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "domain/instruction_words.h"
#include "domain/search_words.h"

namespace tintype {

namespace {

constexpr std::size_t kQuotedLettersMax = 80;
constexpr double kExposureMax = 4;
constexpr double kDialUsual = 0.4, kExposureUsual = 0.5;
constexpr double kReflectionUsual = 0.5;
constexpr double kTiltDegrees = 5;
constexpr double kDaylightKelvins = 6'500;
constexpr std::string_view kWhatCanBeAsked =
    "an edit can change the background (marble, wood, slate, velvet, linen, concrete, a colour, a gradient, "
    "transparent; also seen from above), "
    "exposure, contrast, shadows, highlights, saturation, vibrance, warmth and tint, make it black and white or sepia, "
    "sharpen, blur, denoise, add a vignette, crop, rotate, straighten, flip, and make metal gold, rose gold, silver, "
    "platinum or copper";

using Words = std::span<InstructionWord>;

// Part of an instruction that is read as one.
struct Clause {
  WordRole link = WordRole::kStop;  // how it is joined to the one before
  Words words;
};

bool is_bound(WordRole role) {
  using enum WordRole;
  return role == kStop || role == kComma || role == kAnd || role == kOr || role == kWith || role == kWithout ||
         role == kNot || role == kInsteadOf;
}

bool says_nothing(const InstructionWord& word) {
  return word.role == WordRole::kFiller || word.role == WordRole::kArticle;
}

bool names_colour(WordRole role) {
  return role == WordRole::kColour || role == WordRole::kTone || role == WordRole::kMetal;
}

bool is_one_sided(Dial dial) {
  switch (dial) {
    case Dial::kExposure:
    case Dial::kContrast:
    case Dial::kShadows:
    case Dial::kHighlights:
    case Dial::kSaturation:
    case Dial::kVibrance:
    case Dial::kWarmth:
    case Dial::kTint: return false;
    case Dial::kBlackAndWhite:
    case Dial::kSepia:
    case Dial::kDenoise:
    case Dial::kSharpen:
    case Dial::kBlur:
    case Dial::kVignette: return true;
  }
  return false;
}

double rounded(double amount) {
  return std::round(amount * 1'000) / 1'000;
}

// Words that have another meaning beside that of a surface: they need "on", "surface" or the like with them.
bool is_seldom_surface(std::string_view word) {
  constexpr std::string_view kSeldom[] = {"stone", "rock", "quartz", "onyx",   "glass", "mirror",  "leather", "ash",
                                          "beach", "hide", "cherry", "canvas", "silk",  "plaster", "studio",  "cotton"};
  return std::ranges::find(kSeldom, word) != std::end(kSeldom);
}

bool makes_plain(std::string_view word) {
  constexpr std::string_view kPlain[] = {"plain", "solid", "clean", "seamless", "simple", "neutral", "uniform", "pure"};
  return std::ranges::find(kPlain, word) != std::end(kPlain);
}

std::array<std::uint8_t, 3> hex_colour(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::array<std::uint8_t, 3> colour{};
  const std::size_t digits = text.size() == 7 ? 2 : 1;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const int high = digit(text[1 + channel * digits]), low = digit(text[channel * digits + digits]);
    colour[channel] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return colour;
}

// Puts a word for a colour or a tone on a backdrop. White marble is marble that is light, not marble painted white.
void colour_backdrop(Backdrop& backdrop, const InstructionWord& word) {
  if (word.role == WordRole::kTone) {
    backdrop.tone = parse_tone_word(word.text);
    return;
  }
  const bool has_own = backdrop.material == Material::kMarble || backdrop.material == Material::kGranite ||
                       backdrop.material == Material::kSlate || backdrop.material == Material::kGlass;
  if (has_own && (word.text == "white" || word.text == "black")) {
    backdrop.tone = parse_tone_word(word.text);
    return;
  }
  if (word.text.starts_with('#')) {
    backdrop.colour = hex_colour(word.text);
    return;
  }
  std::string_view name = word.text == "gray" ? "grey" : std::string_view(word.text);
  if (word.role == WordRole::kMetal) {
    switch (static_cast<Metal>(word.value)) {
      case Metal::kGold: name = "gold"; break;
      case Metal::kRoseGold: name = "rose"; break;
      case Metal::kSilver:
      case Metal::kPlatinum: name = "silver"; break;
      case Metal::kCopper: name = "brown"; break;
    }
  }
  const auto found = std::ranges::find(named_colours(), name, &NamedColour::name);
  if (found != named_colours().end()) backdrop.colour = found->colour;
}

// What was said of how far something goes.
struct Measure {
  int direction = 0;
  std::optional<double> degree, number;
  std::optional<Unit> unit;
  bool is_too = false;

  bool says_how_far() const { return degree || number; }
};

// Of a dial's usual amount, which has the sign of where it goes.
double measured(Dial dial, double usual, const Measure& measure) {
  double amount = usual;
  const double sign = usual < 0 ? -1 : 1;
  if (measure.number) {
    const double number = *measure.number;
    if (measure.unit == Unit::kStops) {
      amount = sign * (dial == Dial::kExposure ? number : number / 2);
    } else if (measure.unit == Unit::kKelvins && dial == Dial::kWarmth) {
      amount = std::log2(kDaylightKelvins / std::max(number, 1'000.0));
    } else {
      const double share = measure.unit == Unit::kPercent || number > 3 ? number / 100 : number;
      amount = dial == Dial::kExposure ? std::log2(std::max(1 + sign * share, 1.0 / 16)) : sign * share;
    }
  } else if (measure.degree) {
    amount = usual * *measure.degree;
  }
  const double most = dial == Dial::kExposure ? kExposureMax : 1;
  return std::clamp(amount, is_one_sided(dial) ? 0 : -most, most);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), words_(instruction_words(text)) {}

  Result<EditPlan> read();

 private:
  struct Made {
    Turn turn;
    double usual = 0;  // before it was said how far
    bool says_how_far = false;
    InstructionWord* word = nullptr;
  };
  // What goes on from one clause to the next.
  struct Carried {
    bool is_order = false;
    bool is_negated = false;
    bool is_make = false;
    int direction = 0;
    Where where = Where::kPicture;
    std::size_t open_from = 0;  // turns from here on may still be told how far they go
  };

  std::vector<Clause> clauses();
  Result<void> read_clause(const Clause& clause);
  void read_exception(const Clause& clause);
  Result<void> check_order(const Clause& clause, const InstructionWord& head, bool has_effect) const;
  std::unexpected<Error> refused(const Words& words) const;

  bool read_backdrop(Words words, bool is_order);
  bool read_material(Words words, std::size_t at);
  bool read_coloured(Words words, std::size_t at, bool is_order);
  bool read_on_colour(Words words, std::size_t at);
  bool take_colours_before(Words words, std::size_t at, Backdrop& backdrop);
  bool take_colours_behind(Words words, std::size_t at, Backdrop& backdrop);
  void add_backdrop(const Backdrop& backdrop);
  bool read_cut_out(Words words, const InstructionWord& head, bool is_order);

  bool read_metal(Words words, const InstructionWord& head);
  bool read_crop(Words words, bool& is_wrong);
  bool read_rotation(Words words, const InstructionWord& head);
  bool read_flip(Words words, bool is_order);
  bool read_contact(Words words, const InstructionWord& head);
  bool read_view(Words words, const InstructionWord& head);

  bool read_turns(const Clause& clause, const InstructionWord& head, bool is_order, Where where);
  void add_turn(Dial dial, double usual, const Measure& measure, Where where);
  bool add_look(Words words, std::size_t at, Measure measure, bool is_order, Where where);
  bool add_dial(Words words, std::size_t at, Measure measure, const InstructionWord& head, Where where);
  bool add_tone(Words words, std::size_t at, const Measure& measure, bool is_order, Where where);
  bool add_hue(Words words, std::size_t at, Measure measure, const InstructionWord& head, Where where);
  void measure_open(Words words, std::size_t end);
  static int direction_behind(Words words, std::size_t at);
  static Measure measure_behind(Words words, std::size_t at, Measure measure);
  bool replaces_look(Words words, std::size_t at, Dial dial, Where where);

  Where where_of(Words words, bool is_order, const Clause& clause) const;
  void add_turns(EditPlan& plan, std::initializer_list<Where> places) const;
  EditPlan finished();

  std::string_view text_;
  std::vector<InstructionWord> words_;
  Carried carried_;
  std::vector<Made> turns_;
  std::optional<Background> background_;
  std::optional<double> shadow_, reflection_;
  bool is_flat_lay_ = false;
  std::optional<Words> backdrop_order_;  // one that needs a backdrop
  std::optional<Recolour> recolour_;
  std::optional<Crop> crop_;
  std::optional<Flip> flip_;
  double degrees_ = 0;
  bool is_straightened_ = false;
  InstructionWord* reading_ = nullptr;
};

const InstructionWord kNoWord;

bool has(Words words, WordRole role) {
  return std::ranges::any_of(words, [&](const InstructionWord& word) { return word.role == role && !word.is_used; });
}

InstructionWord* first_of(Words words, WordRole role) {
  const auto found =
      std::ranges::find_if(words, [&](const InstructionWord& word) { return word.role == role && !word.is_used; });
  return found == words.end() ? nullptr : &*found;
}

// What the words from a place on, up to the end of their group, are about: the role of its last noun.
WordRole group_head(Words words, std::size_t at) {
  using enum WordRole;
  WordRole head = kFiller;
  for (; at < words.size(); ++at) {
    const WordRole role = words[at].role;
    const bool goes_on = role == kUnknown || role == kSubject || role == kPlainly || role == kLook || role == kColour ||
                         role == kMetal || role == kTone || role == kMaterial || role == kPicture || role == kLight ||
                         role == kBackground || role == kColourNoun || role == kSupport || role == kPart;
    if (!goes_on || words[at].is_verb) break;
    if (role == kTone && words[at].text == "light") head = kLight;  // of "morning light", but for what comes behind
    if (role != kPlainly && role != kLook && role != kColour && role != kTone) head = role;
  }
  return head;
}

// "make the ring" does not yet say what is to become of it.
bool lacks_change(Words words) {
  using enum WordRole;
  bool is_make = false, is_named = false;
  for (const InstructionWord& word : words) {
    const bool is_noun = word.role == kSubject || word.role == kBackground || word.role == kUnknown;
    if (!is_noun && !says_nothing(word) && word.role != kMake) return false;
    is_make = is_make || word.role == kMake;
    is_named = is_named || is_noun;
  }
  return is_make && is_named;
}

std::vector<Clause> Reader::clauses() {
  using enum WordRole;
  std::vector<Clause> made;
  const Words all(words_);
  std::size_t begin = 0;
  WordRole link = kStop;
  bool is_exchange = false;  // "replace X with Y" stays together
  const auto close = [&](std::size_t end) {
    if (end > begin) made.push_back({link, all.subspan(begin, end - begin)});
  };
  for (std::size_t at = 0; at < all.size(); ++at) {
    const InstructionWord& word = all[at];
    if (word.role == kMake && (word.text == "replace" || word.text == "swap" || word.text == "fill" ||
                               word.text == "change" || word.text == "switch")) {
      is_exchange = true;
    }
    if (!is_bound(word.role)) continue;
    if (word.role == kWith && is_exchange) continue;
    const bool is_between_colours = word.role == kAnd && at > begin && at + 1 < all.size() &&
                                    names_colour(all[at - 1].role) && names_colour(all[at + 1].role);
    if (is_between_colours || (word.role == kAnd && lacks_change(all.subspan(begin, at - begin)))) continue;
    close(at);
    // "and not", "but without": the stronger word says how it goes on.
    const bool stays =
        at == begin && at > 0 && (link == kNot || link == kWithout || link == kInsteadOf) && word.role != kStop;
    if (!stays) link = word.role;
    if (word.role != kAnd && word.role != kWith) is_exchange = false;
    begin = at + 1;
  }
  close(all.size());
  return made;
}

std::unexpected<Error> Reader::refused(const Words& words) const {
  const std::size_t begin = words.empty() ? 0 : words.front().begin;
  const std::size_t end = words.empty() ? text_.size() : words.back().end;
  std::string_view part = text_.substr(begin, end - begin);
  const std::string_view shown = part.substr(0, letter_bytes(part, kQuotedLettersMax));
  auto error = fail(ErrorCode::kInvalidInput,
                    "'" + std::string(shown) + (shown.size() < part.size() ? "..." : "") +
                        "' is not understood: " + std::string(kWhatCanBeAsked),
                    "Please say this part in other words, or leave it out");
  error.error().field = "prompt";
  error.error().position = static_cast<std::int64_t>(count_letters(text_.substr(0, begin)));
  return error;
}

// ---- Backdrops

bool Reader::take_colours_before(Words words, std::size_t at, Backdrop& backdrop) {
  using enum WordRole;
  bool is_any = false;
  while (at-- > 0) {
    InstructionWord& word = words[at];
    const bool is_bright = word.role == kLook && word.text == "bright";
    const bool is_both = word.role == kLook && static_cast<Look>(word.value) == Look::kBlackAndWhite;
    if (names_colour(word.role) && !word.is_used) {
      if (word.role != kTone || !backdrop.tone) colour_backdrop(backdrop, word);
      word.is_used = true;
      is_any = true;
    } else if (word.role == kPlainly || word.role == kDegree || is_bright || is_both) {
      word.is_used = true;
    } else if (word.role == kMaterial) {
      const auto named = parse_material_word(word.text);
      if (named && named->material == backdrop.material && !backdrop.colour) backdrop.colour = named->colour;
      word.is_used = true;
    } else if (word.role != kUnknown && word.role != kAnd) {
      break;
    }
  }
  return is_any;
}

bool Reader::take_colours_behind(Words words, std::size_t at, Backdrop& backdrop) {
  using enum WordRole;
  bool is_any = false;
  for (++at; at < words.size(); ++at) {
    InstructionWord& word = words[at];
    if (names_colour(word.role)) {
      // "make the background of the gold ring darker": a word before a subject is the subject's.
      if (group_head(words, at) == kSubject || group_head(words, at) == kUnknown) continue;
      if (!backdrop.colour || word.role == kTone) colour_backdrop(backdrop, word);
      word.is_used = true;
      is_any = true;
    } else if (word.role == kPlainly && is_any) {
      word.is_used = true;
    }
  }
  return is_any;
}

void Reader::add_backdrop(const Backdrop& backdrop) {
  if (!background_ || !background_->backdrop) {
    background_ = Background{backdrop};
    return;
  }
  Backdrop& before = *background_->backdrop;
  const bool adds_colour = backdrop.material == Material::kPlain && before.material != Material::kPlain;
  const bool adds_material = backdrop.material != Material::kPlain && before.material == Material::kPlain;
  if (adds_colour) {
    if (!before.colour && !before.tone) before.colour = backdrop.colour, before.tone = backdrop.tone;
  } else {
    const Backdrop plain = before;
    before = backdrop;
    if (adds_material && !before.colour && !before.tone) before.colour = plain.colour, before.tone = plain.tone;
  }
}

// A word such as "marble": it is a backdrop where it is not said of something else ("a leather strap").
bool Reader::read_material(Words words, std::size_t at) {
  using enum WordRole;
  std::size_t last = at;
  while (last + 1 < words.size() && (words[last + 1].role == kMaterial || words[last + 1].role == kPlainly)) ++last;
  const WordRole behind = last + 1 < words.size() ? words[last + 1].role : kFiller;
  const bool has_ground = behind == kSupport || behind == kBackground || has(words, kBackground);
  if (behind == kUnknown || behind == kSubject || behind == kLight || behind == kPart || behind == kPicture)
    return false;
  while (words[last].role != kMaterial) --last;
  bool is_under = false;
  for (std::size_t before = last; before-- > 0 && !is_under;) {
    is_under = words[before].role == kOn || words[before].role == kTo || words[before].role == kWith;
    if (words[before].role == kSubject) break;
  }
  if (is_seldom_surface(words[last].text) && !is_under && !has_ground) return false;
  Backdrop backdrop = *parse_material_word(words[last].text);
  words[last].is_used = true;
  take_colours_before(words, last, backdrop);
  for (std::size_t after = last + 1; after < words.size(); ++after) {
    if (words[after].role == kSupport || words[after].role == kBackground) words[after].is_used = true;
  }
  if (backdrop.material == Material::kGradient) take_colours_behind(words, last, backdrop);
  for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kBackground;
  add_backdrop(backdrop);
  return true;
}

// "white background", "make the background white", "a dark surface".
bool Reader::read_coloured(Words words, std::size_t at, bool is_order) {
  using enum WordRole;
  Backdrop backdrop;
  bool is_any = take_colours_before(words, at, backdrop);
  if (!is_any) is_any = take_colours_behind(words, at, backdrop);
  if (!is_any && words[at].role == kBackground) {
    const auto plain = std::ranges::find_if(
        words, [](const InstructionWord& word) { return word.role == kPlainly && makes_plain(word.text); });
    if (plain != words.end() && !has(words, kLook)) {
      plain->is_used = is_any = true;
    } else if (is_order && has(words, kTone)) {
      first_of(words, kTone)->is_used = true;
    }
  }
  if (!is_any) return false;
  words[at].is_used = true;
  add_backdrop(backdrop);
  return true;
}

// "put it on white".
bool Reader::read_on_colour(Words words, std::size_t at) {
  using enum WordRole;
  std::size_t end = at + 1;
  bool is_any = false;
  for (; end < words.size(); ++end) {
    const WordRole role = words[end].role;
    is_any = is_any || names_colour(role);
    if (!names_colour(role) && role != kPlainly && !says_nothing(words[end]) && role != kDegree) break;
  }
  const bool ends_here = end == words.size() || words[end].role == kOn || words[end].role == kAnd;
  if (!is_any || !ends_here) return false;
  Backdrop backdrop;
  for (InstructionWord& word : words.subspan(at, end - at)) {
    if (names_colour(word.role)) colour_backdrop(backdrop, word);
    word.is_used = true;
  }
  add_backdrop(backdrop);
  return true;
}

bool Reader::read_backdrop(Words words, bool is_order) {
  using enum WordRole;
  bool is_any = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at].role == kMaterial && !words[at].is_used && read_material(words, at)) is_any = true;
  }
  if (is_any) return true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const WordRole role = words[at].role;
    if ((role == kBackground || role == kSupport) && !words[at].is_used && read_coloured(words, at, is_order))
      return true;
    if (role == kOn && read_on_colour(words, at)) return true;
  }
  return false;
}

bool Reader::read_cut_out(Words words, const InstructionWord& head, bool is_order) {
  using enum WordRole;
  InstructionWord* const said = first_of(words, kCutOut);
  const bool is_removed = head.role == kRemove && head.text != "clean up" && has(words, kBackground) &&
                          !has(words, kNoise) && !has(words, kLook) && !has(words, kSubject);
  const bool is_transparent =
      said != nullptr && (said->is_verb || is_order || said->text.ends_with("background") || has(words, kBackground));
  if (!is_removed && !is_transparent) return false;
  if (said != nullptr) said->is_used = true;
  for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kBackground;
  if (!background_) background_ = Background{};
  return true;
}

// ---- Metal, and the shape of the picture

bool Reader::read_metal(Words words, const InstructionWord& head) {
  using enum WordRole;
  bool is_alone = true;
  for (const InstructionWord& word : words) {
    const bool belongs = word.role == kMetal || says_nothing(word) || word.text == "metal" || word.role == kColourNoun;
    is_alone = is_alone && belongs;
  }
  // "the ring should be gold"
  const auto says_become = [](const InstructionWord& word) {
    return word.role == kTo || word.text == "be" || word.text == "should";
  };
  const bool is_wish = has(words, kSubject) && std::ranges::any_of(words, says_become) && !head.is_verb;
  if (head.role != kMake && !is_wish && !is_alone) return false;
  InstructionWord* meant = nullptr;
  for (std::size_t at = 0; at < words.size(); ++at) {
    InstructionWord& word = words[at];
    if (word.role != kMetal || word.is_used) continue;
    const bool has_noun = at + 1 < words.size() && (words[at + 1].role == kSubject || words[at + 1].role == kUnknown) &&
                          words[at + 1].text != "metal" && words[at + 1].text != "plating";
    if (!has_noun) meant = &word;
  }
  if (meant == nullptr) return false;
  for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kMetal;
  recolour_ = Recolour{static_cast<Metal>(meant->value)};
  return true;
}

bool Reader::read_crop(Words words, bool& is_wrong) {
  using enum WordRole;
  InstructionWord* const aspect = first_of(words, kAspect);
  InstructionWord* const verb = first_of(words, kCrop);
  if (aspect == nullptr && verb == nullptr) return false;
  if (verb != nullptr && aspect == nullptr && (has(words, kSide) || has(words, kNumber) || has(words, kPart))) {
    is_wrong = true;
    return false;
  }
  Crop crop;
  if (aspect != nullptr) {
    const int value = static_cast<int>(aspect->value);
    crop.aspect = AspectRatio{value / 1'000, value % 1'000};
    aspect->is_used = true;
  }
  for (InstructionWord& word : words) {
    if (verb == nullptr || aspect != nullptr) break;
    if (word.text == "portrait" || word.text == "vertical") crop.aspect = AspectRatio{4, 5};
    if (word.text == "landscape" || word.text == "horizontal") crop.aspect = AspectRatio{3, 2};
    if (word.text == "widescreen" || word.text == "banner") crop.aspect = AspectRatio{16, 9};
    if (crop.aspect && !word.is_used) {
      word.is_used = true;
      break;
    }
    const bool is_manner = word.text == "tightly" || word.text == "tight" || word.text == "close" ||
                           word.text == "closely" || word.text == "around";
    word.is_used = word.is_used || is_manner;
  }
  if (verb != nullptr) verb->is_used = true;
  crop_ = crop;
  return true;
}

bool Reader::read_rotation(Words words, const InstructionWord& head) {
  using enum WordRole;
  const InstructionWord* const unit = first_of(words, kUnit);
  const bool has_degrees = unit != nullptr && static_cast<Unit>(unit->value) == Unit::kDegrees;
  const InstructionWord* const axis = first_of(words, kAxis);
  const bool is_over = axis != nullptr && axis->text == "upside down";
  const bool is_turn = head.text == "turn" && (has_degrees || has(words, kClockwise) || has(words, kSide) || is_over);
  if (!has(words, kRotate) && !is_turn && !(has_degrees && has(words, kClockwise))) return false;
  double degrees = head.text == "tilt" ? kTiltDegrees : 90;
  if (const InstructionWord* number = first_of(words, kNumber)) degrees = number->value;
  if (is_over) degrees = 180;
  double sign = has(words, kLess) ? -1 : 1;
  if (const InstructionWord* side = first_of(words, kSide)) sign = side->value;
  if (const InstructionWord* side = first_of(words, kClockwise)) sign = side->value;
  degrees_ += sign * std::fmod(degrees, 360);
  for (InstructionWord& word : words) {
    const WordRole role = word.role;
    word.is_used = word.is_used || role == kRotate || role == kNumber || role == kUnit || role == kSide ||
                   role == kClockwise || role == kAxis || role == kLess || role == kMore;
  }
  return true;
}

bool Reader::read_flip(Words words, bool is_order) {
  using enum WordRole;
  bool is_any = false;
  if (InstructionWord* const straight = first_of(words, kStraighten);
      straight != nullptr && (straight->is_verb || is_order)) {
    is_any = is_straightened_ = true;
    for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kStraighten;
  }
  if (first_of(words, kFlip) != nullptr) {
    const InstructionWord* const axis = first_of(words, kAxis);
    flip_ = Flip{axis != nullptr && axis->value == 1};
    is_any = true;
    for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kFlip || word.role == kAxis;
  }
  return is_any;
}

// The shadow and the reflection that a subject has on its backdrop.
bool Reader::read_contact(Words words, const InstructionWord& head) {
  using enum WordRole;
  bool is_any = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    InstructionWord& word = words[at];
    const bool is_shadow = word.role == kShadow, is_reflection = word.role == kReflection;
    if ((!is_shadow && !is_reflection) || word.is_used) continue;
    const bool is_removed = head.role == kRemove;
    const bool is_dial = is_shadow && word.value == 1 &&
                         (has(words, kMore) || has(words, kLess) || has(words, kLook) || has(words, kNumber) ||
                          (at > 0 && words[at - 1].role == kTone) || carried_.direction != 0);
    if (is_dial) continue;
    const InstructionWord* const degree = first_of(words, kDegree);
    const double factor = has(words, kLess) ? 0.5 : degree != nullptr ? degree->value : 1;
    const double usual = is_shadow ? 1 : kReflectionUsual;
    (is_shadow ? shadow_ : reflection_) = is_removed ? 0 : std::min(1.0, usual * factor);
    for (InstructionWord& other : words) {
      if (other.role == kLess || other.role == kMore || other.role == kDegree || other.role == kPlainly)
        other.is_used = true;
    }
    word.is_used = is_any = true;
    if (head.is_verb) backdrop_order_ = words;
  }
  return is_any;
}

// How the camera sees the backdrop. Where light comes from is another matter.
bool Reader::read_view(Words words, const InstructionWord& head) {
  using enum WordRole;
  InstructionWord* const view = first_of(words, kFromAbove);
  if (view == nullptr) return false;
  const auto is_of_light = [](const InstructionWord& word) {
    return word.role == kLight || word.text == "lit" || word.text.ends_with("light") || word.text.ends_with("lighting");
  };
  const auto before = static_cast<std::size_t>(view - words.data());
  if (std::ranges::any_of(words.first(before), is_of_light)) return false;
  for (InstructionWord& word : words) word.is_used = word.is_used || word.role == kFromAbove;
  if (head.is_verb) backdrop_order_ = words;
  return is_flat_lay_ = true;
}

// ---- Dials

void Reader::add_turn(Dial dial, double usual, const Measure& measure, Where where) {
  if (is_one_sided(dial) && usual < 0) {
    if (dial != Dial::kBlur) return;
    dial = Dial::kSharpen;  // less blur
    usual = -usual;
  }
  turns_.push_back({{dial, measured(dial, usual, measure), where}, usual, measure.says_how_far(), reading_});
}

bool Reader::add_look(Words words, std::size_t at, Measure measure, bool is_order, Where where) {
  using enum WordRole;
  InstructionWord& word = words[at];
  const bool compares = word.text.ends_with("er") || word.text.ends_with("ier");
  const WordRole head = at + 1 < words.size() && !word.is_verb ? group_head(words, at + 1) : kFiller;
  if (!compares && (head == kSubject || (head == kUnknown && !is_order))) return false;  // of "a vintage ring"
  if (head == kBackground || static_cast<Look>(word.value) == Look::kBokeh) where = Where::kBackground;
  if (!measure.unit) measure.number.reset();  // of "three bright rings"
  const int sign = (measure.direction < 0 ? -1 : 1) * (measure.is_too ? -1 : 1);
  const std::size_t before = turns_.size();
  for (const LookTurn& part : look_turns(static_cast<Look>(word.value))) {
    const Where there = part.dial == Dial::kVignette ? Where::kPicture : where;
    add_turn(part.dial, sign * part.amount, measure, there);
  }
  word.is_used = true;
  return turns_.size() > before;
}

// "darker shadows", "brighten the highlights", "softer contrast": what was read as a look is said of this dial.
bool Reader::replaces_look(Words words, std::size_t at, Dial dial, Where where) {
  while (at-- > 0 && says_nothing(words[at])) {
  }
  if (at >= words.size() || words[at].role != WordRole::kLook || turns_.empty()) return false;
  const Look look = static_cast<Look>(words[at].value);
  if (look != Look::kBrighter && look != Look::kDarker && look != Look::kSofter) return false;
  const Made last = turns_.back();
  turns_.pop_back();
  const bool is_lifted = dial == Dial::kShadows ? look != Look::kDarker : look == Look::kBrighter;
  const double factor = last.usual == 0 ? 1 : last.turn.amount / last.usual;
  turns_.push_back({{dial, std::clamp((is_lifted ? 1 : -1) * kDialUsual * factor, -1.0, 1.0), where},
                    (is_lifted ? 1 : -1) * kDialUsual,
                    last.says_how_far,
                    &words[at]});
  return true;
}

// "the shadows darker": the look behind a dial says which way it goes.
int Reader::direction_behind(Words words, std::size_t at) {
  for (++at; at < words.size(); ++at) {
    InstructionWord& word = words[at];
    if (says_nothing(word) || word.role == WordRole::kDegree) continue;
    const Look look = static_cast<Look>(word.value);
    const bool is_said = word.role == WordRole::kLook && (look == Look::kBrighter || look == Look::kDarker);
    if (!is_said) return 0;
    word.is_used = true;
    return look == Look::kBrighter ? 1 : -1;
  }
  return 0;
}

bool Reader::add_dial(Words words, std::size_t at, Measure measure, const InstructionWord& head, Where where) {
  using enum WordRole;
  InstructionWord& word = words[at];
  const bool is_noise = word.role == kNoise, is_colour = word.role == kColourNoun, is_shadow = word.role == kShadow;
  const Dial dial = is_noise    ? Dial::kDenoise
                    : is_colour ? Dial::kSaturation
                    : is_shadow ? Dial::kShadows
                                : static_cast<Dial>(word.value);
  if (replaces_look(words, at, dial, where)) return word.is_used = true;
  if (measure.direction == 0 && !is_noise && !is_colour) measure.direction = direction_behind(words, at);
  const bool is_removed = head.role == kRemove;
  if (measure.direction == 0 && head.role == kAdd && !is_colour) measure.direction = 1;
  if (is_colour) {
    if (is_removed) {
      add_turn(Dial::kBlackAndWhite, 1, {}, where);
      return word.is_used = true;
    }
    if (measure.direction == 0) return false;
  }
  if (is_shadow && measure.direction == 0) measure.direction = at > 0 && words[at - 1].role == kTone ? -1 : 1;
  if (is_noise) {
    measure.direction = measure.direction < 0 || is_removed ? 1 : measure.direction > 0 ? -1 : 0;
  } else if (is_removed) {
    if (is_one_sided(dial)) return false;
    measure.direction = -1;
    if (dial == Dial::kSaturation) measure.degree = 2.5;
  }
  if (measure.direction == 0) {
    const bool is_vague = (head.role == kMake && head.value == 1) || is_noise;
    if (is_vague && !measure.number) return false;
    measure.direction = 1;
  }
  if (measure.is_too) measure.direction = -measure.direction;
  if (is_noise && measure.direction < 0) return false;
  const double usual = dial == Dial::kExposure ? kExposureUsual : kDialUsual;
  add_turn(dial, measure.direction * usual, measure, dial == Dial::kVignette ? Where::kPicture : where);
  return word.is_used = true;
}

// "make it light", "too dark", "dark and moody".
bool Reader::add_tone(Words words, std::size_t at, const Measure& measure, bool is_order, Where where) {
  using enum WordRole;
  InstructionWord& word = words[at];
  const WordRole next = at + 1 < words.size() ? words[at + 1].role : kFiller;
  const WordRole about = at + 1 < words.size() ? group_head(words, at + 1) : kFiller;
  if (about == kSubject || about == kUnknown || about == kMaterial || about == kSupport) return false;
  if (next == kColour || next == kShadow) return false;
  const bool is_dark = word.text == "dark";
  if (!is_dark && (word.text != "light" || !(is_order || measure.is_too) || about == kLight)) return false;
  if (about == kBackground) where = Where::kBackground;
  const double sign = (is_dark ? -1 : 1) * (measure.is_too ? -1 : 1);
  add_turn(Dial::kExposure, sign * kExposureUsual, measure, where);
  return word.is_used = true;
}

// "less yellow", "too blue", "remove the green cast".
bool Reader::add_hue(Words words, std::size_t at, Measure measure, const InstructionWord& head, Where where) {
  using enum WordRole;
  InstructionWord& word = words[at];
  const bool is_cast = at + 1 < words.size() && (words[at + 1].role == kColourNoun || words[at + 1].text == "tint");
  if (head.role == kRemove && is_cast) measure.direction = -1;
  if (measure.is_too) measure.direction = -1;
  if (measure.direction == 0) return false;
  const std::string_view hue = word.text;
  const bool is_warm = hue == "yellow" || hue == "orange", is_cool = hue == "blue" || hue == "cyan";
  const bool is_pink = hue == "magenta" || hue == "pink" || hue == "red" || hue == "purple";
  if (!is_warm && !is_cool && !is_pink && hue != "green") return false;
  const double sign = measure.direction * (is_warm || is_pink ? 1 : -1);
  add_turn(is_warm || is_cool ? Dial::kWarmth : Dial::kTint, sign * kDialUsual, measure, where);
  if (is_cast) words[at + 1].is_used = true;
  return word.is_used = true;
}

// Says of the turns that wait for it how far they go: "brightness and contrast by 20%".
void Reader::measure_open(Words words, std::size_t end) {
  using enum WordRole;
  Measure last;
  if (const InstructionWord* number = first_of(words, kNumber)) last.number = number->value;
  if (const InstructionWord* unit = first_of(words, kUnit)) last.unit = static_cast<Unit>(unit->value);
  if (const InstructionWord* degree = first_of(words, kDegree)) last.degree = degree->value;
  if (!last.says_how_far()) return;
  for (std::size_t at = carried_.open_from; at < end; ++at) {
    Made& made = turns_[at];
    if (!made.says_how_far) made.turn.amount = measured(made.turn.dial, made.usual, last);
  }
}

// A word's measure, with what is said behind it: "contrast -10", "brightness up by 20%".
Measure Reader::measure_behind(Words words, std::size_t at, Measure measure) {
  using enum WordRole;
  for (++at; at < words.size() && words[at].role != kLook && words[at].role != kDial; ++at) {
    const InstructionWord& word = words[at];
    if (word.role == kMore && !word.is_verb) measure.direction = 1;
    if (word.role == kLess && !word.is_verb) measure.direction = -1;
    if (word.role == kDegree) measure.degree = word.value;
    if (word.role == kNumber) measure.number = word.value;
    if (word.role == kUnit) measure.unit = static_cast<Unit>(word.value);
  }
  const bool is_size = measure.unit == Unit::kKelvins && measure.number.value_or(0) < 1'000;  // "8k"
  if (is_size) measure.number.reset(), measure.unit.reset();
  return measure;
}

bool Reader::read_turns(const Clause& clause, const InstructionWord& head, bool is_order, Where where) {
  using enum WordRole;
  const Words words = clause.words;
  const std::size_t first_turn = turns_.size();
  bool is_any = false;
  Measure measure;
  if (head.role == kDial || head.role == kNoise || head.role == kShadow) measure.direction = carried_.direction;
  const bool goes_on = measure.direction != 0 && carried_.direction != 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    InstructionWord& word = words[at];
    if (word.is_used) continue;
    reading_ = &word;
    const WordRole role = word.role;
    if (role == kMore) measure.direction = 1;
    if (role == kLess) measure.direction = word.text == "recover" && has(words, kShadow) ? 1 : -1;
    if (role == kDegree) measure.degree = word.value;
    if (role == kToo) measure.is_too = true;
    if (role == kNumber) measure.number = measure.number && word.value == 0.5 ? *measure.number + 0.5 : word.value;
    if (role == kUnit) measure.unit = static_cast<Unit>(word.value);
    bool is_made = false;
    if (role == kLook) is_made = add_look(words, at, measure_behind(words, at, measure), is_order, where);
    if (role == kDial || role == kNoise || role == kColourNoun || role == kShadow) {
      is_made = add_dial(words, at, measure_behind(words, at, measure), head, where);
    }
    if (role == kTone) is_made = add_tone(words, at, measure, is_order, where);
    if (role == kColour) is_made = add_hue(words, at, measure, head, where);
    is_any = is_any || is_made;
  }
  if (!is_any) return false;
  if (goes_on) measure_open(words, first_turn);
  for (InstructionWord& word : words) {
    const WordRole role = word.role;
    if (role == kMore || role == kLess || role == kDegree || role == kNumber || role == kUnit || role == kToo) {
      word.is_used = true;
    }
  }
  return true;
}

// ---- Clauses

Where Reader::where_of(Words words, bool is_order, const Clause& clause) const {
  using enum WordRole;
  if (!is_order) return Where::kPicture;
  if (has(words, kPicture)) return Where::kPicture;
  if (has(words, kBackground)) return Where::kBackground;
  if (has(words, kSubject)) return Where::kSubject;
  for (std::size_t at = 0; at + 1 < words.size(); ++at) {
    const bool is_named = words[at].role == kArticle && words[at].text != "a" && words[at].text != "an";
    if (is_named && words[at + 1].role == kUnknown) return Where::kSubject;
  }
  // "blur the background, black and white": a picture has no colour as a whole.
  const bool is_of_all = std::ranges::any_of(words, [](const InstructionWord& word) {
    return word.role == kLook && static_cast<Look>(word.value) == Look::kBlackAndWhite;
  });
  const bool goes_on = !is_of_all && (clause.link == kAnd || clause.link == kComma);
  return goes_on ? carried_.where : Where::kPicture;
}

// What is not wanted: it takes back what another word brought.
void Reader::read_exception(const Clause& clause) {
  using enum WordRole;
  const auto take_back = [&](Dial dial) {
    std::erase_if(turns_, [&](const Made& made) { return made.turn.dial == dial; });
  };
  for (InstructionWord& word : clause.words) {
    if (word.is_used) continue;
    word.is_used = word.role != kUnknown;
    if (word.role == kShadow) shadow_ = 0;
    if (word.role == kReflection) reflection_ = 0;
    if (word.role == kFromAbove) is_flat_lay_ = false;
    if (word.role == kNoise) turns_.push_back({{Dial::kDenoise, 0.5, Where::kPicture}, 0.5, false, &word});
    if (word.role == kColourNoun) turns_.push_back({{Dial::kBlackAndWhite, 1, Where::kPicture}, 1, true, &word});
    if (word.role == kDial) take_back(static_cast<Dial>(word.value));
    if (word.role == kCrop) crop_.reset();
    if (word.role == kLook) {
      for (const LookTurn& part : look_turns(static_cast<Look>(word.value))) take_back(part.dial);
    }
    if (word.role == kBackground && clause.words.size() == 1 && !background_) background_ = Background{};
  }
}

// Whether an order was understood, as a whole.
Result<void> Reader::check_order(const Clause& clause, const InstructionWord& head, bool has_effect) const {
  using enum WordRole;
  if (!has_effect || head.role == kCannot) return refused(clause.words);
  const auto is_beyond = [](const InstructionWord& word) {
    return !word.is_used && (word.role == kCannot || word.role == kPart);
  };
  if (std::ranges::any_of(clause.words, is_beyond)) return refused(clause.words);
  if ((head.role == kAdd && head.text != "create" && head.text != "generate") || head.role == kRemove) {
    // What is to be added or removed must itself be understood: "add a dog on marble" is not.
    const std::size_t behind = static_cast<std::size_t>(&head - clause.words.data()) + 1;
    for (std::size_t at = behind; at < clause.words.size(); ++at) {
      const InstructionWord& word = clause.words[at];
      if (word.role == kOn || word.role == kTo || word.is_used) break;
      if (word.role != kUnknown && word.role != kSubject) continue;
      const WordRole about = group_head(clause.words, at);
      if (about == kUnknown || about == kSubject) return refused(clause.words);
    }
  }
  return {};
}

Result<void> Reader::read_clause(const Clause& clause) {
  using enum WordRole;
  const Words words = clause.words;
  const bool goes_on = clause.link == kAnd || clause.link == kComma || clause.link == kOr;
  if (!goes_on) carried_ = {.open_from = turns_.size()};
  if (clause.link == kInsteadOf) {
    for (InstructionWord& word : words) word.is_used = word.role != kUnknown;
    return {};
  }
  bool is_asked = false;
  std::size_t head_at = 0;
  for (; head_at < words.size(); ++head_at) {
    const InstructionWord& word = words[head_at];
    if (!says_nothing(word) && word.role != kDegree && word.role != kToo) break;
    is_asked = is_asked || word.text == "please" || word.text == "can" || word.text == "could" || word.text == "kindly";
  }
  const InstructionWord& head = head_at < words.size() ? words[head_at] : kNoWord;
  if (head.text == "mirror" && head_at == 0) words[head_at].role = kFlip;
  const bool is_noun = head.role == kShadow || head.role == kReflection || head.role == kDial || head.role == kNoise;
  const bool is_negated = clause.link == kNot || clause.link == kWithout ||
                          (carried_.is_negated && (clause.link == kOr || (clause.link == kAnd && is_noun)));
  if (is_negated) {
    read_exception(clause);
    carried_ = {.is_negated = true, .open_from = turns_.size()};
    return {};
  }
  if (head.role == kKeep && !has(words, kOn)) {
    for (InstructionWord& word : words) word.is_used = true;
    return {};
  }
  const bool has_object = head_at + 1 < words.size() && words[head_at + 1].role == kArticle;
  const bool is_unknown_order =
      head_at < words.size() && head.role == kUnknown && (has_object || is_asked) && !head.text.ends_with("ing");
  const bool is_order = head.is_verb || is_unknown_order || ((head.role == kMore || head.role == kLess) && !is_noun);
  for (std::size_t at = 1; at < words.size(); ++at) {
    const bool is_thing = words[at].text == "mirror" && (at > head_at || head.role != kFlip);
    if (is_thing) words[at].role = kMaterial;
  }

  bool is_wrong = false;
  bool has_effect = read_backdrop(words, is_order);
  has_effect = read_cut_out(words, head, is_order) || has_effect;
  has_effect = read_metal(words, head) || has_effect;
  has_effect = read_crop(words, is_wrong) || has_effect;
  has_effect = read_rotation(words, head) || has_effect;
  has_effect = read_flip(words, is_order) || has_effect;
  has_effect = read_contact(words, head) || has_effect;
  has_effect = read_view(words, head) || has_effect;
  const Where where = where_of(words, is_order || carried_.is_order, clause);
  const bool has_turns = read_turns(clause, head, is_order, where);
  has_effect = has_turns || has_effect;

  // "make it warmer and happier" is an order to its end.
  const bool is_rest =
      carried_.is_make && clause.link == kAnd && words.size() <= 2 && (head.role == kUnknown || head.role == kCannot);
  if (is_wrong || is_unknown_order || (is_rest && !has_effect)) return refused(words.subspan(is_wrong ? 0 : head_at));
  if (is_order) {
    const Clause said{clause.link, words.subspan(head_at)};
    if (auto checked = check_order(said, head, has_effect); !checked) return checked;
  }
  if (is_order || !goes_on) {
    carried_.is_order = is_order;
    carried_.is_make = head.role == kMake;
    carried_.direction = head.role == kMore || head.role == kAdd ? 1 : head.role == kLess ? -1 : 0;
    carried_.where = has_turns ? where : Where::kPicture;
  }
  carried_.is_negated = false;
  return {};
}

// All that was said of one dial is one step.
void Reader::add_turns(EditPlan& plan, std::initializer_list<Where> places) const {
  for (const Where where : places) {
    for (int dial = 0; dial < kDials; ++dial) {
      double sum = 0;
      for (const Made& made : turns_) {
        if (made.turn.dial == static_cast<Dial>(dial) && made.turn.where == where) sum += made.turn.amount;
      }
      const double most = static_cast<Dial>(dial) == Dial::kExposure ? kExposureMax : 1;
      const double amount = rounded(std::clamp(sum, -most, most));
      if (amount != 0) plan.steps.emplace_back(Turn{static_cast<Dial>(dial), amount, where});
    }
  }
}

EditPlan Reader::finished() {
  using enum WordRole;
  EditPlan plan;
  if (is_straightened_) plan.steps.emplace_back(Straighten{});
  double degrees = std::fmod(degrees_, 360);
  if (degrees > 180) degrees -= 360;
  if (degrees <= -180) degrees += 360;
  if (std::abs(degrees) > 1e-3) plan.steps.emplace_back(Rotate{rounded(degrees)});
  if (flip_) plan.steps.emplace_back(*flip_);
  if (crop_) plan.steps.emplace_back(*crop_);
  if (recolour_) plan.steps.emplace_back(*recolour_);
  if (background_) {
    // There is no old background left to turn a dial of.
    for (const Made& made : turns_) {
      if (made.turn.where == Where::kBackground && made.word != nullptr) made.word->is_used = false;
    }
    std::erase_if(turns_, [](const Made& made) { return made.turn.where == Where::kBackground; });
  }
  add_turns(plan, {Where::kSubject, Where::kBackground});
  if (background_) {
    if (background_->backdrop) {
      background_->backdrop->shadow = shadow_.value_or(1);
      background_->backdrop->reflection = reflection_;
      background_->backdrop->is_flat_lay = is_flat_lay_;
    }
    plan.steps.emplace_back(*background_);
  }
  add_turns(plan, {Where::kPicture});
  for (const InstructionWord& word : words_) {
    const bool is_left = word.role == kUnknown || word.role == kLook || word.role == kColour || word.role == kMetal ||
                         word.role == kMaterial || word.role == kCannot || word.role == kPart || word.role == kShadow ||
                         word.role == kReflection || word.role == kDial || word.role == kNumber ||
                         word.role == kPlainly || word.role == kFromAbove;
    if (!is_left || word.is_used || word.text.find_first_not_of(' ') == std::string::npos) continue;
    if (std::ranges::find(plan.unused, word.text) == plan.unused.end()) plan.unused.push_back(word.text);
  }
  return plan;
}

Result<EditPlan> Reader::read() {
  for (const Clause& clause : clauses()) {
    if (auto read = read_clause(clause); !read) return std::unexpected(read.error());
  }
  if (backdrop_order_ && !(background_ && background_->backdrop)) return refused(*backdrop_order_);
  EditPlan plan = finished();
  if (plan.steps.empty()) return refused(words_);
  return plan;
}

// ---- JSON

std::string colour_text(const std::array<std::uint8_t, 3>& colour) {
  const auto found = std::ranges::find(named_colours(), colour, &NamedColour::colour);
  if (found != named_colours().end()) return std::string(found->name);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t channel : colour) text += {kDigits[channel / 16], kDigits[channel % 16]};
  return text;
}

const char* tone_name(Tone tone) {
  switch (tone) {
    case Tone::kLight: return "light";
    case Tone::kMiddle: return "middle";
    case Tone::kDark: return "dark";
  }
  return "light";
}

struct StepJson {
  JsonText operator()(const Straighten& straighten) const {
    JsonText json = {{"step", "straighten"}};
    if (straighten.degrees) json.add("degrees", *straighten.degrees);
    return json;
  }
  JsonText operator()(const Rotate& rotate) const { return {{"step", "rotate"}, {"degrees", rotate.degrees}}; }
  JsonText operator()(const Flip& flip) const {
    return {{"step", "flip"}, {"along", flip.is_upside_down ? "vertical" : "horizontal"}};
  }
  JsonText operator()(const Crop& crop) const {
    if (!crop.aspect) return {{"step", "crop"}, {"to", "subject"}};
    return {{"step", "crop"}, {"to", std::to_string(crop.aspect->width) + ":" + std::to_string(crop.aspect->height)}};
  }
  JsonText operator()(const Recolour& recolour) const {
    return {{"step", "recolour"}, {"metal", metal_name(recolour.metal)}};
  }
  JsonText operator()(const Background& background) const {
    JsonText json = {{"step", "background"}};
    if (!background.backdrop) return json.add("surface", "transparent");
    const Backdrop& backdrop = *background.backdrop;
    json.add("surface", material_name(backdrop.material));
    if (backdrop.colour) json.add("colour", colour_text(*backdrop.colour));
    if (backdrop.tone) json.add("tone", tone_name(*backdrop.tone));
    if (backdrop.shadow != 1) json.add("shadow", backdrop.shadow);
    if (backdrop.reflection) json.add("reflection", *backdrop.reflection);
    if (backdrop.is_flat_lay) json.add("seen", "from-above");
    return json;
  }
  JsonText operator()(const Turn& turn) const {
    JsonText json = {{"step", dial_name(turn.dial)}, {"amount", turn.amount}};
    if (turn.where != Where::kPicture) json.add("of", where_name(turn.where));
    return json;
  }
};

}  // namespace

Result<EditPlan> parse_instruction(std::string_view prompt) {
  if (prompt.size() > kInstructionBytesMax) {
    auto error = fail(ErrorCode::kInvalidInput, "An instruction has at most 2000 characters");
    error.error().field = "prompt";
    return error;
  }
  return Reader(prompt).read();
}

JsonText plan_json(const EditPlan& plan) {
  JsonText steps = JsonText::array(), unused = JsonText::array();
  for (const EditStep& step : plan.steps) steps.push_back(std::visit(StepJson(), step));
  for (const std::string& word : plan.unused) unused.push_back(word);
  return {{"plan", steps}, {"unused", unused}};
}

const char* dial_name(Dial dial) {
  switch (dial) {
    case Dial::kExposure: return "exposure";
    case Dial::kContrast: return "contrast";
    case Dial::kShadows: return "shadows";
    case Dial::kHighlights: return "highlights";
    case Dial::kSaturation: return "saturation";
    case Dial::kVibrance: return "vibrance";
    case Dial::kWarmth: return "warmth";
    case Dial::kTint: return "tint";
    case Dial::kBlackAndWhite: return "black-and-white";
    case Dial::kSepia: return "sepia";
    case Dial::kDenoise: return "denoise";
    case Dial::kSharpen: return "sharpen";
    case Dial::kBlur: return "blur";
    case Dial::kVignette: return "vignette";
  }
  return "exposure";
}

const char* metal_name(Metal metal) {
  switch (metal) {
    case Metal::kGold: return "gold";
    case Metal::kRoseGold: return "rose-gold";
    case Metal::kSilver: return "silver";
    case Metal::kPlatinum: return "platinum";
    case Metal::kCopper: return "copper";
  }
  return "gold";
}

const char* where_name(Where where) {
  switch (where) {
    case Where::kPicture: return "picture";
    case Where::kSubject: return "subject";
    case Where::kBackground: return "background";
  }
  return "picture";
}

}  // namespace tintype
