// What is searched of an image, and the marks by which it is found.
//
// A mark is a short text that an image has or has not. Everything that can be asked is a question of marks alone, so
// that no database has to rank, merge or compare anything of its own:
//   cat.2          a word begins with "cat"; each beginning of up to kPrefixLettersMax letters is a mark
//   cat=.2         a word is "cat"
//   cat pets.2     the word "cat" stands before the word "pets"
//   :owner:X  :public  :private  :format:jpeg  :tag:two words  :album:X
//   :width4:1920   the first four digits of the width in six digits; so any range is a few ranges of marks (RangeMarks)
// Marks of words end in the class of the best field that has them (FieldClass), so the marks of one word lie side by
// side and each image has at most one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "domain/image.h"

namespace tintype {

enum class FieldClass { kTitle = 1, kTags = 2, kDescription = 3, kFileName = 4 };
inline constexpr int kFieldClasses = 4;

struct SearchDocument {
  std::string owner_id;
  std::string title;
  std::vector<std::string> tags;
  std::string description;
  std::string file_name;
  std::vector<std::string> album_ids;
  Visibility visibility = Visibility::kPrivate;
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;
  int height_px = 0;
  UnixMs created_at_ms = 0;
};

// The document as it is kept: five lines, the words of the four fields in the order of their classes and the marks that
// are no words. Within a line a tab parts what no phrase may span. Never empty.
std::string search_content(const SearchDocument& document);

// All marks of a content, sorted, each once. An empty content has none.
std::vector<std::string> search_marks(std::string_view content);

// Calls `each` with the marks of a content that are no words, in no order.
void each_other_mark(std::string_view content, FunctionRef<void(std::string_view mark)> each);

// Words that stand side by side. As a prefix the last one is only begun.
struct WordPattern {
  std::vector<std::string> words;
  bool is_prefix = false;
};
bool content_has(std::string_view content, const WordPattern& pattern);

// The best class of a field that has a word, which is told as a mark less its class is: "cat", "cat=", "cat pets".
std::optional<FieldClass> class_of_word(std::string_view content, std::string_view word);

struct MarkRange {
  std::string first, last;  // both included; the same for a single mark
};

enum class SearchNumber { kWidth, kHeight, kCreated };
inline constexpr std::size_t kSearchNumbers = 3;

// The ranges of marks that together are all numbers from `from` to `to`, both included: at most two for each level.
// Numbers are pixels up to 999,999 and Unix milliseconds up to the year 2100; what is beyond counts as the bound.
std::vector<MarkRange> number_ranges(SearchNumber number, std::int64_t from, std::int64_t to);

std::string owner_mark(std::string_view user_id);
std::string visibility_mark(Visibility visibility);
std::string format_mark(ImageFormat format);
std::string tag_mark(std::string_view tag);
std::string album_mark(std::string_view album_id);

}  // namespace tintype
