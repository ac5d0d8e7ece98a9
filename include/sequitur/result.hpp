// Result<T>: a value or an Error, for operations that can fail at run time (files, formats, options).
//
//     sequitur::Result<int> port = parse_port(text);
//     if (!port) return port.error();
//     use(*port);
//
// C++20 has no std::expected; this is the part of it that we use. Bad rules are not errors of this kind: they are
// data (diagnostic.hpp). A broken invariant is an assert, not an Error.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace sequitur {

struct Error {
  std::string message;  // One sentence for the person at the terminal; names the file, option or address it concerns.
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & {
    assert(ok());
    return std::get<0>(state_);
  }
  const T& operator*() const& {
    assert(ok());
    return std::get<0>(state_);
  }
  T&& operator*() && {
    assert(ok());
    return std::get<0>(std::move(state_));
  }
  T* operator->() {
    assert(ok());
    return &std::get<0>(state_);
  }
  const T* operator->() const {
    assert(ok());
    return &std::get<0>(state_);
  }

  const Error& error() const {
    assert(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    assert(failed_);
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace sequitur
