#include "adapters/formats/stream_names.hpp"

#include <gtest/gtest.h>

namespace sequitur {
namespace {

int found(const StreamNames& names, const std::string& name) {
  const std::string followed = name + "more bytes";
  const int alone = names.find(name, name.data() + name.size());
  EXPECT_EQ(names.find(std::string_view(followed).substr(0, name.size()), followed.data() + followed.size()), alone) << name;
  return alone;
}

TEST(StreamNames, FindsEveryNameAndNoOther) {
  StreamNames names;
  EXPECT_EQ(found(names, "a"), -1);
  std::vector<std::string> all;
  for (std::size_t size = 1; size <= 40; ++size) {
    all.push_back(std::string(size, 'x'));
    all.push_back(std::string(size, 'x') + "y");
    all.push_back("y" + std::string(size, 'x'));
    all.push_back(std::string(size, 'x') + "y" + std::string(size, 'x'));
  }
  for (std::size_t i = 0; i < all.size(); ++i) names.add(all[i], static_cast<int>(i));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto first = std::find(all.begin(), all.end(), all[i]) - all.begin();
    EXPECT_EQ(found(names, all[i]), first) << all[i];
    EXPECT_EQ(found(names, all[i] + "z"), -1);
    EXPECT_EQ(found(names, "z" + all[i]), -1);
  }
  EXPECT_EQ(found(names, ""), -1);
  EXPECT_EQ(found(names, std::string(1, '\0')), -1);
}

}  // namespace
}  // namespace sequitur
