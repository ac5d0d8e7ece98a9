#include "engine/stacks.hpp"

#include "engine/kept_event.hpp"

namespace sequitur {

Stacks::~Stacks() { clear(); }

void Stacks::clear() {
  for (Stack& stack : stacks_) {
    while (stack.begin != stack.end) pop(stack);
    stack.closed = stack.end;
  }
  ++state_;
}

void Stacks::pop(Stack& stack) {
  const Event* event = stack.at(stack.begin).event;
  if (leaving_ != nullptr && leaving_->reports > 0)
    leaving_->events.push_back(event);
  else
    release(pool_, event);
  ++state_;
  ++stack.begin;
  stack.closed = later(stack.closed, stack.begin);  // Also so that it never falls far behind.
  --size_;
  if (stack.begin != stack.end) return;
  // A window has passed: all memory of the stack goes at once.
  pool_.deallocate(stack.nodes, stack.capacity * sizeof(Node));
  stack.nodes = nullptr;
  stack.capacity = 0;
}

void Stacks::grow(Stack& stack) {
  const std::uint32_t capacity = stack.capacity == 0 ? 2 : stack.capacity * 2;
  auto* nodes = static_cast<Node*>(pool_.allocate(capacity * sizeof(Node)));
  for (std::uint32_t place = stack.begin; place != stack.end; ++place) nodes[place & (capacity - 1)] = stack.at(place);
  if (stack.nodes != nullptr) pool_.deallocate(stack.nodes, stack.capacity * sizeof(Node));
  stack.nodes = nodes;
  stack.capacity = capacity;
}

void Stacks::push(std::uint32_t step, const Event* event, Range range) {
  Stack& stack = stacks_[step];
  if (stack.size() == stack.capacity) grow(stack);
  const std::uint32_t above = step + 1 < stacks_.size() ? stacks_[step + 1].end : 0;
  stack.at(stack.end) = {event, event->time, range.from, range.below, above, 0, {}};
  ++state_;
  ++stack.end;
  ++size_;
}

void Stacks::close_before(std::uint32_t step, std::int64_t time) {
  Stack& stack = stacks_[step];
  while (stack.closed != stack.end && stack.at(stack.closed).time < time) {
    ++state_;
    ++stack.closed;
  }
}

void Stacks::drop_starts_at_before(std::int64_t time) {
  Stack& starts = stacks_.front();
  const std::uint32_t begin = starts.begin;
  while (starts.begin != starts.end && (starts.at(starts.begin).time < time || starts.at(starts.begin).dead == kForever)) pop(starts);
  if (starts.begin != begin) drop_unreachable();
}

void Stacks::drop_starts_before(std::uint64_t sequence) {
  Stack& starts = stacks_.front();
  while (starts.begin != starts.end && starts.at(starts.begin).event->sequence < sequence) pop(starts);
  drop_unreachable();
}

// What followed only events that are gone. Stretches do not begin or end earlier than those of nodes below, so it is at the
// bottom of its stack.
void Stacks::drop_unreachable() {
  for (std::size_t step = 1; step < stacks_.size(); ++step) {
    Stack& stack = stacks_[step];
    const std::uint32_t begin = stack.begin;
    while (stack.begin != stack.end && !before(stacks_[step - 1].begin, stack.at(stack.begin).below)) pop(stack);
    if (stack.begin == begin) return;
  }
}

// Up to where events of each step may lead to the completing event. False if there is none of some step.
bool Stacks::find_cuts(Range last) {
  walk_ = walk_ + 1 == kForever ? 1 : walk_ + 1;
  last_ = last;
  cuts_.resize(stacks_.size());
  std::uint32_t cut = last.below;
  for (std::size_t step = stacks_.size(); step-- > 0;) {
    const Stack& stack = stacks_[step];
    if (!before(stack.begin, cut)) return false;
    cuts_[step] = cut;
    cut = stack.at(cut - 1).below;
  }
  return true;
}

Tally Stacks::count(Range last, const Event* only_start) {
  if (!find_cuts(last)) return {};
  const auto add = [](Sum& sum, Tally tally) {
    sum.capped += tally.capped;
    sum.remainder += tally.remainder;
    if (sum.remainder >= Tally::kModulus) sum.remainder -= Tally::kModulus;
  };
  // sums[i]: of the first i nodes of the stack. Capped numbers and fewer than 2^32 of them: no sum overflows, and the number
  // of a stretch is capped exactly if it is as great as that.
  const auto of_range = [&](const std::vector<Sum>& sums, const Stack& stack, std::uint32_t cut, Range range) -> Tally {
    const std::uint32_t from = later(range.from, stack.begin);
    const std::uint32_t below = before(cut, range.below) ? cut : range.below;
    if (!before(from, below)) return {};
    const Sum& low = sums[from - stack.begin];
    const Sum& high = sums[below - stack.begin];
    const Tally::Wide capped = high.capped - low.capped;
    const std::uint64_t remainder =
        high.remainder >= low.remainder ? high.remainder - low.remainder : high.remainder + Tally::kModulus - low.remainder;
    return {capped < Tally::kCap ? static_cast<std::uint64_t>(capped) : Tally::kCap, remainder};
  };
  for (std::size_t step = 0; step < stacks_.size(); ++step) {
    const Stack& stack = stacks_[step];
    sums_.swap(sums_before_);
    sums_.assign(1, Sum{});
    Sum sum;
    for (std::uint32_t place = stack.begin; before(place, cuts_[step]); ++place) {
      const Node& node = stack.at(place);
      if (step > 0)
        add(sum, of_range(sums_before_, stacks_[step - 1], cuts_[step - 1], {node.from, node.below}));
      else if (only_start == nullptr || node.event == only_start)
        add(sum, Tally::one());
      sums_.push_back(sum);
    }
  }
  const std::size_t step = stacks_.size() - 1;
  return of_range(sums_, stacks_[step], cuts_[step], last);
}

}  // namespace sequitur
