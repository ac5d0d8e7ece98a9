// Records as text in memory, and run() over it: decoder, ingest, engine, from pieces of 256 KiB.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "limits/limits.hpp"
#include "scenario.hpp"
#include "sequitur/engine.hpp"

namespace sequitur::bench {

class TextFeed {
 public:
  TextFeed(std::shared_ptr<const RuleSet> rules, const std::vector<limits::Record>& records, Carrier carrier);
  // Before each run(): what a run takes is made anew.
  void prepare();
  // How many alerts there were.
  std::uint64_t run(const EngineOptions& options);

  Carrier carrier() const { return carrier_; }
  std::string_view text() const { return text_; }  // limits::kTextPadding readable bytes behind it.

 private:
  std::shared_ptr<const RuleSet> rules_;
  Carrier carrier_;
  std::string text_;
  std::vector<Input> inputs_;
};

}  // namespace sequitur::bench
