"""The masked twin of an ONNX network: what a split into branches has to equal.

Every channel gets a branch from widths and topology alone, by a propagation of
its own over the ONNX graph: nothing here reads what the splitter made. A layer
makes new channels; an Add says that two channels are of one branch; a group of
a grouped convolution is of one branch. Then narrower layers first, the channels
of each are dealt over the branches in order, as many to each or by shares. The
twin has zeros where a weight
connects two branches, and applies what mixes channels without weights (LRN,
softmax, shuffle) to each branch alone. The first layer and the classifier are
excepted (docs/rationale/splitting.md)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
import onnx
from onnx import helper, numpy_helper

LAYERS = ("Conv", "Gemm", "MatMul")
CHANNELWISE = ("Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "MaxPool", "AveragePool",
               "GlobalAveragePool", "BatchNormalization", "Pad", "Dropout", "Identity", "ReduceMean")
MIXERS = ("LRN", "Softmax")
# What rounds even small whole numbers, in an order of its own.
ROUNDING = ("LRN", "Softmax", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "BatchNormalization", "LeakyRelu")
NOT_ZERO = 4  # of an output's weights, in networks of whole numbers
SHARED = -1  # a channel that every branch sees


class Unmaskable(Exception):
    """The network has no masked twin: its branches would have to meet."""


def attributes_of(node: onnx.NodeProto) -> dict[str, object]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def draw_whole_numbers(model: onnx.ModelProto, seed: int) -> bool:
    """Weights of -1, 0 and 1, few enough not 0 for sums to stay small: then sums in
    any order are the same. Whether all of the network is as exact."""
    random = np.random.default_rng(seed)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        for index, name in enumerate(node.input[1:3] if node.op_type in LAYERS else []):
            shape = tuple(tensors[name].dims)
            keep = 1.0 if index else min(1.0, NOT_ZERO / np.prod(shape[1:]))
            values = random.choice([-1.0, 1.0], shape) * (random.random(shape) < keep)
            tensors[name].CopyFrom(numpy_helper.from_array(values.astype(np.float32), name))
    return not any(node.op_type in ROUNDING for node in model.graph.node)


def part_sizes(units: int, shares: Sequence[int]) -> list[int]:
    """One for each share; the rest to the largest quotients of Webster's method."""
    quotients = sorted((-Fraction(share, 2 * row + 1), part) for part, share in enumerate(shares)
                       for row in range(1, units))
    sizes = Counter(part for _, part in quotients[:units - len(shares)])
    return [1 + sizes[part] for part in range(len(shares))]


class MaskedTwin:
    """`model`, taken over, becomes the twin; `kept` is its number of weights that
    connect no branches, by layer. `shares`: how much of each width is whose."""

    def __init__(self, model: onnx.ModelProto, branches: int, classifier: str = "",
                 shares: Sequence[int] | None = None) -> None:
        self.model = model
        self.branches = branches
        self.shares = shares
        self.parents: list[int] = []  # of channels that are known to be of one branch
        self.channels: dict[str, np.ndarray] = {}
        self.made: list[np.ndarray] = []  # by each layer
        self.kept: dict[str, int] = {}
        graph = self.model.graph
        self.tensors = {tensor.name: tensor for tensor in graph.initializer}
        self.readers = Counter(name for node in graph.node for name in node.input)
        self.shapes = self.infer_shapes()
        self.classifier = classifier or self.last_layer()
        self.shuffles: dict[str, tuple[str, int]] = {}
        for value in graph.input:
            self.channels[value.name] = np.full(self.shapes[value.name][1], SHARED)
        for node in graph.node:
            self.follow(node)
        self.branch = self.deal()
        self.rewrite()

    def infer_shapes(self) -> dict[str, list[int]]:
        """By onnx, over a copy without the layers' weights, which may be large."""
        graph = self.model.graph
        bare = onnx.ModelProto(ir_version=self.model.ir_version, opset_import=self.model.opset_import, graph=onnx.GraphProto(
            node=graph.node, name=graph.name, input=graph.input, output=graph.output))
        for tensor in graph.initializer:
            if tensor.data_type == onnx.TensorProto.INT64:
                bare.graph.initializer.append(tensor)
            else:
                bare.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
        inferred = onnx.shape_inference.infer_shapes(bare).graph
        return {value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
                for value in [*inferred.value_info, *inferred.input, *inferred.output]}

    def last_layer(self) -> str:
        """The layer that no other depends on."""
        read: set[str] = set()
        last = []
        for node in reversed(self.model.graph.node):
            feeds = bool(read & set(node.output))
            layer = node.op_type in LAYERS
            if layer and not feeds:
                last.append(node.name)
            if layer or feeds:
                read |= set(node.input)
        if len(last) != 1:
            raise Unmaskable(f"several classifiers: {last}")
        return last[0]

    # Which channels are of one branch.

    def root(self, channel: int) -> int:
        while channel != SHARED and self.parents[channel] != channel:
            self.parents[channel] = self.parents[self.parents[channel]]
            channel = self.parents[channel]
        return channel

    def fresh(self, count: int) -> np.ndarray:
        first = len(self.parents)
        self.parents.extend(range(first, first + count))
        return np.arange(first, first + count)

    def unite(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """What a branch reads of a shared value is what it needs there."""
        if len(a) != len(b):
            raise Unmaskable("one channel meets many")
        result = np.where(a == SHARED, b, a)
        for one, other in zip(a, b):
            if SHARED not in (one, other):
                self.parents[self.root(int(one))] = self.root(int(other))
        return result

    def follow(self, node: onnx.NodeProto) -> None:
        inputs = [name for name in node.input if name in self.channels]
        parts = [self.channels[name] for name in inputs]
        attributes = attributes_of(node)
        if node.op_type in LAYERS:
            results = [self.follow_layer(node, parts[0], attributes.get("group", 1))]
        elif node.op_type in CHANNELWISE or node.op_type in MIXERS:
            results = [parts[0]]
        elif node.op_type in ("Add", "Sub", "Mul") or (node.op_type == "Concat" and attributes["axis"] != 1):
            results = [parts[0]]
            for part in parts[1:]:
                results = [self.unite(results[0], part)]
        elif node.op_type == "Concat":
            results = [np.concatenate(parts)]
        elif node.op_type == "Flatten":
            results = [np.repeat(parts[0], self.shapes[node.output[0]][1] // len(parts[0]))]
        elif node.op_type in ("Reshape", "Transpose"):
            results = [self.follow_shape(node, parts[0])]
        elif node.op_type in ("Split", "Slice"):
            results = self.follow_slices(node, parts[0], attributes.get("axis", 0))
        else:
            raise Unmaskable(f"{node.op_type} is not known")
        self.channels.update(zip(node.output, results))

    def follow_layer(self, node: onnx.NodeProto, inputs: np.ndarray, groups: int) -> np.ndarray:
        width = self.shapes[node.output[0]][1]
        if node.name == self.classifier:
            return np.full(width, SHARED)
        if groups == 1:
            result = self.fresh(width)
        else:
            of_group = inputs.reshape(groups, -1)
            if (inputs == SHARED).all():
                of_group = self.fresh(groups)[:, None]
            for column in range(1, of_group.shape[1]):
                self.unite(of_group[:, column - 1], of_group[:, column])
            result = np.repeat(of_group[:, 0], width // groups)
        self.made.append(result)
        return result

    def follow_shape(self, node: onnx.NodeProto, inputs: np.ndarray) -> np.ndarray:
        """A flatten, or a step of a shuffle: 1xCxHxW to 1xGxC/GxHxW, transposed and back."""
        before, after = self.shapes[node.input[0]], self.shapes[node.output[0]]
        if node.op_type == "Transpose" or len(after) == 5 or len(before) == 5:
            origin = self.shuffles.get(node.input[0], (node.input[0], after[1]))
            self.shuffles[node.output[0]] = origin
            return inputs
        if len(after) < 2 or after[1] % len(inputs) or np.prod(before[2:]) * before[1] != np.prod(after[1:]):
            raise Unmaskable("a reshape divides channels")
        return np.repeat(inputs, after[1] // len(inputs))

    def follow_slices(self, node: onnx.NodeProto, inputs: np.ndarray, axis: int) -> list[np.ndarray]:
        values = [numpy_helper.to_array(self.tensors[name]) for name in node.input[1:]]
        if node.op_type == "Slice":
            if list(values[2]) != [1]:
                return [inputs]
            return [inputs[int(values[0][0]):int(values[1][0])]]
        if axis != 1:
            return [inputs] * len(node.output)
        return list(np.split(inputs, np.cumsum(values[0])[:-1])) if values else np.split(inputs, len(node.output))

    # Which branch they are of.

    def deal(self) -> dict[int, int]:
        branch = {SHARED: SHARED}
        for channels in sorted(self.made, key=len):
            units = list(dict.fromkeys(self.root(int(c)) for c in channels if c != SHARED))
            free = [unit for unit in units if unit not in branch]
            if free and len(free) != len(units):
                raise Unmaskable("a layer meets others in part")
            if free and len(free) < self.branches:
                raise Unmaskable("a layer has fewer channels than branches")
            cuts = np.cumsum(part_sizes(len(free), self.shares))[:-1] if free and self.shares else self.branches
            for index, part in enumerate(np.array_split(free, cuts)):
                branch.update((int(unit), index) for unit in part)
        return branch

    def labels(self, value: str) -> np.ndarray:
        return np.array([self.branch[self.root(int(c))] for c in self.channels[value]])

    # The twin.

    def rewrite(self) -> None:
        nodes: list[onnx.NodeProto] = []
        for node in self.model.graph.node:
            if node.op_type in LAYERS:
                self.mask_layer(node)
            if node.op_type in MIXERS and (self.labels(node.output[0]) != SHARED).all():
                nodes.extend(self.for_each_branch(node))
            elif node.output[0] in self.shuffles and len(self.shapes[node.output[0]]) == 4:
                nodes.append(self.shuffle_branches(node))
            elif node.output[0] not in self.shuffles:
                nodes.append(node)
        del self.model.graph.node[:]
        self.model.graph.node.extend(nodes)
        read = {name for node in nodes for name in node.input}
        for index in reversed(range(len(self.model.graph.initializer))):
            if self.model.graph.initializer[index].name not in read:
                del self.model.graph.initializer[index]

    def mask_layer(self, node: onnx.NodeProto) -> None:
        attributes = attributes_of(node)
        weight = numpy_helper.to_array(self.tensors[node.input[1]])
        by_input = node.op_type == "MatMul" or (node.op_type == "Gemm" and not attributes.get("transB", 0))
        outputs, inputs = self.labels(node.output[0]), self.labels(node.input[0])
        mask = np.ones((len(outputs), weight.shape[0 if by_input else 1]), bool)
        if attributes.get("group", 1) == 1 and (outputs != SHARED).any():
            mask = (outputs[:, None] == inputs[None, :]) | (inputs == SHARED)[None, :]
        mask = mask.T if by_input else mask
        masked = weight * mask.reshape(mask.shape + (1,) * (weight.ndim - 2)).astype(weight.dtype)
        if self.readers[node.input[1]] == 1:
            self.tensors[node.input[1]].CopyFrom(numpy_helper.from_array(masked, node.input[1]))
        else:  # another layer has these weights too, under a mask of its own
            node.input[1] = f"{node.name}.masked"
            self.model.graph.initializer.append(numpy_helper.from_array(masked, node.input[1]))
        self.kept[node.name] = int(mask.sum()) * int(np.prod(weight.shape[2:]))

    def gather(self, source: str, target: str, order: Iterable[int]) -> onnx.NodeProto:
        self.model.graph.initializer.append(numpy_helper.from_array(np.array(order, np.int64), f"{target}.order"))
        return helper.make_node("Gather", [source, f"{target}.order"], [target], axis=1)

    def for_each_branch(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        owners = self.labels(node.output[0])
        own = [np.flatnonzero(owners == b) for b in range(self.branches)]
        nodes, parts = [], []
        for index, channels in enumerate(own):
            name = f"{node.output[0]}.b{index}"
            nodes.append(self.gather(node.input[0], f"{name}.in", channels))
            alone = onnx.NodeProto()
            alone.CopyFrom(node)
            alone.name, alone.input[0], alone.output[0] = name, f"{name}.in", name
            nodes.append(alone)
            parts.append(name)
        nodes.append(helper.make_node("Concat", parts, [f"{node.output[0]}.parts"], axis=1))
        return [*nodes, self.gather(f"{node.output[0]}.parts", node.output[0], np.argsort(np.concatenate(own)))]

    def shuffle_branches(self, node: onnx.NodeProto) -> onnx.NodeProto:
        source, groups = self.shuffles[node.output[0]]
        owners = self.labels(source)
        order = np.empty(len(owners), np.int64)
        for branch in set(owners.tolist()):
            own = np.flatnonzero(owners == branch)
            if len(own) % groups:
                raise Unmaskable("a branch's channels are not equal groups")
            order[own] = own.reshape(groups, -1).T.ravel()
        return self.gather(source, node.output[0], order)


def count_weights(model: onnx.ModelProto) -> int:
    """Of all layers."""
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in model.graph.initializer}
    return sum(sizes[node.input[1]] for node in model.graph.node if node.op_type in LAYERS)
