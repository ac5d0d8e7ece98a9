#include "dsl/grammar/message.hpp"

#include <utility>

#include "dsl/grammar/error_handler.hpp"
#include "dsl/grammar/expression.hpp"

namespace sequitur::dsl::grammar {

namespace {

class MessageParser {
 public:
  MessageParser(State& state, const ast::Expr& literal)
      : state_(state),
        position_(state.at(literal.span.begin) + 1),
        end_(state.at(literal.span.end) - (literal.fold ? 2 : 1)),
        raw_(literal.raw) {}

  std::vector<ast::MessagePart> run() {
    while (position_ != end_) {
      char c = *position_;
      if ((c == '{' || c == '}') && position_ + 1 != end_ && position_[1] == c) {
        add_literal(position_, position_ + 1);
        position_ += 2;
      } else if (c == '{') {
        if (!placeholder()) return std::move(parts_);
      } else if (c == '}') {
        state_.report("E034", state_.place(position_, position_ + 1), "this brace closes nothing", "write `}}` for a brace in a message");
        return std::move(parts_);
      } else {
        literal();
      }
    }
    flush();
    return std::move(parts_);
  }

 private:
  // Up to the next brace, with escapes as they stand in the text.
  void literal() {
    Iterator from = position_;
    while (position_ != end_ && *position_ != '{' && *position_ != '}') {
      position_ = !raw_ && *position_ == '\\' ? behind_escape(position_) : position_ + 1;
    }
    add_literal(from, position_);
  }

  Iterator behind_escape(Iterator p) const {
    const bool code_point = end_ - p > 2 && p[1] == 'u' && p[2] == '{';  // \u{1F600}
    if (!code_point) return p + 2;
    while (p != end_ && *p != '}') ++p;
    return p == end_ ? p : p + 1;
  }

  void add_literal(Iterator from, Iterator to) { source_.append(from, to); }

  void flush() {
    if (source_.empty()) return;
    const char* quote = raw_ ? "'" : "\"";
    std::string quoted = quote + source_ + quote;
    State scratch(quoted, state_.file);  // Its escapes were reported when the text was scanned.
    ast::Expr value;
    scan_text(scratch.begin, scratch.end, scratch, value);
    parts_.push_back({std::move(value.text), std::nullopt, std::nullopt});
    source_.clear();
  }

  bool placeholder() {
    flush();
    Iterator open = position_++;
    ast::Expr value;
    if (!parse_piece(state_, position_, end_, expression, value)) return false;
    state_.skip(position_, end_);
    std::optional<ast::Name> format;
    if (position_ != end_ && *position_ == ':') {
      Iterator from = ++position_;
      while (position_ != end_ && *position_ != '}') ++position_;
      format = ast::Name{state_.place(from - 1, position_), std::string(from, position_), false};
    }
    if (position_ == end_ || *position_ != '}') {
      state_.report("E034", state_.place(open, position_ == end_ ? end_ : position_ + 1), "this placeholder is not closed",
                    "write `{expression}`, or `{{` for a brace");
      return false;
    }
    ++position_;
    parts_.push_back({"", std::move(value), std::move(format)});
    return true;
  }

  State& state_;
  Iterator position_;
  Iterator end_;
  bool raw_;
  std::string source_;  // Literal text not yet unescaped.
  std::vector<ast::MessagePart> parts_;
};

}  // namespace

std::vector<ast::MessagePart> parse_message(State& state, const ast::Expr& literal) { return MessageParser(state, literal).run(); }

}  // namespace sequitur::dsl::grammar
