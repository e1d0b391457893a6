#include "http/multipart.h"

#include <cctype>

#include "base/bytes.h"

namespace tintype::http {

namespace {

constexpr std::size_t kPartHeaderBytesMax = 8'192;

std::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::kInvalidInput, std::string("The multipart body is malformed: ") + what,
              "Please send multipart/form-data as RFC 7578 describes it");
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Parameter {
  std::string name;  // lower case
  std::string value;
};

// The parameters behind the first `;` of a header value: token or quoted string. Inside quotes only \" and \\ are
// escapes: browsers send other backslashes as they are.
std::optional<std::vector<Parameter>> parameters_of(std::string_view value) {
  std::vector<Parameter> parameters;
  std::size_t at = value.find(';');
  while (at < value.size()) {
    ++at;
    const std::size_t equals = value.find_first_of("=;", at);
    if (equals == value.npos || value[equals] == ';') {
      at = equals;
      continue;
    }
    Parameter parameter{lower(trimmed(value.substr(at, equals - at))), {}};
    at = equals + 1;
    while (at < value.size() && value[at] == ' ') ++at;
    if (at < value.size() && value[at] == '"') {
      for (++at; at < value.size() && value[at] != '"'; ++at) {
        const bool escape =
            value[at] == '\\' && at + 1 < value.size() && (value[at + 1] == '"' || value[at + 1] == '\\');
        if (escape) ++at;
        parameter.value.push_back(value[at]);
      }
      if (at >= value.size()) return std::nullopt;
      at = value.find(';', at);
    } else {
      const std::size_t end = std::min(value.find(';', at), value.size());
      parameter.value = trimmed(value.substr(at, end - at));
      at = end;
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

// RFC 8187: charset'language'percent-encoded. UTF-8 alone.
std::optional<std::string> extended_value(const std::string& value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = value.find('\'', first + 1);
  if (first == value.npos || second == value.npos || lower(value.substr(0, first)) != "utf-8") return std::nullopt;
  return percent_decode(std::string_view(value).substr(second + 1), false);
}

Result<PartHeader> parse_part_header(std::string_view block) {
  PartHeader header;
  bool named = false;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return malformed("a part's header line has no colon");
    const std::string name = lower(trimmed(line.substr(0, colon)));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-type") header.media_type = value;
    if (name != "content-disposition") continue;
    const auto parameters = parameters_of(value);
    if (!parameters || !lower(value).starts_with("form-data")) return malformed("Content-Disposition is not form-data");
    std::optional<std::string> extended;
    for (const Parameter& parameter : *parameters) {
      if (parameter.name == "name") {
        header.name = parameter.value;
        named = true;
      } else if (parameter.name == "filename") {
        header.file_name = parameter.value;
      } else if (parameter.name == "filename*") {
        extended = extended_value(parameter.value);
      }
    }
    if (extended) header.file_name = extended;
  }
  if (!named) return malformed("a part has no name");
  if (!is_valid_utf8(header.name)) return malformed("a part's name is not valid UTF-8");
  return header;
}

}  // namespace

bool is_multipart(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';')))).starts_with("multipart/form-data");
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  if (!is_multipart(content_type)) {
    return fail(ErrorCode::kUnsupportedMediaType, "The body must be a form with files",
                "Please send Content-Type: multipart/form-data");
  }
  const auto parameters = parameters_of(content_type);
  if (!parameters) return malformed("its Content-Type");
  for (const Parameter& parameter : *parameters) {
    if (parameter.name != "boundary") continue;
    if (parameter.value.empty() || parameter.value.size() > 70) return malformed("its boundary has a bad length");
    for (const char c : parameter.value) {
      if (c < 0x20 || c > 0x7e) return malformed("its boundary has a bad character");
    }
    return parameter.value;
  }
  return malformed("it has no boundary");
}

MultipartParser::MultipartParser(const std::string& boundary, PartSink& sink)
    : delimiter_("\r\n--" + boundary), buffer_("\r\n"), sink_(sink) {}

// Works on whole delimiters: as much of the buffer is handed on as cannot be the beginning of one.
Result<void> MultipartParser::feed(std::string_view bytes) {
  buffer_.append(bytes);
  std::size_t done = 0;
  const auto rest = [&] { return std::string_view(buffer_).substr(done); };
  while (true) {
    if (state_ == State::kPreamble || state_ == State::kBody) {
      const std::size_t at = rest().find(delimiter_);
      const std::size_t keep = delimiter_.size() - 1;
      const std::size_t safe = at != std::string_view::npos ? at : rest().size() > keep ? rest().size() - keep : 0;
      if (state_ == State::kBody && safe > 0) {
        if (auto taken = sink_.part_bytes(rest().substr(0, safe)); !taken) return taken;
      }
      done += safe;
      if (at == std::string_view::npos) break;
      done += delimiter_.size();
      if (state_ == State::kBody) {
        if (auto ended = sink_.end_part(); !ended) return ended;
      }
      state_ = State::kAfterBoundary;
    } else if (state_ == State::kAfterBoundary) {
      if (rest().size() < 2) break;
      if (rest().starts_with("--")) {
        state_ = State::kEpilogue;
        continue;
      }
      const std::size_t line = rest().find("\r\n");  // RFC 2046 lets spaces follow a boundary
      if (line == std::string_view::npos) {
        if (rest().size() > 256) return malformed("a boundary's line does not end");
        break;
      }
      if (rest().substr(0, line).find_first_not_of(" \t") != std::string_view::npos) {
        return malformed("a boundary is followed by other text");
      }
      done += line + 2;
      state_ = State::kHeaders;
    } else if (state_ == State::kHeaders) {
      const std::size_t end = rest().starts_with("\r\n") ? 0 : rest().find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (rest().size() > kPartHeaderBytesMax) return malformed("a part's header is too long");
        break;
      }
      if (end > kPartHeaderBytesMax) return malformed("a part's header is too long");
      auto header = parse_part_header(rest().substr(0, end));
      if (!header) return std::unexpected(header.error());
      if (auto begun = sink_.begin_part(std::move(*header)); !begun) return begun;
      // The line end before a delimiter belongs to the delimiter, so it is left for an empty part to begin with.
      done += end == 0 ? 0 : end + 2;
      state_ = State::kBodyStart;
    } else if (state_ == State::kBodyStart) {
      if (rest().size() < delimiter_.size()) {
        if (rest().size() < 2) break;
        if (!std::string_view(delimiter_).starts_with(rest())) {
          done += 2;
          state_ = State::kBody;
          continue;
        }
        break;
      }
      if (!rest().starts_with(delimiter_)) done += 2;
      state_ = State::kBody;
    } else {
      done = buffer_.size();
      break;
    }
  }
  buffer_.erase(0, done);
  return {};
}

Result<void> MultipartParser::finish() {
  if (state_ != State::kEpilogue) return malformed("its closing boundary is missing");
  return {};
}

}  // namespace tintype::http
