//===- Status.h - Errors as values ------------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime throws nothing. A function that can fail returns a Status, or a
// Result<T> when it has something to give. A message is one line that says
// what, where and what to do; the tools print it as it is.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_STATUS_H
#define LCP_COMMON_BASE_STATUS_H

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lcp {

enum class StatusCode : uint8_t {
  Ok = 0,
  /// The caller gave something that does not fit: a shape, a name, an option.
  InvalidArgument,
  /// A file, an engine, a branch or a segment that is not there.
  NotFound,
  /// Bytes that are not what they claim to be: truncated, changed, malformed.
  Corrupt,
  /// Well formed, but this build, CPU or version cannot do it.
  Unsupported,
  /// A signature that is missing or does not match.
  Untrusted,
  /// The operating system had no memory, descriptors or threads left.
  ResourceExhausted,
  /// A peer that cannot be reached.
  Unavailable,
  DeadlineExceeded,
  /// The computed answer is not the expected one.
  Mismatch,
  /// A defect of ours.
  Internal,
};

/// The code's name, e.g. "invalid argument".
std::string_view statusCodeName(StatusCode code);

class [[nodiscard]] Status {
public:
  /// Success; holds no memory.
  Status() = default;
  Status(StatusCode code, std::string message)
      : code_(code), message_(std::move(message)) {
    assert(code != StatusCode::Ok && "an error needs an error code");
  }

  bool ok() const { return code_ == StatusCode::Ok; }
  StatusCode code() const { return code_; }
  const std::string &message() const { return message_; }

  /// The same error seen from further out: "CONTEXT: message".
  Status withContext(std::string_view context) &&;

private:
  StatusCode code_ = StatusCode::Ok;
  std::string message_;
};

/// A value or the reason why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  template <typename U, typename = std::enable_if_t<
                            std::is_convertible_v<U &&, T> &&
                            !std::is_convertible_v<U &&, Status> &&
                            !std::is_same_v<std::decay_t<U>, Result>>>
  Result(U &&value) : value_(std::forward<U>(value)) {}
  Result(Status status) : status_(std::move(status)) {
    assert(!status_.ok() && "a Result without a value needs an error");
  }

  bool ok() const { return value_.has_value(); }
  const Status &status() const & { return status_; }
  Status status() && { return std::move(status_); }

  T &operator*() & { return *value_; }
  const T &operator*() const & { return *value_; }
  T &&operator*() && { return *std::move(value_); }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

private:
  std::optional<T> value_;
  Status status_;
};

} // namespace lcp

#define LCP_CONCAT_IMPL(a, b) a##b
#define LCP_CONCAT(a, b) LCP_CONCAT_IMPL(a, b)

/// Leaves the function with the error of `expr`, a Status, if it has one.
#define LCP_RETURN_IF_ERROR(expr)                                              \
  do {                                                                         \
    if (::lcp::Status lcpStatus = (expr); !lcpStatus.ok())                 \
      return lcpStatus;                                                        \
  } while (false)

/// Declares `decl` with the value of `expr`, a Result, or leaves with its
/// error.
#define LCP_ASSIGN_OR_RETURN(decl, expr)                                       \
  LCP_ASSIGN_OR_RETURN_IMPL(LCP_CONCAT(lcpResult, __LINE__), decl, expr)
#define LCP_ASSIGN_OR_RETURN_IMPL(tmp, decl, expr)                             \
  auto tmp = (expr);                                                           \
  if (!tmp.ok())                                                               \
    return std::move(tmp).status();                                            \
  decl = *std::move(tmp)

#endif // LCP_COMMON_BASE_STATUS_H
