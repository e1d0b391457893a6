#include "domain/photo_prompt.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "domain/photo_phrases.h"
#include "domain/search_words.h"

namespace tintype {

namespace {

constexpr std::uint64_t kVariantsMax = 8;
constexpr int kTriesMax = 64;
constexpr std::string_view kBreak = "|";  // between words that punctuation parts

bool has(Phrases phrases, std::string_view word) {
  return std::ranges::find(phrases, word) != phrases.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "85mm" says "mm", "f8" and "f/8" an aperture.
void add_measures(const std::string& word, std::vector<std::string>& words) {
  if (word.size() > 2 && word.ends_with("mm") && is_digit(word.front())) words.emplace_back("mm");
  const bool was_f = !words.empty() && words.back() == "f";
  words.push_back(word);
  if ((was_f && is_digit(word.front())) || (word.size() > 1 && word.front() == 'f' && is_digit(word[1]))) {
    words.emplace_back("aperture");
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n,;:.!?()", begin), text.size());
    for (const SearchWord& word : search_words(text.substr(begin, end - begin))) add_measures(word.text, words);
    const bool parts = end < text.size() && std::string_view(",;:!?()\n").contains(text[end]);
    if (parts) words.emplace_back(kBreak);
    begin = end + 1;
  }
  return words;
}

// What a text says, word by word.
class Said {
 public:
  explicit Said(std::string_view text) : words_(words_of(text)) {
    for (const std::string& word : words_) spaced_.append(word).push_back(' ');
  }

  const std::vector<std::string>& words() const { return words_; }
  bool any_of(Phrases phrases) const {
    return std::ranges::any_of(phrases, [this](std::string_view phrase) {
      return spaced_.find(" " + std::string(phrase) + " ") != std::string::npos;
    });
  }

 private:
  std::vector<std::string> words_;
  std::string spaced_ = " ";
};

// Letters beyond ASCII that are no symbols, or small words that English does not have.
bool is_foreign(const Said& said) {
  const auto is_other_script = [](const std::string& word) {
    const auto lead = static_cast<unsigned char>(word.front());
    const bool is_symbol = lead == 0xe2 || word.starts_with("\xf0\x9f");
    return lead >= 0x80 && !is_symbol;
  };
  return std::ranges::any_of(said.words(), is_other_script) || said.any_of(photo_words().other_languages);
}

// ---- The subject

struct Found {
  const PhotoSubject* subject = nullptr;
  std::string thing;         // what the prompt calls it
  std::size_t position = 0;  // among the words
};

bool is_word_of(const PhotoSubject& subject, std::string_view word) {
  if (has(subject.words, word)) return true;
  const auto without = [&](std::string_view ending) {
    return word.ends_with(ending) && has(subject.words, word.substr(0, word.size() - ending.size()));
  };
  return without("s") || without("es");
}

std::optional<Found> found_at(const std::vector<std::string>& words, std::size_t position) {
  for (const PhotoSubject& subject : photo_subjects()) {
    if (!is_word_of(subject, words[position])) continue;
    return Found{&subject, subject.noun.empty() ? words[position] : std::string(subject.noun), position};
  }
  return std::nullopt;
}

// "old man fishing", but no "wedding" and no "ring".
bool is_doing(const std::vector<std::string>& words, std::size_t at) {
  return words[at].ends_with("ing") && words[at].size() > 4 && !found_at(words, at);
}

// The last that is known before the first side note, for "chocolate puppy" is about a puppy; else the first that
// is known at all.
Found find_subject(const Said& said) {
  const auto& words = said.words();
  std::optional<Found> found;
  bool is_aside = false;
  std::string container;  // that what follows is in
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool is_content = words[at] == "of" && at > 0 && has(photo_words().containers, words[at - 1]);
    if (is_content) container = words[at - 1];
    is_aside |= words[at] == kBreak || (has(photo_words().before_side_note, words[at]) && !is_content) ||
                has(photo_words().before_place, words[at]) ||
                (found && found->subject->is_living && is_doing(words, at));
    if (is_aside && found) break;
    const bool is_serving = found && found->position + 1 == at && has(found->subject->servings, words[at]);
    if (is_serving) continue;
    if (auto here = found_at(words, at)) {
      found = std::move(here);
      if (!container.empty()) found->thing = container;
    }
  }
  if (found) return *found;
  if (said.any_of(photo_words().portrait)) {
    const std::vector<std::string> somebody = {"person"};
    Found portrait = *found_at(somebody, 0);
    portrait.position = words.size();
    return portrait;
  }
  return {&any_photo_subject(), std::string(any_photo_subject().noun), words.size()};
}

// Where that is has its own light.
bool says_doing(const Said& said, const Found& found) {
  for (std::size_t at = found.position + 1; at < said.words().size() && said.words()[at] != kBreak; ++at) {
    if (is_doing(said.words(), at)) return true;
  }
  return false;
}

bool says_place(const Said& said, const Found& found) {
  const PhotoWords& known = photo_words();
  if (found.subject->is_a_place) return said.any_of(known.weather);
  if (said.any_of(known.place)) return true;
  const auto& words = said.words();
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool is_last = at + 1 == words.size() || words[at + 1] == kBreak || words[at + 1] == "and";
    if (is_last) {
      if (at != found.position && has(known.surfaces, words[at])) return true;
      continue;
    }
    if (!has(known.before_place, words[at])) continue;
    std::size_t next = at + 1;
    if (next + 1 < words.size() && (words[next] == "the" || words[next] == "a" || words[next] == "an")) ++next;
    const bool may_be_none = words[at] == "in" || words[at] == "at";
    if (!may_be_none || !has(known.no_place, words[next])) return true;
  }
  return std::ranges::any_of(
      known.before_place, [&](std::string_view phrase) { return phrase.contains(' ') && said.any_of({&phrase, 1}); });
}

// ---- What may be added

std::string filled(std::string_view phrase, const Found& found) {
  const bool is_plural = (found.thing.ends_with('s') && !found.thing.ends_with("ss")) || found.thing == "mice";
  std::string text(phrase);
  for (const auto& [mark, words] :
       {std::pair<std::string_view, std::string_view>("{thing}", found.thing),
        std::pair<std::string_view, std::string_view>("{its}", is_plural ? "their" : "its")}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + words.size())) {
      text.replace(at, mark.size(), words);
    }
  }
  return text;
}

class Wording {
 public:
  explicit Wording(const std::string& prompt) : said_(prompt), is_foreign_(is_foreign(said_)) {
    const PhotoWords& known = photo_words();
    found_ = is_foreign_ ? Found{&any_photo_subject(), std::string(any_photo_subject().noun), said_.words().size()}
                         : find_subject(said_);
    const bool is_moment = found_.subject->is_human && says_doing(said_, found_) && !said_.any_of(known.portrait);
    if (is_moment) found_.subject = &photo_moment(), found_.thing = photo_moment().noun;
    const PhotoSubject& subject = *found_.subject;
    const bool is_drawn = said_.any_of(known.drawing);
    const bool is_placed = is_foreign_ || says_doing(said_, found_) || says_place(said_, found_);
    settings_ = is_placed ? std::vector<std::string>{""} : agreeing(subject.settings);
    const bool has_own_light = said_.any_of(known.light) || (says_doing(said_, found_) && !is_moment);
    lights_ = has_own_light || is_drawn   ? known.plain_lights
              : said_.any_of(known.night) ? known.night_lights
                                          : subject.lights;
    pair_up();
    cameras_ = agreeing(is_drawn || said_.any_of(known.camera) ? Phrases{} : subject.cameras);
    compositions_ = agreeing(said_.any_of(known.composition) ? Phrases{} : subject.compositions);
    finishes_ = agreeing(is_drawn || said_.any_of(known.finish) ? known.plain_finishes : subject.finishes);
    if (count() < kVariantsMax) finishes_ = agreeing(known.plain_finishes);
  }

  std::uint64_t count() const { return pairs_.size() * cameras_.size() * compositions_.size() * finishes_.size(); }

  // The parts of one of count() ways to go on, in order; neighbours differ in most.
  std::vector<std::string> parts(std::uint64_t index) const {
    std::vector<std::string> parts(5);
    const auto take = [&index](const std::vector<std::string>& phrases) {
      const std::string& taken = phrases[index % phrases.size()];
      index /= phrases.size();
      return taken;
    };
    parts[4] = take(finishes_);
    parts[3] = take(compositions_);
    parts[2] = take(cameras_);
    std::tie(parts[0], parts[1]) = pairs_[index % pairs_.size()];
    std::erase(parts, "");
    return parts;
  }

 private:
  bool agrees(const Said& phrase, const Said* setting) const {
    return std::ranges::none_of(clashes(), [&](const Clash& clash) {
      const bool is_said = said_.any_of(clash.said) || (is_foreign_ && &clash == &monochrome_clash()) ||
                           (setting != nullptr && clash.is_place && setting->any_of(clash.said));
      return is_said && phrase.any_of(clash.unsaid);
    });
  }

  // One empty phrase where there is none.
  std::vector<std::string> agreeing(Phrases phrases, const Said* setting = nullptr) const {
    std::vector<std::string> agreed;
    for (const std::string_view phrase : phrases) {
      if (agrees(Said(phrase), setting)) agreed.push_back(filled(phrase, found_));
    }
    if (agreed.empty()) agreed.emplace_back();
    return agreed;
  }

  // Settings with the lights that there can be in them.
  void pair_up() {
    for (const std::string& setting : settings_) {
      const Said there(setting);
      auto lights = agreeing(lights_, &there);
      if (lights.front().empty()) lights = agreeing(photo_words().plain_lights, &there);
      for (std::string& light : lights) pairs_.emplace_back(setting, std::move(light));
    }
  }

  Said said_;
  bool is_foreign_;
  Found found_;
  Phrases lights_;
  std::vector<std::string> settings_, cameras_, compositions_, finishes_;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// ---- Putting it together

// One space for every run of white space, and no stop at the end that a comma would follow.
std::string tidied(std::string_view prompt) {
  std::string text;
  for (const char c : prompt) {
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!is_space) {
      text.push_back(c);
    } else if (!text.empty() && text.back() != ' ') {
      text.push_back(' ');
    }
  }
  while (!text.empty() && std::string_view(" .,;").contains(text.back())) text.pop_back();
  return text;
}

// The next word in small letters, taken off the text with the space behind it.
std::string take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string word(text.substr(0, end));
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

// Without what orders a picture and says nothing of it: "please make me a nice photo of".
std::string without_order(const std::string& prompt) {
  const PhotoWords& known = photo_words();
  std::string_view rest = prompt;
  bool is_order = false;
  std::string word = take_word(rest);
  for (; has(known.ordering, word) || has(known.praising, word); word = take_word(rest)) {
    is_order |= has(known.ordering, word);
  }
  if (!is_order || !has(known.pictures, word) || take_word(rest) != "of" || rest.empty()) return prompt;
  rest = rest.substr(0, rest.find_last_not_of('!') + 1);
  return rest.empty() ? prompt : tidied(rest);
}

// Each part that there is room for.
std::string joined(const std::string& prompt, const std::vector<std::string>& parts) {
  std::string text = prompt;
  std::size_t letters = count_letters(text);
  for (const std::string& part : parts) {
    const std::size_t more = part.size() + 2;
    if (letters + more > kPhotoPromptLettersMax) continue;
    const bool begins = text.empty() || text.ends_with('!') || text.ends_with('?') || text.ends_with(':');
    if (!text.empty()) text.append(begins ? " " : ", ");
    text.append(part);
    if (begins && !prompt.ends_with(':')) {
      char& first = text[text.size() - part.size()];
      first = static_cast<char>(first - 'a' + 'A');
    }
    letters += more;
  }
  return text;
}

// FNV-1a: so that not every prompt begins with the same words.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

// A step through all of `count` that is far, and meets each once.
std::uint64_t step_through(std::uint64_t count) {
  auto step = static_cast<std::uint64_t>(static_cast<double>(count) * 0.618);
  while (std::gcd(step, count) != 1) ++step;
  return step;
}

}  // namespace

std::vector<std::string> photo_prompts(const MagicPrompt& wish) {
  const std::string prompt = without_order(tidied(wish.prompt));
  const Wording wording(prompt);
  const std::uint64_t count = wording.count(), step = step_through(count);
  std::vector<std::string> prompts;
  std::uint64_t index = hash_of(prompt) % count + wish.seed * kVariantsMax;
  for (int tries = 0; tries < kTriesMax && prompts.size() < static_cast<std::size_t>(wish.count); ++tries, ++index) {
    std::string text = joined(prompt, wording.parts(index % count * step % count));
    if (std::ranges::find(prompts, text) == prompts.end()) prompts.push_back(std::move(text));
  }
  return prompts;
}

}  // namespace tintype
