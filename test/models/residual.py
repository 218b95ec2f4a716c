"""Networks with shortcuts: ResNet, MobileNet, EfficientNet."""

from collections.abc import Callable

from layers import Image, Layers


def basic_block(g: Layers, name: str, x: Image, channels: int, stride: int) -> Image:
    y = g.conv_norm(f"{name}.conv1", x, channels, 3, stride)
    return shortcut(g, name, x, g.conv_norm(f"{name}.conv2", y, channels, 3, act="", scale=0.5), stride)


def bottleneck(g: Layers, name: str, x: Image, channels: int, stride: int) -> Image:
    """1x1, 3x3, 1x1; the stride in the second, as trained models have it ("v1.5")."""
    y = g.conv_norm(f"{name}.conv1", x, channels, 1)
    y = g.conv_norm(f"{name}.conv2", y, channels, 3, stride)
    return shortcut(g, name, x, g.conv_norm(f"{name}.conv3", y, 4 * channels, 1, act="", scale=0.5), stride)


def shortcut(g: Layers, name: str, x: Image, y: Image, stride: int) -> Image:
    if stride != 1 or x.channels != y.channels:
        x = g.conv_norm(f"{name}.downsample", x, y.channels, 1, stride, act="")
    return g.unary("Relu", f"{name}.relu", g.add(f"{name}.add", y, x))


def resnet(g: Layers, x: Image, classes: int, block: Callable[..., Image], repeats: list[int]) -> None:
    """He et al., 2015, table 1."""
    x = g.pool("maxpool", g.conv_norm("conv1", x, g.scaled(64), 7, 2), 3, 2, "same")
    blocks(g, x, classes, block, repeats)


def blocks(g: Layers, x: Image, classes: int, block: Callable[..., Image], repeats: list[int]) -> None:
    for stage, count in enumerate(repeats):
        for index in range(count):
            x = block(g, f"layer{stage + 1}.{index}", x, g.scaled(64 << stage), 2 if stage and index == 0 else 1)
    g.classify(g.global_pool(x), classes)


def resnet18(g: Layers, x: Image, classes: int) -> None:
    resnet(g, x, classes, basic_block, [2, 2, 2, 2])


def resnet18_cifar(g: Layers, x: Image, classes: int) -> None:
    """For images of 32 x 32, as is usual for CIFAR: a stem that does not shrink them."""
    blocks(g, g.conv_norm("conv1", x, g.scaled(64), 3), classes, basic_block, [2, 2, 2, 2])


def resnet34(g: Layers, x: Image, classes: int) -> None:
    resnet(g, x, classes, basic_block, [3, 4, 6, 3])


def resnet50(g: Layers, x: Image, classes: int) -> None:
    resnet(g, x, classes, bottleneck, [3, 4, 6, 3])


def mobilenet_v1(g: Layers, x: Image, classes: int) -> None:
    """Howard et al., 2017, table 1."""
    x = g.conv_norm("stem", x, g.scaled(32), 3, 2)
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for index, (channels, stride) in enumerate(blocks):
        x = g.conv_norm(f"block{index}.depthwise", x, x.channels, 3, stride, groups=x.channels)
        x = g.conv_norm(f"block{index}.pointwise", x, g.scaled(channels), 1)
    g.classify(g.global_pool(x), classes)


def squeeze_excite(g: Layers, name: str, x: Image, channels: int, act: str, gate: dict[str, object]) -> Image:
    """Hu et al., 2018: each channel times a factor computed from all channels' means."""
    y = Image(g.node("GlobalAveragePool", f"{name}.pool", [x.name]), x.channels, 1, 1)
    y = g.activate(act, f"{name}.act", g.conv(f"{name}.reduce", y, channels, 1, bias=True))
    y = g.conv(f"{name}.expand", y, x.channels, 1, gain=1.0, bias=True)
    op = str(gate["op"])
    y = g.unary(op, f"{name}.gate", y, **{key: value for key, value in gate.items() if key != "op"})
    return x._replace(name=g.node("Mul", f"{name}.scale", [x.name, y.name]))


def rounded(channels: float) -> int:
    """To a multiple of 8, never losing more than a tenth, as the authors' code does."""
    result = max(8, int(channels + 4) // 8 * 8)
    return result + 8 if result < 0.9 * channels else result


def inverted_residual(g: Layers, name: str, x: Image, hidden: int, channels: int, kernel: int, stride: int,
                      act: str, squeezed: int = 0, gate: str = "") -> Image:
    """Sandler et al., 2018: widen 1x1, depthwise, perhaps squeeze and excite, narrow 1x1."""
    y = x if hidden == x.channels else g.conv_norm(f"{name}.expand", x, hidden, 1, act=act)
    y = g.conv_norm(f"{name}.depthwise", y, hidden, kernel, stride, groups=hidden, act=act)
    if squeezed:
        hard = {"op": "HardSigmoid", "alpha": 1 / 6, "beta": 0.5}
        y = squeeze_excite(g, f"{name}.se", y, squeezed, "relu" if gate == "hard" else act,
                           hard if gate == "hard" else {"op": "Sigmoid"})
    # A gate near 1/2 takes three quarters of the variance.
    y = g.conv_norm(f"{name}.project", y, channels, 1, act="", scale=0.7, gain=4.0 if squeezed else 1.0)
    return g.add(f"{name}.add", x, y) if stride == 1 and x.channels == channels else y


def mobilenet_v2(g: Layers, x: Image, classes: int) -> None:
    """Sandler et al., 2018, table 2."""
    rows = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    x = g.conv_norm("stem", x, g.scaled(32), 3, 2, act="relu6")
    index = 0
    for expansion, channels, repeats, first_stride in rows:
        for repeat in range(repeats):
            x = inverted_residual(g, f"block{index}", x, x.channels * expansion, g.scaled(channels), 3,
                                  first_stride if repeat == 0 else 1, "relu6")
            index += 1
    x = g.conv_norm("last", x, g.scaled(1280), 1, act="relu6")
    g.classify(g.unary("Dropout", "dropout", g.global_pool(x)), classes)


def mobilenet_v3(g: Layers, x: Image, classes: int) -> None:
    """MobileNet-v3-Large (Howard et al., 2019, table 1): squeeze and excite, hard swish."""
    rows = [(3, 16, 16, 0, "relu", 1), (3, 64, 24, 0, "relu", 2), (3, 72, 24, 0, "relu", 1),
            (5, 72, 40, 1, "relu", 2), (5, 120, 40, 1, "relu", 1), (5, 120, 40, 1, "relu", 1),
            (3, 240, 80, 0, "hard_swish", 2), (3, 200, 80, 0, "hard_swish", 1), (3, 184, 80, 0, "hard_swish", 1),
            (3, 184, 80, 0, "hard_swish", 1), (3, 480, 112, 1, "hard_swish", 1), (3, 672, 112, 1, "hard_swish", 1),
            (5, 672, 160, 1, "hard_swish", 2), (5, 960, 160, 1, "hard_swish", 1), (5, 960, 160, 1, "hard_swish", 1)]
    x = g.conv_norm("stem", x, g.scaled(16), 3, 2, act="hard_swish")
    for index, (kernel, hidden, channels, excite, act, stride) in enumerate(rows):
        hidden = g.scaled(hidden)
        x = inverted_residual(g, f"block{index}", x, hidden, g.scaled(channels), kernel, stride, act,
                              rounded(hidden / 4) if excite else 0, "hard")
    x = g.global_pool(g.conv_norm("last", x, g.scaled(960), 1, act="hard_swish"))
    x = g.unary("HardSwish", "fc1_act", g.dense("fc1", x, g.scaled(1280)))
    g.classify(g.unary("Dropout", "dropout", x), classes)


def efficientnet_b0(g: Layers, x: Image, classes: int) -> None:
    """Tan and Le, 2019, table 1: squeeze and excite, swish."""
    rows = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
            (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
    x = g.conv_norm("stem", x, g.scaled(32), 3, 2, act="swish")
    index = 0
    for expansion, kernel, first_stride, channels, repeats in rows:
        for repeat in range(repeats):
            squeezed = x.channels // 4 if g.factor == 1 else max(8, x.channels // 4)
            x = inverted_residual(g, f"block{index}", x, x.channels * expansion, g.scaled(channels), kernel,
                                  first_stride if repeat == 0 else 1, "swish", squeezed)
            index += 1
    x = g.conv_norm("last", x, g.scaled(1280), 1, act="swish")
    g.classify(g.unary("Dropout", "dropout", g.global_pool(x)), classes)
