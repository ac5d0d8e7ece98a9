// Lists in expressions: making them, their functions, `some` and `every`.
#include <algorithm>

#include "event/list.hpp"
#include "nfa/expression_program.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Function;

constexpr Slot kUnknown{.i = kNullInt};

ListWriter& writer(Type element) {
  thread_local ListWriter list;
  list.clear(element);
  return list;
}

std::vector<Slot> known_items(Slot list, Type element) {
  std::vector<Slot> items;
  for (const Slot item : ListView(list, element))
    if (!item.is_null(element)) items.push_back(item);
  return items;
}

Slot sorted(Slot list, Type element, Arena& arena) {
  std::vector<Slot> items = known_items(list, element);
  std::stable_sort(items.begin(), items.end(), [&](Slot a, Slot b) { return three_way(a, b, element, false) < 0; });
  return make_list(element, items.data(), items.size(), arena);
}

Slot unique(Slot list, Type element, Arena& arena) {
  const std::vector<Slot> items = known_items(list, element);
  std::vector<Slot> order = items;
  const auto below = [&](Slot a, Slot b) { return three_way(a, b, element, false) < 0; };
  std::sort(order.begin(), order.end(), below);
  std::vector<bool> seen(order.size());
  ListWriter& result = writer(element);
  for (const Slot item : items) {
    const auto at = static_cast<std::size_t>(std::lower_bound(order.begin(), order.end(), item, below) - order.begin());
    if (seen[at]) continue;
    seen[at] = true;
    result.add(item);
  }
  return result.finish(arena);
}

Slot element_at(Slot list, Type element, std::int64_t number) {
  const ListView items(list, element);
  const auto count = static_cast<std::int64_t>(items.size());
  const std::int64_t index = number > 0 ? number - 1 : count + number;
  return number != 0 && index >= 0 && index < count ? items[static_cast<std::size_t>(index)] : Slot::null(element);
}

Slot place_of(Slot list, Type element, Slot value) {
  const ListView items(list, element);
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!items[i].is_null(element) && three_way(items[i], value, element, false) == 0)
      return Slot::of_int(static_cast<std::int64_t>(i) + 1);
  return kUnknown;
}

Slot joined(Slot list, Type element, std::string_view separator, Arena& arena) {
  std::string text;
  bool first = true;
  for (const Slot item : ListView(list, element)) {
    if (item.is_null(element)) continue;
    if (!first) text += separator;
    first = false;
    append_text(item, element, text);
    if (text.size() > kMostListBytes) return Slot::null(Type::kString);
  }
  return arena.text(text);
}

}  // namespace

Slot make_list(Type element, const Slot* items, std::size_t count, Arena& arena) {
  ListWriter& list = writer(element);
  for (std::size_t i = 0; i < count; ++i) list.add(items[i]);
  return list.finish(arena);
}

Slot call_list_function(const Call& call, const Slot* args, Arena& arena) {
  const Type element = element_of(call.arg_types[0]);
  switch (call.function) {
    case Function::kListLen: return Slot::of_int(static_cast<std::int64_t>(ListView(args[0], element).size()));
    case Function::kListElement: return element_at(args[0], element, args[1].i);
    case Function::kListSorted: return sorted(args[0], element, arena);
    case Function::kListDistinct: return unique(args[0], element, arena);
    case Function::kListIndexOf: return place_of(args[0], element, args[1]);
    default: return joined(args[0], element, args[1].text(), arena);
  }
}

// Three-valued: `some` is decided by an element for which the condition is true, `every` by one for which it is false; else
// an unknown element makes it unknown. Where lists that go together differ in length, what is missing is null.
Slot quantify(const Quantifier& quantifier, const Slot* lists, const EvaluationContext& context) {
  constexpr std::size_t kFew = 8;
  const std::size_t count = quantifier.elements.size();
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (lists[i].bits == 0) return kUnknown;
    length = std::max(length, ListView(lists[i], quantifier.elements[i]).size());
  }
  const std::int64_t deciding = quantifier.every ? 0 : 1;
  std::int64_t result = 1 - deciding;
  Slot few[kFew];
  std::vector<Slot> many(count > kFew ? count : 0);
  Slot* elements = count > kFew ? many.data() : few;
  EvaluationContext inner = context;
  inner.elements = elements;
  for (std::size_t at = 0; at < length; ++at) {
    for (std::size_t i = 0; i < count; ++i) {
      const ListView list(lists[i], quantifier.elements[i]);
      elements[i] = at < list.size() ? list[at] : Slot::null(quantifier.elements[i]);
    }
    std::int64_t value = kNullInt;
    if (quantifier.text == nullptr)
      value = run(*quantifier.condition, inner).i;
    else if (elements[0].bits != 0)
      value = quantifier.text->fits(elements[0].text()) ? 1 : 0;
    if (value == deciding) return Slot::of_int(deciding);
    if (value == kNullInt) result = kNullInt;
  }
  return Slot::of_int(result);
}

}  // namespace sequitur::nfa
