#include "dsl/check_pattern.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <cctype>

namespace sequitur::dsl {
namespace {

using Problem = PatternProblem::Kind;

// One pass over the pattern with an explicit stack of open groups, so nesting costs no C++ stack.
class RegexScanner {
 public:
  explicit RegexScanner(std::string_view regex) : text_(regex) { groups_.emplace_back(); }

  std::optional<PatternProblem> scan() {
    if (text_.size() > kMaxPatternBytes) {
      fail(Problem::kTooLarge, 0, fmt::format("the pattern has {} bytes", text_.size()),
           fmt::format("at most {} are allowed", kMaxPatternBytes));
      return problem_;
    }
    while (!problem_ && at_ < text_.size()) step();
    if (!problem_ && groups_.size() > 1)
      fail(Problem::kMalformed, groups_.back().begin, "this bracket is never closed",
           "write the matching `)`, or `\\(` for the character itself");
    return problem_;
  }

  std::vector<std::string> names;
  std::vector<std::size_t> name_places;  // Offset of `<` of captures spelled (?<name>.

 private:
  struct Group {
    std::size_t begin = 0;
    std::size_t size = 0;  // Of everything before the last atom.
    std::size_t atom = 0;  // Of the last atom; what a repeat multiplies.
    bool repeatable = false;
    bool repeated = false;
  };

  void fail(Problem kind, std::size_t offset, std::string message, std::string help) {
    if (!problem_) problem_ = PatternProblem{kind, offset, std::move(message), std::move(help)};
  }
  bool looking_at(std::string_view expected) const { return text_.substr(at_).starts_with(expected); }

  void add_atom(std::size_t size) {
    Group& group = groups_.back();
    group.size += group.atom;
    group.atom = size;
    group.repeatable = true;
    group.repeated = false;
    check_size();
  }
  void add_assertion() {
    add_atom(0);
    groups_.back().repeatable = false;
  }
  void check_size() {
    std::size_t total = 0;
    for (const Group& group : groups_) total += group.size + group.atom;
    if (total > kMaxPatternSize) {
      fail(Problem::kTooLarge, at_ < text_.size() ? at_ : text_.size() - 1, "the pattern is too large with its repeats written out",
           fmt::format("at most {} characters; use `*` or `+` instead of large counts", kMaxPatternSize));
    }
  }

  void step() {
    switch (text_[at_]) {
      case '\\': escape(); break;
      case '[': character_class(); break;
      case '(': open(); break;
      case ')': close(); break;
      case '|': alternative(); break;
      case '^':
      case '$':
        add_assertion();
        ++at_;
        break;
      case '*':
      case '+':
      case '?':
        ++at_;
        repeat(at_ - 1, 1);
        break;
      case '{': counted(); break;
      default: add_atom(1); ++at_;
    }
  }

  void alternative() {
    Group& group = groups_.back();
    group.size += group.atom;
    group.atom = 0;
    group.repeatable = false;
    ++at_;
  }

  void open() {
    const std::size_t begin = at_++;
    if (groups_.size() > kMaxPatternNesting)
      return fail(Problem::kTooLarge, begin, "brackets are nested too deeply", fmt::format("at most {} levels", kMaxPatternNesting));
    if (looking_at("*")) return fail(Problem::kUnsupported, begin, "verbs like (*SKIP) are not supported", "leave it out");
    if (looking_at("?")) {
      if (!special_group(begin)) return;
    }
    Group group;
    group.begin = begin;
    groups_.push_back(group);
  }

  // Behind "(": text at "?". Whether a group is open now.
  bool special_group(std::size_t begin) {
    ++at_;
    const std::string_view separate = "say it in two conditions instead: `.. matches /a/ and not .. matches /b/`";
    if (looking_at("=") || looking_at("!") || looking_at("<=") || looking_at("<!")) {
      fail(Problem::kUnsupported, begin, "look-ahead and look-behind are not supported", std::string(separate));
      return false;
    }
    if (looking_at("P=") || looking_at("P>") || looking_at("R") || looking_at("&") || looking_at("(") || looking_at("|") ||
        looking_at("C") || (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '+'))) {
      fail(Problem::kUnsupported, begin, "references to other groups and conditional groups are not supported",
           "write the repeated part out");
      return false;
    }
    if (looking_at(">")) {
      fail(Problem::kUnsupported, begin, "atomic groups are not supported", "use `(?:..)`; the pattern never backtracks anyway");
      return false;
    }
    if (looking_at("#")) {
      const std::size_t end = text_.find(')', at_);
      if (end == std::string_view::npos)
        fail(Problem::kMalformed, begin, "this comment is never closed", "write the matching `)`");
      else
        at_ = end + 1;
      return false;
    }
    if (looking_at("P<") || looking_at("<") || looking_at("'")) return name(begin);
    return flags(begin);
  }

  bool name(std::size_t begin) {
    if (looking_at("<")) name_places.push_back(at_);
    if (looking_at("P")) ++at_;
    const char closing = text_[at_] == '<' ? '>' : '\'';
    const std::size_t first = ++at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) ++at_;
    if (at_ == first || at_ == text_.size() || text_[at_] != closing || std::isdigit(static_cast<unsigned char>(text_[first])) != 0) {
      fail(Problem::kMalformed, begin, "this capture has no proper name", "a name is made of letters, digits and `_`: `(?P<user>\\w+)`");
      return false;
    }
    names.emplace_back(text_.substr(first, at_ - first));
    ++at_;
    return true;
  }

  bool flags(std::size_t begin) {
    while (at_ < text_.size() && std::string_view("imsx-U").find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ < text_.size() && text_[at_] == ':') {
      ++at_;
      return true;
    }
    if (at_ < text_.size() && text_[at_] == ')' && at_ > begin + 2) {
      ++at_;
      return false;
    }
    fail(Problem::kMalformed, begin, "this is not a group the pattern language knows",
         "groups are `(..)`, `(?:..)`, `(?i:..)` and `(?P<name>..)`");
    return false;
  }

  void close() {
    if (groups_.size() == 1) return fail(Problem::kMalformed, at_, "this bracket closes nothing", "write `\\)` for the character itself");
    const std::size_t size = groups_.back().size + groups_.back().atom;
    groups_.pop_back();
    add_atom(std::max<std::size_t>(size, 1));
    ++at_;
  }

  void escape() {
    const std::size_t begin = at_++;
    if (at_ == text_.size())
      return fail(Problem::kMalformed, begin, "the pattern ends with a backslash", "write `\\\\` for the character itself");
    const char c = text_[at_++];
    if (c == 'Q') {
      const std::size_t end = text_.find("\\E", at_);
      for (const std::size_t stop = std::min(end, text_.size()); at_ < stop; ++at_) add_atom(1);
      if (end != std::string_view::npos) at_ = end + 2;
      return;
    }
    if (c == 'E') return;
    if ((c >= '1' && c <= '9') || c == 'g' || c == 'k') {
      return fail(Problem::kUnsupported, begin, "back-references are not supported", "compare fields instead: `where a.name == b.name`");
    }
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z' || c == 'Z') return add_assertion();
    if (std::string_view("KGCRX").find(c) != std::string_view::npos)
      return fail(Problem::kUnsupported, begin, fmt::format("`\\{}` is not supported", c), "leave it out");
    if (!escape_operand(c, begin)) return;
    add_atom(1);
  }

  // What follows \x, \p and so on; `at_` is behind the letter.
  bool escape_operand(char c, std::size_t begin) {
    if ((c == 'x' || c == 'p' || c == 'P' || c == 'o') && looking_at("{")) {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos) {
        fail(Problem::kMalformed, begin, "this escape is never closed", "write the matching `}`");
        return false;
      }
      at_ = end + 1;
      return true;
    }
    if (c == 'p' || c == 'P' || c == 'c') {
      if (at_ < text_.size()) ++at_;
      return true;
    }
    if (std::isalpha(static_cast<unsigned char>(c)) != 0 && std::string_view("dDwWsShHvVnrtfeax").find(c) == std::string_view::npos) {
      fail(Problem::kMalformed, begin, fmt::format("`\\{}` has no meaning", c),
           fmt::format("write `{}` for the letter, or `\\\\{}` behind a backslash", c, c));
      return false;
    }
    return true;
  }

  void character_class() {
    const std::size_t begin = at_++;
    if (looking_at("^")) ++at_;
    if (looking_at("]")) ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      if (looking_at("[:")) {
        const std::size_t end = text_.find(":]", at_ + 2);
        if (end != std::string_view::npos) {
          at_ = end + 2;
          continue;
        }
      }
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size())
      return fail(Problem::kMalformed, begin, "this character class is never closed",
                  "write the matching `]`, or `\\[` for the character itself");
    ++at_;
    add_atom(1);
  }

  // `{3}`, `{3,}`, `{3,5}`; anything else is an ordinary brace.
  void counted() {
    const std::size_t begin = at_;
    std::size_t at = at_ + 1;
    const std::optional<std::size_t> low = number(at);
    std::optional<std::size_t> high = low;
    bool open_ended = false;
    if (low && at < text_.size() && text_[at] == ',') {
      ++at;
      high = number(at);
      open_ended = !high;
    }
    if (!low || at >= text_.size() || text_[at] != '}') {
      add_atom(1);
      ++at_;
      return;
    }
    at_ = at + 1;
    const std::size_t greatest = open_ended ? *low : *high;
    if (std::max(*low, greatest) > kMaxPatternRepeat) {
      return fail(Problem::kTooLarge, begin, fmt::format("a repeat of more than {}", kMaxPatternRepeat),
                  "use `*` or `+`, or a smaller count");
    }
    if (greatest < *low)
      return fail(Problem::kMalformed, begin, "the repeat's upper bound is below its lower bound",
                  fmt::format("write `{{{},{}}}`", greatest, *low));
    repeat(begin, std::max<std::size_t>(greatest + (open_ended ? 1 : 0), 1));
  }

  // At `at`: digits. Large numbers saturate.
  std::optional<std::size_t> number(std::size_t& at) const {
    const std::size_t first = at;
    std::size_t value = 0;
    for (; at < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at])) != 0; ++at)
      value = std::min<std::size_t>(value * 10 + (text_[at] - '0'), 1'000'000);
    if (at == first) return std::nullopt;
    return value;
  }

  void repeat(std::size_t begin, std::size_t times) {
    Group& group = groups_.back();
    if (group.repeated && text_[begin] == '?') {  // x*? is lazy: the same set of texts.
      group.repeatable = false;
      return;
    }
    if (group.repeated && text_[begin] == '+')
      return fail(Problem::kUnsupported, begin, "possessive repeats are not supported",
                  "leave out the `+`; the pattern never backtracks anyway");
    if (!group.repeatable || group.repeated)
      return fail(Problem::kMalformed, begin, "there is nothing to repeat here",
                  fmt::format("write `\\{}` for the character itself", text_[begin]));
    group.atom *= times;
    group.repeated = true;
    check_size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Group> groups_;
  std::optional<PatternProblem> problem_;
};

}  // namespace

std::optional<PatternProblem> check_regex(std::string_view regex) { return RegexScanner(regex).scan(); }

std::vector<std::string> capture_names(std::string_view regex) {
  RegexScanner scanner(regex);
  scanner.scan();
  return std::move(scanner.names);
}

std::string with_portable_captures(std::string_view regex) {
  RegexScanner scanner(regex);
  scanner.scan();
  std::string result;
  std::size_t from = 0;
  for (const std::size_t place : scanner.name_places) {
    result.append(regex.substr(from, place - from)).push_back('P');
    from = place;
  }
  return result.append(regex.substr(from));
}

}  // namespace sequitur::dsl
