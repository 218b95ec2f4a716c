//===- ConstantEval.cpp - ONNX nodes over constants -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantEval.h"
#include "ConstantNumbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <functional>

namespace lcp::onnx {

namespace {

using Inputs = std::vector<const Tensor *>;
using Result = std::optional<Tensor>;

/// A node over its constant inputs, and where to say why it has no result.
struct Call {
  const Node &node;
  const Inputs &in;
  int64_t opset;
  ConstantBudget &budget;
  std::string &reason;
  Attributes attributes{node};

  Result fail(std::string why) {
    reason = std::move(why);
    return std::nullopt;
  }
};

Result evaluateCast(Call &call) {
  const Tensor &input = *call.in[0];
  auto type = static_cast<ElementType>(
      std::clamp<int64_t>(call.attributes.getInt("to", 0), 0, 100));
  auto held = toNumbers(input);
  if (!held)
    return std::nullopt;
  Numbers &numbers = *held;
  if (isFloating(type) && !numbers.floating) {
    numbers.floats.assign(numbers.ints.begin(), numbers.ints.end());
  } else if (!isFloating(type) && numbers.floating) {
    for (double value : numbers.floats) {
      if (!(std::fabs(value) < 9e18))
        return call.fail("it casts a constant that no integer holds");
      numbers.ints.push_back(
          type == ElementType::Bool ? value != 0 : static_cast<int64_t>(value));
    }
  }
  return fromNumbers(type, input.dims, numbers, call.budget, call.reason);
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

/// `ints` is false where integers have no result.
template <typename Ints, typename Floats>
Result evaluateArithmetic(Call &call, Ints ints, Floats floats) {
  const Inputs &in = call.in;
  auto dims = broadcastDims(in[0]->dims, in[1]->dims);
  if (!dims || in[0]->type != in[1]->type)
    return call.fail("its constant operands do not fit together");
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
    bool ok = true;
    if (a.floating)
      out.floats.push_back(floats(a.floats[x], b.floats[y]));
    else
      ok = ints(a.ints[x], b.ints[y], out.ints.emplace_back());
    if (!ok)
      return call.fail("its constant operands overflow, or divide by zero");
    for (size_t d = position.size(); d-- > 0;) {
      if (++position[d] < (*dims)[d])
        break;
      position[d] = 0;
    }
  }
  return fromNumbers(in[0]->type, *dims, out, call.budget, call.reason);
}

Result evaluateAdd(Call &call) {
  auto ints = [](int64_t a, int64_t b, int64_t &out) {
    return !__builtin_add_overflow(a, b, &out);
  };
  return evaluateArithmetic(call, ints, std::plus<double>());
}

Result evaluateSub(Call &call) {
  auto ints = [](int64_t a, int64_t b, int64_t &out) {
    return !__builtin_sub_overflow(a, b, &out);
  };
  return evaluateArithmetic(call, ints, std::minus<double>());
}

Result evaluateMul(Call &call) {
  auto ints = [](int64_t a, int64_t b, int64_t &out) {
    return !__builtin_mul_overflow(a, b, &out);
  };
  return evaluateArithmetic(call, ints, std::multiplies<double>());
}

Result evaluateDiv(Call &call) {
  auto ints = [](int64_t a, int64_t b, int64_t &out) {
    if (b == 0 || (b == -1 && a == INT64_MIN))
      return false;
    out = a / b;
    return true;
  };
  return evaluateArithmetic(call, ints, std::divides<double>());
}

Result evaluateGather(Call &call) {
  const Tensor &data = *call.in[0], &indices = *call.in[1];
  auto axis = normalizeAxis(call.attributes.getInt("axis", 0),
                            static_cast<int64_t>(data.dims.size()));
  auto numbers = toNumbers(indices);
  if (!numbers)
    return std::nullopt;
  Numbers &at = *numbers;
  if (!axis || at.floating)
    return call.fail("its axis or its indices are not valid");
  for (int64_t &index : at.ints) {
    auto inside = normalizeAxis(index, data.dims[*axis]);
    if (!inside)
      return call.fail("index " + std::to_string(index) + " is out of range");
    index = *inside;
  }
  std::vector<int64_t> dims(data.dims.begin(), data.dims.begin() + *axis);
  dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
  dims.insert(dims.end(), data.dims.begin() + *axis + 1, data.dims.end());
  size_t rank = indices.dims.size();
  return moveElements(
      data, dims, call.budget, [&](const std::vector<int64_t> &position) {
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

Result evaluateSlice(Call &call) {
  const Tensor &input = *call.in[0];
  auto ranges =
      sliceRanges(call.node, call.in, input.dims, call.opset, call.reason);
  if (!ranges)
    return std::nullopt;
  std::vector<int64_t> dims = input.dims;
  std::vector<int64_t> begin(dims.size(), 0), step(dims.size(), 1);
  for (const SliceRange &range : *ranges) {
    dims[range.axis] = range.count;
    begin[range.axis] = range.begin;
    step[range.axis] = range.step;
  }
  return moveElements(
      input, dims, call.budget, [&](const std::vector<int64_t> &position) {
        int64_t source = 0;
        for (size_t d = 0; d < position.size(); ++d)
          source = source * input.dims[d] + begin[d] + position[d] * step[d];
        return source;
      });
}

Result evaluateConcat(Call &call) {
  const Inputs &in = call.in;
  int64_t rank = static_cast<int64_t>(in[0]->dims.size());
  auto axis = normalizeAxis(call.attributes.getInt("axis", 0), rank);
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
  if (!fits)
    return call.fail("its constant operands do not fit together");
  Result result = makeTensor(in[0]->type, dims, call.budget);
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

/// An attribute before opset 13, an input from it on.
std::optional<std::vector<int64_t>> readAxes(Call &call) {
  if (call.opset >= 13 && call.in.size() > 1 && call.in[1])
    return toIntegerList(*call.in[1]);
  return call.attributes.getInts("axes");
}

Result evaluateSqueeze(Call &call) {
  const Tensor &input = *call.in[0];
  return withDims(input, squeezeDims(input.dims, readAxes(call), call.reason));
}

Result evaluateUnsqueeze(Call &call) {
  const Tensor &input = *call.in[0];
  auto axes = readAxes(call);
  if (!axes)
    return call.fail("it has no axes");
  return withDims(input, unsqueezeDims(input.dims, *axes, call.reason));
}

Result evaluateReshape(Call &call) {
  const Tensor &input = *call.in[0];
  auto shape = toIntegerList(*call.in[1]);
  if (!shape)
    return call.fail("its shape is not a list of integers");
  bool allowZero = call.attributes.getInt("allowzero", 0) != 0;
  return withDims(input,
                  reshapeDims(input.dims, *shape, allowZero, call.reason));
}

Result evaluateTranspose(Call &call) {
  int64_t rank = static_cast<int64_t>(call.in[0]->dims.size());
  std::vector<int64_t> permutation(rank), sorted;
  for (int64_t d = 0; d < rank; ++d)
    permutation[d] = rank - 1 - d;
  permutation = call.attributes.getInts("perm").value_or(permutation);
  sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  bool valid = static_cast<int64_t>(sorted.size()) == rank;
  for (int64_t d = 0; valid && d < rank; ++d)
    valid = sorted[d] == d;
  if (!valid)
    return call.fail("perm is not a permutation");
  return transpose(*call.in[0], permutation, call.budget);
}

Result evaluateConstantOfShape(Call &call) {
  auto dims = toIntegerList(*call.in[0]);
  Tensor zero = makeInt64Tensor({1}, {0}); // whose bytes are a float 0 as well
  zero.type = ElementType::Float;
  zero.byteSize = elementSize(zero.type);
  const Tensor *value = call.attributes.getTensor("value");
  if (!value)
    value = &zero;
  if (!dims || value->numElements() != 1 || value->byteSize == 0)
    return call.fail("its shape or its value is not valid");
  return moveElements(*value, *dims, call.budget,
                      [](const std::vector<int64_t> &) { return 0; });
}

constexpr size_t allInputs = SIZE_MAX;

struct Operator {
  const char *name;
  /// The first of its inputs without which there is no result, or all of them.
  size_t needed;
  Result (*evaluate)(Call &);
};

constexpr Operator operators[] = {
    {"Add", 2, evaluateAdd},
    {"Cast", 1, evaluateCast},
    {"Concat", allInputs, evaluateConcat},
    {"ConstantOfShape", 1, evaluateConstantOfShape},
    {"Div", 2, evaluateDiv},
    {"Gather", 2, evaluateGather},
    {"Mul", 2, evaluateMul},
    {"Reshape", 2, evaluateReshape},
    {"Slice", 1, evaluateSlice},
    {"Squeeze", 1, evaluateSqueeze},
    {"Sub", 2, evaluateSub},
    {"Transpose", 1, evaluateTranspose},
    {"Unsqueeze", 1, evaluateUnsqueeze},
};

const Operator *findOperator(const std::string &opType) {
  auto *found =
      std::find_if(std::begin(operators), std::end(operators),
                   [&](const Operator &known) { return opType == known.name; });
  return found == std::end(operators) ? nullptr : found;
}

/// Every input that the operator needs, of a type with numbers.
bool isComplete(const Operator &known, const Inputs &in) {
  if (in.size() < (known.needed == allInputs ? 1 : known.needed))
    return false;
  for (size_t i = 0; i < in.size(); ++i)
    if (in[i] ? elementSize(in[i]->type) == 0 : i < known.needed)
      return false;
  return true;
}

} // namespace

bool canEvaluate(const std::string &opType) { return findOperator(opType); }

std::optional<Tensor> evaluate(const Node &node, const Inputs &in,
                               int64_t opset, ConstantBudget &budget,
                               std::string &reason) {
  const Operator *known = findOperator(node.opType);
  if (!known || !isComplete(*known, in)) {
    reason = "a constant input is missing, or is of a type without numbers";
    return std::nullopt;
  }
  try {
    Call call{node, in, opset, budget, reason};
    Result result = known->evaluate(call);
    if (!result && reason.empty())
      reason = "its constant result is too large";
    return result;
  } catch (const std::exception &) {
    reason = "there is not enough memory for its constant result";
    return std::nullopt;
  }
}

} // namespace lcp::onnx
