#include "sequitur/event.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace sequitur {
namespace {

constexpr std::size_t kFirstBlock = 16 * 1024;
constexpr std::size_t kLargestRegularBlock = 4 * 1024 * 1024;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

}  // namespace

void Arena::Block::Free::operator()(char* memory) const { ::operator delete(memory, std::align_val_t{alignment}); }

// Blocks double in size, so that a large batch makes few of them; a piece larger than a block gets one of its own size. Large ones lie
// on huge pages, where there are any.
void* Arena::allocate_slow(std::size_t size) {
  const std::size_t regular = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestRegularBlock);
  const std::size_t block_size = std::max(regular, size);
  const std::size_t alignment = block_size >= kHugePage ? kHugePage : alignof(std::max_align_t);
  auto* const memory = static_cast<char*>(::operator new(block_size, std::align_val_t{alignment}));
  if (alignment == kHugePage) (void)madvise(memory, block_size, MADV_HUGEPAGE);  // A wish: without it everything works as well.
  blocks_.push_back({{memory, Block::Free{alignment}}, block_size});
  bytes_ += block_size;
  char* data = blocks_.back().data.get();
  next_ = data + size;
  end_ = data + block_size;
  return data;
}

Slot Arena::text(std::string_view bytes) {
  const std::uint64_t length = bytes.size();
  const bool is_long = length >= kLongText;
  // One byte at least, so that an empty text has an address and differs from null.
  char* data = static_cast<char*>(allocate(std::max<std::size_t>(bytes.size(), 1) + (is_long ? sizeof length : 0)));
  if (is_long) {
    std::memcpy(data, &length, sizeof length);
    data += sizeof length;
  }
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return Slot::of_text(data, bytes.size());
}

void Arena::clear() {
  if (blocks_.empty()) return;
  // The largest regular block is kept; a single huge text must not hold its memory for ever.
  std::size_t keep = blocks_.size();
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].size > kLargestRegularBlock) continue;
    if (keep == blocks_.size() || blocks_[i].size > blocks_[keep].size) keep = i;
  }
  if (keep == blocks_.size()) {
    blocks_.clear();
    next_ = end_ = nullptr;
    bytes_ = 0;
    return;
  }
  if (keep != 0) std::swap(blocks_[0], blocks_[keep]);
  blocks_.resize(1);
  next_ = blocks_[0].data.get();
  end_ = next_ + blocks_[0].size;
  bytes_ = blocks_[0].size;
}

Event& make_event(Arena& arena, const StreamSchema& schema, Timestamp time) {
  const std::size_t count = schema.fields.size();
  auto* event = static_cast<Event*>(arena.allocate(sizeof(Event) + count * sizeof(Slot)));
  event->time = time.time_since_epoch().count();
  event->sequence = 0;
  event->stream = schema.id;
  event->slot_count = static_cast<std::uint32_t>(count);
  for (std::size_t i = 0; i < count; ++i) event->slots()[i] = Slot::null(schema.fields[i].type);
  return *event;
}

}  // namespace sequitur
