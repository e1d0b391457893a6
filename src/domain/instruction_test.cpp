#include "domain/instruction.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace tintype {
namespace {

struct Understood {
  const char* prompt;
  const char* plan;  // its JSON without brackets, quotes, "step" and "amount"
};

// What is asked for, and the plan that comes of it.
const Understood kUnderstood[] = {
    {"luxury jewelry on marble surface with dramatic lighting",
     "background, surface:marble, contrast, 0.35, shadows, -0.25, vignette, 0.3; unused:luxury"},
    {"luxury jewelry on marble surface", "background, surface:marble; unused:luxury"},
    {"luxury diamond ring on marble", "background, surface:marble; unused:luxury"},
    {"on white marble, a little warmer", "background, surface:marble, tone:light, warmth, 0.2"},
    {"on white marble", "background, surface:marble, tone:light"},
    {"on dark wood", "background, surface:wood, tone:dark"},
    {"soft grey gradient", "background, surface:gradient, colour:grey"},
    {"velvet", "background, surface:velvet"},
    {"put it on black velvet", "background, surface:velvet, colour:black"},
    {"place the ring on a dark slate slab", "background, surface:slate, tone:dark"},
    {"white background", "background, surface:plain, colour:white"},
    {"make the background white", "background, surface:plain, colour:white"},
    {"change the background to light grey", "background, surface:plain, colour:grey, tone:light"},
    {"replace the background with navy blue velvet", "background, surface:velvet, colour:navy"},
    {"flat lay on white marble", "background, surface:marble, tone:light, seen:from-above"},
    {"on oak, seen from above", "background, surface:wood, colour:#b28c62, seen:from-above"},
    {"top view, white background", "background, surface:plain, colour:white, seen:from-above"},
    {"make it a flat-lay on linen", "background, surface:linen, seen:from-above"},
    {"overhead shot of rings on slate", "background, surface:slate, seen:from-above"},
    {"bird's-eye view of a ring on velvet", "background, surface:velvet, seen:from-above"},
    {"on marble, lit from above", "background, surface:marble; unused:lit, from above"},
    {"on marble, not from above", "background, surface:marble"},
    {"remove the background", "background, surface:transparent"},
    {"transparent background", "background, surface:transparent"},
    {"cut out the ring", "background, surface:transparent"},
    {"isolate on white", "background, surface:plain, colour:white"},
    {"product photo on a beige linen cloth, soft lighting",
     "background, surface:linen, colour:beige, contrast, -0.2, shadows, 0.25, highlights, -0.2"},
    {"warmer", "warmth, 0.4"},
    {"a little warmer", "warmth, 0.2"},
    {"much warmer", "warmth, 0.7"},
    {"make it brighter", "exposure, 0.5"},
    {"make it much brighter and a bit warmer", "exposure, 0.875, warmth, 0.2"},
    {"brighter by 20%", "exposure, 0.263"},
    {"increase brightness by 20%", "exposure, 0.263"},
    {"increase brightness and contrast by 20%", "exposure, 0.263, contrast, 0.2"},
    {"increase contrast, saturation and warmth", "contrast, 0.4, saturation, 0.4, warmth, 0.4"},
    {"reduce the saturation by 30 percent", "saturation, -0.3"},
    {"less contrast", "contrast, -0.4"},
    {"more contrast", "contrast, 0.4"},
    {"boost the colours", "saturation, 0.4"},
    {"two stops brighter", "exposure, 2"},
    {"darken by one stop", "exposure, -1"},
    {"1.5 stops darker", "exposure, -1.5"},
    {"black and white", "black-and-white, 1"},
    {"convert to black and white", "black-and-white, 1"},
    {"black and white marble background", "background, surface:marble"},
    {"sepia", "sepia, 1"},
    {"crop to 4:5", "crop, to:4:5"},
    {"crop to 16:9", "crop, to:16:9"},
    {"square", "crop, to:1:1"},
    {"make it square", "crop, to:1:1"},
    {"crop tightly around the subject", "crop, to:subject"},
    {"crop to the subject", "crop, to:subject"},
    {"rotate by 90 degrees", "rotate, degrees:90"},
    {"rotate 90 degrees counterclockwise", "rotate, degrees:-90"},
    {"rotate left", "rotate, degrees:-90"},
    {"rotate 5° clockwise", "rotate, degrees:5"},
    {"turn it upside down", "rotate, degrees:180"},
    {"turn 90 degrees to the left", "rotate, degrees:-90"},
    {"straighten", "straighten"},
    {"straighten the horizon", "straighten"},
    {"flip horizontally", "flip, along:horizontal"},
    {"flip it vertically", "flip, along:vertical"},
    {"mirror", "flip, along:horizontal"},
    {"sharpen", "sharpen, 0.5"},
    {"sharpen slightly", "sharpen, 0.25"},
    {"sharper and less noise", "denoise, 0.4, sharpen, 0.5"},
    {"blur the background", "blur, 0.5, of:background"},
    {"blur the background strongly", "blur, 0.875, of:background"},
    {"blur the background, black and white", "blur, 0.5, of:background, black-and-white, 1"},
    {"make the background black and white", "black-and-white, 1, of:background"},
    {"blurred background", "blur, 0.5, of:background"},
    {"slightly blur", "blur, 0.25"},
    {"add a vignette", "vignette, 0.4"},
    {"strong vignette", "vignette, 0.7"},
    {"denoise", "denoise, 0.5"},
    {"remove the noise", "denoise, 0.4"},
    {"reduce noise", "denoise, 0.4"},
    {"make the ring gold", "recolour, metal:gold"},
    {"make the ring rose gold", "recolour, metal:rose-gold"},
    {"change the gold to silver", "recolour, metal:silver"},
    {"change the metal to platinum", "recolour, metal:platinum"},
    {"turn the silver ring into copper", "recolour, metal:copper"},
    {"make it gold instead of silver", "recolour, metal:gold"},
    {"replace gold with silver", "recolour, metal:silver"},
    {"gold ring on marble", "background, surface:marble; unused:gold"},
    {"lift the shadows", "shadows, 0.4"},
    {"deepen the shadows a little", "shadows, -0.2"},
    {"recover the highlights", "highlights, -0.4"},
    {"darker shadows", "shadows, -0.4"},
    {"brighten the shadows and darken the highlights", "shadows, 0.4, highlights, -0.4"},
    {"shadows +30, highlights -20", "shadows, 0.3, highlights, -0.2"},
    {"contrast -10", "contrast, -0.1"},
    {"on marble, no shadow", "background, surface:marble, shadow:0"},
    {"on white marble without reflection", "background, surface:marble, tone:light, reflection:0"},
    {"on marble without shadow or reflection", "background, surface:marble, shadow:0, reflection:0"},
    {"on black glass with a strong reflection", "background, surface:glass, tone:dark, reflection:0.875"},
    {"brighter but don't blur", "exposure, 0.5"},
    {"it's too dark", "exposure, 0.5"},
    {"too bright, not too warm", "exposure, -0.5"},
    {"brighten the ring", "exposure, 0.5, of:subject"},
    {"darken the background", "exposure, -0.5, of:background"},
    {"make the background darker", "exposure, -0.5, of:background"},
    {"desaturate the background", "saturation, -0.4, of:background"},
    {"make the subject pop", "contrast, 0.3, of:subject, vibrance, 0.3, of:subject"},
    {"the photo should be sharper", "sharpen, 0.5"},
    {"please make the picture a bit cooler", "warmth, -0.2"},
    {"Could you please straighten the photo, crop it to a square and put it on white?",
     "straighten, crop, to:1:1, background, surface:plain, colour:white"},
    {"moody, cinematic", "exposure, -0.4, contrast, 0.4, saturation, -0.3, warmth, 0.1, vignette, 0.55"},
    {"vintage ring on wood", "background, surface:wood; unused:vintage"},
    {"make it look vintage", "contrast, -0.15, sepia, 0.35, vignette, 0.25"},
    {"pastel", "saturation, -0.4"},
    {"airy and bright", "exposure, 0.85, contrast, -0.15, shadows, 0.3"},
    {"add contrast", "contrast, 0.4"},
    {"add a marble background", "background, surface:marble"},
    {"on concrete, add a soft shadow", "background, surface:concrete"},
    {"set contrast to +20", "contrast, 0.2"},
    {"saturation 20%", "saturation, 0.2"},
    {"temperature 5000K", "warmth, 0.379"},
    {"dark walnut table, warm light", "background, surface:wood, colour:#583c2b, tone:dark, warmth, 0.4"},
    {"leather watch strap on oak", "background, surface:wood, colour:#b28c62; unused:leather, strap"},
    {"on a mirror", "background, surface:glass"},
    {"on #ff8800", "background, surface:plain, colour:#ff8800"},
    {"background #336699, warmer", "background, surface:plain, colour:#336699, warmth, 0.4"},
    {"put the product on a white surface", "background, surface:plain, colour:white"},
    {"light pink background", "background, surface:plain, colour:pink, tone:light"},
    {"professional product photography, white background, soft shadow, high detail, 8k",
     "background, surface:plain, colour:white, sharpen, 0.4; unused:professional, 8"},
    {"premium watch on black slate with cinematic lighting, shallow depth of field",
     "background, surface:slate, tone:dark, contrast, 0.2, saturation, -0.1, warmth, 0.1, vignette, 0.25; "
     "unused:premium, shallow depth of field"},
    {"replace the background with a beach", "background, surface:sand"},
    {"make it pop", "contrast, 0.3, vibrance, 0.3"},
    {"HDR", "shadows, 0.4, highlights, -0.4"},
    {"slightly more vibrant", "vibrance, 0.25"},
    {"less vivid", "vibrance, -0.5"},
    {"no noise", "denoise, 0.5"},
    {"make it darker, not warmer", "exposure, -0.5"},
    {"reduce the exposure by half a stop", "exposure, -0.5"},
    {"increase exposure by one and a half stops", "exposure, 1.5"},
    {"zoom in on the ring", "crop, to:subject"},
    {"tilt 3 degrees to the left", "rotate, degrees:-3"},
    {"enhance the details", "sharpen, 0.4"},
    {"make the image black & white with more contrast", "contrast, 0.4, black-and-white, 1"},
    {"desaturate completely", "saturation, -1"},
    {"make everything less yellow", "warmth, -0.4"},
    {"recover the shadows", "shadows, 0.4"},
    {"premium watch on black slate with cinematic lighting, shallow depth of field",
     "background, surface:slate, tone:dark, contrast, 0.2, saturation, -0.1, warmth, 0.1, vignette, 0.25; "
     "unused:premium, shallow depth of field"},
    {"make everything less yellow", "warmth, -0.4"},
    {"remove the yellow cast", "warmth, -0.4"},
    {"remove the green tint", "tint, 0.4"},
    {"too blue", "warmth, 0.4"},
    {"on black glass with a strong reflection", "background, surface:glass, tone:dark, reflection:0.875"},
    {"increase contrast and saturation slightly", "contrast, 0.2, saturation, 0.2"},
    {"bokeh", "blur, 0.5, of:background"},
    {"hand holding a ring on marble", "background, surface:marble; unused:hand, holding"},
    {"introducing our new ring on marble", "background, surface:marble; unused:introducing, new"},
    {"a woman under the tree, warm light", "warmth, 0.4; unused:tree"},
    {"set the background to a gradient from blue to white", "background, surface:gradient, colour:blue"},
    {"make the ring and the watch brighter", "exposure, 0.5, of:subject"},
    {"make the picture warmer, brighter and sharper", "exposure, 0.5, warmth, 0.4, sharpen, 0.5"},
    {"Make it: warmer; brighter!", "exposure, 0.5, warmth, 0.4"},
    {"I want the background to be white and the ring to be gold",
     "recolour, metal:gold, background, surface:plain, colour:white"},
    {"give it a vintage look", "contrast, -0.15, sepia, 0.35, vignette, 0.25"},
    {"give it more contrast", "contrast, 0.4"},
    {"use a marble background", "background, surface:marble"},
    {"put a gold ring on white marble", "background, surface:marble, tone:light; unused:gold"},
    {"make the gold ring brighter", "exposure, 0.5, of:subject; unused:gold"},
    {"rose gold", "recolour, metal:rose-gold"},
    {"in silver", "recolour, metal:silver"},
    {"change colour to rose gold", "recolour, metal:rose-gold"},
    {"soften the picture", "blur, 0.15"},
    {"soften the shadows", "shadows, 0.4"},
    {"minimal white background, product centered", "background, surface:plain, colour:white; unused:centered"},
    {"make it a square crop with white background", "crop, to:1:1, background, surface:plain, colour:white"},
    {"clean white background", "background, surface:plain, colour:white"},
    {"turn it 45 degrees", "rotate, degrees:45"},
    {"rotate the image", "rotate, degrees:90"},
    {"rotate by -5 degrees", "rotate, degrees:-5"},
    {"make the background slightly blurred and darker", "exposure, -0.5, of:background, blur, 0.25, of:background"},
    {"keep the background, brighten the subject", "exposure, 0.5, of:subject"},
    {"on wood with no reflection, then crop to 1:1, but a bit darker",
     "crop, to:1:1, background, surface:wood, reflection:0, exposure, -0.25"},
    {"brighter than before by 10 percent", "exposure, 0.138"},
    {"decrease highlights", "highlights, -0.4"},
    {"generate a luxury photo of a ring on marble", "background, surface:marble; unused:luxury"},
    {"sepia, slightly", "sepia, 1"},
    {"half black and white", "black-and-white, 1"},
    {"make it 50% darker", "exposure, -1"},
    {"vibrance +50 saturation -20", "saturation, -0.2, vibrance, 0.5"},
    {"don't make it darker, make it brighter", "exposure, 0.5"},
    {"Place this necklace on a soft beige linen background with natural light",
     "background, surface:linen, colour:beige; unused:natural"},
    {"Elegant gold earrings on white marble, soft shadows, bright and airy",
     "background, surface:marble, tone:light, exposure, 0.85, contrast, -0.15, shadows, 0.3; unused:elegant, gold"},
    {"silver ring, dark moody background",
     "exposure, -0.9, of:background, contrast, 0.2, of:background, saturation, -0.2, of:background, vignette, 0.3; "
     "unused:silver"},
    {"put the watch on a black reflective surface", "background, surface:plain, colour:black; unused:reflective"},
    {"studio shot on a pure white background", "background, surface:plain, colour:white"},
    {"clean e-commerce style, white background, centered product",
     "background, surface:plain, colour:white; unused:clean, e, commerce, centered"},
    {"change background to white", "background, surface:plain, colour:white"},
    {"white bg", "background, surface:plain, colour:white"},
    {"Background: dark blue velvet", "background, surface:velvet, colour:blue, tone:dark"},
    {"increase brightness slightly and reduce highlights", "exposure, 0.25, highlights, -0.4"},
    {"make the image more vibrant and sharpen it a bit", "vibrance, 0.5, sharpen, 0.25"},
    {"turn the photo into a black-and-white picture", "black-and-white, 1"},
    {"convert to sepia tone", "sepia, 1"},
    {"rotate 180", "rotate, degrees:180"},
    {"rotate 15 degrees to the right and crop to square", "rotate, degrees:15, crop, to:1:1"},
    {"crop it to 1:1 please", "crop, to:1:1"},
    {"make it 16:9", "crop, to:16:9"},
    {"make the ring look like rose gold", "recolour, metal:rose-gold"},
    {"convert silver to gold", "recolour, metal:gold"},
    {"blur everything except the ring", "blur, 0.5, of:background"},
    {"sharpen the ring and blur the background", "sharpen, 0.5, of:subject, blur, 0.5, of:background"},
    {"add some warmth", "warmth, 0.4"},
    {"add a bit more contrast and a touch of saturation", "contrast, 0.2, saturation, 0.2"},
    {"reduce the brightness a lot", "exposure, -0.875"},
    {"brightness -15%", "exposure, -0.234"},
    {"increase the temperature", "warmth, 0.4"},
    {"cooler tones", "warmth, -0.4"},
    {"on a rustic oak table, warm morning light",
     "background, surface:wood, colour:#b28c62, warmth, 0.4; unused:morning"},
    {"on polished concrete with hard shadow", "background, surface:concrete; unused:hard"},
    {"on glass with reflection", "background, surface:glass, reflection:0.5"},
    {"against a pastel pink backdrop", "background, surface:plain, colour:pink; unused:pastel"},
    {"soft pink gradient background", "background, surface:gradient, colour:pink"},
    {"make the shadows darker and the highlights brighter", "shadows, -0.4, highlights, 0.4"},
    {"make the background transparent", "background, surface:transparent"},
    {"delete the background", "background, surface:transparent"},
    {"no background", "background, surface:transparent"},
    {"swap the background for dark slate", "background, surface:slate, tone:dark"},
    {"could you make the background a bit darker?", "exposure, -0.25, of:background"},
    {"I'd like the picture to be warmer", "warmth, 0.4"},
    {"it should be brighter", "exposure, 0.5"},
    {"a touch brighter, please", "exposure, 0.25"},
    {"less saturated", "saturation, -0.4"},
    {"desaturated look", "saturation, -0.4"},
    {"more contrast, less brightness", "exposure, -0.5, contrast, 0.4"},
    {"vignette 30%", "vignette, 0.3"},
    {"strong vignette, slightly warmer, much more contrast", "contrast, 0.7, warmth, 0.2, vignette, 0.7"},
    {"straighten and crop to the subject", "straighten, crop, to:subject"},
    {"flip the picture", "flip, along:horizontal"},
    {"mirror it vertically", "flip, along:vertical"},
    {"make it darker by half a stop", "exposure, -0.5"},
    {"sharpen by 50%", "sharpen, 0.5"},
    {"luxury, premium, elegant jewelry photography on black marble with golden light, shallow depth of field, 8k, "
     "ultra detailed",
     "background, surface:marble, tone:dark, warmth, 0.4, sharpen, 0.5; unused:luxury, premium, elegant, shallow depth "
     "of field, 8, ultra"},
};

struct Refused {
  const char* prompt;
  const char* part;  // that the message quotes
  int position;
};

const Refused kRefused[] = {
    {"crop the left side", "crop the left side", 0},
    {"don't change the background", "don't change the background", 0},
    {"add a dog", "add a dog", 0},
    {"make it a flat lay", "make it a flat lay", 0},
    {"show the ring from above", "show the ring from above", 0},
    {"remove the hand", "remove the hand", 0},
    {"make her smile", "make her smile", 0},
    {"make it warmer and add a dog", "add a dog", 19},
    {"make it warmer and happier", "happier", 19},
    {"make the ring bigger", "make the ring bigger", 0},
    {"juggle the picture", "juggle the picture", 0},
    {"on marble and remove the logo", "remove the logo", 14},
    {"write hello on it", "write hello on it", 0},
    {"brighten her eyes", "brighten her eyes", 0},
    {"elegant", "elegant", 0},
    {"hello", "hello", 0},
    {"asdf qwer", "asdf qwer", 0},
    {"add a soft shadow", "add a soft shadow", 0},
    {"put a hat on her", "put a hat on her", 0},
    {"change the contrast", "change the contrast", 0},
    {"adjust the brightness", "adjust the brightness", 0},
    {"replace the background with a forest", "replace the background with a forest", 0},
    {"turn the lights on", "turn the lights on", 0},
    {"not black and white", "not black and white", 0},
    {"make the sky bluer", "make the sky bluer", 0},
    {"translate it to French", "translate it to French", 0},
    {"3 bright rings, 8k", "3 bright rings, 8k", 0},
    {"can you make the ring shine", "make the ring shine", 8},
    {"make my product photo look expensive", "make my product photo look expensive", 0},
    {"clean up the background", "clean up the background", 0},
    {"smooth skin", "smooth skin", 0},
    {"increase the size", "increase the size", 0},
    {"remove the background and add a shadow", "add a shadow", 26},
    {"make the whites whiter", "make the whites whiter", 0},
    {"invert the colours", "invert the colours", 0},
    {"add text saying SALE", "add text saying SALE", 0},
    {"not too dark", "not too dark", 0},
    {"Make the diamond sparkle", "Make the diamond sparkle", 0},
    {"enhance", "enhance", 0},
    {"improve the lighting", "improve the lighting", 0},
    {"Make the photo look professional", "Make the photo look professional", 0},
    {"remove dust", "remove dust", 0},
    {"resize to 1000x1000", "resize to 1000x1000", 0},
    {"make it look like a sunset", "make it look like a sunset", 0},
    {"erase the person in the background", "erase the person in the background", 0},
    {"professional product photo of a diamond ring", "professional product photo of a diamond ring", 0},
    {"cat", "cat", 0},
};

// Whether a text is one JSON value (RFC 8259), less what plans have not: numbers with exponents.
class JsonCheck {
 public:
  explicit JsonCheck(std::string_view text) : text_(text) {}
  bool holds() { return value() && at_ == text_.size(); }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool value() {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '{') return list('}', true);
    if (text_[at_] == '[') return list(']', false);
    if (text_[at_] == '"') return string();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_not_of("-0123456789.", at_), text_.size());
    return at_ > begin;
  }
  bool string() {
    if (!take('"')) return false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return false;
      if (text_[at_] == '\\') ++at_;
    }
    return take('"');
  }
  bool list(char end, bool has_names) {
    ++at_;
    if (take(end)) return true;
    do {
      if (has_names && !(string() && take(':'))) return false;
      if (!value()) return false;
    } while (take(','));
    return take(end);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string in_short(std::string json) {
  for (const auto& [what, by] : {std::pair("\"step\":", ""),
                                 {"\"amount\":", ""},
                                 {"\"plan\":", ""},
                                 {"],\"unused\":[", "; unused:"},
                                 {",", ", "}}) {
    for (std::size_t at = json.find(what); at != std::string::npos; at = json.find(what, at + std::strlen(by))) {
      json.replace(at, std::strlen(what), by);
    }
  }
  std::erase_if(json, [](char c) { return std::string_view("{}[]\"").contains(c); });
  if (json.ends_with("; unused:")) json.resize(json.size() - std::strlen("; unused:"));
  return json;
}

TEST(Instruction, IsReadIntoAPlan) {
  for (const Understood& row : kUnderstood) {
    const auto plan = parse_instruction(row.prompt);
    ASSERT_TRUE(plan) << row.prompt << ": " << plan.error().message;
    EXPECT_EQ(in_short(plan_json(*plan).text()), row.plan) << row.prompt;
    EXPECT_TRUE(JsonCheck(plan_json(*plan).text()).holds()) << row.prompt;
  }
}

TEST(Instruction, PlansAreToldAsJson) {
  EXPECT_EQ(plan_json(*parse_instruction("luxury ring on white velvet, 5% warmer, crop to 4:5, blur the scene")).text(),
            R"({"plan":[{"step":"crop","to":"4:5"},{"step":"background","surface":"velvet","colour":"white"},)"
            R"({"step":"warmth","amount":0.05},{"step":"blur","amount":0.5}],"unused":["luxury"]})");
}

TEST(Instruction, AnOrderThatIsNotUnderstoodIsRefusedAndQuoted) {
  for (const Refused& row : kRefused) {
    const auto plan = parse_instruction(row.prompt);
    ASSERT_FALSE(plan) << row.prompt << ": " << plan_json(*plan).text();
    const Error& error = plan.error();
    EXPECT_EQ(error.code, ErrorCode::kInvalidInput) << row.prompt;
    EXPECT_EQ(error.field, "prompt") << row.prompt;
    EXPECT_TRUE(error.message.starts_with("'" + std::string(row.part) + "' is not understood: ")) << error.message;
    EXPECT_NE(error.message.find("marble"), std::string::npos) << "it says what can be asked for";
    EXPECT_EQ(error.position, row.position) << row.prompt;
  }
}

TEST(Instruction, PositionsCountCharacters) {
  const auto plan = parse_instruction("très très warm, then add a dog");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().position, 21);
}

TEST(Instruction, CaseAndSpacesAndQuotesDoNotCount) {
  const EditPlan plan = *parse_instruction("on white marble, a little warmer. don't blur");
  EXPECT_EQ(*parse_instruction("ON  White\tMARBLE ,a LITTLE   warmer. Don\u2019t blur!!"), plan);
}

TEST(Instruction, StrengthsGrowWithTheirWords) {
  double before = 0;
  for (const char* prompt : {"a little warmer", "warmer", "much warmer", "extremely warm"}) {
    const EditPlan plan = *parse_instruction(prompt);
    const double amount = std::get<Turn>(plan.steps.front()).amount;
    EXPECT_GT(amount, before) << prompt;
    EXPECT_LE(amount, 1) << prompt;
    before = amount;
  }
}

TEST(Instruction, StepsStandInTheOrderInWhichTheyAreDone) {
  const EditPlan one = *parse_instruction("sharpen, warmer, on oak, crop to 1:1, straighten");
  const EditPlan other = *parse_instruction("straighten, on oak, sharpen, crop to 1:1, warmer");
  EXPECT_EQ(one, other);
  EXPECT_TRUE(std::holds_alternative<Straighten>(one.steps.front()));
}

TEST(Instruction, AnyTextGivesAPlanOrAReason) {
  const char* const kParts[] = {
      "make",   "the",     "ring",  "gold", "on",         "marble", "white", "and",          ",",        "no",
      "shadow", "warmer",  "much",  "add",  "a",          "dog",    "20%",   "-5",           "90\u00b0", "rotate",
      "left",   "crop",    "16:9",  "to",   "not",        "too",    "dark",  "with",         "blur",     "background",
      "less",   "remove",  "noise", "then", "instead of", "#fff",   "b&w",   "\xff\xfe",     "\"",       "\\",
      "''",     "replace", "light", "soft", "highlights", "keep",   "0:0",   "999999999999", "\n",       "x"};
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string prompt;
    for (auto parts = random() % 14; parts > 0; --parts) {
      prompt += kParts[random() % std::size(kParts)];
      if (random() % 8 != 0) prompt += ' ';
    }
    if (round % 10 == 0) {
      for (char& c : prompt) c = static_cast<char>(random() % 5 == 0 ? random() : static_cast<unsigned char>(c));
    }
    const auto plan = parse_instruction(prompt);
    if (!plan) {
      EXPECT_FALSE(plan.error().message.empty()) << prompt;
      EXPECT_EQ(plan.error().field, "prompt") << prompt;
      continue;
    }
    EXPECT_FALSE(plan->steps.empty()) << prompt;
    EXPECT_TRUE(JsonCheck(plan_json(*plan).text()).holds()) << prompt;
    for (const EditStep& step : plan->steps) {
      const Turn* const turn = std::get_if<Turn>(&step);
      if (turn != nullptr) {
        EXPECT_TRUE(std::abs(turn->amount) <= (turn->dial == Dial::kExposure ? 4 : 1)) << prompt;
      }
    }
  }
}

TEST(Instruction, TheLongestIsReadToo) {
  for (const char* part : {"warm ", "marble ", "add ", "and ", "dark ", "the ring ", "\u00e9", "1:", "'", "on "}) {
    std::string prompt;
    while (prompt.size() + std::string_view(part).size() <= 2'000) prompt += part;
    static_cast<void>(parse_instruction(prompt));
  }
  EXPECT_FALSE(parse_instruction(std::string(kInstructionBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace tintype
