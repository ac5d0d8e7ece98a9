// Checked expression -> program. One pass over the tree; each node says where its value will be.
#include <algorithm>
#include <cassert>
#include <utility>

#include "nfa/expression_program.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Expr;
using dsl::Op;

std::uint8_t outcomes_of(Op op) {
  switch (op) {
    case Op::kEqual: return kSame;
    case Op::kNotEqual: return kBelow | kAbove;
    case Op::kLess: return kBelow;
    case Op::kLessEqual: return kBelow | kSame;
    case Op::kGreater: return kAbove;
    default: return kAbove | kSame;
  }
}

// Three searches cost less than one scan; more of them do not.
constexpr std::size_t kMostSearches = 4;

TextTest text_test(const Expr& expr) {
  TextTest test{.searches = {}, .database = nullptr, .patterns = expr.patterns.size(), .all = expr.all_patterns};
  if (expr.text_op != dsl::TextOp::kMatches && expr.patterns.size() <= kMostSearches) {
    for (const std::string& pattern : expr.patterns) test.searches.emplace_back(expr.text_op, pattern, expr.fold);
    return test;
  }
  std::vector<TextPattern> patterns;
  for (const std::string& pattern : expr.patterns) patterns.push_back({expr.text_op, expr.fold, pattern});
  auto database = TextDatabase::compile(std::move(patterns));
  // The checker has shown each pattern to the compiler. Should it reject them together, the test never fits.
  if (database.ok()) test.database = std::move(*database);
  return test;
}

ValueList value_list(const Expr& expr) {
  ValueList list{.ints = {}, .floats = {}, .texts = {}, .index = {}, .networks = {}, .fold = expr.fold, .has_null = expr.list_has_null};
  const Type type = expr.args[0]->type;
  for (const dsl::Constant& constant : expr.list) {
    if (expr.op == Op::kInNetworks) {
      IpNetwork network;
      std::copy_n(constant.s.begin(), network.address.size(), network.address.begin());
      network.prefix = static_cast<std::uint8_t>(constant.i);
      list.networks.push_back(network);
    } else if (has_bytes(type)) {
      list.texts.push_back(expr.fold ? folded(constant.s) : constant.s);
    } else if (type == Type::kFloat) {
      list.floats.push_back(constant.type == Type::kFloat ? constant.f : static_cast<double>(constant.i));
    } else {
      list.ints.push_back(constant.i);
    }
  }
  // A network sorts behind one that holds it.
  std::sort(list.networks.begin(), list.networks.end(), [](const IpNetwork& a, const IpNetwork& b) {
    const int order = bytes_of(a.address).compare(bytes_of(b.address));
    return order != 0 ? order < 0 : a.prefix < b.prefix;
  });
  std::vector<IpNetwork> outer;
  for (const IpNetwork& network : list.networks)
    if (outer.empty() || !contains(outer.back(), bytes_of(network.address))) outer.push_back(network);
  list.networks = std::move(outer);
  std::sort(list.ints.begin(), list.ints.end());
  std::sort(list.floats.begin(), list.floats.end());
  return list;
}

bool takes_zone(dsl::Function function) {
  switch (function) {
    case dsl::Function::kTimeOfDay:
    case dsl::Function::kWeekday:
    case dsl::Function::kYear:
    case dsl::Function::kMonth:
    case dsl::Function::kDay:
    case dsl::Function::kWeek:
    case dsl::Function::kHour:
    case dsl::Function::kMinute:
    case dsl::Function::kDate: return true;
    default: return false;
  }
}

class ExpressionCompiler {
 public:
  explicit ExpressionCompiler(const Expr& root) : program_(std::make_unique<Program>()) {
    program_->type = root.type;
    const Operand value = place(root, 0);
    emit(Operation::kReturn, 0, value);
    // Only now do the texts stay where they are.
    for (ValueList& list : program_->lists)
      for (const std::string& text : list.texts) list.index.insert(text);
  }
  std::unique_ptr<const Program> take() { return std::move(program_); }

 private:
  // Functions that do not go down the tree stay out of line, so that those that do have small frames: trees may be deep.
  static constexpr Operand register_at(std::uint32_t index) { return {Base::kRegister, index * 8}; }

  [[gnu::noinline]] Instruction& emit(Operation operation, std::uint32_t target, Operand left = {}, Operand right = {},
                                      std::uint32_t extra = 0) {
    program_->registers = std::max(program_->registers, target + 1);
    Instruction instruction;
    instruction.operation = operation;
    instruction.result = target * 8;
    instruction.left_base = left.base;
    instruction.left = left.offset;
    instruction.right_base = right.base;
    instruction.right = right.offset;
    instruction.extra = extra;
    return program_->instructions.emplace_back(instruction);
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(program_->instructions.size()); }

  // Where the value of `expr` is after what has been emitted: in place, or in register `target`. Registers above are free.
  Operand place(const Expr& expr, std::uint32_t target) {
    switch (expr.op) {
      case Op::kConstant: return constant(expr.value);
      case Op::kValue: return {Base::kValue, 8 * static_cast<std::uint32_t>(expr.step)};
      case Op::kCandidate:
        if (const auto operand = candidate(expr)) return *operand;
        return load(expr, FieldLoad::From::kCandidate, target);
      default: break;
    }
    into(expr, target);
    return register_at(target);
  }

  // The value of `expr` into register `target`.
  void into(const Expr& expr, std::uint32_t target) {
    switch (expr.op) {
      case Op::kConstant:
      case Op::kValue:
      case Op::kCandidate: move(place(expr, target), target); break;
      case Op::kStepField: step_field(expr, target); break;
      case Op::kPrevField: load(expr, FieldLoad::From::kPrevious, target); break;
      case Op::kBreakField: load(expr, FieldLoad::From::kBreak, target); break;
      case Op::kMatchCount: emit(Operation::kLoadCount, target, {}, {}, expr.type == Type::kBool ? 1 : 0); break;
      case Op::kKeyPart: emit(Operation::kLoadKey, target, {}, {}, static_cast<std::uint32_t>(expr.step)); break;
      case Op::kAggregate: aggregate(expr, target); break;
      case Op::kPast: assert(false && "nfa::compile turns it into kValue"); break;
      case Op::kTableField: look_up(expr, target); break;
      case Op::kStepExists: emit(Operation::kStepExists, target, {}, {}, static_cast<std::uint32_t>(expr.step)); break;
      case Op::kNot: unary(Operation::kNot, expr, target); break;
      case Op::kExists: unary(Operation::kExists, expr, target).outcomes = static_cast<std::uint8_t>(expr.args[0]->type); break;
      case Op::kAnd: logic(expr, target, Operation::kJumpIfFalse, Operation::kAnd); break;
      case Op::kOr: logic(expr, target, Operation::kJumpIfTrue, Operation::kOr); break;
      case Op::kEqual:
      case Op::kNotEqual:
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual: comparison(expr, target); break;
      case Op::kInList: in_list(expr, target); break;
      case Op::kInNetworks: unary(Operation::kInNetworks, expr, target).extra = add_list(expr); break;
      case Op::kText: unary(Operation::kText, expr, target).extra = add_text_test(expr); break;
      case Op::kTextDynamic:
        binary(Operation::kTextDynamic, expr, target).extra = static_cast<std::uint32_t>(expr.text_op) * 2 + (expr.fold ? 1 : 0);
        break;
      case Op::kNegate: unary(expr.type == Type::kFloat ? Operation::kNegateFloat : Operation::kNegateInt, expr, target); break;
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo: arithmetic(expr, target); break;
      case Op::kToFloat:
        if (expr.args[0]->type == Type::kFloat) {
          into(*expr.args[0], target);
        } else {
          unary(expr.args[0]->type == Type::kDecimal ? Operation::kDecimalToFloat : Operation::kIntToFloat, expr, target);
        }
        break;
      case Op::kToDecimal: unary(Operation::kIntToDecimal, expr, target); break;
      case Op::kCoalesce: coalesce(expr, target); break;
      case Op::kIf: choice(expr, target); break;
      case Op::kCall: call(expr, target); break;
      case Op::kMakeList: make_list(expr, target); break;
      case Op::kElement: emit(Operation::kElement, target, {}, {}, static_cast<std::uint32_t>(expr.step)); break;
      case Op::kSome:
      case Op::kEvery: quantify(expr, target); break;
    }
  }

  void move(Operand from, std::uint32_t target) {
    if (from.base != Base::kRegister || from.offset != target * 8) emit(Operation::kMove, target, from);
  }

  [[gnu::noinline]] Operand constant(const dsl::Constant& value) {
    Slot slot = Slot::null(value.type);
    if (!value.null) {
      if (has_bytes(value.type)) {
        slot = program_->texts.text(value.s);
      } else if (value.type == Type::kFloat) {
        slot = Slot::of_float(value.f);
      } else {
        slot = Slot::of_int(value.i);
      }
    }
    program_->constants.push_back(slot);
    return {Base::kConstant, static_cast<std::uint32_t>(8 * (program_->constants.size() - 1))};
  }

  [[gnu::noinline]] Operand null_of(Type type) {
    dsl::Constant null;
    null.type = type;
    null.null = true;
    return constant(null);
  }

  // In the candidate's row, where it can be only of one stream, or where it is the time.
  [[gnu::noinline]] std::optional<Operand> candidate(const Expr& expr) {
    const bool time =
        !expr.places.empty() && std::all_of(expr.places.begin(), expr.places.end(), [](const auto& p) { return p.slot == kTimeSlot; });
    if (time) return Operand{Base::kCandidate, offset_of(kTimeSlot)};
    if (expr.places.size() != 1) return std::nullopt;
    const dsl::FieldPlace& place = expr.places[0];
    if (program_->candidate_stream == kAnyStream) program_->candidate_stream = place.stream;
    if (program_->candidate_stream != place.stream) return std::nullopt;
    return Operand{Base::kCandidate, offset_of(place.slot)};
  }

  [[gnu::noinline]] Operand load(const Expr& expr, FieldLoad::From from, std::uint32_t target) {
    program_->fields.push_back({from, expr.type, expr.step, expr.pick, expr.guard, expr.places});
    emit(Operation::kLoadField, target, {}, {}, static_cast<std::uint32_t>(program_->fields.size() - 1));
    return register_at(target);
  }

  [[gnu::noinline]] void step_field(const Expr& expr, std::uint32_t target) {
    if (expr.pick != -1 || expr.places.size() != 1) {
      load(expr, FieldLoad::From::kStep, target);
      return;
    }
    Instruction& instruction = emit(Operation::kLoadStepLatest, target, {}, {}, static_cast<std::uint32_t>(expr.step));
    instruction.left = expr.places[0].stream;
    instruction.right = offset_of(expr.places[0].slot);
    instruction.outcomes = static_cast<std::uint8_t>(expr.type);
  }

  Instruction& unary(Operation operation, const Expr& expr, std::uint32_t target) {
    const Operand value = place(*expr.args[0], target);
    return emit(operation, target, value);
  }
  Instruction& binary(Operation operation, const Expr& expr, std::uint32_t target) {
    const Operand left = place(*expr.args[0], target);
    const Operand right = place(*expr.args[1], target + 1);
    return emit(operation, target, left, right);
  }

  void logic(const Expr& expr, std::uint32_t target, Operation decide, Operation combine) {
    std::vector<std::uint32_t> jumps;
    into(*expr.args[0], target);
    if (Instruction& last = program_->instructions.back(); compares_numbers(*expr.args[0])) {
      last.outcomes |= decide == Operation::kJumpIfFalse ? kThenJumpIfFalse : kThenJumpIfTrue;
      jumps.push_back(here() - 1);
    } else {
      jumps.push_back(here());
      emit(decide, target, register_at(target));
    }
    for (std::size_t i = 1; i < expr.args.size(); ++i) {
      const Operand next = place(*expr.args[i], target + 1);
      jumps.push_back(here());
      emit(combine, target, register_at(target), next);
    }
    for (const std::uint32_t jump : jumps) program_->instructions[jump].extra = here();
  }

  static bool compares_numbers(const Expr& expr) {
    return expr.op >= Op::kEqual && expr.op <= Op::kGreaterEqual && !has_bytes(expr.args[0]->type);
  }

  void comparison(const Expr& expr, std::uint32_t target) {
    const Type type = expr.args[0]->type;
    Operation operation = Operation::kCompareInt;
    if (type == Type::kFloat) operation = Operation::kCompareFloat;
    if (has_bytes(type)) operation = expr.fold ? Operation::kCompareTextFolded : Operation::kCompareText;
    binary(operation, expr, target).outcomes = outcomes_of(expr.op);
  }

  [[gnu::noinline]] std::uint32_t add_text_test(const Expr& expr) {
    program_->text_tests.push_back(text_test(expr));
    return static_cast<std::uint32_t>(program_->text_tests.size() - 1);
  }

  [[gnu::noinline]] std::uint32_t add_list(const Expr& expr) {
    program_->lists.push_back(value_list(expr));
    return static_cast<std::uint32_t>(program_->lists.size() - 1);
  }

  [[gnu::noinline]] std::uint32_t add_file(const Expr& expr) {
    program_->files.push_back(expr.file_list);
    return static_cast<std::uint32_t>(program_->files.size() - 1);
  }

  void in_list(const Expr& expr, std::uint32_t target) {
    if (expr.file_list) {
      unary(Operation::kInFile, expr, target).extra = add_file(expr);
      return;
    }
    const Type type = expr.args[0]->type;
    const Operation operation = has_bytes(type) ? Operation::kInTexts : (type == Type::kFloat ? Operation::kInFloats : Operation::kInInts);
    unary(operation, expr, target).extra = add_list(expr);
  }

  void arithmetic(const Expr& expr, std::uint32_t target) {
    const Type left = expr.args[0]->type, right = expr.args[1]->type;
    const bool floats = left == Type::kFloat && right == Type::kFloat;
    const bool mixed = (left == Type::kFloat) != (right == Type::kFloat);
    if (left == Type::kDecimal && right == Type::kDecimal && (expr.op == Op::kMultiply || expr.op == Op::kDivide)) {
      binary(expr.op == Op::kMultiply ? Operation::kMultiplyDecimal : Operation::kDivideDecimal, expr, target);
      return;
    }
    switch (expr.op) {
      case Op::kAdd: binary(floats ? Operation::kAddFloat : Operation::kAddInt, expr, target); break;
      case Op::kSubtract: binary(floats ? Operation::kSubtractFloat : Operation::kSubtractInt, expr, target); break;
      case Op::kModulo: binary(floats ? Operation::kModuloFloat : Operation::kModuloInt, expr, target); break;
      case Op::kMultiply: {
        const Operation operation = floats ? Operation::kMultiplyFloat : (mixed ? Operation::kScaleDuration : Operation::kMultiplyInt);
        binary(operation, expr, target).outcomes = left == Type::kFloat ? kLeftIsFloat : 0;
        break;
      }
      default:
        binary(floats ? Operation::kDivideFloat : (mixed ? Operation::kDivideDuration : Operation::kDivideInts), expr, target);
        break;
    }
  }

  void coalesce(const Expr& expr, std::uint32_t target) {
    into(*expr.args[0], target);
    const std::uint32_t jump = here();
    emit(Operation::kJumpUnlessNull, target, register_at(target)).outcomes = static_cast<std::uint8_t>(expr.type);
    into(*expr.args[1], target);
    program_->instructions[jump].extra = here();
  }

  void choice(const Expr& expr, std::uint32_t target) {
    const Operand condition = place(*expr.args[0], target);
    const std::uint32_t branch = here();
    emit(Operation::kBranch, target, condition);
    into(*expr.args[1], target);
    const std::uint32_t then_end = here();
    emit(Operation::kJump, target);
    program_->instructions[branch].extra = here();
    into(*expr.args[2], target);
    const std::uint32_t else_end = here();
    emit(Operation::kJump, target);
    program_->instructions[branch].right = here();
    emit(Operation::kMove, target, null_of(expr.type));
    program_->instructions[then_end].extra = program_->instructions[else_end].extra = here();
  }

  void look_up(const Expr& expr, std::uint32_t target) {
    for (std::size_t i = 0; i < expr.args.size(); ++i) into(*expr.args[i], target + static_cast<std::uint32_t>(i));
    LookUp look_up{static_cast<std::uint32_t>(expr.step), expr.places[0].slot, expr.type, {}};
    for (const dsl::ExprPtr& arg : expr.args) look_up.key_types.push_back(arg->type);
    program_->lookups.push_back(std::move(look_up));
    emit(Operation::kLookUp, target, {}, {}, static_cast<std::uint32_t>(program_->lookups.size() - 1));
  }

  void call(const Expr& expr, std::uint32_t target) {
    for (std::size_t i = 0; i < expr.args.size(); ++i) into(*expr.args[i], target + static_cast<std::uint32_t>(i));
    emit(Operation::kCall, target, {}, {}, add_call(expr));
  }

  void make_list(const Expr& expr, std::uint32_t target) {
    for (std::size_t i = 0; i < expr.args.size(); ++i) into(*expr.args[i], target + static_cast<std::uint32_t>(i));
    Instruction& made = emit(Operation::kMakeList, target, {}, {}, static_cast<std::uint32_t>(expr.args.size()));
    made.outcomes = static_cast<std::uint8_t>(element_of(expr.type));
    program_->makes_text = true;
  }

  void quantify(const Expr& expr, std::uint32_t target) {
    for (std::size_t i = 1; i < expr.args.size(); ++i) into(*expr.args[i], target + static_cast<std::uint32_t>(i - 1));
    emit(Operation::kQuantify, target, {}, {}, add_quantifier(expr));
  }

  [[gnu::noinline]] std::uint32_t add_quantifier(const Expr& expr) {
    Quantifier quantifier;
    quantifier.every = expr.op == Op::kEvery;
    for (std::size_t i = 1; i < expr.args.size(); ++i) quantifier.elements.push_back(element_of(expr.args[i]->type));
    const Expr& condition = *expr.args[0];
    if (condition.op == Op::kText && condition.args[0]->op == Op::kElement && expr.args.size() == 2)
      quantifier.text = std::make_unique<const TextTest>(text_test(condition));
    else
      quantifier.condition = compile_program(condition);
    program_->makes_text |= quantifier.condition != nullptr && quantifier.condition->makes_text;
    program_->quantifiers.push_back(std::move(quantifier));
    return static_cast<std::uint32_t>(program_->quantifiers.size() - 1);
  }

  [[gnu::noinline]] std::uint32_t add_call(const Expr& expr) {
    Call call;
    call.function = expr.function;
    call.type = expr.type;
    for (const dsl::ExprPtr& arg : expr.args) call.arg_types.push_back(arg->type);
    const bool zoned = takes_zone(expr.function) && expr.args.size() > 1;
    if (zoned && expr.args[1]->op == Op::kConstant && !expr.args[1]->value.null) {
      // An unknown zone stays null and is looked up again, in vain, at each call: the result is null.
      if (auto zone = Zone::find(expr.args[1]->value.s); zone.ok()) call.zone = *zone;
    }
    if (has_bytes(expr.type)) program_->makes_text = true;
    program_->calls.push_back(std::move(call));
    return static_cast<std::uint32_t>(program_->calls.size() - 1);
  }

  [[gnu::noinline]] void aggregate(const Expr& expr, std::uint32_t target) {
    AggregateCall call;
    call.aggregate = expr.aggregate;
    call.step = static_cast<std::uint32_t>(expr.step);
    call.distinct = expr.distinct;
    call.fold = expr.fold;
    call.percentile = expr.aggregate == dsl::Aggregate::kMedian ? 50 : expr.percentile;
    call.rank = expr.pick;
    call.type = expr.type;
    if (!expr.args.empty() && expr.args[0] != nullptr) {
      call.argument = compile_program(*expr.args[0]);
      call.arg_type = expr.args[0]->type;
    }
    if (expr.args.size() > 1 && expr.args[1] != nullptr) call.filter = compile_program(*expr.args[1]);
    program_->makes_text |= (call.argument && call.argument->makes_text) || (call.filter && call.filter->makes_text);
    program_->makes_text |= is_list(expr.type);
    program_->aggregates.push_back(std::move(call));
    emit(Operation::kAggregate, target, {}, {}, static_cast<std::uint32_t>(program_->aggregates.size() - 1));
  }

  std::unique_ptr<Program> program_;
};

}  // namespace

std::unique_ptr<const Program> compile_program(const Expr& expr) { return ExpressionCompiler(expr).take(); }

Expression Expression::compile(const Expr& expr) {
  Expression result;
  auto code = std::make_shared<Code>();
  code->program = compile_program(expr);
  result.code_ = std::move(code);
  result.type_ = expr.type;
  return result;
}

}  // namespace sequitur::nfa
