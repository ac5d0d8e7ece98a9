#include "dsl/parse.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "dsl/grammar/clause.hpp"
#include "dsl/grammar/declaration.hpp"
#include "dsl/grammar/error_handler.hpp"
#include "dsl/grammar/order.hpp"
#include "dsl/grammar/recovery.hpp"
#include "dsl/grammar/source_text.hpp"
#include "dsl/grammar/words.hpp"
#include "dsl/limits.hpp"

namespace sequitur::dsl {

namespace {

using namespace grammar;

// Goes through the file item by item and through their bodies line by line; each line is one run of the X3 grammar, so that
// a line with an error costs nothing but itself.
class FileParser {
 public:
  FileParser(std::string_view text, std::uint32_t file_index) : state_(text, file_index), position_(state_.begin) {
    if (text.starts_with("\xEF\xBB\xBF")) position_ += 3;
    file_.index = file_index;
  }

  Parsed run() {
    while (!full() && more()) item();
    finish();
    return {std::move(file_), std::move(state_.diagnostics)};
  }

 private:
  bool more() {
    state_.skip(position_, state_.end);
    return position_ != state_.end;
  }

  bool full() const { return state_.diagnostics.size() >= kMaxDiagnostics; }

  // ---- Items -----------------------------------------------------------------------------------------------------------

  void item() {
    const std::string_view word = peek_word(position_, state_.end);
    if (word == "rule") return rule();
    if (word == "stream") return stream();
    if (word == "test") return test();
    if (word == "tune") return tune();
    if (word == "let") return whole<ast::Let>(let);
    if (word == "param") return whole<ast::Param>(param);
    if (word == "import") return whole<ast::Import>(import);
    if (word == "table") return whole<ast::Table>(table);
    if (word == "schedule") return whole<ast::Schedule>(schedule);
    no_item(word);
  }

  // A misspelled item is passed over with its body; of a text that is no rule file not every line is an error.
  void no_item(std::string_view word) {
    Items items = Items::kKnown;
    const Iterator word_end = position_ + std::max<std::size_t>(word.size(), 1);
    if (word.empty()) {
      if (*position_ == '}') {
        state_.report("E014", state_.place(position_, word_end), "unexpected `}`", "every rule that was begun is closed already");
        ++position_;
        return;
      }
      report_unexpected(state_, position_, state_.end);
    } else if (is_clause_word(word)) {
      state_.report("E015", state_.place(position_, word_end), "`" + std::string(word) + "` stands outside of a rule",
                    "is there a `}` too many before it?");
    } else {
      std::string_view guess = nearest(word, kItemWords);
      state_.report("E015", state_.place(position_, word_end), "`" + std::string(word) + "` begins no item of a rule file",
                    guess.empty() ? "a file holds rule, stream, let, test, import, param, table, schedule and tune"
                                  : "did you mean `" + std::string(guess) + "`?");
      items = guess.empty() ? Items::kKnown : Items::kAnyWord;
    }
    position_ = next_item(state_, position_, items);
  }

  template <typename Node, typename Grammar>
  void whole(const Grammar& grammar) {
    Node node;
    ast::Item item = begin_item();
    if (!parse_piece(state_, position_, state_.end, grammar, node) || !ends_item()) {
      position_ = next_item(state_, state_.at(item.span.begin), Items::kAnyWord);
      return;
    }
    end_item(std::move(item), std::move(node), position_);
  }

  // Behind a whole item comes another, or the end.
  bool ends_item() {
    const Iterator end = position_;
    if (!more() || is_item_word(peek_word(position_, state_.end))) {
      position_ = end;
      return true;
    }
    if (state_.first_on_line(position_) && !peek_word(position_, state_.end).empty()) {
      position_ = end;
      return true;  // The next round says what is wrong with it.
    }
    report_unexpected(state_, end, state_.end);
    return false;
  }

  ast::Item begin_item() const {
    ast::Item item;
    item.span = state_.place(position_, position_);
    item.blank_before = blank_line_before(state_, position_);
    return item;
  }

  template <typename Node>
  void end_item(ast::Item item, Node node, Iterator head_end) {
    item.span.end = state_.place(position_, position_).end;
    item.head = state_.place(state_.at(item.span.begin), head_end);
    item.body = std::move(node);
    file_.items.push_back(std::move(item));
  }

  // ---- Items with a body -------------------------------------------------------------------------------------------------

  // The head, to behind its brace. If it is wrong but the brace can be seen, the body is read for its errors all the same.
  template <typename Node, typename Grammar>
  bool head(const Grammar& grammar, Node& node, bool& damaged) {
    const Iterator begin = position_;
    damaged = !parse_piece(state_, position_, state_.end, grammar, node);
    if (!damaged) return true;
    const Iterator line_end = std::find(position_, state_.end, '\n');
    const Iterator brace = std::find(position_, line_end, '{');
    if (brace == line_end) {
      position_ = next_item(state_, begin, Items::kAnyWord);
      return false;
    }
    position_ = brace + 1;
    return true;
  }

  void rule() {
    if (++rules_ > kMaxRules) {
      state_.report("E022", state_.place(position_, position_ + 4), "a file has at most " + std::to_string(kMaxRules) + " rules");
      position_ = state_.end;
      return;
    }
    ast::Item item = begin_item();
    ast::Rule rule;
    bool head_damaged = false;
    if (!head(rule_head, rule, head_damaged)) return;
    const Iterator head_end = position_;
    item.damaged = !body(Lines::kClauses, clause, rule.clauses, item, kMaxClauses, "clauses") || head_damaged;
    check_order(state_, rule.clauses);
    if (!head_damaged) end_item(std::move(item), std::move(rule), head_end);
  }

  void tune() {
    ast::Item item = begin_item();
    ast::Tune tune;
    bool head_damaged = false;
    if (!head(tune_head, tune, head_damaged)) return;
    const Iterator head_end = position_;
    item.damaged = !body(Lines::kTuneClauses, tune_clause, tune.clauses, item, kMaxClauses, "clauses") || head_damaged;
    if (!head_damaged) end_item(std::move(item), std::move(tune), head_end);
  }

  void test() {
    ast::Item item = begin_item();
    ast::Test test;
    bool head_damaged = false;
    if (!head(test_head, test, head_damaged)) return;
    const Iterator head_end = position_;
    item.damaged = !body(Lines::kTestLines, test_line, test.lines, item, kMaxTestLines, "lines") || head_damaged;
    if (!head_damaged) end_item(std::move(item), std::move(test), head_end);
  }

  void stream() {
    ast::Item item = begin_item();
    ast::Stream stream;
    bool head_damaged = false;
    if (!head(stream_head, stream, head_damaged)) return;
    const Iterator head_end = position_;
    if (stream.base && !head_damaged) {
      if (!ends_item()) {
        position_ = next_item(state_, state_.at(item.span.begin), Items::kAnyWord);
        return;
      }
    } else {
      item.damaged = !body(Lines::kFields, field, stream.fields, item, kMaxFields, "fields") || head_damaged;
    }
    if (!head_damaged) end_item(std::move(item), std::move(stream), head_end);
  }

  // The lines to the closing brace and behind it. False if one was left out.
  template <typename Node, typename Grammar>
  bool body(Lines lines, const Grammar& grammar, std::vector<Node>& out, const ast::Item& item, std::size_t limit, const char* plural) {
    bool whole = true;
    const Iterator open = position_ - 1;
    while (!full()) {
      if (lines == Lines::kFields) skip_commas();
      if (!more() || begins_item_here(lines)) {
        report_open_body(item, open);
        return false;
      }
      if (*position_ == '}') {
        ++position_;
        return whole;
      }
      if (out.size() == limit) {
        state_.report("E023", state_.place(position_, position_ + 1), "there are more than " + std::to_string(limit) + " " + plural);
        position_ = next_item(state_, position_, Items::kKnown);
        return false;
      }
      Node node;
      if (line(lines, grammar, node)) {
        out.push_back(std::move(node));
      } else {
        whole = false;
      }
    }
    return false;
  }

  void skip_commas() {
    while (more() && *position_ == ',') ++position_;
  }

  // A field may be called `rule`, so there it takes more to believe that a new item begins.
  bool begins_item_here(Lines lines) const {
    if (!begins_item(state_, position_)) return false;
    return lines != Lines::kFields || std::find(state_.begin, position_, '\n') != position_;
  }

  void report_open_body(const ast::Item& item, Iterator open) {
    const Iterator begin = state_.at(item.span.begin);
    const std::string_view word = peek_word(begin, state_.end);
    state_.report(
        "E014", state_.place(open, open + 1), "the braces of this " + std::string(word) + " are not closed",
        position_ == state_.end ? "add a `}` at the end" : "add a `}` before the next " + std::string(peek_word(position_, state_.end)));
  }

  // ---- Lines -------------------------------------------------------------------------------------------------------------

  template <typename Node, typename Grammar>
  bool line(Lines lines, const Grammar& grammar, Node& node) {
    const Iterator begin = position_;
    const std::size_t errors_before = state_.diagnostics.size();
    if (try_line(lines, grammar, node, state_.end)) return true;
    const Iterator error = state_.skipped(position_, state_.end);
    position_ = next_line(state_, begin, lines);
    if (position_ > error || position_ == state_.end || *position_ == '}' || *position_ == ',') return false;
    // The line ran into the next one, because the word of a clause may also be a name. Then it is incomplete in itself.
    const Iterator next = position_;
    std::vector<Diagnostic> found(std::make_move_iterator(state_.diagnostics.begin() + errors_before),
                                  std::make_move_iterator(state_.diagnostics.end()));
    state_.diagnostics.resize(errors_before);
    position_ = begin;
    node = Node{};
    const bool good = try_line(lines, grammar, node, next);
    position_ = next;
    if (!good && state_.diagnostics.size() == errors_before) std::move(found.begin(), found.end(), std::back_inserter(state_.diagnostics));
    return good;
  }

  // One line that ends where another begins, or the body ends.
  template <typename Node, typename Grammar>
  bool try_line(Lines lines, const Grammar& grammar, Node& node, Iterator last) {
    state_.skip(position_, last);
    if (!begins_line(position_, last, lines)) {
      report_no_line(lines, last);
      return false;
    }
    if (!parse_piece(state_, position_, last, grammar, node)) return false;
    const Iterator end = position_;
    state_.skip(position_, last);
    if (!ends_line(lines, last)) {
      position_ = end;
      report_unexpected(state_, end, last);
      return false;
    }
    position_ = end;
    return true;
  }

  bool ends_line(Lines lines, Iterator last) const {
    if (position_ == last || *position_ == '}') return true;
    if (lines == Lines::kFields) return *position_ == ',' || state_.first_on_line(position_);
    if (begins_line(position_, last, lines)) return true;
    // A word of its own on the next line is an error of its own.
    return state_.first_on_line(position_) && !peek_word(position_, last).empty();
  }

  void report_no_line(Lines lines, Iterator last) {
    const std::string_view word = peek_word(position_, last);
    const bool clauses = lines == Lines::kClauses || lines == Lines::kTuneClauses;
    if (clauses && !word.empty() && !is_reserved(word)) {
      std::string help = clause_hint(word);
      if (help.empty()) {
        const std::string_view guess = nearest(word, kClauseWords);
        help = guess.empty() ? "clauses begin with key, within, cancel on, first, latest, then, next, each, no, emit, message, on, limit "
                               "or a word of metadata"
                             : "did you mean `" + std::string(guess) + "`?";
      }
      state_.report("E001", state_.place(position_, position_ + word.size()), "`" + std::string(word) + "` begins no clause",
                    std::move(help));
    } else if (lines == Lines::kTestLines) {
      report_expected(state_, position_, last, "an event such as `5s login user=ann`, or `expect ..`");
    } else if (lines == Lines::kFields) {
      report_expected(state_, position_, last, "a field such as `card: string`");
    } else {
      report_unexpected(state_, position_, last);
    }
  }

  static std::string clause_hint(std::string_view word) {
    if (word == "where" || word == "until" || word == "for" || word == "at" || word == "gap" || word == "except") {
      return "it belongs to a step: `then NAME: STREAM " + std::string(word) + " ..`";
    }
    if (word == "followed" || word == "sequence" || word == "pattern") return "the steps are `first ..`, `then ..`, one a line";
    if (word == "alert" || word == "output" || word == "select" || word == "return") return "what a rule reports stands behind `emit`";
    if (word == "partition" || word == "group" || word == "by") return "what a rule is kept apart by stands behind `key`";
    return "";
  }

  // ---- The end -----------------------------------------------------------------------------------------------------------

  void finish() {
    std::vector<Diagnostic>& all = state_.diagnostics;
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
    if (all.size() >= kMaxDiagnostics) {
      all.resize(kMaxDiagnostics);
      Diagnostic last{
          "E025", Severity::kError, all.back().span, "there are more errors than the " + std::to_string(kMaxDiagnostics) + " shown", "",
          ""};
      all.push_back(std::move(last));
    }
    file_.comments = std::move(state_.comments);
  }

  State state_;
  Iterator position_;
  ast::File file_;
  std::size_t rules_ = 0;
};

}  // namespace

Parsed parse(std::string_view source, std::uint32_t file_index) {
  Parsed unreadable;
  unreadable.file.index = file_index;
  if (check_source(source, file_index, unreadable.diagnostics)) return FileParser(source, file_index).run();
  return unreadable;
}

}  // namespace sequitur::dsl
