"""The rows of docs/performance.md: which network, in which form, on how many threads."""

from dataclasses import dataclass

# Titles, by the names of test/models/build.py. Weights are random, from its fixed seed:
# what a network takes does not depend on them.
NETWORKS = {
    "vgg16": "VGG-16",
    "alexnet_v2": "AlexNet",
    "resnet18": "ResNet-18",
    "resnet50": "ResNet-50",
    "mobilenet_v1": "MobileNet-v1",
    "mobilenet_v2": "MobileNet-v2",
    "squeezenet": "SqueezeNet",
    "densenet121": "DenseNet-121",
    "efficientnet_b0": "EfficientNet-B0",
}
# Titles, and in how many branches the network is split, of which one is measured.
FORMS = {"whole": ("whole", 1), "branch4": ("branch of split 4", 4), "branch8": ("branch of split 8", 8)}
THREADS = ("one", "all")
PRECISIONS = ("fp32", "int8")
# By the names of engines/, ours first.
ENGINES = {"lcp": "LCP", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "ncnn": "ncnn", "iree": "IREE",
           "tvm": "TVM, untuned"}


@dataclass(frozen=True)
class Row:
    network: str
    form: str = "whole"
    threads: str = "one"

    @property
    def name(self) -> str:
        """Also the name of the file it is stored in."""
        return f"{self.network}-{self.form}-{self.threads}"

    @property
    def title(self) -> str:
        return f"{NETWORKS.get(self.network, self.network)}, {FORMS[self.form][0]}"

    @property
    def branches(self) -> int:
        return FORMS[self.form][1]


ROWS = [Row(network, form, threads) for threads in THREADS for form in FORMS for network in NETWORKS]
