//===- ConstantEval.cpp - ONNX nodes over constants -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantEval.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>

namespace lcp::onnx {

namespace {

using Inputs = std::vector<const Tensor *>;
using Result = std::optional<Tensor>;

bool isFloating(ElementType type) {
  return type == ElementType::Float || type == ElementType::Double ||
         type == ElementType::Float16 || type == ElementType::BFloat16;
}

double halfToDouble(uint16_t bits) {
  int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  double value = exponent == 0    ? std::ldexp(mantissa, -24)
                 : exponent == 31 ? (mantissa ? std::nan("") : HUGE_VAL)
                                  : std::ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

/// Numbers of any element type. Integers and floats are kept apart: 64-bit
/// sentinels such as INT64_MAX do not fit a double.
struct Numbers {
  bool floating = false;
  std::vector<int64_t> ints;
  std::vector<double> floats;
};

template <typename T> T load(const Tensor &tensor, int64_t i) {
  T value;
  std::memcpy(&value, tensor.data.get() + i * sizeof(T), sizeof(T));
  return value;
}

double loadFloat(const Tensor &tensor, int64_t i) {
  switch (tensor.type) {
  case ElementType::Float:
    return load<float>(tensor, i);
  case ElementType::Double:
    return load<double>(tensor, i);
  case ElementType::Float16:
    return halfToDouble(load<uint16_t>(tensor, i));
  default: { // BFloat16: the upper half of a float
    uint32_t bits = uint32_t(load<uint16_t>(tensor, i)) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  }
}

int64_t loadInt(const Tensor &tensor, int64_t i) {
  switch (tensor.type) {
  case ElementType::Bool:
    return load<uint8_t>(tensor, i) != 0;
  case ElementType::UInt8:
    return load<uint8_t>(tensor, i);
  case ElementType::Int8:
    return load<int8_t>(tensor, i);
  case ElementType::UInt16:
    return load<uint16_t>(tensor, i);
  case ElementType::Int16:
    return load<int16_t>(tensor, i);
  case ElementType::Int32:
    return load<int32_t>(tensor, i);
  case ElementType::UInt32:
    return load<uint32_t>(tensor, i);
  default:
    return load<int64_t>(tensor, i);
  }
}

/// Most elements that are computed with, eight bytes each. Elements that are
/// only moved are bounded by the budget alone.
constexpr int64_t maxNumbers = int64_t(1) << 27;

/// Empty where there are too many.
std::optional<Numbers> toNumbers(const Tensor &tensor) {
  Numbers numbers;
  numbers.floating = isFloating(tensor.type);
  int64_t count = tensor.numElements();
  if (count > maxNumbers)
    return std::nullopt;
  if (numbers.floating)
    numbers.floats.reserve(static_cast<size_t>(count));
  else
    numbers.ints.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    if (numbers.floating)
      numbers.floats.push_back(loadFloat(tensor, i));
    else
      numbers.ints.push_back(loadInt(tensor, i));
  return numbers;
}

template <typename T, typename From>
void store(Tensor &tensor, const std::vector<From> &values) {
  auto *out = reinterpret_cast<T *>(tensor.data.get());
  for (From value : values)
    *out++ = static_cast<T>(value);
}

/// Stores numbers of the matching kind; float, double, bool, int32 and int64
/// are what such graphs hold.
Result fromNumbers(ElementType type, std::vector<int64_t> dims,
                   const Numbers &numbers, ConstantBudget &budget,
                   std::string &reason) {
  Result tensor = makeTensor(type, std::move(dims), budget);
  if (!tensor)
    return std::nullopt;
  switch (type) {
  case ElementType::Float:
    store<float>(*tensor, numbers.floats);
    break;
  case ElementType::Double:
    store<double>(*tensor, numbers.floats);
    break;
  case ElementType::Bool:
    store<bool>(*tensor, numbers.ints);
    break;
  case ElementType::Int32:
    store<int32_t>(*tensor, numbers.ints);
    break;
  case ElementType::Int64:
    store<int64_t>(*tensor, numbers.ints);
    break;
  default:
    reason = std::string("constants of ") + elementTypeName(type) +
             " are not computed";
    return std::nullopt;
  }
  return tensor;
}

Result evaluateCast(const Node &node, const Inputs &in, ConstantBudget &budget,
                    std::string &reason) {
  Attributes attributes(node);
  auto type = static_cast<ElementType>(
      std::clamp<int64_t>(attributes.getInt("to", 0), 0, 100));
  auto held = toNumbers(*in[0]);
  if (!held)
    return std::nullopt;
  Numbers &numbers = *held;
  if (isFloating(type) && !numbers.floating) {
    numbers.floats.assign(numbers.ints.begin(), numbers.ints.end());
  } else if (!isFloating(type) && numbers.floating) {
    for (double value : numbers.floats) {
      if (!(std::fabs(value) < 9e18)) {
        reason = "it casts a constant that no integer holds";
        return std::nullopt;
      }
      numbers.ints.push_back(
          type == ElementType::Bool ? value != 0 : static_cast<int64_t>(value));
    }
  }
  return fromNumbers(type, in[0]->dims, numbers, budget, reason);
}

template <typename T> bool apply(const std::string &op, T a, T b, T &out) {
  if constexpr (std::is_integral_v<T>) {
    if (op == "Add")
      return !__builtin_add_overflow(a, b, &out);
    if (op == "Sub")
      return !__builtin_sub_overflow(a, b, &out);
    if (op == "Mul")
      return !__builtin_mul_overflow(a, b, &out);
    if (b == 0 || (b == -1 && a == INT64_MIN))
      return false;
    out = a / b;
    return true;
  }
  out = op == "Add" ? a + b : op == "Sub" ? a - b : op == "Mul" ? a * b : a / b;
  return true;
}

/// Where element `position` of a broadcast result lies in an operand.
int64_t broadcastIndex(const std::vector<int64_t> &position,
                       const std::vector<int64_t> &dims) {
  int64_t index = 0;
  size_t skip = position.size() - dims.size();
  for (size_t d = 0; d < dims.size(); ++d)
    index = index * dims[d] + (dims[d] == 1 ? 0 : position[skip + d]);
  return index;
}

std::optional<std::vector<int64_t>>
broadcastDims(const std::vector<int64_t> &a, const std::vector<int64_t> &b) {
  std::vector<int64_t> dims(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    dims[dims.size() - 1 - i] = x == 1 ? y : x;
  }
  return dims;
}

/// Whether a result of these dimensions has at most `maxNumbers` elements.
bool countFits(const std::vector<int64_t> &dims) {
  int64_t count = 1;
  for (int64_t dim : dims)
    if (dim > 0 &&
        (__builtin_mul_overflow(count, dim, &count) || count > maxNumbers))
      return false;
  return true;
}

Result evaluateArithmetic(const Node &node, const Inputs &in,
                          ConstantBudget &budget, std::string &reason) {
  auto dims = broadcastDims(in[0]->dims, in[1]->dims);
  if (!dims || in[0]->type != in[1]->type) {
    reason = "its constant operands do not fit together";
    return std::nullopt;
  }
  Tensor shape;
  shape.dims = *dims;
  auto left = toNumbers(*in[0]), right = toNumbers(*in[1]);
  if (!left || !right || !countFits(*dims))
    return std::nullopt;
  Numbers &a = *left, &b = *right, out;
  out.floating = a.floating;
  std::vector<int64_t> position(dims->size(), 0);
  for (int64_t i = 0, count = shape.numElements(); i < count; ++i) {
    int64_t x = broadcastIndex(position, in[0]->dims);
    int64_t y = broadcastIndex(position, in[1]->dims);
    bool ok = a.floating ? apply(node.opType, a.floats[x], b.floats[y],
                                 out.floats.emplace_back())
                         : apply(node.opType, a.ints[x], b.ints[y],
                                 out.ints.emplace_back());
    if (!ok) {
      reason = "its constant operands overflow, or divide by zero";
      return std::nullopt;
    }
    for (size_t d = position.size(); d-- > 0;) {
      if (++position[d] < (*dims)[d])
        break;
      position[d] = 0;
    }
  }
  return fromNumbers(in[0]->type, *dims, out, budget, reason);
}

Result evaluateGather(const Node &node, const Inputs &in,
                      ConstantBudget &budget, std::string &reason) {
  Attributes attributes(node);
  const Tensor &data = *in[0], &indices = *in[1];
  auto axis = normalizeAxis(attributes.getInt("axis", 0),
                            static_cast<int64_t>(data.dims.size()));
  auto numbers = toNumbers(indices);
  if (!numbers)
    return std::nullopt;
  Numbers &at = *numbers;
  if (!axis || at.floating) {
    reason = "its axis or its indices are not valid";
    return std::nullopt;
  }
  for (int64_t &index : at.ints) {
    auto inside = normalizeAxis(index, data.dims[*axis]);
    if (!inside) {
      reason = "index " + std::to_string(index) + " is out of range";
      return std::nullopt;
    }
    index = *inside;
  }
  std::vector<int64_t> dims(data.dims.begin(), data.dims.begin() + *axis);
  dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
  dims.insert(dims.end(), data.dims.begin() + *axis + 1, data.dims.end());
  size_t rank = indices.dims.size();
  return moveElements(
      data, dims, budget, [&](const std::vector<int64_t> &position) {
        int64_t index = 0, source = 0;
        for (size_t d = 0; d < rank; ++d)
          index = index * indices.dims[d] + position[*axis + d];
        for (size_t d = 0; d < data.dims.size(); ++d) {
          int64_t here = static_cast<int64_t>(d) < *axis ? position[d]
                         : static_cast<int64_t>(d) == *axis
                             ? at.ints[index]
                             : position[d + rank - 1];
          source = source * data.dims[d] + here;
        }
        return source;
      });
}

Result evaluateSlice(const Node &node, const Inputs &in, int64_t opset,
                     ConstantBudget &budget, std::string &reason) {
  auto ranges = sliceRanges(node, in, in[0]->dims, opset, reason);
  if (!ranges)
    return std::nullopt;
  std::vector<int64_t> dims = in[0]->dims;
  std::vector<int64_t> begin(dims.size(), 0), step(dims.size(), 1);
  for (const SliceRange &range : *ranges) {
    dims[range.axis] = range.count;
    begin[range.axis] = range.begin;
    step[range.axis] = range.step;
  }
  return moveElements(
      *in[0], dims, budget, [&](const std::vector<int64_t> &position) {
        int64_t source = 0;
        for (size_t d = 0; d < position.size(); ++d)
          source = source * in[0]->dims[d] + begin[d] + position[d] * step[d];
        return source;
      });
}

Result evaluateConcat(const Node &node, const Inputs &in,
                      ConstantBudget &budget, std::string &reason) {
  Attributes attributes(node);
  int64_t rank = static_cast<int64_t>(in[0]->dims.size());
  auto axis = normalizeAxis(attributes.getInt("axis", 0), rank);
  std::vector<int64_t> dims = in[0]->dims;
  bool fits = axis.has_value();
  for (size_t i = 1; fits && i < in.size(); ++i) {
    fits = in[i]->type == in[0]->type && in[i]->dims.size() == dims.size();
    for (int64_t d = 0; fits && d < rank; ++d)
      fits = d == *axis || in[i]->dims[d] == dims[d];
    if (fits)
      fits = !__builtin_add_overflow(dims[*axis], in[i]->dims[*axis],
                                     &dims[*axis]);
  }
  if (!fits) {
    reason = "its constant operands do not fit together";
    return std::nullopt;
  }
  Result result = makeTensor(in[0]->type, dims, budget);
  if (!result)
    return std::nullopt;
  int64_t outer = 1;
  for (int64_t d = 0; d < *axis; ++d)
    outer *= dims[d];
  char *out = result->data.get();
  for (int64_t o = 0; o < outer; ++o)
    for (const Tensor *tensor : in) {
      size_t bytes = tensor->byteSize / static_cast<size_t>(outer);
      std::memcpy(out, tensor->data.get() + o * bytes, bytes);
      out += bytes;
    }
  return result;
}

/// The same bytes in another shape.
Result withDims(const Tensor &tensor,
                std::optional<std::vector<int64_t>> dims) {
  if (!dims)
    return std::nullopt;
  Tensor result = tensor;
  result.dims = std::move(*dims);
  return result;
}

Result evaluateAxes(const Node &node, const Inputs &in, int64_t opset,
                    std::string &reason) {
  Attributes attributes(node);
  std::optional<std::vector<int64_t>> axes = attributes.getInts("axes");
  if (opset >= 13 && in.size() > 1 && in[1])
    axes = toIntegerList(*in[1]);
  if (node.opType == "Squeeze")
    return withDims(*in[0], squeezeDims(in[0]->dims, axes, reason));
  if (!axes) {
    reason = "it has no axes";
    return std::nullopt;
  }
  return withDims(*in[0], unsqueezeDims(in[0]->dims, *axes, reason));
}

Result evaluateReshape(const Node &node, const Inputs &in,
                       std::string &reason) {
  Attributes attributes(node);
  auto shape = toIntegerList(*in[1]);
  if (!shape) {
    reason = "its shape is not a list of integers";
    return std::nullopt;
  }
  bool allowZero = attributes.getInt("allowzero", 0) != 0;
  return withDims(*in[0], reshapeDims(in[0]->dims, *shape, allowZero, reason));
}

Result evaluateTranspose(const Node &node, const Inputs &in,
                         ConstantBudget &budget, std::string &reason) {
  Attributes attributes(node);
  int64_t rank = static_cast<int64_t>(in[0]->dims.size());
  std::vector<int64_t> permutation(rank), sorted;
  for (int64_t d = 0; d < rank; ++d)
    permutation[d] = rank - 1 - d;
  permutation = attributes.getInts("perm").value_or(permutation);
  sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  bool valid = static_cast<int64_t>(sorted.size()) == rank;
  for (int64_t d = 0; valid && d < rank; ++d)
    valid = sorted[d] == d;
  if (!valid) {
    reason = "perm is not a permutation";
    return std::nullopt;
  }
  return transpose(*in[0], permutation, budget);
}

Result evaluateConstantOfShape(const Node &node, const Inputs &in,
                               ConstantBudget &budget, std::string &reason) {
  Attributes attributes(node);
  auto dims = toIntegerList(*in[0]);
  Tensor zero = makeInt64Tensor({1}, {0}); // whose bytes are a float 0 as well
  zero.type = ElementType::Float;
  zero.byteSize = elementSize(zero.type);
  const Tensor *value = attributes.getTensor("value");
  if (!value)
    value = &zero;
  if (!dims || value->numElements() != 1 || value->byteSize == 0) {
    reason = "its shape or its value is not valid";
    return std::nullopt;
  }
  return moveElements(*value, *dims, budget,
                      [](const std::vector<int64_t> &) { return 0; });
}

} // namespace

bool canEvaluate(const std::string &opType) {
  static const char *const known[] = {
      "Add",    "Cast",      "Concat",   "ConstantOfShape", "Div",
      "Gather", "Mul",       "Reshape",  "Slice",           "Squeeze",
      "Sub",    "Transpose", "Unsqueeze"};
  return std::any_of(std::begin(known), std::end(known),
                     [&](const char *name) { return opType == name; });
}

/// Every input that the operator needs, of a type with numbers.
static bool isComplete(const std::string &op, const Inputs &in) {
  size_t needed = op == "Add" || op == "Sub" || op == "Mul" || op == "Div" ||
                          op == "Gather" || op == "Reshape"
                      ? 2
                      : 1;
  bool complete = in.size() >= needed;
  for (size_t i = 0; complete && i < in.size(); ++i)
    complete =
        in[i] ? elementSize(in[i]->type) != 0 : i >= needed && op != "Concat";
  return complete;
}

static Result dispatch(const Node &node, const Inputs &in, int64_t opset,
                       ConstantBudget &budget, std::string &reason) {
  const std::string &op = node.opType;
  if (op == "Cast")
    return evaluateCast(node, in, budget, reason);
  if (op == "Concat")
    return evaluateConcat(node, in, budget, reason);
  if (op == "Gather")
    return evaluateGather(node, in, budget, reason);
  if (op == "Reshape")
    return evaluateReshape(node, in, reason);
  if (op == "Slice")
    return evaluateSlice(node, in, opset, budget, reason);
  if (op == "Transpose")
    return evaluateTranspose(node, in, budget, reason);
  if (op == "ConstantOfShape")
    return evaluateConstantOfShape(node, in, budget, reason);
  if (op == "Squeeze" || op == "Unsqueeze")
    return evaluateAxes(node, in, opset, reason);
  return evaluateArithmetic(node, in, budget, reason);
}

std::optional<Tensor> evaluate(const Node &node, const Inputs &in,
                               int64_t opset, ConstantBudget &budget,
                               std::string &reason) {
  if (!isComplete(node.opType, in)) {
    reason = "a constant input is missing, or is of a type without numbers";
    return std::nullopt;
  }
  try {
    Result result = dispatch(node, in, opset, budget, reason);
    if (!result && reason.empty())
      reason = "its constant result is too large";
    return result;
  } catch (const std::exception &) {
    reason = "there is not enough memory for its constant result";
    return std::nullopt;
  }
}

} // namespace lcp::onnx
