// Values in order, each with how often it is there: insert, erase and "which is the k-th" in O(log n).
//
// Idea: a treap (Seidel and Aragon, 1996) in one array, every node with the count of its subtree. Priorities come from a
// counter through a mixer: the shape does not depend on time or addresses, and results do not depend on the shape.
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/pool.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

struct OrderedValue {
  Slot value;
  std::uint64_t rank = 0;  // Compared first, the greater in front.
};

// All zero is empty, so that it may live in memory that was only cleared.
class OrderedValues {
 public:
  // `type` must always be the same.
  void insert(OrderedValue key, Type type, Pool& pool, std::uint32_t count = 1) {
    if (free_ == 0 && used_ == capacity_) grow(pool);
    root_ = inserted(root_, key, count, type);
  }
  // One that is there.
  void erase(OrderedValue key, Type type) { root_ = erased(root_, key, type); }
  std::uint64_t size() const { return size_of(root_); }
  // From 0; must be less than size().
  Slot at(std::uint64_t place) const {
    std::uint32_t node = root_;
    for (;;) {
      const Node& here = nodes_[node];
      const std::uint64_t before = size_of(here.left);
      if (place < before) {
        node = here.left;
      } else if (place < before + here.count) {
        return here.key.value;
      } else {
        place -= before + here.count;
        node = here.right;
      }
    }
  }
  // Calls use(value, count) for each different key.
  template <typename Use>
  void for_each(Use use) const {
    walk(root_, use);
  }
  void release(Pool& pool) {
    if (nodes_ != nullptr) pool.deallocate(nodes_, capacity_ * sizeof(Node));
    *this = OrderedValues();
  }

 private:
  struct Node {
    OrderedValue key;
    std::uint32_t left, right;  // 0: none. Of a free node `left` is the next free one.
    std::uint32_t priority;
    std::uint32_t count;  // Of this key,
    std::uint64_t size;   // and of the subtree.
  };

  std::uint64_t size_of(std::uint32_t node) const { return node == 0 ? 0 : nodes_[node].size; }

  static int compare(const OrderedValue& a, const OrderedValue& b, Type type) {
    if (a.rank != b.rank) return a.rank > b.rank ? -1 : 1;
    if (type == Type::kFloat) return (a.value.f > b.value.f) - (a.value.f < b.value.f);
    if (has_bytes(type)) return a.value.bits == b.value.bits ? 0 : a.value.text().compare(b.value.text());
    return (a.value.i > b.value.i) - (a.value.i < b.value.i);
  }

  void grow(Pool& pool) {
    const std::uint32_t capacity = capacity_ == 0 ? 8 : capacity_ * 2;
    auto* larger = static_cast<Node*>(pool.allocate(capacity * sizeof(Node)));
    if (nodes_ != nullptr) {
      std::memcpy(static_cast<void*>(larger), nodes_, used_ * sizeof(Node));
      pool.deallocate(nodes_, capacity_ * sizeof(Node));
    } else {
      used_ = 1;  // Node 0 is none.
    }
    nodes_ = larger;
    capacity_ = capacity;
  }

  std::uint32_t create(OrderedValue key, std::uint32_t count) {
    std::uint32_t node = free_;
    if (node != 0)
      free_ = nodes_[node].left;
    else
      node = used_++;
    std::uint32_t mixed = ++seed_ * 0x9E37'79B9U;
    mixed = (mixed ^ (mixed >> 16)) * 0x85EB'CA6BU;
    nodes_[node] = {key, 0, 0, mixed ^ (mixed >> 13), count, count};
    return node;
  }

  void settle(std::uint32_t node) {
    Node& here = nodes_[node];
    here.size = size_of(here.left) + here.count + size_of(here.right);
  }

  std::uint32_t inserted(std::uint32_t node, const OrderedValue& key, std::uint32_t count, Type type) {
    if (node == 0) return create(key, count);
    const int order = compare(key, nodes_[node].key, type);
    if (order == 0) {
      nodes_[node].count += count;
    } else {
      auto child = order < 0 ? &Node::left : &Node::right;
      const std::uint32_t below = inserted(nodes_[node].*child, key, count, type);
      nodes_[node].*child = below;
      if (nodes_[below].priority > nodes_[node].priority) node = rotated(node, child);
    }
    settle(node);
    return node;
  }

  // The child becomes the root of the subtree.
  std::uint32_t rotated(std::uint32_t node, std::uint32_t Node::*child) {
    auto other = child == &Node::left ? &Node::right : &Node::left;
    const std::uint32_t up = nodes_[node].*child;
    nodes_[node].*child = nodes_[up].*other;
    nodes_[up].*other = node;
    settle(node);
    settle(up);
    return up;
  }

  std::uint32_t erased(std::uint32_t node, const OrderedValue& key, Type type) {
    const int order = compare(key, nodes_[node].key, type);
    if (order != 0) {
      auto child = order < 0 ? &Node::left : &Node::right;
      const std::uint32_t below = erased(nodes_[node].*child, key, type);
      nodes_[node].*child = below;
    } else if (nodes_[node].count > 1) {
      --nodes_[node].count;
    } else {
      const std::uint32_t joined = join(nodes_[node].left, nodes_[node].right);
      nodes_[node].left = free_;
      free_ = node;
      return joined;
    }
    settle(node);
    return node;
  }

  std::uint32_t join(std::uint32_t left, std::uint32_t right) {
    if (left == 0) return right;
    if (right == 0) return left;
    if (nodes_[left].priority > nodes_[right].priority) {
      const std::uint32_t below = join(nodes_[left].right, right);
      nodes_[left].right = below;
      settle(left);
      return left;
    }
    const std::uint32_t below = join(left, nodes_[right].left);
    nodes_[right].left = below;
    settle(right);
    return right;
  }

  template <typename Use>
  void walk(std::uint32_t node, Use& use) const {
    if (node == 0) return;
    walk(nodes_[node].left, use);
    use(nodes_[node].key.value, nodes_[node].count);
    walk(nodes_[node].right, use);
  }

  Node* nodes_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t used_ = 0;
  std::uint32_t free_ = 0;
  std::uint32_t root_ = 0;
  std::uint32_t seed_ = 0;
};

}  // namespace sequitur
