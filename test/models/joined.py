"""Networks that join channels: DenseNet, SqueezeNet, Inception, ShuffleNet."""

from layers import Image, Layers


def norm_relu_conv(g: Layers, name: str, x: Image, channels: int, kernel: int) -> Image:
    y = g.unary("Relu", f"{name}_relu", g.norm(f"{name}_bn", x))
    return g.conv(name, y, channels, kernel)


def densenet121(g: Layers, x: Image, classes: int) -> None:
    """Huang et al., 2017, table 1."""
    growth = g.scaled(32)
    x = g.pool("pool0", g.conv_norm("conv0", x, 2 * growth, 7, 2), 3, 2, "same")
    for block, layers in enumerate([6, 12, 24, 16], 1):
        for index in range(layers):
            name = f"block{block}.{index}"
            y = norm_relu_conv(g, f"{name}.conv1", x, 4 * growth, 1)
            x = g.concat(f"{name}.concat", [x, norm_relu_conv(g, f"{name}.conv2", y, growth, 3)])
        if block < 4:
            x = norm_relu_conv(g, f"transition{block}", x, x.channels // 2, 1)
            x = g.pool(f"transition{block}_pool", x, 2, 2, op="AveragePool")
    x = g.unary("Relu", "last_relu", g.norm("last_bn", x))
    g.classify(g.global_pool(x), classes)


def squeezenet(g: Layers, x: Image, classes: int) -> None:
    """SqueezeNet 1.1 (Iandola et al., 2016); the classifier is a convolution."""
    x = g.pool("pool1", g.conv_relu("conv1", x, g.scaled(64), 3, 2, pad="valid"), 3, 2, "ceil")
    for index, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192),
                                               (64, 256), (64, 256)], 2):
        y = g.conv_relu(f"fire{index}.squeeze", x, g.scaled(squeeze), 1)
        x = g.concat(f"fire{index}.concat", [g.conv_relu(f"fire{index}.expand{k}", y, g.scaled(expand), k)
                                             for k in (1, 3)])
        if index in (3, 5):
            x = g.pool(f"pool{index}", x, 3, 2, "ceil")
    x = g.conv_relu("conv10", g.unary("Dropout", "dropout9", x), classes, 1)
    pooled = g.node("GlobalAveragePool", "pool10", [x.name])
    g.node("Flatten", "logits", [pooled], axis=1)


# 1x1; 1x1 and 3x3; 1x1 and 3x3; pooling and 1x1: output channels of each convolution
MIXED = {"3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
         "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
         "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128)}


def inception_v1(g: Layers, x: Image, classes: int) -> None:
    """GoogLeNet (Szegedy et al., 2014) as its trained models have it: batch
    normalisation, and 3x3 where the paper has 5x5."""
    x = g.pool("pool1", g.conv_norm("conv1", x, g.scaled(64), 7, 2), 3, 2, "ceil")
    x = g.conv_norm("conv2b", g.conv_norm("conv2a", x, g.scaled(64), 1), g.scaled(192), 3)
    x = g.pool("pool2", x, 3, 2, "ceil")
    for name, (one, reduce3, three, reduce5, five, pooled) in MIXED.items():
        a = g.conv_norm(f"{name}.branch1", x, g.scaled(one), 1)
        b = g.conv_norm(f"{name}.reduce2", x, g.scaled(reduce3), 1)
        b = g.conv_norm(f"{name}.branch2", b, g.scaled(three), 3)
        c = g.conv_norm(f"{name}.reduce3", x, g.scaled(reduce5), 1)
        c = g.conv_norm(f"{name}.branch3", c, g.scaled(five), 3)
        d = g.conv_norm(f"{name}.branch4", g.pool(f"{name}.pool", x, 3, 1, "same"), g.scaled(pooled), 1)
        x = g.concat(f"{name}.concat", [a, b, c, d])
        if name == "3b":
            x = g.pool("pool3", x, 3, 2, "ceil")
        if name == "4e":
            x = g.pool("pool4", x, 2, 2, "ceil")
    g.classify(g.unary("Dropout", "dropout", g.global_pool(x)), classes)


def shuffle(g: Layers, name: str, x: Image, groups: int = 2) -> Image:
    """As PyTorch writes it: reshape to groups, transpose, reshape back."""
    divided = g.integers(f"{name}.divided", [1, groups, x.channels // groups, x.height, x.width])
    whole = g.integers(f"{name}.whole", [1, x.channels, x.height, x.width])
    y = g.node("Reshape", f"{name}.divide", [x.name, divided])
    y = g.node("Transpose", f"{name}.swap", [y], perm=[0, 2, 1, 3, 4])
    return x._replace(name=g.node("Reshape", name, [y, whole]))


def right_half(g: Layers, name: str, x: Image, channels: int, stride: int) -> Image:
    y = g.conv_norm(f"{name}.conv1", x, channels, 1)
    y = g.conv_norm(f"{name}.depthwise", y, channels, 3, stride, groups=channels, act="")
    return g.conv_norm(f"{name}.conv2", y, channels, 1)


def shufflenet_v2(g: Layers, x: Image, classes: int) -> None:
    """ShuffleNet-v2 1.0x (Ma et al., 2018, table 5)."""
    x = g.pool("maxpool", g.conv_norm("conv1", x, g.scaled(24), 3, 2), 3, 2, "same")
    for stage, (half, repeats) in enumerate([(58, 4), (116, 8), (232, 4)], 2):
        half = g.scaled(half)
        for index in range(repeats):
            name = f"stage{stage}.{index}"
            if index == 0:
                left = g.conv_norm(f"{name}.left_depthwise", x, x.channels, 3, 2, groups=x.channels, act="")
                left = g.conv_norm(f"{name}.left_conv", left, half, 1)
                right = right_half(g, name, x, half, 2)
            else:
                kept, changed = g.split(f"{name}.split", x.name, [half, half])
                left = x._replace(name=kept, channels=half)
                right = right_half(g, name, left._replace(name=changed), half, 1)
            x = shuffle(g, f"{name}.shuffle", g.concat(f"{name}.concat", [left, right]))
    g.classify(g.global_pool(g.conv_norm("conv5", x, g.scaled(1024), 1)), classes)
