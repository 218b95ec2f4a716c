//===- ConstantShapes.cpp - Shape rules, and moving elements about --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantEval.h"

#include <algorithm>
#include <cstring>

namespace lcp::onnx {

bool ConstantBudget::take(size_t bytes) {
  if (bytes > left)
    return false;
  left -= bytes;
  return true;
}

/// The product of dimensions without those of 0, or empty where 64 bits do not
/// hold it: later code may multiply them in any order.
static std::optional<int64_t> nonZeroProduct(const std::vector<int64_t> &dims,
                                             int64_t factor) {
  for (int64_t dim : dims)
    if (dim < 0 || (dim > 0 && __builtin_mul_overflow(factor, dim, &factor)))
      return std::nullopt;
  return factor;
}

static bool isEmpty(const std::vector<int64_t> &dims) {
  return std::find(dims.begin(), dims.end(), 0) != dims.end();
}

std::optional<Tensor> makeTensor(ElementType type, std::vector<int64_t> dims,
                                 ConstantBudget &budget) {
  auto bytes = nonZeroProduct(dims, static_cast<int64_t>(elementSize(type)));
  if (!bytes)
    return std::nullopt;
  Tensor tensor;
  tensor.type = type;
  tensor.byteSize = isEmpty(dims) ? 0 : static_cast<size_t>(*bytes);
  tensor.dims = std::move(dims);
  if (!budget.take(tensor.byteSize))
    return std::nullopt;
  tensor.data = allocateTensorData(tensor.byteSize);
  return tensor;
}

Tensor makeInt64Tensor(std::vector<int64_t> dims,
                       const std::vector<int64_t> &values) {
  Tensor tensor;
  tensor.type = ElementType::Int64;
  tensor.dims = std::move(dims);
  tensor.byteSize = values.size() * sizeof(int64_t);
  tensor.data = allocateTensorData(tensor.byteSize);
  if (!values.empty())
    std::memcpy(tensor.data.get(), values.data(), tensor.byteSize);
  return tensor;
}

std::optional<Tensor> moveElements(
    const Tensor &input, std::vector<int64_t> dims, ConstantBudget &budget,
    const std::function<int64_t(const std::vector<int64_t> &)> &source) {
  std::optional<Tensor> result =
      makeTensor(input.type, std::move(dims), budget);
  if (!result || result->byteSize == 0)
    return result;
  size_t size = elementSize(input.type);
  std::vector<int64_t> position(result->dims.size(), 0);
  char *out = result->data.get();
  for (int64_t i = 0, count = result->numElements(); i < count; ++i) {
    std::memcpy(out + i * size, input.data.get() + source(position) * size,
                size);
    for (size_t d = position.size(); d-- > 0;) {
      if (++position[d] < result->dims[d])
        break;
      position[d] = 0;
    }
  }
  return result;
}

/// Elements between neighbours of each dimension.
static std::vector<int64_t> stridesOf(const std::vector<int64_t> &dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t d = dims.size(); d-- > 1;)
    strides[d - 1] = strides[d] * dims[d];
  return strides;
}

std::optional<Tensor> transpose(const Tensor &input,
                                const std::vector<int64_t> &permutation,
                                ConstantBudget &budget) {
  std::vector<int64_t> strides = stridesOf(input.dims), dims, steps;
  for (int64_t from : permutation) {
    dims.push_back(input.dims[from]);
    steps.push_back(strides[from]);
  }
  return moveElements(input, dims, budget,
                      [&](const std::vector<int64_t> &position) {
                        int64_t at = 0;
                        for (size_t d = 0; d < position.size(); ++d)
                          at += position[d] * steps[d];
                        return at;
                      });
}

std::optional<std::vector<int64_t>>
reshapeDims(const std::vector<int64_t> &from,
            const std::vector<int64_t> &requested, bool allowZero,
            std::string &reason) {
  std::vector<int64_t> dims = requested;
  int64_t total = 1, known = 1;
  for (int64_t dim : from)
    total *= dim;
  std::optional<size_t> inferred;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !allowZero && i < from.size())
      dims[i] = from[i];
    if (dims[i] == -1 && !inferred)
      inferred = i;
    else if (dims[i] < 0 || __builtin_mul_overflow(known, dims[i], &known))
      reason = "the shape to reshape to is not valid";
  }
  if (reason.empty() && inferred) {
    if (known == 0 || total % known != 0)
      reason = "no size of dimension " + std::to_string(*inferred) +
               " makes the reshaped tensor as large as the original";
    else
      dims[*inferred] = total / known;
  } else if (reason.empty() && known != total) {
    reason = "it reshapes " + std::to_string(total) + " elements to " +
             std::to_string(known);
  }
  if (reason.empty() && !nonZeroProduct(dims, 8))
    reason = "the shape to reshape to is not valid";
  if (!reason.empty())
    return std::nullopt;
  return dims;
}

std::optional<std::vector<int64_t>>
squeezeDims(const std::vector<int64_t> &from,
            const std::optional<std::vector<int64_t>> &axes,
            std::string &reason) {
  std::vector<bool> drop(from.size(), false);
  if (!axes)
    for (size_t d = 0; d < from.size(); ++d)
      drop[d] = from[d] == 1;
  for (int64_t axis : axes.value_or(std::vector<int64_t>())) {
    auto at = normalizeAxis(axis, static_cast<int64_t>(from.size()));
    if (!at || from[*at] != 1) {
      reason = "axis " + std::to_string(axis) + " is not a dimension of size 1";
      return std::nullopt;
    }
    drop[*at] = true;
  }
  std::vector<int64_t> dims;
  for (size_t d = 0; d < from.size(); ++d)
    if (!drop[d])
      dims.push_back(from[d]);
  return dims;
}

std::optional<std::vector<int64_t>>
unsqueezeDims(const std::vector<int64_t> &from,
              const std::vector<int64_t> &axes, std::string &reason) {
  size_t rank = from.size() + axes.size();
  std::vector<int64_t> dims(rank, -1);
  for (int64_t axis : axes) {
    auto at = normalizeAxis(axis, static_cast<int64_t>(rank));
    if (!at || dims[*at] != -1) {
      reason = "axis " + std::to_string(axis) + " is out of range or repeated";
      return std::nullopt;
    }
    dims[*at] = 1;
  }
  auto next = from.begin();
  for (int64_t &dim : dims)
    if (dim == -1)
      dim = *next++;
  return dims;
}

/// The values of attribute or input `index`, by opset; false where malformed.
static bool sliceOperand(Attributes &attributes, const char *name,
                         const std::vector<const Tensor *> &inputs,
                         size_t index, int64_t opset,
                         std::optional<std::vector<int64_t>> &values) {
  if (opset < 10) {
    values = attributes.getInts(name);
    return attributes.problem().empty();
  }
  if (index >= inputs.size() || !inputs[index])
    return true;
  values = toIntegerList(*inputs[index]);
  return values.has_value();
}

/// ONNX clamps starts and ends to the dimension, differently by direction.
static SliceRange clampRange(int64_t axis, int64_t start, int64_t end,
                             int64_t step, int64_t size) {
  if (size == 0)
    return {axis, 0, step, 0};
  auto fromFront = [&](int64_t v) { return v < 0 ? v + size : v; };
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  // `low` differs for a start: it must name an element to go down from.
  start = std::clamp(fromFront(start), step > 0 ? low : 0, high);
  end = std::clamp(fromFront(end), low, high);
  int64_t span = step > 0 ? end - start : start - end;
  int64_t stride = step > 0 ? step : -step;
  int64_t count = span <= 0 ? 0 : (span - 1) / stride + 1;
  return {axis, start, step, count};
}

std::optional<std::vector<SliceRange>>
sliceRanges(const Node &node, const std::vector<const Tensor *> &inputs,
            const std::vector<int64_t> &dims, int64_t opset,
            std::string &reason) {
  Attributes attributes(node);
  std::optional<std::vector<int64_t>> starts, ends, axes, steps;
  reason = "its starts, ends, axes and steps are not lists of constants that "
           "fit together";
  if (!sliceOperand(attributes, "starts", inputs, 1, opset, starts) ||
      !sliceOperand(attributes, "ends", inputs, 2, opset, ends) ||
      !sliceOperand(attributes, "axes", inputs, 3, opset, axes) ||
      (opset >= 10 && !sliceOperand(attributes, "", inputs, 4, opset, steps)) ||
      !starts || !ends || starts->size() != ends->size() ||
      (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()))
    return std::nullopt;
  std::vector<SliceRange> ranges;
  std::vector<bool> seen(dims.size(), false);
  for (size_t i = 0; i < starts->size(); ++i) {
    int64_t step = steps ? (*steps)[i] : 1;
    auto axis = normalizeAxis(axes ? (*axes)[i] : static_cast<int64_t>(i),
                              static_cast<int64_t>(dims.size()));
    if (!axis || seen[*axis] || step == 0 || step == INT64_MIN)
      return std::nullopt;
    seen[*axis] = true;
    ranges.push_back(
        clampRange(*axis, (*starts)[i], (*ends)[i], step, dims[*axis]));
  }
  reason.clear();
  return ranges;
}

} // namespace lcp::onnx
