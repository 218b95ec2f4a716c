"""Networks that are one chain of layers."""

from layers import Image, Layers


def lenet_fc(g: Layers, x: Image, classes: int) -> None:
    """LeNet-300-100 (LeCun et al., 1998)."""
    x = g.dense_relu("fc1", g.flatten(x), g.scaled(300))
    g.classify(g.dense_relu("fc2", x, g.scaled(100)), classes)


def lenet(g: Layers, x: Image, classes: int) -> None:
    """LeNet-5 (LeCun et al., 1998) with full connections and max pooling."""
    x = g.pool("pool1", g.conv_relu("conv1", x, g.scaled(6), 5), 2, 2)
    x = g.pool("pool2", g.conv_relu("conv2", x, g.scaled(16), 5, pad="valid"), 2, 2)
    x = g.dense_relu("fc1", g.flatten(x), g.scaled(120))
    g.classify(g.dense_relu("fc2", x, g.scaled(84)), classes)


def cifarnet(g: Layers, x: Image, classes: int) -> None:
    """TF-slim's CifarNet, its convolutions without padding."""
    normalise = {"size": 9, "alpha": 1e-3, "beta": 0.75, "bias": 1.0}
    x = g.pool("pool1", g.conv_relu("conv1", x, g.scaled(64), 5, pad="valid"), 2, 2)
    x = g.unary("LRN", "norm1", x, **normalise)
    x = g.unary("LRN", "norm2", g.conv_relu("conv2", x, g.scaled(64), 5, pad="valid"), **normalise)
    x = g.dense_relu("fc3", g.flatten(g.pool("pool2", x, 2, 2)), g.scaled(384))
    x = g.unary("Dropout", "dropout3", x)
    g.classify(g.dense_relu("fc4", x, g.scaled(192)), classes)


def vgg_s(g: Layers, x: Image, classes: int) -> None:
    """CNN-S (Chatfield et al., 2014), its convolutions without padding."""
    x = g.conv_relu("conv1", x, g.scaled(96), 7, 2, pad="valid")
    x = g.unary("LRN", "norm1", x, size=5, alpha=5e-4, beta=0.75, bias=2.0)
    x = g.pool("pool1", x, 3, 3, "tensorflow")
    x = g.pool("pool2", g.conv_relu("conv2", x, g.scaled(256), 5, pad="valid"), 2, 2, "tensorflow")
    for index in (3, 4, 5):
        x = g.conv_relu(f"conv{index}", x, g.scaled(512), 3, pad="valid")
    x = g.flatten(g.pool("pool5", x, 3, 3, "tensorflow"))
    for index in (6, 7):
        x = g.unary("Dropout", f"dropout{index}", g.dense_relu(f"fc{index}", x, g.scaled(4096)))
    g.classify(x, classes)


def vgg16(g: Layers, x: Image, classes: int) -> None:
    """Configuration D (Simonyan and Zisserman, 2014)."""
    for stage, (channels, repeats) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for index in range(1, repeats + 1):
            x = g.conv_relu(f"conv{stage}_{index}", x, g.scaled(channels), 3)
        x = g.pool(f"pool{stage}", x, 2, 2)
    x = g.flatten(x)
    for index in (6, 7):
        x = g.unary("Dropout", f"dropout{index}", g.dense_relu(f"fc{index}", x, g.scaled(4096)))
    g.classify(x, classes)


def alexnet_v2(g: Layers, x: Image, classes: int) -> None:
    """The one-column AlexNet (Krizhevsky, 2014), as in TF-slim."""
    x = g.pool("pool1", g.conv_relu("conv1", x, g.scaled(64), 11, 4, pad="valid"), 3, 2)
    x = g.pool("pool2", g.conv_relu("conv2", x, g.scaled(192), 5), 3, 2)
    for index, channels in ((3, 384), (4, 384), (5, 256)):
        x = g.conv_relu(f"conv{index}", x, g.scaled(channels), 3)
    x = g.flatten(g.pool("pool5", x, 3, 2))
    for index in (6, 7):
        x = g.unary("Dropout", f"dropout{index}", g.dense_relu(f"fc{index}", x, g.scaled(4096)))
    g.classify(x, classes)


def darknet19(g: Layers, x: Image, classes: int) -> None:
    """Darknet-19 (Redmon and Farhadi, 2016, table 6); the classifier is a convolution."""
    stages = [[32], [64], [128, 64, 128], [256, 128, 256], [512, 256, 512, 256, 512], [1024, 512, 1024, 512, 1024]]
    for stage, widths in enumerate(stages, 1):
        for index, channels in enumerate(widths):
            x = g.conv_norm(f"conv{stage}_{index}", x, g.scaled(channels), 1 if index % 2 else 3, act="leaky")
        if stage < len(stages):
            x = g.pool(f"pool{stage}", x, 2, 2)
    x = g.conv("classifier", x, classes, 1, gain=1.0, bias=True)
    pooled = g.node("GlobalAveragePool", "pool", [x.name])
    g.node("Flatten", "logits", [pooled], axis=1)
