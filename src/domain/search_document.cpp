#include "domain/search_document.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "domain/search_words.h"

namespace tintype {

namespace {

// How a number is written: zero-padded decimal digits, of which the first so many are a mark at each level.
struct NumberForm {
  const char* name;
  int digits;
  std::int64_t largest;
  std::span<const int> levels;
};
constexpr std::array kPixelLevels = {2, 4, 6};
constexpr std::array kTimeLevels = {3, 5, 7, 9, 11, 13};
constexpr std::int64_t kYear2100Ms = 4'102'444'800'000;

NumberForm form_of(SearchNumber number) {
  switch (number) {
    case SearchNumber::kWidth: return {"width", 6, 999'999, kPixelLevels};
    case SearchNumber::kHeight: return {"height", 6, 999'999, kPixelLevels};
    case SearchNumber::kCreated: return {"created", 13, kYear2100Ms, kTimeLevels};
  }
  return {"width", 6, 999'999, kPixelLevels};
}

std::string number_mark(const NumberForm& form, int level, std::int64_t leading) {
  char text[48];
  std::snprintf(text, sizeof text, ":%s%d:%0*lld", form.name, level, level, static_cast<long long>(leading));
  return text;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

void append_number_marks(std::vector<std::string>& marks, SearchNumber number, std::int64_t value) {
  const NumberForm form = form_of(number);
  const std::int64_t bounded = std::clamp<std::int64_t>(value, 0, form.largest);
  for (const int level : form.levels) {
    marks.push_back(number_mark(form, level, bounded / power_of_ten(form.digits - level)));
  }
}

// Calls `each` with the pieces of `text` between separators.
template <class Each>
void split(std::string_view text, char separator, Each each) {
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    each(text.substr(0, end));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

// The marks of the words of one text in which a phrase may stand.
void append_word_marks(std::vector<std::string>& marks, std::string_view text, char field) {
  if (text.empty()) return;
  std::string_view before;
  split(text, ' ', [&](std::string_view word) {
    const auto add = [&](std::string mark) {
      mark.push_back('.');
      mark.push_back(field);
      marks.push_back(std::move(mark));
    };
    const std::size_t letters = std::min(count_letters(word), kPrefixLettersMax);
    for (std::size_t count = 1; count <= letters; ++count) add(std::string(word.substr(0, letter_bytes(word, count))));
    add(std::string(word) + "=");
    if (!before.empty()) add(std::string(before) + " " + std::string(word));
    before = word;
  });
}

bool text_has(std::string_view text, const WordPattern& pattern) {
  std::string wanted = " ";
  for (const std::string& word : pattern.words) wanted += word + " ";
  if (pattern.is_prefix) wanted.pop_back();
  return (" " + std::string(text) + " ").find(wanted) != std::string::npos;
}

}  // namespace

std::string search_content(const SearchDocument& document) {
  std::string content = normal_text(document.title) + "\n";
  std::size_t left = kWordsPerTextMax;
  for (const std::string& tag : document.tags) {
    const auto words = search_words(tag);
    if (words.empty() || words.size() > left) continue;
    if (left < kWordsPerTextMax) content.push_back('\t');
    content += normal_text(tag);
    left -= words.size();
  }
  content += "\n" + normal_text(document.description) + "\n" + normal_text(document.file_name) + "\n";
  std::vector<std::string> marks = {owner_mark(document.owner_id), visibility_mark(document.visibility),
                                    format_mark(document.format)};
  for (const std::string& tag : document.tags) marks.push_back(tag_mark(tag));
  for (const std::string& album : document.album_ids) marks.push_back(album_mark(album));
  append_number_marks(marks, SearchNumber::kWidth, document.width_px);
  append_number_marks(marks, SearchNumber::kHeight, document.height_px);
  append_number_marks(marks, SearchNumber::kCreated, document.created_at_ms);
  for (const std::string& mark : marks) content += (&mark == marks.data() ? "" : "\t") + mark;
  return content;
}

std::vector<std::string> search_marks(std::string_view content) {
  std::vector<std::string> marks;
  if (content.empty()) return marks;
  int line = 0;
  split(content, '\n', [&](std::string_view text) {
    ++line;
    split(text, '\t', [&](std::string_view part) {
      if (line <= kFieldClasses) {
        append_word_marks(marks, part, static_cast<char>('0' + line));
      } else {
        marks.emplace_back(part);
      }
    });
  });
  std::ranges::sort(marks);
  // Of a word's marks the one of the best class comes first, and is the only one that stays.
  const auto is_word = [](std::string_view mark) { return mark.front() != ':'; };
  const auto same = std::ranges::unique(marks, [&](const std::string& one, const std::string& other) {
    if (!is_word(one) || !is_word(other)) return one == other;
    return std::string_view(one).substr(0, one.size() - 1) == std::string_view(other).substr(0, other.size() - 1);
  });
  marks.erase(same.begin(), same.end());
  return marks;
}

void each_other_mark(std::string_view content, FunctionRef<void(std::string_view mark)> each) {
  const std::size_t line = content.rfind('\n');
  if (line != std::string_view::npos) split(content.substr(line + 1), '\t', each);
}

bool content_has(std::string_view content, const WordPattern& pattern) {
  int line = 0;
  bool found = false;
  split(content, '\n', [&](std::string_view text) {
    if (++line > kFieldClasses) return;
    split(text, '\t', [&](std::string_view part) { found = found || text_has(part, pattern); });
  });
  return found;
}

std::optional<FieldClass> class_of_word(std::string_view content, std::string_view word) {
  const bool is_whole = word.ends_with('=') || word.find(' ') != std::string_view::npos;
  if (word.ends_with('=')) word.remove_suffix(1);
  const auto parts = [](std::string_view text, std::size_t at) {
    return at == text.size() || text[at] == ' ' || text[at] == '\t';
  };
  int line = 0;
  std::optional<FieldClass> best;
  split(content, '\n', [&](std::string_view text) {
    if (++line > kFieldClasses || best) return;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      if ((at > 0 && !parts(text, at - 1)) || (is_whole && !parts(text, at + word.size()))) continue;
      best = static_cast<FieldClass>(line);
      return;
    }
  });
  return best;
}

std::vector<MarkRange> number_ranges(SearchNumber number, std::int64_t from, std::int64_t to) {
  const NumberForm form = form_of(number);
  std::vector<MarkRange> ranges;
  // What is over the largest number was stored as the largest.
  std::int64_t low = std::clamp<std::int64_t>(from, 0, form.largest);
  std::int64_t high = std::min(to, form.largest);
  for (std::size_t at = form.levels.size(); at-- > 0 && low <= high && from <= to;) {
    const int level = form.levels[at];
    const auto add = [&](std::int64_t first, std::int64_t last) {
      ranges.push_back({number_mark(form, level, first), number_mark(form, level, last)});
    };
    if (at == 0) {
      add(low, high);
      break;
    }
    const std::int64_t base = power_of_ten(level - form.levels[at - 1]);
    if (low / base == high / base && (low % base != 0 || high % base != base - 1)) {
      add(low, high);
      break;
    }
    if (low % base != 0) add(low, low / base * base + base - 1);
    if (high % base != base - 1) add(high / base * base, high);
    low = (low + base - 1) / base;
    high = (high + 1) / base - 1;
  }
  return ranges;
}

std::string owner_mark(std::string_view user_id) {
  return ":owner:" + std::string(user_id);
}
std::string visibility_mark(Visibility visibility) {
  return std::string(":") + visibility_name(visibility);
}
std::string format_mark(ImageFormat format) {
  return std::string(":format:") + image_format_name(format);
}
std::string tag_mark(std::string_view tag) {
  return ":tag:" + normal_tag(tag);
}
std::string album_mark(std::string_view album_id) {
  return ":album:" + std::string(album_id);
}

}  // namespace tintype
