#include "domain/photo_prompt.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "domain/photo_phrases.h"
#include "domain/search_words.h"

namespace tintype {
namespace {

std::string first(const std::string& prompt, std::uint32_t seed = 0) {
  return photo_prompts({prompt, 1, seed}).front();
}

// What was added, as " word word ".
std::string added(const std::string& prompt, const std::string& made) {
  std::string text = " ";
  for (const SearchWord& word : search_words(std::string_view(made).substr(prompt.size()))) text += word.text + " ";
  return text;
}

bool says_any(const std::string& words, std::initializer_list<const char*> phrases) {
  return std::ranges::any_of(phrases,
                             [&](const char* phrase) { return words.contains(" " + std::string(phrase) + " "); });
}

bool begins_as(char letter, const char* letters) {
  return std::string_view(letters).contains(letter);
}

// "an 85", "a 100", "an oak", "a pale": by how the word after is said.
bool has_right_articles(const std::string& words) {
  std::istringstream stream(words);
  std::string before, word;
  while (stream >> word) {
    const bool is_vowel = begins_as(word.front(), "aeiou8") || word == "11" || word == "18";
    if ((before == "a" && is_vowel) || (before == "an" && !is_vowel)) return false;
    before = word;
  }
  return true;
}

TEST(PhotoPrompt, SaysWhatAPhotographerWould) {
  const std::string text = first("gold ring");
  EXPECT_TRUE(text.starts_with("gold ring, ")) << text;
  const std::string words = added("gold ring", text);
  EXPECT_TRUE(words.contains(" mm ")) << text;
  EXPECT_TRUE(words.contains(" f ")) << text;
  EXPECT_TRUE(words.contains(" ring ")) << text;
}

TEST(PhotoPrompt, EqualWishesGetEqualPromptsAndSeedsOthers) {
  for (const char* prompt : {"gold ring", "old dog", "Berge am See", "x"}) {
    std::set<std::string> seen;
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
      const auto prompts = photo_prompts({prompt, 1, seed});
      EXPECT_EQ(prompts, photo_prompts({prompt, 1, seed}));
      EXPECT_TRUE(seen.insert(prompts.front()).second) << prompts.front();
    }
    EXPECT_FALSE(first(prompt, 4'294'967'295U).empty());
  }
}

TEST(PhotoPrompt, VariantsAreDistinctAndBeginWithThatOfOne) {
  for (const char* prompt : {"pearl earrings", "black and white 85mm close-up portrait at night, film look, hard light",
                             "watercolor of a cat", "東京の夜"}) {
    const auto prompts = photo_prompts({prompt, 8, 7});
    EXPECT_EQ(std::set<std::string>(prompts.begin(), prompts.end()).size(), 8U) << prompt;
    EXPECT_EQ(prompts.front(), first(prompt, 7));
  }
}

TEST(PhotoPrompt, KnowsWhatAPromptIsAbout) {
  // The last word of a name is its thing, and what only lies beside is not.
  const std::pair<const char*, const char*> kAbout[] = {
      {"luxury diamond ring", "ring"},
      {"ring with a sapphire", "ring"},
      {"pearl earrings", "earrings"},
      {"a pair of leather boots", "boots"},
      {"chocolate puppy", "puppy"},
      {"bouquet of roses", "bouquet"},
      {"glass perfume bottle", "bottle"},
      {"oak chair, minimal", "chair"},
      {"emerald on a gold chain", "emerald"},
      {"wireless headphones", "headphones"},
      {"ceramic bowl", "bowl"},
      {"handmade ceramic mug", "mug"},
      {"a cup of coffee", "cup"},
      {"wooden toy train", "toy"},
      {"knitted baby blanket", "blanket"},
  };
  for (const auto& [prompt, thing] : kAbout) {
    const auto prompts = photo_prompts({prompt, 8, 0});
    const bool is_named = std::ranges::any_of(prompts, [&, thing = thing](const std::string& made) {
      return added(prompt, made).contains(" the " + std::string(thing));
    });
    EXPECT_TRUE(is_named || std::string_view(prompt).contains("minimal")) << prompt << ": " << prompts.front();
  }
  for (const std::string& made : photo_prompts({"hot ramen bowl", 8, 0})) {
    EXPECT_FALSE(added("hot ramen bowl", made).contains(" the bowl ")) << made;
  }
}

TEST(PhotoPrompt, PeopleAtWhatTheyDoAndWhatTheyComeTogetherForAreMoments) {
  for (const char* prompt :
       {"grandma and her grandson baking cookies", "kids jumping in puddles", "family picnic by the lake",
        "birthday party with balloons", "christmas by the tree", "first day of school"}) {
    for (const std::string& made : photo_prompts({prompt, 8, 0})) {
      EXPECT_FALSE(says_any(added(prompt, made), {"crumb", "food", "the subject", "a clear subject", "landscape",
                                                  "horizon", "botanical", "leaf", "nature magazine"}))
          << made;
    }
  }
  // Who poses does nothing else.
  const auto posing = photo_prompts({"portrait of a man smiling", 8, 0});
  EXPECT_TRUE(std::ranges::any_of(posing, [](const std::string& made) { return made.contains("portrait photo"); }));
}

// What a prompt says itself, and what may not be said beside it.
struct Contradiction {
  const char* prompt;
  std::initializer_list<const char*> unsaid;
};

TEST(PhotoPrompt, NothingGoesAgainstThePrompt) {
  const auto no_place = {"marble", "slate", "limestone", "velvet",   "silk",  "sand",  "driftwood", "backdrop",
                         "wall",   "table", "plinth",    "concrete", "floor", "linen", "stone",     "glass"};
  const auto no_colour = {"golden", "warm", "cool", "ivory", "cream", "pastel", "colours", "colour", "amber", "green"};
  const auto no_day = {"sun", "sunrise", "daylight", "morning", "midday", "window", "windows", "overcast", "golden"};
  const auto no_studio = {"softbox", "softboxes", "studio", "window", "backdrop", "octabox"};
  const auto no_camera = {"lens", "mm"};
  const Contradiction kContradictions[] = {
      {"diamond ring on marble", no_place},
      {"newborn baby sleeping", {"eyes", "gaze", "expression"}},
      {"black cat asleep on a windowsill", {"eyes", "gaze", "catchlights"}},
      {"wedding couple at sunset", {"backdrop", "wall", "studio", "window"}},
      {"black and white portrait of my father", {"skin tones"}},
      {"our dog in autumn leaves", {"wildlife", "feather", "window"}},
      {"cat on the windowsill", {"golden hour", "sunrise", "open shade", "overcast", "wildlife"}},
      {"handmade ceramic mug", {"food", "menu", "liquid", "drops"}},
      {"bowl of ramen", {"plate", "sheet"}},
      {"leather wallet", {"standing"}},
      {"smartwatch", {"dial", "crown", "hands"}},
      {"wedding cake with three tiers", {"crumb", "flour", "menu"}},
      {"oil painting of sunflowers", {"exposure", "lens"}},
      {"a lighthouse in a storm", {"shade", "sun", "sunrise", "still", "calm"}},
      {"a cup of coffee", {"translucence", "clear liquid"}},
      {"green tea in a ceramic bowl", {"clear liquid"}},
      {"gold ring, black marble", no_place},
      {"necklace on a wooden table", no_place},
      {"perfume against a red background", no_place},
      {"sneakers in a puddle", no_place},
      {"watch under water", no_place},
      {"gold ring, black and white", no_colour},
      {"monochrome portrait of an old man", no_colour},
      {"red car in black and white", no_colour},
      {"city street at night", no_day},
      {"portrait of a woman at night", no_day},
      {"mountain lake at night", {"lamp", "lamplight", "sun", "sunrise"}},
      {"dog on the beach", no_studio},
      {"necklace outdoors", no_studio},
      {"sofa, 35mm", no_camera},
      {"ring, f/2.8", no_camera},
      {"cat with wide angle lens", no_camera},
      {"ring, flat lay", {"upright", "eye level", "low view"}},
      {"cake seen from above", {"straight from above", "three quarter view", "eye"}},
      {"dark moody still life of a vase", {"bright", "airy", "white", "pale"}},
      {"handbag in harsh light", {"soft", "softbox", "gentle", "diffused"}},
      {"watercolor painting of a fox", {"lens", "photography", "camera", "photographed", "softbox"}},
      {"old house in fog", {"clear", "sun", "golden"}},
      {"rusty broken bike", {"flawless", "spotless", "clean", "fresh"}},
      {"blurry photo of a cat", {"crisp", "sharp", "lens"}},
      {"ring at sunset", {"softbox", "window", "overcast", "morning", "sunrise"}},
      {"old man fishing", no_studio},
      {"Goldring auf Marmor", no_place},
      {"bague en or, noir et blanc", no_colour},
      {"кольцо на мраморе", no_place},
  };
  for (const Contradiction& contradiction : kContradictions) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      for (const std::string& made : photo_prompts({contradiction.prompt, 8, seed})) {
        EXPECT_FALSE(says_any(added(contradiction.prompt, made), contradiction.unsaid)) << made;
      }
    }
  }
}

TEST(PhotoPrompt, OtherLanguagesAreWrappedAsTheyAre) {
  for (const char* prompt : {"金の指輪", "خاتم ذهب", "anillo de oro sobre mármol", "gümüş kolye ve yüzük"}) {
    for (const std::string& made : photo_prompts({prompt, 8, 3})) {
      EXPECT_TRUE(made.starts_with(std::string(prompt) + ", ")) << made;
      EXPECT_LE(count_letters(made), kPhotoPromptLettersMax);
    }
  }
}

TEST(PhotoPrompt, StopsAndSpacesAreTidied) {
  EXPECT_TRUE(first("  gold\n\t ring.  ").starts_with("gold ring, "));
  const std::string asked = first("What a ring!");
  EXPECT_TRUE(asked.starts_with("What a ring! ")) << asked;
  EXPECT_TRUE(asked[13] >= 'A' && asked[13] <= 'Z') << asked;
  EXPECT_FALSE(first(" ").empty());
  EXPECT_FALSE(first(" ").starts_with(","));
}

TEST(PhotoPrompt, AnOrderToMakeAPictureIsNoPartOfIt) {
  EXPECT_TRUE(first("Make a photo of 3 apples!!!").starts_with("3 apples, "));
  EXPECT_TRUE(first("Please create a beautiful image of a gold ring.").starts_with("a gold ring, "));
  EXPECT_TRUE(first("I would like a nice picture of my dog").starts_with("my dog, "));
  for (const char* prompt : {"a photo of a cat", "black and white photo of a cat", "make me happy",
                             "create an image of", "I want candles", "take a picture of !!"}) {
    EXPECT_TRUE(first(prompt).starts_with(prompt)) << first(prompt);
  }
}

TEST(PhotoPrompt, IsNeverLongerThanAPromptMayBe) {
  for (const std::size_t size : {1'500U, 1'850U, 1'950U, 1'999U, 2'000U}) {
    const std::string prompt = "ring " + std::string(size - 5, 'x');
    const auto prompts = photo_prompts({prompt, 8, 1});
    ASSERT_FALSE(prompts.empty());
    for (const std::string& made : prompts) {
      EXPECT_TRUE(made.starts_with(prompt));
      EXPECT_LE(count_letters(made), kPhotoPromptLettersMax);
    }
  }
}

TEST(PhotoPrompt, EveryPhraseIsRightEnglish) {
  for (const PhotoSubject& subject : photo_subjects()) {
    ASSERT_FALSE(subject.words.empty());
    for (const Phrases phrases :
         {subject.settings, subject.lights, subject.cameras, subject.compositions, subject.finishes}) {
      EXPECT_GE(phrases.size(), 4U) << subject.words.front();
      for (const std::string_view phrase : phrases) {
        EXPECT_TRUE(has_right_articles(added("", std::string(phrase)))) << phrase;
        EXPECT_FALSE(phrase.ends_with('.') || phrase.contains("  ")) << phrase;
        EXPECT_TRUE(phrase.front() >= 'a' && phrase.front() <= 'z') << phrase;
      }
    }
  }
}

TEST(PhotoPrompt, HoldsForRandomWords) {
  const std::vector<std::string> words = {"ring", "gold",   "on",    "marble", "night", "a",    "dog", "and",
                                          "|",    ",",      "black", "with",   "white", "85mm", "f",   "2.8",
                                          "🙂",   "指輪",   "é",     "!",      "under", "the",  "sun", "sketch",
                                          "snow", "dishes", "in",    "%",      ".",     "at"};
  rc::check([&] {
    std::string prompt;
    for (const std::size_t index :
         *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, words.size()))) {
      prompt += words[index] + " ";
    }
    const MagicPrompt wish{prompt, *rc::gen::inRange(1, 9), *rc::gen::arbitrary<std::uint32_t>()};
    const auto prompts = photo_prompts(wish);
    RC_ASSERT(prompts == photo_prompts(wish));
    RC_ASSERT(prompts.size() == static_cast<std::size_t>(wish.count));
    RC_ASSERT(std::set<std::string>(prompts.begin(), prompts.end()).size() == prompts.size());
    for (const std::string& made : prompts) {
      RC_ASSERT(count_letters(made) > 0U);
      RC_ASSERT(count_letters(made) <= kPhotoPromptLettersMax);
      RC_ASSERT(!made.contains('{'));
    }
  });
  rc::check([](const std::string& bytes) { RC_ASSERT(!photo_prompts({bytes, 3, 0}).empty()); });
}

}  // namespace
}  // namespace tintype
