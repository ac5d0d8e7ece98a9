// Events made of C++ structs: says which members are the fields of a stream, and feeds them to an engine.
//
//     struct Trade { std::int64_t time_ns; std::string symbol; double price; std::int32_t size; char side; };
//
//     constexpr auto kTrades = sequitur::stream<Trade>("trade")
//                                  .time(&Trade::time_ns, sequitur::TimeUnit::kNanoseconds)
//                                  .field("symbol", &Trade::symbol)
//                                  .field("price", &Trade::price)
//                                  .field("size", &Trade::size)
//                                  .field("notional", [](const Trade& trade) { return trade.price * trade.size; });
//
//     auto rules = RuleSet::load({kTrades.source(), {"surveillance.seq", text}}, diagnostics);    // declares the stream
//     Engine engine(rules, {}, on_alerts);
//     auto trades = kTrades.into(engine);     // Result: the rules may say something else about the stream
//     trades->push(trade);                    // or a span of them
//
// Nothing is copied but 8 bytes a field: texts and lists of bytes stay where they are. All of it is known to the compiler, so
// that filling a row is a few loads and stores. Memory is allocated by into() only, and for texts of 65,535 bytes or more.
//
// | member, or what the function returns                    | field       |
// |---------------------------------------------------------|-------------|
// | bool                                                    | bool        |
// | whole numbers, enumerations                             | int; null if it does not fit into 64 bits with a sign |
// | float, double                                           | float; NaN is null |
// | std::string, std::string_view, char[N] (up to its first zero), const char* (null: null) | string |
// | char                                                    | string of one character; '\0' is null |
// | std::chrono::sys_time, std::chrono::duration            | time, duration (in microseconds, rounded down) |
// | Millionths                                              | decimal     |
// | std::array<std::uint8_t, 16>, std::array<std::uint8_t, 4> | ip, in network order |
// | std::optional of these                                  | the same with `?` |
//
// A function may return references and views of the object's own bytes; a std::string by value does not compile, as it would be
// gone when the event is evaluated.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/event.hpp"
#include "sequitur/result.hpp"
#include "sequitur/rule_set.hpp"
#include "sequitur/typed.hpp"

namespace sequitur {

// How a C++ type becomes a value. Specialise it for types of your own: `type`, `optional`, and
// `Slot slot(const T&, Arena&)`, whose bytes may lie in the object or in the arena.
template <typename T>
struct FieldOf;

namespace detail {

template <typename T>
concept Number = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;

// Short texts are referred to; long ones are laid out as Slot wants them.
inline Slot text_slot(std::string_view text, Arena& arena) {
  return text.size() < kLongText ? Slot::of_short_text(text) : arena.text(text);
}

inline std::string_view up_to_zero(const char* bytes, std::size_t most) {
  const void* end = std::memchr(bytes, 0, most);
  return {bytes, end == nullptr ? most : static_cast<std::size_t>(static_cast<const char*>(end) - bytes)};
}

}  // namespace detail

template <>
struct FieldOf<bool> {
  static constexpr Type type = Type::kBool;
  static Slot slot(bool value, Arena&) { return Slot::of_bool(value); }
};
template <detail::Number T>
struct FieldOf<T> {
  static constexpr Type type = Type::kInt;
  static Slot slot(T value, Arena&) {
    return std::in_range<std::int64_t>(value) ? Slot::of_int(static_cast<std::int64_t>(value)) : Slot::null(Type::kInt);
  }
};
template <typename T>
  requires std::is_enum_v<T>
struct FieldOf<T> {
  static constexpr Type type = Type::kInt;
  static Slot slot(T value, Arena&) { return Slot::of_int(static_cast<std::int64_t>(value)); }
};
template <typename T>
  requires std::is_floating_point_v<T>
struct FieldOf<T> {
  static constexpr Type type = Type::kFloat;
  static Slot slot(T value, Arena&) { return Slot::of_float(static_cast<double>(value)); }
};
template <>
struct FieldOf<std::string_view> {
  static constexpr Type type = Type::kString;
  static Slot slot(std::string_view value, Arena& arena) { return detail::text_slot(value, arena); }
};
template <>
struct FieldOf<std::string> : FieldOf<std::string_view> {};
template <>
struct FieldOf<const char*> {
  static constexpr Type type = Type::kString;
  static constexpr bool optional = true;
  static Slot slot(const char* value, Arena& arena) {
    return value == nullptr ? Slot::null(Type::kString) : detail::text_slot(value, arena);
  }
};
template <>
struct FieldOf<char*> : FieldOf<const char*> {};
template <std::size_t N>
struct FieldOf<char[N]> {
  static constexpr Type type = Type::kString;
  static Slot slot(const char (&value)[N], Arena& arena) { return detail::text_slot(detail::up_to_zero(value, N), arena); }
};
template <std::size_t N>
struct FieldOf<std::array<char, N>> {
  static constexpr Type type = Type::kString;
  static Slot slot(const std::array<char, N>& value, Arena& arena) { return detail::text_slot(detail::up_to_zero(value.data(), N), arena); }
};
template <>
struct FieldOf<char> {
  static constexpr Type type = Type::kString;
  static constexpr bool optional = true;
  static Slot slot(char value, Arena&) {
    static constexpr auto kAll = [] {  // So that it does not matter where the character came from.
      std::array<char, 256> all{};
      for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = static_cast<char>(static_cast<unsigned char>(i));
      return all;
    }();
    return value == '\0' ? Slot::null(Type::kString) : Slot::of_text(&kAll[static_cast<unsigned char>(value)], 1);
  }
};
template <typename D>
struct FieldOf<std::chrono::sys_time<D>> {
  static constexpr Type type = Type::kTime;
  static Slot slot(std::chrono::sys_time<D> value, Arena&) {
    return Slot::of_int(std::chrono::floor<Duration>(value).time_since_epoch().count());
  }
};
template <typename R, typename P>
struct FieldOf<std::chrono::duration<R, P>> {
  static constexpr Type type = Type::kDuration;
  static Slot slot(std::chrono::duration<R, P> value, Arena&) { return Slot::of_int(std::chrono::floor<Duration>(value).count()); }
};
template <>
struct FieldOf<Millionths> {
  static constexpr Type type = Type::kDecimal;
  static Slot slot(Millionths value, Arena&) { return Slot::of_int(value.value); }
};
template <>
struct FieldOf<std::array<std::uint8_t, 16>> {
  static constexpr Type type = Type::kIp;
  static Slot slot(const std::array<std::uint8_t, 16>& value, Arena&) {
    return Slot::of_text(reinterpret_cast<const char*>(value.data()), value.size());
  }
};
template <>
struct FieldOf<std::array<std::uint8_t, 4>> {
  static constexpr Type type = Type::kIp;
  static Slot slot(const std::array<std::uint8_t, 4>& value, Arena& arena) {
    auto* bytes = static_cast<char*>(arena.allocate(16));
    std::memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    std::memcpy(bytes + 12, value.data(), 4);
    return Slot::of_text(bytes, 16);
  }
};
template <typename T>
struct FieldOf<std::optional<T>> {
  static constexpr Type type = FieldOf<T>::type;
  static constexpr bool optional = true;
  static Slot slot(const std::optional<T>& value, Arena& arena) { return value ? FieldOf<T>::slot(*value, arena) : Slot::null(type); }
};

namespace detail {

template <typename Object, typename Get>
using Returned = std::invoke_result_t<const Get&, const Object&>;
template <typename Object, typename Get>
using Value = std::remove_cvref_t<Returned<Object, Get>>;

template <typename T>
constexpr bool is_optional() {
  if constexpr (requires { FieldOf<T>::optional; })
    return FieldOf<T>::optional;
  else
    return false;
}

// Its bytes lie in the returned object itself, which is gone at the end of the expression.
template <typename T>
constexpr bool owns_bytes =
    std::is_same_v<T, std::string> || std::is_same_v<T, std::optional<std::string>> || std::is_same_v<T, std::array<std::uint8_t, 16>>;

template <typename Object, typename Get>
struct FieldGetter {
  std::string_view name;
  Get get;
  using ValueType = Value<Object, Get>;
  static_assert(std::is_reference_v<Returned<Object, Get>> || !owns_bytes<ValueType>,
                "the function of a field must not return a text by value: return a reference or a std::string_view of the object's bytes");
  static constexpr Type type = FieldOf<ValueType>::type;
  static constexpr bool optional = is_optional<ValueType>();
  Slot slot(const Object& object, Arena& arena) const { return FieldOf<ValueType>::slot(std::invoke(get, object), arena); }
};

// No event time was said.
struct NoTime {};

template <typename Object, typename Get>
struct TimeGetter {
  Get get;
  TimeUnit unit;
  std::int64_t time(const Object& object) const {
    const auto value = std::invoke(get, object);
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(value)>>) {
      const auto number = static_cast<std::int64_t>(value);
      switch (unit) {
        case TimeUnit::kSeconds: return number * 1'000'000;
        case TimeUnit::kMilliseconds: return number * 1'000;
        case TimeUnit::kNanoseconds: return number >= 0 ? number / 1'000 : (number - 999) / 1'000;
        case TimeUnit::kMicroseconds: break;
      }
      return number;
    } else {
      return std::chrono::floor<Duration>(value).time_since_epoch().count();
    }
  }
};

}  // namespace detail

template <typename Object, typename Declaration>
class Feed;

// What stream<Object>(name) begins and time() and field() go on with. A constant.
template <typename Object, typename Time = detail::NoTime, typename... Fields>
class StructStream {
 public:
  constexpr explicit StructStream(std::string_view name, Time time = {}, std::tuple<Fields...> fields = {})
      : name_(name), time_(std::move(time)), fields_(std::move(fields)) {}

  // The event time: a member or function that gives a sys_time, or a number of `unit`s since 1970. Must be said once.
  template <typename Get>
  constexpr auto time(Get get, TimeUnit unit = TimeUnit::kMicroseconds) const {
    return StructStream<Object, detail::TimeGetter<Object, Get>, Fields...>(name_, {std::move(get), unit}, fields_);
  }
  // A field: a member, or what is called with the object. Names are those of the rule language ("merchant.id" too).
  template <typename Get>
  constexpr auto field(std::string_view name, Get get) const {
    return StructStream<Object, Time, Fields..., detail::FieldGetter<Object, Get>>(
        name_, time_, std::tuple_cat(fields_, std::make_tuple(detail::FieldGetter<Object, Get>{name, std::move(get)})));
  }

  constexpr std::string_view name() const { return name_; }

  // The stream as the rule language declares it, and as a file for RuleSet::load(). Not needed where rule files declare it.
  std::string declaration() const {
    std::string text = "stream `" + std::string(name_) + "` {";
    std::apply([&](const Fields&... field) { (declare(text, field.name, field.type, field.optional), ...); }, fields_);
    return text + "\n}\n";
  }
  SourceFile source() const { return {"(stream " + std::string(name_) + ")", declaration()}; }

  // What feeds the engine, which must outlive it and must not be moved. An Error if the engine's rules have no such stream, or one
  // with fields that are not here or of another type.
  auto into(Engine& engine) const { return Feed<Object, StructStream>::of(engine, *this); }

 private:
  template <typename, typename>
  friend class Feed;

  static void declare(std::string& text, std::string_view name, Type type, bool optional) {
    text += text.back() == '{' ? "\n  " : ",\n  ";
    for (bool first = true; !name.empty(); first = false) {  // `merchant`.`id`: no word of a name is taken for another.
      const std::size_t dot = name.find('.');
      text += (first ? "`" : ".`") + std::string(name.substr(0, dot)) + "`";
      name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
    }
    text += ": " + std::string(to_string(type)) + (optional ? "?" : "");
  }

  std::string_view name_;
  Time time_;
  std::tuple<Fields...> fields_;
};

template <typename Object>
constexpr StructStream<Object> stream(std::string_view name) {
  return StructStream<Object>(name);
}

// Turns objects into events of one stream of one engine. Used by the engine's thread.
template <typename Object, typename Declaration>
class Feed {
 public:
  static Result<Feed> of(Engine& engine, const Declaration& declaration) {
    Feed feed(engine, declaration);
    if (Result<void> bound = feed.bind(); !bound) return bound.error();
    return feed;
  }

  // As Engine::push(). False also when replace_rules() has brought rules to which the struct does not fit: problem() says it.
  bool push(const Object& object) {
    if (!is_bound()) return false;
    arena_->clear();
    fill(*rows_.front(), object);
    return engine_->push(*rows_.front());
  }
  // In their order, which must be that of their times. Returns how many were taken. Alerts are delivered every 256 events at least.
  std::size_t push(std::span<const Object> objects) {
    std::size_t taken = 0;
    while (taken < objects.size() && is_bound()) {
      const std::size_t count = std::min(objects.size() - taken, kBlock);
      make_rows(count);
      arena_->clear();
      for (std::size_t i = 0; i < count; ++i) fill(*rows_[i], objects[taken + i]);
      const std::size_t pushed = engine_->push(std::span<Event* const>(rows_.data(), count));
      taken += pushed;
      if (pushed < count) break;
    }
    return taken;
  }
  // An event in `arena` that refers to the bytes of `object`, for pushing several streams together. Null as push() is false.
  Event* make(const Object& object, Arena& arena) {
    if (!is_bound()) return nullptr;
    Event& event = make_event(arena, *schema_, Timestamp{});
    fill(event, object, arena);
    return &event;
  }

  const std::string& problem() const { return problem_; }

 private:
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kFields = std::tuple_size_v<decltype(Declaration::fields_)>;
  static_assert(!std::is_same_v<decltype(Declaration::time_), detail::NoTime>,
                "say which member is the event time: .time(&Object::member)");

  Feed(Engine& engine, const Declaration& declaration) : engine_(&engine), declaration_(declaration), arena_(std::make_unique<Arena>()) {}

  bool is_bound() {
    if (engine_->rules().get() == rules_.get()) [[likely]]
      return problem_.empty();
    const Result<void> bound = bind();
    if (!bound) problem_ = bound.error().message;
    return bound.ok();
  }

  Result<void> bind() {
    rules_ = engine_->rules();
    problem_.clear();
    rows_.clear();
    memory_.clear();
    const std::string name(declaration_.name_);
    schema_ = rules_->find_stream(declaration_.name_);
    if (schema_ == nullptr) return Error{"the rules have no stream " + name};
    std::string wrong;
    std::size_t at = 0;
    const auto find = [&](std::string_view field, Type type) {
      const std::optional<SlotIndex> slot = schema_->find(field);
      slots_[at++] = slot.value_or(kTimeSlot);
      if (!slot) return;  // The rules do not ask for it.
      const Type declared = schema_->fields[static_cast<std::size_t>(*slot)].type;
      if (declared != type && wrong.empty())
        wrong = "field " + std::string(field) + " of stream " + name + " is " + std::string(to_string(declared)) + " in the rules, but " +
                std::string(to_string(type)) + " in the struct";
    };
    std::apply([&](const auto&... field) { (find(field.name, field.type), ...); }, declaration_.fields_);
    if (!wrong.empty()) return Error{wrong};
    for (const Field& field : schema_->fields) {
      const bool is_time = schema_->time_slot != kTimeSlot && &field == &schema_->fields[static_cast<std::size_t>(schema_->time_slot)];
      const bool here = std::apply([&](const auto&... own) { return ((own.name == field.name) || ...); }, declaration_.fields_);
      if (!here && !is_time && !field.optional) return Error{"the struct gives no field " + field.name + " of stream " + name};
    }
    make_rows(1);
    return {};
  }

  // Rows with every slot null, as fields that are not in the struct stay.
  void make_rows(std::size_t count) {
    while (rows_.size() < count) {
      const std::size_t words = sizeof(Event) / 8 + schema_->fields.size();
      memory_.push_back(std::make_unique<std::uint64_t[]>(words));
      auto* event = reinterpret_cast<Event*>(memory_.back().get());
      *event = {0, 0, schema_->id, static_cast<std::uint32_t>(schema_->fields.size())};
      for (std::size_t i = 0; i < schema_->fields.size(); ++i) event->slots()[i] = Slot::null(schema_->fields[i].type);
      rows_.push_back(event);
    }
  }

  void fill(Event& event, const Object& object) { fill(event, object, *arena_); }
  void fill(Event& event, const Object& object, Arena& arena) const {
    event.time = declaration_.time_.time(object);
    if (schema_->time_slot != kTimeSlot) event.slot(schema_->time_slot) = Slot::of_int(event.time);
    std::size_t at = 0;
    const auto put = [&](Slot value) {
      const SlotIndex slot = slots_[at++];
      if (slot != kTimeSlot) event.slot(slot) = value;
    };
    std::apply([&](const auto&... field) { (put(field.slot(object, arena)), ...); }, declaration_.fields_);
  }

  Engine* engine_;
  Declaration declaration_;
  std::shared_ptr<const RuleSet> rules_;
  const StreamSchema* schema_ = nullptr;
  std::array<SlotIndex, kFields> slots_{};
  std::vector<std::unique_ptr<std::uint64_t[]>> memory_;
  std::vector<Event*> rows_;
  std::unique_ptr<Arena> arena_;  // Of the few values whose bytes are not the object's.
  std::string problem_;
};

}  // namespace sequitur
